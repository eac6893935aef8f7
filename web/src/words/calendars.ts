// The words of calendar addresses.
import { words } from "./word";

export const calendars = words({
  title: { ko: "달력 주소", en: "Calendar address" },
  why: {
    ko: "휴대전화나 컴퓨터의 달력에서 구독할 수 있는 주소를 만듭니다. 달력은 읽기만 하고, 1년 뒤에는 주소를 새로 만들어야 합니다.",
    en: "Makes an address to which the calendar of your telephone or computer can subscribe. It only reads, and after a year it needs a new one.",
  },
  calendar: { ko: "달력", en: "Calendar" },
  gives_visits: {
    ko: "이 주소를 가진 사람은 누구나 내 방문과 업무의 시간과 동을 볼 수 있습니다. 이름과 건강 정보는 들어 있지 않습니다.",
    en: "Whoever has this address can see when and in which dong your visits and tasks are. It holds no names and nothing about health.",
  },
  gives_rota: {
    ko: "이 주소를 가진 사람은 누구나 동료의 이름과 비우는 때, 아무도 없는 시간을 볼 수 있습니다.",
    en: "Whoever has this address can see your colleagues' names, when they are away, and the hours that nobody covers.",
  },
  name: { ko: "어디에 쓰나요?", en: "What for?" },
  name_hint: { ko: "예: 내 휴대전화", en: "Such as: my telephone" },
  make: { ko: "달력 주소 만들기", en: "Make an address" },
  made: { ko: "달력 주소를 만들었습니다", en: "Your calendar's address" },
  once: { ko: "지금 한 번만 보입니다.", en: "It is shown this once." },
  how: { ko: "달력 앱에서 '구독' 또는 'URL로 추가'를 고르고 붙여 넣으세요.", en: "In your calendar choose “subscribe” or “add by URL”, and paste it." },
  copy: { ko: "주소 복사", en: "Copy the address" },
  copied: { ko: "복사했습니다.", en: "Copied." },
  copy_failed: { ko: "복사하지 못했습니다. 주소를 길게 눌러 복사해 주세요.", en: "It could not be copied: select the address and copy it." },
  done: { ko: "붙여 넣었습니다", en: "I have it" },
  used: { ko: "마지막으로 읽은 때", en: "Last read" },
  ends: { ko: "끝나는 때", en: "Ends" },
  end: { ko: "지우기", en: "Take back" },
  end_of: { ko: "{name} 주소 지우기", en: "Take back {name}" },
});

export const calendarNames = words({
  visits: { ko: "내 방문과 업무", en: "My visits and tasks" },
  rota: { ko: "근무표", en: "The rota" },
});
