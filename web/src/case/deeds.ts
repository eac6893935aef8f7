// What somebody does to a Care Call, until the city has said that it is done. Nothing looks done before that: people go
// on being called meanwhile. What can be regretted is held back for some seconds; a page that closes sends it at once.
import { useSyncExternalStore } from "react";
import { api, asFault, got, lastWord, whose, type Fault } from "../api";
import type { Verb } from "../contract";
import { beforeLeave, onAnother, onEnter } from "../session";
import { care } from "../words/case";
import { say } from "../words/word";

export interface Act {
  by?: string;
  note?: string;
  outcome?: "true_emergency" | "safe" | "care" | "technical" | "exercise";
  contact?: "phone" | "visit" | "speaker";
}

export interface Deed {
  id: number;
  case: number;
  /** Who has pressed; it is done by nobody else. */
  account: string;
  verb: Verb;
  act: Act;
  /** The same for every try: the city acts once. */
  key: string;
  /** held: can be undone; sending: on its way; waiting: no answer came, it is tried again; refused: the city said no. */
  state: "held" | "sending" | "waiting" | "refused";
  /** Of a held one: when it goes, by this machine's clock. */
  until: number;
  tries: number;
  began: number;
  fault: Fault | null;
}

const AGAIN_MS = [1_000, 2_000, 4_000, 8_000, 10_000];
/** Longer than this on its way, and it is said that it has not arrived. */
export const LONG_MS = 1_500;

let deeds: readonly Deed[] = [];
let last = 0;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const watching = new Set<() => void>();
let done: (deed: Deed) => void = () => undefined;

function put(now: readonly Deed[]): void {
  deeds = now;
  for (const hear of watching) hear();
}

function change(id: number, to: Partial<Deed>): Deed | undefined {
  put(deeds.map((deed) => (deed.id === id ? { ...deed, ...to } : deed)));
  return deeds.find((deed) => deed.id === id);
}

function wait(id: number, ms: number): void {
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => void send(id), ms));
}

async function send(id: number): Promise<void> {
  clearTimeout(timers.get(id));
  const before = deeds.find((deed) => deed.id === id);
  if (!before || before.state === "refused") return;
  if (before.account !== whose()) return; // their log-in has ended: it goes on with their next, or not at all
  const deed = change(id, { state: before.tries ? "waiting" : "sending", began: before.began || Date.now(), tries: before.tries + 1 });
  if (!deed) return;
  try {
    await got(
      api.POST("/api/cases/{id}/{verb}", {
        params: { path: { id: deed.case, verb: deed.verb }, header: { "idempotency-key": deed.key } },
        body: { ...deed.act },
        // An answer that does not come is no answer; the same key makes asking again harmless.
        signal: AbortSignal.timeout(10_000),
      }),
    );
    put(deeds.filter((one) => one.id !== id));
    done(deed);
  } catch (error) {
    const fault = asFault(error);
    if (fault.status === 401) {
      change(id, { state: "waiting", fault });
    } else if (fault.passing) {
      change(id, { state: "waiting", fault });
      wait(id, AGAIN_MS[Math.min(deed.tries - 1, AGAIN_MS.length - 1)] ?? 10_000);
    } else {
      change(id, { state: "refused", fault });
      done(deed);
    }
  }
}

/** Does `verb` to a case, `holdS` seconds from now. */
export function act(caseId: number, verb: Verb, what: Act, holdS: number): void {
  const id = ++last;
  const held = holdS > 0;
  const deed: Deed = {
    id,
    case: caseId,
    account: whose(),
    verb,
    act: what,
    key: crypto.randomUUID(),
    state: held ? "held" : "sending",
    until: Date.now() + holdS * 1000,
    tries: 0,
    began: held ? 0 : Date.now(),
    fault: null,
  };
  put([...deeds.filter((one) => !(one.case === caseId && one.state === "refused")), deed]);
  if (held) wait(id, holdS * 1000);
  else void send(id);
}

/** Takes back what is still held, and puts away what was refused. */
export function undo(id: number): void {
  const deed = deeds.find((one) => one.id === id);
  if (deed?.state !== "held" && deed?.state !== "refused") return;
  clearTimeout(timers.get(id));
  put(deeds.filter((one) => one.id !== id));
}

/** Tells `hear` of each deed that the city has answered. */
export function onDone(hear: (deed: Deed) => void): void {
  done = hear;
}

export function useDeeds(caseId?: number): Deed[] {
  const all = useSyncExternalStore(
    (hear) => {
      watching.add(hear);
      return () => watching.delete(hear);
    },
    () => deeds,
  );
  return caseId === undefined ? [...all] : all.filter((deed) => deed.case === caseId);
}

addEventListener("pagehide", () => {
  for (const deed of deeds) {
    if (deed.state !== "refused" && deed.account === whose()) lastWord(`/api/cases/${deed.case}/${deed.verb}`, deed.act, deed.key);
  }
});
addEventListener("pageshow", (event) => {
  // A page that the browser had put by: the last word may not have arrived, and saying it twice changes nothing.
  if (event.persisted) for (const deed of deeds) if (deed.state !== "refused") void send(deed.id);
});
addEventListener("online", () => {
  for (const deed of deeds) if (deed.state === "waiting") void send(deed.id);
});
addEventListener("beforeunload", (event) => {
  if (deeds.some((deed) => deed.state === "waiting" || deed.state === "sending")) event.preventDefault();
  // Behind a service worker the last word of a page may never leave it: what is held goes while the page still stands.
  for (const deed of deeds) if (deed.state === "held") void send(deed.id);
});
beforeLeave(async () => {
  await Promise.all(deeds.filter((deed) => deed.state === "held").map((deed) => send(deed.id)));
  const left = deeds.some((deed) => deed.state === "waiting" || deed.state === "sending");
  return !left || confirm(say(document.documentElement.lang === "en" ? "en" : "ko", care.leave_undelivered));
});
onAnother(() => {
  for (const timer of timers.values()) clearTimeout(timer);
  put([]);
});
onEnter(() => {
  put(deeds.filter((deed) => deed.account === whose()));
  for (const deed of deeds) if (deed.state !== "refused") void send(deed.id);
});
