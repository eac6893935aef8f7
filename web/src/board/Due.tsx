// The countdown to what happens next, on the city's clock; what is late says so in words.
import { useSay } from "../language";
import { countdown, useNow } from "../time";
import { board } from "../words/board";

export function Due({ at }: { at: string | null }) {
  const t = useSay();
  const now = useNow();
  if (at === null) return null;
  const left = Date.parse(at) - now;
  return (
    <span className={left < 0 ? "due late" : "due"} role="timer" data-testid="due" data-left={Math.round(left / 1000)}>
      {t(left < 0 ? board.late : board.left)} <b>{countdown(left)}</b>
    </span>
  );
}
