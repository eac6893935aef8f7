// What the menu calls the pages of who goes out; the rest of their words comes with them.
import { words } from "./word";

export const going = words({
  visits: { ko: "방문", en: "Visits" },
  tasks: { ko: "내 일정", en: "My tasks" },
});
