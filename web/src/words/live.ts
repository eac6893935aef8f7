// What is said when news stops coming in.
import { words } from "./word";

export const live = words({
  stale: {
    ko: "{at}부터 새 소식을 받지 못하고 있습니다. 화면이 지금과 다를 수 있습니다.",
    en: "Stale since {at}: no news is coming in, and this screen may be out of date.",
  },
  retry: { ko: "다시 연결", en: "Reconnect" },
});
