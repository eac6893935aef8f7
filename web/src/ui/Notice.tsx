// Things that are said beside the work: notices, faults, emptiness, waiting.
import { useEffect, useRef, type ReactNode } from "react";
import { asFault } from "../api";
import { useSay } from "../language";
import { common } from "../words/common";
import { faults } from "../words/faults";
import { Button } from "./Button";

type Kind = "plain" | "warn" | "bad" | "good";

export function Notice({ kind = "plain", children, testid }: { kind?: Kind; children: ReactNode; testid?: string }) {
  return <div className={`notice ${kind}`} data-testid={testid}>{children}</div>;
}

const AGAIN_MS = 5_000;

/** Tries again by itself, as soon as the browser is online and every few seconds, while no answer comes at all. */
function useAgain(away: boolean, onAgain: (() => void) | undefined): void {
  const again = useRef(onAgain);
  useEffect(() => {
    again.current = onAgain;
  });
  useEffect(() => {
    if (!away) return;
    const go = () => again.current?.();
    const timer = setInterval(go, AGAIN_MS);
    addEventListener("online", go);
    return () => {
      clearInterval(timer);
      removeEventListener("online", go);
    };
  }, [away]);
}

/** Why something was not done, read out at once; `onAgain` loads it again, also by itself once the city is back. */
export function ErrorBox({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  const t = useSay();
  useAgain(asFault(error).status === 0 && onAgain !== undefined, onAgain);
  return (
    <div className="notice bad" role="alert" data-testid="fault">
      <p>{t(asFault(error))}</p>
      {onAgain ? <Button onClick={onAgain}>{t(faults.again)}</Button> : null}
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

export function Busy() {
  const t = useSay();
  return <p className="busy" role="status">{t(common.loading)}</p>;
}
