// What the pages are called in the menu; the rest of their words comes with each page.
import { words } from "./word";

export const rooms = words({
  homes: { ko: "댁", en: "Homes" },
  rota: { ko: "근무표", en: "Rota" },
  intake: { ko: "접수", en: "Intake" },
  episodes: { ko: "돌봄", en: "Care" },
  orders: { ko: "의뢰", en: "Orders" },
  evaluations: { ko: "평가", en: "Evaluations" },
  claims: { ko: "청구", en: "Claims" },
  budget: { ko: "예산", en: "Budget" },
  reports: { ko: "보고", en: "Reports" },
  catalogue: { ko: "서비스와 기준", en: "Catalogue" },
  devices: { ko: "기기", en: "Devices" },
  gateways: { ko: "게이트웨이", en: "Gateways" },
  lanes: { ko: "작업 흐름", en: "Workers" },
  simulations: { ko: "모의 운영", en: "Simulations" },
  accounts: { ko: "계정", en: "Accounts" },
  grants: { ko: "긴급 열람", en: "Break-glass" },
  audit: { ko: "열람 기록", en: "Audit" },
});
