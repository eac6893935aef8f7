// A deed until it is done: held with an undo, on its way, not delivered, or refused. It never looks as if it were done.
import { useEffect, useState } from "react";
import { useSay } from "../language";
import { Button, ErrorBox } from "../ui";
import { care } from "../words/case";
import { common } from "../words/common";
import type { Word } from "../words/word";
import { LONG_MS, undo, type Deed } from "./deeds";

const NAMES: Record<Deed["verb"], Word> = {
  ack: care.ack,
  arrive: care.arrive,
  release: care.release,
  close: care.close_title,
  note: care.note,
};

/** This machine's time, a few times a second. */
function useTick(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function DeedBanner({ deed }: { deed: Deed }) {
  const t = useSay();
  const now = useTick();
  const what = t(NAMES[deed.verb]);
  if (deed.state === "refused") {
    return (
      <div className="stack">
        <ErrorBox error={deed.fault} />
        <Button onClick={() => undo(deed.id)}>{t(care.ok)}</Button>
      </div>
    );
  }
  if (deed.state === "held") {
    const seconds = Math.max(0, Math.ceil((deed.until - now) / 1000));
    return (
      <div className="notice" data-testid="held">
        <p aria-live="off">{t(care.held, { seconds, what })}</p>
        <Button kind="first" onClick={() => undo(deed.id)} testid="undo">{t(common.undo)}</Button>
      </div>
    );
  }
  const late = deed.state === "waiting" || now - deed.began > LONG_MS;
  return late ? (
    <div className="notice bad" role="alert" data-testid="undelivered">
      <p className="strong">{t(care.waiting, { what })}</p>
    </div>
  ) : (
    <div className="notice" role="status" data-testid="sending">
      <p>{t(care.sending, { what })}</p>
    </div>
  );
}
