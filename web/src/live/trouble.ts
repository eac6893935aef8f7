// Whether what is shown is still what the city says: a question that failed, or that nobody answers.
import { useEffect, useState } from "react";

interface Asked {
  error: unknown;
  failureReason: unknown;
  isFetching: boolean;
  /** When the city last answered; 0: never. */
  dataUpdatedAt: number;
}

const LATE_MS = 5_000;

/** `error`: from the first try that failed until there is an answer, also while it is tried again; `late`: it was asked
 * for anew, and nobody answers. */
export function useTrouble({ error, failureReason, isFetching, dataUpdatedAt }: Asked): { error: unknown; late: boolean } {
  const now = error ?? failureReason ?? null;
  const [kept, keep] = useState<{ error: unknown; before: number } | null>(null);
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (now) keep({ error: now, before: dataUpdatedAt });
  }, [now, dataUpdatedAt]);
  useEffect(() => {
    if (!isFetching) return;
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isFetching]);
  return { error: now ?? (kept?.before === dataUpdatedAt ? kept.error : null), late };
}
