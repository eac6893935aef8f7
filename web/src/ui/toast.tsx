// Short words at the bottom of the screen, with an undo where there is one; they wait long enough to be read.
import { useSyncExternalStore } from "react";
import { useSay } from "../language";
import { common } from "../words/common";
import type { Word } from "../words/word";
import { Button } from "./Button";

interface Toast {
  id: number;
  word: Word;
  bad: boolean;
  undo?: () => void;
}

let toasts: readonly Toast[] = [];
let last = 0;
const watching = new Set<() => void>();

function put(now: readonly Toast[]): void {
  toasts = now;
  for (const hear of watching) hear();
}

/** Says `word` for some seconds. What went wrong stays until it is closed. */
export function toast(word: Word, { bad = false, undo, seconds = 8 }: { bad?: boolean; undo?: () => void; seconds?: number } = {}): () => void {
  const id = ++last;
  const end = () => put(toasts.filter((each) => each.id !== id));
  put([...toasts, { id, word, bad, undo }]);
  if (!bad) setTimeout(end, seconds * 1000);
  return end;
}

export function Toasts() {
  const t = useSay();
  const shown = useSyncExternalStore(
    (hear) => {
      watching.add(hear);
      return () => watching.delete(hear);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((each) => (
        <div key={each.id} className={each.bad ? "toast bad" : "toast"}>
          <p>{t(each.word)}</p>
          {each.undo ? (
            <Button
              kind="first"
              onClick={() => {
                each.undo?.();
                put(toasts.filter((other) => other.id !== each.id));
              }}
            >
              {t(common.undo)}
            </Button>
          ) : null}
          {each.bad ? <Button onClick={() => put(toasts.filter((other) => other.id !== each.id))}>{t(common.close)}</Button> : null}
        </div>
      ))}
    </div>
  );
}
