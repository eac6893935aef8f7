// The words of the audit: who has seen or changed what, a month in numbers, and whether the record is whole.
import { words, type Word } from "./word";

export const audit = words({
  title: { ko: "열람 기록", en: "Audit" },
  views: { ko: "열람 기록 보기", en: "Which" },
  records: { ko: "기록 찾기", en: "Search the records" },
  report: { ko: "월 보고", en: "A month" },
  verify: { ko: "기록 검사", en: "Is it whole?" },
  what: { ko: "여기서 찾아본 것도 기록됩니다.", en: "That you look here is recorded, too." },
  about: { ko: "누구에 대해 (사람·댁 번호)", en: "About whom (number of a person or home)" },
  account: { ko: "누가 (계정 번호)", en: "Who (number of an account)" },
  action: { ko: "한 일", en: "What was done" },
  action_hint: { ko: "예: home.read, denied, login", en: "Such as home.read, denied, login" },
  saw: { ko: "봄 ({what})", en: "saw ({what})" },
  did: { ko: "함 ({what})", en: "did ({what})" },
  find: { ko: "찾기", en: "Find" },
  none: { ko: "맞는 기록이 없습니다.", en: "No records found." },
  shown: { ko: "기록 {count}건, 최근 것부터", en: "{count} records, the newest first" },
  more: { ko: "더 보기", en: "Show more" },
  number: { ko: "번호", en: "Number" },
  at: { ko: "때", en: "When" },
  who: { ko: "누가", en: "Who" },
  role: { ko: "역할", en: "Role" },
  object: { ko: "무엇을", en: "What" },
  whom: { ko: "누구에 대해", en: "About" },
  reason: { ko: "까닭", en: "Reason" },
  request: { ko: "요청", en: "Request" },
  system: { ko: "시스템", en: "The system" },
  month: { ko: "달", en: "Month" },
  times: { ko: "횟수", en: "Times" },
  people: { ko: "사람·댁 수", en: "People or homes" },
  report_of: { ko: "{month} 열람 보고", en: "Access report of {month}" },
  report_none: { ko: "이 달의 기록이 없습니다.", en: "There is no record of this month." },
  csv: { ko: "표 파일 받기 (CSV)", en: "Download as CSV" },
  verify_what: {
    ko: "처음부터 끝까지 다시 읽어, 바뀌거나 빠진 기록이 있는지 봅니다.",
    en: "The whole record is read again, to see whether anything was changed or taken out.",
  },
  verify_now: { ko: "지금 검사하기", en: "Look now" },
  whole: { ko: "기록 {count}건이 적힌 그대로입니다.", en: "All {count} records are as they were written." },
  broken: {
    ko: "{broken}번 기록부터 바뀌었거나 빠졌습니다. 그 앞의 {count}건은 그대로입니다. 바로 보안 책임자에게 알려 주세요.",
    en: "From record {broken} on it was changed or cut; the {count} before it stand. Tell who answers for security at once.",
  },
  head: { ko: "마지막 기록의 해시: 따로 적어 두면 뒤가 잘려 나간 것도 알 수 있습니다.", en: "The last record's hash: noted elsewhere, it shows later whether the end was cut off." },
});

export const actions: Record<string, Word> = words({
  denied: { ko: "거절됨", en: "was refused" },
  grant: { ko: "긴급 열람", en: "broke glass" },
  audit: { ko: "열람 기록을 봄", en: "looked at the audit" },
  login: { ko: "들어옴", en: "logged in" },
  logout: { ko: "나감", en: "logged out" },
  login_denied: { ko: "들어오지 못함", en: "did not come in" },
  password: { ko: "비밀번호를 바꿈", en: "changed a password" },
  session_end: { ko: "접속을 끝냄", en: "ended sessions" },
  account_new: { ko: "계정을 만듦", en: "made an account" },
  account_change: { ko: "계정을 바꿈", en: "changed an account" },
  account_disable: { ko: "계정을 막음", en: "disabled an account" },
  account_enable: { ko: "계정을 다시 엶", en: "let an account in again" },
  token: { ko: "토큰을 만듦", en: "made a token" },
  token_end: { ko: "토큰을 없앰", en: "ended a token" },
  passkey: { ko: "패스키를 만듦", en: "made a passkey" },
  passkey_end: { ko: "패스키를 없앰", en: "removed a passkey" },
});

/** What was done: an act by its name, else what somebody was allowed to do, such as home.read. */
export function actionWord(action: string): Word {
  const known = actions[action];
  if (known) return known;
  const way = action.endsWith(".read") ? audit.saw : audit.did;
  return { ko: way.ko.replace("{what}", action), en: way.en.replace("{what}", action) };
}
