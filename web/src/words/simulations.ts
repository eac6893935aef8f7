// The words of simulator runs.
import { words, type Word } from "./word";

export const simulations = words({
  title: { ko: "모의 운영", en: "Simulations" },
  what: {
    ko: "정해진 시나리오를 따로 만든 도시에서 실행해, 돌봄콜이 제대로 울리고 넘어가는지 봅니다. 실제 가정과 담당자에게는 아무것도 가지 않습니다.",
    en: "Plays a scenario in a city of its own and shows whether Care Calls ring and climb as they should. Nothing of it reaches real homes or people.",
  },
  scenario: { ko: "시나리오", en: "Scenario" },
  choose: { ko: "골라 주세요", en: "Choose one" },
  size: { ko: "가정 {homes}곳, 담당자 {members}명, 이야기 속 {minutes}분", en: "{homes} homes, {members} members of staff, {minutes} minutes of its own time" },
  speed: { ko: "속도(몇 배)", en: "Speed (times real life)" },
  speed_hint: {
    ko: "비워 두면 시나리오의 속도입니다. 서버가 바쁘면 낮추세요. 빠르면 결과가 달라질 수 있습니다.",
    en: "Left empty: the scenario's own. Lower it where the server is busy: too fast, and results may differ.",
  },
  takes: { ko: "약 {time}(분:초) 걸리고, 시작 준비에 몇 분이 더 들 수 있습니다.", en: "Takes about {time} (min:s), and up to some minutes more to start." },
  begin: { ko: "실행하기", en: "Play" },
  begun: { ko: "시작했습니다.", en: "It has begun." },
  one: { ko: "한 번에 하나만 실행합니다.", en: "One is played at a time." },
  running: { ko: "실행 중", en: "Running" },
  preparing: { ko: "도시를 준비하고 있습니다.", en: "The city is being set up." },
  far: { ko: "{share}% · 이야기 속 {at} · 돌봄콜 {cases}건", en: "{share} % · {at} in the story · {cases} Care Calls" },
  stop: { ko: "멈추기", en: "Stop" },
  stopping: { ko: "멈추는 중입니다. 몇 초 걸립니다.", en: "It is being stopped, which takes some seconds." },
  past: { ko: "지난 실행 {count}건", en: "The last {count}" },
  none: { ko: "아직 실행한 적이 없습니다.", en: "Nothing has been played yet." },
  started: { ko: "시작", en: "Started" },
  by: { ko: "실행한 사람", en: "By" },
  result: { ko: "결과", en: "Result" },
  times: { ko: "{speed}배", en: "× {speed}" },
  figures: {
    ko: "돌봄콜 {cases}건 가운데 {taken}건을 사람이 맡고 {closed}건을 마쳤습니다. SOS 누름 {sos_pressed}번, SOS 돌봄콜 {sos_cases}건.",
    en: "{cases} Care Calls: {taken} taken by a person, {closed} closed. SOS pressed {sos_pressed} times, {sos_cases} SOS cases.",
  },
  differs: { ko: "기대와 다른 점 {count}가지", en: "{count} differences" },
  stopped_by: { ko: "{who} 님이 멈췄습니다.", en: "Stopped by {who}." },
  said: { ko: "프로그램이 남긴 말", en: "What its programs said" },
});

export const runStates: Record<string, Word> = words({
  running: { ko: "실행 중", en: "running" },
  as_expected: { ko: "기대대로", en: "as expected" },
  otherwise: { ko: "기대와 다름", en: "otherwise than expected" },
  stopped: { ko: "멈춤", en: "stopped" },
  broken_off: { ko: "중단됨", en: "broken off" },
});
