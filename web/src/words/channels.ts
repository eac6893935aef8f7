// By which way a message goes.
import { words, type Word } from "./word";

export const channels: Record<string, Word> = words({
  console: { ko: "이 화면", en: "This console" },
  webpush: { ko: "기기 알림", en: "Device notice" },
  speaker: { ko: "스피커·화면", en: "Speaker or screen" },
  cloud: { ko: "스피커 회사", en: "Speaker's cloud" },
  webhook: { ko: "연계 시스템", en: "Linked system" },
  sms: { ko: "문자", en: "Text message" },
  phone: { ko: "전화", en: "Telephone" },
  call: { ko: "전화", en: "Telephone" },
  email: { ko: "전자우편", en: "E-mail" },
});
