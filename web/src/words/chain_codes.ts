// The care chain's own words for its codes; tests/contracts/test_chain_words.py holds those that core/words says, too, to its words.
import { words, type Word } from "./word";

export const stages: Record<string, Word> = words({
  intake: { ko: "접수", en: "intake" },
  assessment: { ko: "욕구 조사", en: "assessment" },
  plan: { ko: "계획", en: "plan" },
  linkage: { ko: "서비스 연계", en: "linkage" },
  evaluation: { ko: "평가와 사후관리", en: "evaluation and follow-up" },
  closed: { ko: "종결", en: "closed" },
});

export const origins: Record<string, Word> = words({
  operator: { ko: "돌봄콜 전화", en: "Care Call line" },
  button: { ko: "호출 단추", en: "button" },
  speaker: { ko: "스피커", en: "speaker" },
  anomaly: { ko: "이상 감지", en: "anomaly" },
  referral: { ko: "기관 의뢰", en: "partner's referral" },
  compulsory_visit: { ko: "의무 방문", en: "compulsory visit" },
  self: { ko: "본인 신청", en: "own application" },
  neighbour: { ko: "이웃 신청", en: "neighbour's application" },
});

export const priorities: Record<string, Word> = words({
  routine: { ko: "보통", en: "routine" },
  soon: { ko: "빠른 처리", en: "soon" },
  urgent: { ko: "긴급", en: "urgent" },
});

export const endings: Record<string, Word> = words({
  completed: { ko: "완료", en: "completed" },
  declined: { ko: "본인이 원하지 않음", en: "declined" },
  not_needed: { ko: "필요 없음", en: "not needed" },
  moved: { ko: "전출", en: "moved away" },
  died: { ko: "사망", en: "died" },
  exercise: { ko: "훈련", en: "exercise" },
});

export const consents: Record<string, Word> = words({
  asked: { ko: "요청함", en: "asked for" },
  given: { ko: "동의함", en: "given" },
  refused: { ko: "거부함", en: "refused" },
  withdrawn: { ko: "철회함", en: "withdrawn" },
  lapsed: { ko: "기한 지남", en: "not obtained in time" },
});

export const purposes: Record<string, Word> = words({
  care: { ko: "돌봄 제공", en: "care" },
  sharing: { ko: "제공기관과의 정보 공유", en: "sharing with providers" },
  matching: { ko: "알맞은 서비스 찾기", en: "finding the right service" },
  money: { ko: "비용 부담 결정", en: "deciding who pays" },
  contact: { ko: "연락과 방문", en: "reaching the person" },
  safety: { ko: "안전", en: "safety" },
});

export const ties: Record<string, Word> = words({
  guardian: { ko: "보호자", en: "guardian" },
  young_carer: { ko: "가족 돌봄 청년", en: "young carer" },
  family: { ko: "가족", en: "family" },
});

export const orderStates: Record<string, Word> = words({
  offered: { ko: "의뢰함", en: "offered" },
  accepted: { ko: "수락", en: "accepted" },
  declined: { ko: "거절", en: "declined" },
  lapsed: { ko: "무응답", en: "no answer" },
  cancelled: { ko: "취소", en: "cancelled" },
  done: { ko: "완료", en: "done" },
});

export const recordOutcomes: Record<string, Word> = words({
  done: { ko: "제공함", en: "done" },
  closed_door: { ko: "문이 닫혀 있음", en: "nobody opened" },
  refused: { ko: "본인이 거절", en: "refused" },
  hospital: { ko: "입원 중", en: "in hospital" },
});

export const risks: Record<string, Word> = words({
  low: { ko: "낮음", en: "low" },
  normal: { ko: "보통", en: "normal" },
  high: { ko: "높음", en: "high" },
});

export const claimStates: Record<string, Word> = words({
  submitted: { ko: "청구됨", en: "Submitted" },
  verified: { ko: "확인됨", en: "Verified" },
  approved: { ko: "승인됨", en: "Approved" },
  paid: { ko: "지급됨", en: "Paid" },
  returned: { ko: "반려됨", en: "Returned" },
  withdrawn: { ko: "철회됨", en: "Withdrawn" },
});

export const units: Record<string, Word> = words({
  visit: { ko: "회", en: "visit" },
  hour: { ko: "시간", en: "hour" },
  meal: { ko: "끼", en: "meal" },
  day: { ko: "일", en: "day" },
  trip: { ko: "회 동행", en: "trip" },
});

/** More or fewer than one of them. */
export const manyUnits: Record<string, Word> = words({
  visit: { ko: "회", en: "visits" },
  hour: { ko: "시간", en: "hours" },
  meal: { ko: "끼", en: "meals" },
  day: { ko: "일", en: "days" },
  trip: { ko: "회 동행", en: "trips" },
});
