// Sends what waits on this device while the console is open, says how much that is, and asks before a log-out.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { useSay } from "../language";
import { beforeLeave, useMe } from "../session";
import { Button, Dialog, Notice } from "../ui";
import { toast } from "../ui/toast";
import { unsent as words } from "../words/unsent";
import { deviceSettled, openDevice } from "./session";
import { DAY_MS } from "./store";
import { useDesk } from "./useDesk";
import { onArrived, send, theDesk, type Piece } from "./work";

const FIRST_MS = 3_000;
const MOST_MS = 60_000;

function written(pieces: readonly Piece[]): Piece[] {
  return pieces.filter((one) => one.kind !== "step");
}

/** Tries again and again, less often the longer it fails, and at once when there is hope. */
function useSending(): void {
  const me = useMe();
  const cache = useQueryClient();
  useEffect(() => {
    let wait = FIRST_MS;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const turn = async () => {
      clearTimeout(timer);
      if (!theDesk().ready) await openDevice(me).catch(() => undefined);
      const all = await send().catch(() => false);
      if (over) return;
      wait = all ? FIRST_MS : Math.min(wait * 2, MOST_MS);
      timer = setTimeout(() => void turn(), wait);
    };
    const hope = () => {
      wait = FIRST_MS;
      if (document.visibilityState === "visible") void turn();
    };
    const quiet = onArrived((piece) => {
      void cache.invalidateQueries({ queryKey: ["day"] });
      if (piece.kind !== "record") void cache.invalidateQueries({ queryKey: ["visit", piece.target] });
    });
    addEventListener("online", hope);
    addEventListener("focus", hope);
    document.addEventListener("visibilitychange", hope);
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
      quiet();
      removeEventListener("online", hope);
      removeEventListener("focus", hope);
      document.removeEventListener("visibilitychange", hope);
    };
  }, [me, cache]);
}

function Leaving() {
  const t = useSay();
  const { pieces, busy } = useDesk();
  const [open, setOpen] = useState(false);
  const [failed, setFailed] = useState(false);
  const answer = useRef<((may: boolean) => void) | null>(null);
  useEffect(
    () =>
      beforeLeave(async () => {
        await deviceSettled(); // before that nobody knows what waits
        if (written(theDesk().pieces).length === 0) return true;
        setFailed(false);
        setOpen(true);
        return new Promise<boolean>((resolve) => (answer.current = resolve));
      }),
    [],
  );
  const close = (may: boolean) => {
    setOpen(false);
    answer.current?.(may);
  };
  if (!open) return null;
  const mine = written(pieces);
  return (
    <Dialog
      title={t(words.leave_title)}
      onClose={() => close(false)}
      testid="leave-unsent"
      ends={
        <>
          <Button onClick={() => close(true)} testid="leave-sealed">{t(words.leave_sealed)}</Button>
          <Button onClick={() => close(false)}>{t(words.leave_stay)}</Button>
          <Button
            kind="first"
            busy={busy}
            onClick={() =>
              void send().then((all) => {
                if (all && written(theDesk().pieces).length === 0) close(true);
                else setFailed(true);
              })
            }
          >
            {t(words.send_now)}
          </Button>
        </>
      }
    >
      <p>{t(words.leave_why, { count: mine.length })}</p>
      {mine.some((one) => one.state === "draft") ? <p>{t(words.leave_drafts)}</p> : null}
      <p role="status">{failed ? t(words.leave_failed) : null}</p>
    </Dialog>
  );
}

export function Unsent() {
  const t = useSay();
  const { can } = useMeCan();
  const { pieces, others, busy, away, unkept } = useDesk();
  useSending();
  const mine = written(pieces);
  const waiting = mine.filter((one) => one.state === "waiting");
  const refused = mine.filter((one) => one.state === "refused");
  const old = mine.some((one) => Date.now() - one.at > DAY_MS);
  const list = can("visit.write") ? "/visits" : "/tasks";
  return (
    <div className="unsent">
      <Leaving />
      {unkept ? <Notice kind="bad"><p role="alert">{t(words.unkept)}</p></Notice> : null}
      {waiting.length ? (
        <Notice kind={old ? "bad" : "warn"} testid="unsent">
          <p role="status">
            {t(words.unsent, { count: waiting.length })} {old ? t(words.unsent_long) : away ? t(words.away) : null}
          </p>
          <Button
            busy={busy}
            onClick={() => void send().then((all) => (all ? undefined : toast(words.away)))}
            testid="send-now"
          >
            {t(words.send_now)}
          </Button>
        </Notice>
      ) : null}
      {refused.length ? (
        <Notice kind="bad" testid="refused">
          <p role="alert">{t(words.refused_count, { count: refused.length })}</p>
          <Link className="button" href={refused[0]?.kind === "visit" ? `/visits/${refused[0].target}` : list}>{t(words.look)}</Link>
        </Notice>
      ) : null}
      {others ? <Notice><p>{t(words.others, { count: others })}</p></Notice> : null}
    </div>
  );
}

function useMeCan(): { can: (permission: string) => boolean } {
  const me = useMe();
  return { can: (permission) => me.permissions.includes(permission) };
}
