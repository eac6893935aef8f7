// What the desk's pages are called in the menu; the rest of their words comes with each page.
import { words } from "./word";

export const rooms = words({
  homes: { ko: "댁", en: "Homes" },
  rota: { ko: "근무표", en: "Rota" },
  devices: { ko: "기기", en: "Devices" },
  gateways: { ko: "게이트웨이", en: "Gateways" },
  lanes: { ko: "작업 흐름", en: "Workers" },
  simulations: { ko: "모의 운영", en: "Simulations" },
  accounts: { ko: "계정", en: "Accounts" },
  grants: { ko: "긴급 열람", en: "Break-glass" },
  audit: { ko: "열람 기록", en: "Audit" },
});
