// What the console says when something did not work and the city gave no words of its own.
import { words } from "./word";

export const faults = words({
  offline: {
    ko: "서버에 연결할 수 없습니다. 아직 저장되지 않았습니다.",
    en: "The city cannot be reached. Nothing has been saved yet.",
  },
  unread: {
    ko: "서버에 연결할 수 없습니다. 연결되면 저절로 다시 불러옵니다.",
    en: "The city cannot be reached. This is loaded by itself once it can.",
  },
  unreadable: { ko: "입력한 내용을 다시 확인해 주세요.", en: "Please check what you have entered." },
  missing: { ko: "찾으시는 것이 없거나 볼 수 없습니다.", en: "There is no such thing here, or you may not see it." },
  forbidden: { ko: "이 일을 할 권한이 없습니다.", en: "Your role may not do this." },
  other: { ko: "요청을 처리하지 못했습니다. 잠시 뒤 다시 해 주세요.", en: "That did not work. Please try again in a moment." },
  again: { ko: "다시 시도", en: "Try again" },
  broken: {
    ko: "이 화면에 문제가 생겼습니다. 새로 고쳐 주세요. 알림은 계속 전달됩니다.",
    en: "This page has failed. Please reload it. Calls go on being sent all the while.",
  },
  reload: { ko: "새로 고침", en: "Reload" },
});
