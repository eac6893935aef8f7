// The city's own words for its codes, as core/words has them; tests/contracts/test_console.py holds the two together.
import { words, type Word } from "./word";

export const concerns: Record<string, Word> = words({
  sos: { ko: "SOS 호출", en: "SOS" },
  unreadable_sos: { ko: "읽을 수 없는 SOS", en: "unreadable SOS" },
  late_report: { ko: "늦게 도착한 신호", en: "late report" },
  fall: { ko: "낙상", en: "fall" },
  distress: { ko: "도움 요청", en: "call for help" },
  despair: { ko: "힘든 마음을 전한 말", en: "words of despair" },
  misheard: { ko: "도움 요청일 수 있는 말", en: "what may be a call for help" },
  smoke: { ko: "연기", en: "smoke" },
  gas: { ko: "가스", en: "gas" },
  co: { ko: "일산화탄소", en: "carbon monoxide" },
  leak: { ko: "누수", en: "water leak" },
  inactivity: { ko: "움직임 없음", en: "no activity" },
  overdue: { ko: "귀가 지연", en: "overdue return" },
  wandering: { ko: "배회", en: "wandering" },
  missed_check_in: { ko: "안부 전화 무응답", en: "missed check-in call" },
  heat: { ko: "더위", en: "heat" },
  cold: { ko: "추위", en: "cold" },
  drift: { ko: "생활 변화", en: "changed daily life" },
  home_dark: { ko: "집 연결 끊김", en: "home out of sight" },
  device: { ko: "기기 이상", en: "device trouble" },
  area_outage: { ko: "지역 장애", en: "area outage" },
  application: { ko: "돌봄 신청", en: "application for care" },
  service_worry: { ko: "서비스 중 걱정되는 일", en: "a worry during a service" },
  visit_overdue: { ko: "의무 방문 지연", en: "compulsory visit overdue" },
  care_overdue: { ko: "돌봄 절차 지연", en: "care overdue" },
  canary: { ko: "점검 호출 실패", en: "failed test call" },
});

export const urgencies: Record<string, Word> = words({
  immediate: { ko: "즉시", en: "immediate" },
  urgent: { ko: "급함", en: "urgent" },
  soon: { ko: "오늘 안", en: "soon" },
  routine: { ko: "일상", en: "routine" },
});

export const states: Record<string, Word> = words({
  verifying: { ko: "확인 중", en: "verifying" },
  alerting: { ko: "호출 중", en: "alerting" },
  acknowledged: { ko: "담당자 응답", en: "acknowledged" },
  arrived: { ko: "도착", en: "arrived" },
  closed: { ko: "종료", en: "closed" },
});

export const outcomes: Record<string, Word> = words({
  true_emergency: { ko: "실제 응급", en: "true emergency" },
  safe: { ko: "안전", en: "safe" },
  technical: { ko: "기술 문제", en: "technical" },
  exercise: { ko: "훈련", en: "exercise" },
  care: { ko: "돌봄 서비스로 연결", en: "went on as care" },
});

export const contacts: Record<string, Word> = words({
  phone: { ko: "전화", en: "phone" },
  visit: { ko: "방문", en: "visit" },
  speaker: { ko: "스피커", en: "speaker" },
  button: { ko: "단추", en: "button" },
  sensor: { ko: "센서", en: "sensor" },
});

/** The word of a code; a code that nobody knows says itself. */
export function named(group: Record<string, Word>, code: string): Word {
  return group[code] ?? { ko: code, en: code };
}
