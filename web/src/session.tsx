// Who is logged in, and what their role may do: the one question of every page and button.
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, type ReactNode } from "react";
import { api, asFault, type Fault, got, onLost } from "./api";
import type { Me } from "./contract";
import { recall } from "./memory";
import { useLanguage } from "./language";
import { setClock } from "./time";

export interface Session {
  /** Null: nobody is logged in. Undefined: nobody knows yet. */
  me: Me | null | undefined;
  /** Why nobody knows: the city is away. */
  fault: Fault | null;
  can: (permission: string) => boolean;
  enter: (me: Me) => void;
  leave: () => Promise<void>;
}

const Context = createContext<Session | null>(null);
const KEY = ["session"];
const leaving = new Set<() => Promise<void> | void>();

/** Calls `wipe` before a log-out is over: what a browser keeps of anybody goes with them. */
export function onLeave(wipe: () => Promise<void> | void): void {
  leaving.add(wipe);
}

/** Nothing that one person has been shown is there for the next. */
function forget(cache: QueryClient): void {
  cache.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
}

async function ask(): Promise<Me | null> {
  try {
    return await got(api.GET("/api/session"));
  } catch (error) {
    if (asFault(error).status === 401) return null;
    throw error;
  }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const { speak } = useLanguage();
  const { data: me, error } = useQuery({ queryKey: KEY, queryFn: ask, staleTime: 60_000, retry: 2 });

  useEffect(() => onLost(() => cache.setQueryData(KEY, null)), [cache]);
  useEffect(() => {
    if (!me) return;
    setClock(me.now, me.speed, me.timezone);
    if (recall("language") === null && (me.language === "ko" || me.language === "en")) speak(me.language);
  }, [me, speak]);

  const session = useMemo<Session>(
    () => ({
      me,
      fault: me === undefined && error ? asFault(error) : null,
      can: (permission) => me?.permissions.includes(permission) ?? false,
      enter: (entered) => {
        forget(cache);
        cache.setQueryData(KEY, entered);
      },
      leave: async () => {
        for (const wipe of leaving) await wipe();
        await got(api.DELETE("/api/session")).catch((fault: unknown) => {
          if (asFault(fault).status !== 401) throw fault;
        });
        forget(cache);
        cache.setQueryData(KEY, null);
      },
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
