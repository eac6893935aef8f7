// The words of what waits on the device to be sent.
import { words } from "./word";

export const unsent = words({
  unkept: {
    ko: "이 기기에 저장하지 못했습니다. 화면을 닫지 말고 잠시 기다려 주세요.",
    en: "This could not be saved on the device. Please wait a moment and don't close this page.",
  },
  unsent: {
    ko: "아직 전송하지 않은 기록 {count}건이 이 기기에 저장되어 있습니다.",
    en: "Saved on this device and not sent yet: {count}.",
  },
  unsent_long: {
    ko: "24시간이 넘도록 전송되지 않은 기록이 있습니다. 통신이 되는 곳에서 보내 주시고, 되지 않으면 사무실에 전화로 알려 주세요.",
    en: "Something has waited here for more than 24 hours. Send it where there is reception, or tell your office by telephone.",
  },
  refused_count: {
    ko: "서버가 받지 않은 기록 {count}건이 있습니다. 지워지지 않았으니 고쳐서 다시 보내 주세요.",
    en: "Refused by the city: {count}. Nothing is lost; please correct it and send it again.",
  },
  others: {
    ko: "다른 분이 이 기기에서 쓰고 보내지 않은 기록 {count}건이 봉인되어 있습니다. 그분이 로그인하면 전송됩니다.",
    en: "Written here by somebody else and not sent: {count}. It is sealed, and goes when they log in.",
  },
  away: { ko: "지금은 통신이 되지 않습니다. 되는 대로 저절로 전송됩니다.", en: "There is no reception now. It is sent by itself once there is." },
  send_now: { ko: "지금 보내기", en: "Send now" },
  look: { ko: "확인하기", en: "Look at it" },
  leave_title: { ko: "보내지 않은 기록이 있습니다", en: "Something has not been sent" },
  leave_why: {
    ko: "작성하고 보내지 않은 기록이 {count}건입니다. 그대로 로그아웃하면 이 기기에 봉인되어 아무도 읽을 수 없고, 같은 계정으로 다시 로그인해야 전송됩니다.",
    en: "Written and not sent: {count}. If you log out now it stays sealed on this device, nobody can read it, and it is sent only when the same account logs in again.",
  },
  leave_drafts: {
    ko: "작성 중인 기록은 마쳐야 전송됩니다.",
    en: "What is still being written has to be finished before it can be sent.",
  },
  leave_sealed: { ko: "봉인하고 로그아웃", en: "Seal it and log out" },
  leave_stay: { ko: "로그인 유지", en: "Stay logged in" },
  leave_failed: { ko: "아직 보내지 못했습니다.", en: "It could not be sent yet." },
});
