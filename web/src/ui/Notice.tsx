// Things that are said beside the work: notices, faults, emptiness, waiting.
import type { ReactNode } from "react";
import { asFault } from "../api";
import { useSay } from "../language";
import { common } from "../words/common";
import { faults } from "../words/faults";
import { Button } from "./Button";

type Kind = "plain" | "warn" | "bad" | "good";

export function Notice({ kind = "plain", children, testid }: { kind?: Kind; children: ReactNode; testid?: string }) {
  return <div className={`notice ${kind}`} data-testid={testid}>{children}</div>;
}

/** Why something was not done, read out at once; `onAgain` offers to try again. */
export function ErrorBox({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  const t = useSay();
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
