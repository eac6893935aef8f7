// Whose this device is: opened at a log-in, opened again without reception, and closed at a log-out, also an unheard one.
import { api, asFault, got, onLost } from "../api";
import type { Me } from "../contract";
import { recall, remember } from "../memory";
import { be, disown, keepDay, keptDay, own, owner } from "./store";
import { anyWork, forget, load } from "./work";

interface Kept {
  me: Me;
  real: number;
}

/** Nobody waits longer for a line that swallows what is said: a log-out stands behind it. */
const ANSWER_MS = 6_000;
const FIELD = ["visit.write", "record.write"];

/** Whether somebody works where there may be no reception. */
export function goesOut(me: Me): boolean {
  return FIELD.some((permission) => me.permissions.includes(permission));
}

async function sealOf(me: Me): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!me.account) return null;
  const { key } = await got(api.GET("/api/me/seal", { signal: AbortSignal.timeout(ANSWER_MS) }));
  return Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
}

let turn: Promise<unknown> = Promise.resolve();

/** One after the other: a log-in never meets the end of the log-out before it. */
function inTurn<Out>(deed: () => Promise<Out>): Promise<Out> {
  const done = turn.then(deed);
  turn = done.catch(() => undefined);
  return done;
}

/** When what has been begun is over: what comes sooner than the device's key would be kept by nobody. */
export async function deviceSettled(): Promise<void> {
  await turn;
}

/** The device is ready for what `me` will write, begun after `calm`. Throws what the city or the browser says. */
export function openDevice(me: Me, calm?: Promise<void>): Promise<void> {
  be(me.account); // what the device keeps of theirs can be read before it is ready
  return inTurn(async () => {
    await calm;
    if ((await owner()) !== me.account) {
      const seal = await sealOf(me);
      await own(me.account, seal);
      void navigator.storage?.persist?.();
    }
    be(me.account);
    await keepDay("me", { me, real: Date.now() } satisfies Kept);
    await load();
  });
}

/** Who was logged in here within a day, by the city's clock as it must be now. */
export async function keptMe(): Promise<Me | null> {
  try {
    be(await owner());
    const kept = await keptDay<Kept>("me");
    if (!kept) return null;
    await load();
    const { me, real } = kept.value;
    return { ...me, now: new Date(Date.parse(me.now) + (Date.now() - real) * me.speed).toISOString() };
  } catch {
    return null; // a browser that keeps nothing
  }
}

/** Closes the device. True: something unsent lies sealed on it. */
export function closeDevice(): Promise<boolean> {
  return inTurn(async () => {
    try {
      await forget();
      await disown();
      be(undefined);
      return await anyWork();
    } catch {
      return false; // a browser that keeps nothing
    }
  });
}

onLost(() => void closeDevice());

/** A log-out is owed to the city from now on, whatever becomes of the line or of this window. */
export function oweLeave(): void {
  remember("leaving", "yes");
}

let saying: Promise<boolean> | undefined;

async function sayLeave(): Promise<boolean> {
  const sealed = await anyWork().catch(() => false);
  try {
    await got(api.DELETE("/api/session", { params: { query: { sealed } }, signal: AbortSignal.timeout(ANSWER_MS) }));
  } catch (error) {
    if (asFault(error).status !== 401) return true;
  }
  arrivedAnew();
  return true;
}

/** Says a log-out that the city has not heard yet. True: nobody is logged in here, whatever the cookie says. */
export async function stillLeaving(): Promise<boolean> {
  if (recall("leaving") !== "yes") return false;
  saying ??= sayLeave().finally(() => (saying = undefined));
  return saying;
}

/** Nothing is owed to the city: it has heard, or somebody has logged in anew. */
export function arrivedAnew(): void {
  remember("leaving", "no");
}
