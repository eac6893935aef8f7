// The words of the frame and of the parts that every page uses.
import { words } from "./word";

export const common = words({
  anbu: { ko: "안부", en: "Anbu" },
  skip: { ko: "본문으로 바로 가기", en: "Skip to the content" },
  rooms: { ko: "주 메뉴", en: "Main menu" },
  clock: { ko: "지금 시각", en: "The time now" },
  loading: { ko: "불러오는 중입니다…", en: "Loading…" },
  cancel: { ko: "취소", en: "Cancel" },
  close: { ko: "닫기", en: "Close" },
  save: { ko: "저장", en: "Save" },
  undo: { ko: "되돌리기", en: "Undo" },
  required: { ko: "꼭 필요한 칸입니다.", en: "This is needed." },
  missing: { ko: "찾으시는 화면이 없습니다.", en: "There is no such page." },
  home: { ko: "처음 화면으로", en: "To the first page" },
  nothing: { ko: "보여 드릴 것이 없습니다.", en: "There is nothing to show." },
  korean: { ko: "한국어", en: "한국어" },
  english: { ko: "English", en: "English" },
  language: { ko: "언어", en: "Language" },
  other_language: { ko: "English", en: "한국어" },
  board: { ko: "돌봄콜", en: "Care Calls" },
  me: { ko: "내 설정", en: "My settings" },
  unknown: { ko: "알 수 없음", en: "Not known" },
  none: { ko: "없음", en: "None" },
  deeds: { ko: "할 일", en: "Actions" },
  yes: { ko: "예", en: "Yes" },
  no: { ko: "아니요", en: "No" },
});
