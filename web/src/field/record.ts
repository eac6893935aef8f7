// A worker's record of a task: begun, ended and kept on the telephone until the city has it.
import { fresh, type Piece, type RecordSaid } from "../offline/work";
import type { DayTask } from "./day";
import type { Standing } from "./parts";
import { nowSaid } from "./visit";

export type RecordPiece = Extract<Piece, { kind: "record" }>;

export interface Written {
  draft: RecordPiece | undefined;
  waiting: RecordPiece | undefined;
  refused: RecordPiece | undefined;
}

export function written(pieces: readonly Piece[], task: number): Written {
  const mine = pieces.filter((one): one is RecordPiece => one.kind === "record" && one.said.task === task);
  const of = (state: Piece["state"]) => mine.findLast((one) => one.state === state);
  return { draft: of("draft"), waiting: of("waiting"), refused: of("refused") };
}

export function recordStands({ draft, waiting, refused }: Written, task: DayTask): Standing | null {
  if (refused) return "refused";
  if (draft) return "draft";
  if (waiting) return "waiting";
  return task.state === "done" ? "sent" : null;
}

export function begin(task: DayTask): RecordPiece {
  const said: RecordSaid = { task: task.id, start: nowSaid(), end: null, outcome: null, units: Math.min(task.units, task.most), note: "", worry: "" };
  return { id: fresh(), kind: "record", target: String(task.id), name: task.door.name, at: Date.now(), state: "draft", said };
}

export function ended(draft: RecordPiece): RecordPiece {
  const start = draft.said.start ?? nowSaid();
  const end = draft.said.end ?? nowSaid();
  // A record has a beginning before its end, also where nobody opened.
  const first = Date.parse(start) < Date.parse(end) ? start : new Date(Date.parse(end) - 60_000).toISOString();
  return { ...draft, state: "waiting", at: Date.now(), said: { ...draft.said, start: first, end } };
}
