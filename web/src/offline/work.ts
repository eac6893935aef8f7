// What somebody has written in the field and the city does not have yet: kept at each keystroke, sent until it is there.
import { api, asFault, got } from "../api";
import type { components } from "../schema";
import type { Word } from "../words/word";
import { allWork, anyWork, dropWork, keepWork } from "./store";

type FormIn = components["schemas"]["FormIn"];
type FoundIn = components["schemas"]["api__visits__RecordIn"];
type RecordIn = components["schemas"]["api__work__RecordIn"];
export type Outcome = FormIn["outcome"];
export type Done = RecordIn["outcome"];

export interface VisitSaid {
  base: number;
  started_at: string | null;
  arrived_at: string | null;
  finished_at: string | null;
  outcome: Outcome | null;
  record: Required<FoundIn>;
}

export interface RecordSaid {
  task: number;
  start: string | null;
  end: string | null;
  outcome: Done | null;
  units: number;
  note: string;
  worry: string;
}

export interface StepSaid {
  verb: "start" | "arrive";
  at: string;
}

interface About {
  /** Made on this device: whoever sends it twice sends one thing. */
  id: string;
  /** The visit or the task. */
  target: string;
  /** Whom it is about. */
  name: string;
  /** When it was begun, in real milliseconds. */
  at: number;
  /** draft -> waiting -> gone once the city has it | refused, which somebody must look at. */
  state: "draft" | "waiting" | "refused";
  /** Why the city does not take it. */
  why?: Word;
}

export type Piece = About & ({ kind: "visit"; said: VisitSaid } | { kind: "record"; said: RecordSaid } | { kind: "step"; said: StepSaid });
export type Kind = Piece["kind"];

export interface Desk {
  pieces: readonly Piece[];
  /** Sealed here by others. */
  others: number;
  /** Being sent now. */
  busy: boolean;
  /** The last try did not reach the city. */
  away: boolean;
  /** Something could not be written to the device. */
  unkept: boolean;
  /** The device has its owner's keys. */
  ready: boolean;
}

const ANSWER_MS = 20_000;
const NOTHING: Desk = { pieces: [], others: 0, busy: false, away: false, unkept: false, ready: false };
let desk: Desk = NOTHING;
const watching = new Set<() => void>();
const arrived = new Set<(piece: Piece) => void>();
let writing: Promise<void> = Promise.resolve();
/** What is in this window and not on the device yet. */
const unkept = new Map<string, Piece>();
const windows = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("anbu.work");

function change(part: Partial<Desk>): void {
  desk = { ...desk, ...part };
  for (const hear of watching) hear();
}

export function watchDesk(hear: () => void): () => void {
  watching.add(hear);
  return () => watching.delete(hear);
}

export function theDesk(): Desk {
  return desk;
}

/** Calls `hear` when the city has taken something. */
export function onArrived(hear: (piece: Piece) => void): () => void {
  arrived.add(hear);
  return () => arrived.delete(hear);
}

/** Writes follow one another, so that the last word stays. */
function write(deed: () => Promise<void>): Promise<void> {
  writing = writing.then(deed).then(
    () => {
      if (desk.unkept && unkept.size === 0) change({ unkept: false });
      windows?.postMessage("changed");
    },
    () => change({ unkept: true }),
  );
  return writing;
}

function put(piece: Piece): Promise<void> {
  unkept.set(piece.id, piece);
  return write(async () => {
    await keepWork(piece.id, piece);
    if (unkept.get(piece.id) === piece) unkept.delete(piece.id);
  });
}

/** Keep it on the device; resolves when it is there. */
export function keep(piece: Piece): Promise<void> {
  change({ pieces: [...desk.pieces.filter((one) => one.id !== piece.id), piece] });
  return put(piece);
}

/** It is sent, or its writer wants it no more. */
export function drop(id: string): Promise<void> {
  unkept.delete(id);
  change({ pieces: desk.pieces.filter((one) => one.id !== id) });
  return write(() => dropWork(id));
}

/** Everything that lies here, read anew. */
export async function load(): Promise<void> {
  await writing;
  const found = await allWork<Piece>();
  const pieces = [...found.mine.filter((one) => !unkept.has(one.id)), ...unkept.values()];
  change({ pieces: pieces.toSorted((one, other) => one.at - other.at), others: found.others, ready: true });
  for (const piece of unkept.values()) void put(piece);
}

/** After a log-out: nothing of it stays in this window. */
export async function forget(): Promise<void> {
  await writing;
  unkept.clear();
  change(NOTHING);
}

windows?.addEventListener("message", () => void load().catch(() => undefined));
addEventListener("beforeunload", (event) => {
  if (unkept.size) event.preventDefault();
});

export { anyWork };

export function fresh(): string {
  return crypto.randomUUID();
}

// --- sending

function waiting(): Piece[] {
  return desk.pieces.filter((one) => one.state === "waiting").toSorted((one, other) => one.at - other.at);
}

async function carry(piece: Piece): Promise<void> {
  // A line that swallows is no line; what is sent twice is one thing.
  const signal = AbortSignal.timeout(ANSWER_MS);
  switch (piece.kind) {
    case "visit": {
      const { started_at, arrived_at, finished_at, outcome, base, record } = piece.said;
      if (!started_at || !arrived_at || !finished_at || !outcome) throw new Error("unfinished");
      const body = { base, outcome, started_at, arrived_at, finished_at, record, by: "" };
      await got(api.PUT("/api/care/visits/{id}/forms/{form}", { params: { path: { id: piece.target, form: piece.id } }, body, signal }));
      return;
    }
    case "record": {
      const { task, start, end, outcome, units, note, worry } = piece.said;
      if (!start || !end || !outcome) throw new Error("unfinished");
      const body = { task, start, end, outcome, units: outcome === "done" ? units : 0, note, worry: worry || null, worker: "" };
      await got(api.PUT("/api/care/records/{id}", { params: { path: { id: piece.id } }, body, signal }));
      return;
    }
    case "step": {
      const params = { path: { id: piece.target, verb: piece.said.verb }, header: { "idempotency-key": piece.id } };
      await got(api.POST("/api/care/visits/{id}/{verb}", { params, body: { at: piece.said.at, by: "" }, signal }));
    }
  }
}

/** Sends what waits, in its order. True: nothing waits any more. */
async function round(): Promise<boolean> {
  await load();
  for (const piece of waiting()) {
    try {
      await carry(piece);
    } catch (error) {
      const fault = asFault(error);
      if (fault.passing || fault.status === 401) {
        change({ away: fault.passing });
        return false;
      }
      // A step's own words are in the form as well.
      if (piece.kind === "step") await drop(piece.id);
      else await keep({ ...piece, state: "refused", why: { ko: fault.ko, en: fault.en } });
      continue;
    }
    await drop(piece.id);
    change({ away: false });
    for (const hear of arrived) hear(piece);
  }
  return true;
}

let running: Promise<boolean> | undefined;

/** One window at a time sends; whoever asks meanwhile waits for that. */
export function send(): Promise<boolean> {
  if (waiting().length === 0) return Promise.resolve(true);
  running ??= (async () => {
    change({ busy: true });
    try {
      return await navigator.locks.request("anbu.send", round);
    } finally {
      running = undefined;
      change({ busy: false });
    }
  })();
  return running;
}
