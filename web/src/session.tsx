// Who is logged in, and what their role may do: the one question of every page and button.
import { queryOptions, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, type ReactNode } from "react";
import { api, asFault, belongs, type Fault, got, onLost, onOther, whose } from "./api";
import type { Me } from "./contract";
import { forgetEarly } from "./early";
import { recall } from "./memory";
import { useLanguage } from "./language";
import { arrivedAnew, closeDevice, goesOut, keptMe, openDevice, oweLeave, stillLeaving } from "./offline/session";
import { keepShell, quiet } from "./shell";
import { setClock } from "./time";

export interface Session {
  /** Null: nobody is logged in. Undefined: nobody knows yet. */
  me: Me | null | undefined;
  /** Why nobody knows: the city is away. */
  fault: Fault | null;
  can: (permission: string) => boolean;
  enter: (me: Me) => void;
  /** False: there was something to settle first, and they stay. */
  leave: () => Promise<boolean>;
  /** Asks the city anew who is logged in. */
  check: () => void;
}

const Context = createContext<Session | null>(null);
const KEY = ["session"];
const LEAVE_AGAIN_MS = 5_000;
/** Whoever logs out is out by then, whether the city has heard it or not. */
const HEARD_MS = 1_500;
const leaving = new Set<() => Promise<void> | void>();
const dropping = new Set<() => void>();
/** Logs in and out in all windows of a browser: they have one cookie. */
const windows = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("anbu.session");

/** Calls `drop` when the window becomes another's: what its former owner has begun in it is not done in their name. */
export function onAnother(drop: () => void): void {
  dropping.add(drop);
}

/** Somebody else is logged in: nothing of this window may stay. */
function startAnew(): void {
  for (const drop of dropping) drop();
  location.reload();
}

windows?.addEventListener("message", (event: MessageEvent<string>) => {
  if (event.data !== whose()) startAnew();
});
onOther(startAnew);

/** Calls `wipe` before a log-out is over: what a browser keeps of anybody goes with them. */
export function onLeave(wipe: () => Promise<void> | void): void {
  leaving.add(wipe);
}

const entering = new Set<() => void>();

/** Calls `begin` after each log-in. */
export function onEnter(begin: () => void): void {
  entering.add(begin);
}

/** Nothing that one person has been shown is there for the next. */
function forget(cache: QueryClient): void {
  cache.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
}

const asking = new Set<() => Promise<boolean>>();

/** Asks before each log-out whether it may be. */
export function beforeLeave(may: () => Promise<boolean>): () => void {
  asking.add(may);
  return () => asking.delete(may);
}

/** Whose the window is, and what time it is where they are. */
function knows(me: Me): void {
  belongs(me.account);
  setClock(me.now, me.speed, me.timezone);
}

async function ask(): Promise<Me | null> {
  if (await stillLeaving()) {
    forgetEarly();
    return null;
  }
  try {
    const me = await got(api.GET("/api/session"));
    if (whose() && whose() !== me.account) startAnew();
    knows(me);
    if (goesOut(me)) void openDevice(me, quiet()).catch(() => undefined);
    return me;
  } catch (error) {
    const fault = asFault(error);
    if (fault.status === 401) return null;
    // Without reception somebody goes on as who they were.
    const kept = fault.passing ? await keptMe() : null;
    if (kept) {
      knows(kept);
      return kept;
    }
    throw error;
  }
}

/** The question itself, for whoever asks before anything is drawn. */
export const sessionQuery = queryOptions({ queryKey: KEY, queryFn: ask, staleTime: 60_000, retry: 2 });

export function SessionProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const { speak } = useLanguage();
  const { data: me, error: last, failureReason } = useQuery(sessionQuery);
  const error = last ?? failureReason;

  useEffect(() => onLost(() => {
    belongs("");
    forget(cache);
    cache.setQueryData(KEY, null);
  }), [cache]);
  useEffect(() => {
    if (!me) return;
    if (recall("language") === null && (me.language === "ko" || me.language === "en")) speak(me.language);
  }, [me, speak]);

  useEffect(() => {
    // A log-out that has not been heard is said until it is.
    if (me !== null) return;
    const say = () => void stillLeaving();
    const timer = setInterval(say, LEAVE_AGAIN_MS);
    addEventListener("online", say);
    return () => {
      clearInterval(timer);
      removeEventListener("online", say);
    };
  }, [me]);

  const session = useMemo<Session>(
    () => ({
      me,
      fault: me === undefined && error ? asFault(error) : null,
      can: (permission) => me?.permissions.includes(permission) ?? false,
      enter: (entered) => {
        forgetEarly();
        arrivedAnew();
        if (goesOut(entered)) void openDevice(entered).catch(() => undefined);
        keepShell();
        forget(cache);
        knows(entered);
        for (const begin of entering) begin();
        windows?.postMessage(entered.account);
        cache.setQueryData(KEY, entered);
      },
      leave: async () => {
        for (const may of asking) if (!(await may())) return false;
        oweLeave();
        for (const wipe of leaving) await wipe();
        await closeDevice();
        await Promise.race([stillLeaving(), new Promise((over) => setTimeout(over, HEARD_MS))]);
        for (const drop of dropping) drop();
        belongs("");
        windows?.postMessage("");
        forget(cache);
        cache.setQueryData(KEY, null);
        return true;
      },
      check: () => void cache.invalidateQueries({ queryKey: KEY }),
    }),
    [me, error, cache],
  );
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("outside the session");
  return session;
}

/** Who is logged in; only pages behind the log-in ask. */
export function useMe(): Me {
  const { me } = useSession();
  if (!me) throw new Error("nobody is logged in");
  return me;
}
