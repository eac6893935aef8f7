// What roles are called: those of accounts, and those on the ladder.
import { words, type Word } from "./word";

export const roles: Record<string, Word> = words({
  manager: { ko: "돌봄 매니저", en: "Care manager" },
  supervisor: { ko: "구 책임자", en: "Gu supervisor" },
  admin: { ko: "시 관리자", en: "City administrator" },
  duty: { ko: "상황실", en: "Duty desk" },
  worker: { ko: "서비스 제공 인력", en: "Provider's worker" },
  operator: { ko: "기기 운영자", en: "Operator" },
  auditor: { ko: "감사 담당", en: "Auditor" },
  researcher: { ko: "연구자", en: "Researcher" },
  family: { ko: "본인·가족", en: "Resident or family" },
});
