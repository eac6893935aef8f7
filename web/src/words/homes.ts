// The words of the list of homes: whether somebody watches them.
import { words } from "./word";

export const homes = words({
  title: { ko: "댁", en: "Homes" },
  search: { ko: "이름이나 댁 번호로 찾기", en: "Find by name or number" },
  area: { ko: "지역", en: "Area" },
  everywhere: { ko: "담당 지역 전체", en: "All of my area" },
  find: { ko: "찾기", en: "Find" },
  found: { ko: "{total}곳 가운데 {shown}곳", en: "{shown} of {total}" },
  none: { ko: "찾는 댁이 없습니다. 이름을 다시 확인해 주세요.", en: "No such home. Please look at the name again." },
  more: { ko: "더 보기", en: "Show more" },
  name: { ko: "이름", en: "Name" },
  place: { ko: "지역", en: "Area" },
  state: { ko: "지켜보기", en: "Watched" },
  last_word: { ko: "마지막 신호", en: "Last word" },
  cases: { ko: "돌봄콜", en: "Care Calls" },
  watched: { ko: "지켜보는 중", en: "Watched" },
  unheard: { ko: "신호 없음", en: "Not heard" },
  no_consent: { ko: "동의 없음 · 듣지 않음", en: "No consent: nobody listens" },
  unproved: { ko: "점검 안 된 기기 있음", en: "Devices not proved" },
  absent: { ko: "외출 중 · {until}까지 · 움직임 없음은 알리지 않음", en: "Away until {until}: silence alarms nobody" },
  devices_unknown: { ko: "기기가 작동하는지 알 수 없음", en: "Devices say nothing of themselves" },
  never: { ko: "한 번도 없음", en: "Never" },
  to_unheard: { ko: "지켜보지 못하는 댁만 보기", en: "Only homes that are not watched" },
  unheard_title: { ko: "지금 지켜보지 못하는 댁", en: "Homes that are not being watched now" },
  unheard_none: { ko: "모든 댁의 신호가 들어오고 있습니다.", en: "Every home can be heard." },
  unheard_what: {
    ko: "신호가 없는 동안에는 무슨 일이 있어도 알 수 없습니다. 오래된 댁부터 전화하거나 찾아가 확인해 주세요.",
    en: "While a home is not heard, whatever happens there goes unseen. Please call or visit, the longest first.",
  },
  since: { ko: "언제부터", en: "Since" },
});
