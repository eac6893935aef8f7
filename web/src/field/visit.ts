// How a visit stands for whoever holds this tablet: the city's word, and over it what is written here and not sent yet.
import { fresh, keep, type Piece, type VisitSaid } from "../offline/work";
import { cityNow, isoDay } from "../time";
import type { DayVisit, Version, Visit } from "./day";
import type { Standing } from "./parts";

export type VisitPiece = Extract<Piece, { kind: "visit" }>;
const OPEN = new Set(["planned", "started", "arrived"]);

export interface Here {
  draft: VisitPiece | undefined;
  waiting: VisitPiece[];
  refused: VisitPiece[];
}

export function here(pieces: readonly Piece[], id: string): Here {
  const mine = pieces.filter((one): one is VisitPiece => one.kind === "visit" && one.target === id);
  const of = (state: Piece["state"]) => mine.filter((one) => one.state === state);
  return { draft: of("draft").at(-1), waiting: of("waiting"), refused: of("refused") };
}

/** How far the visit has come, with what this tablet knows. */
export function stateOf(visit: Visit, { draft, waiting }: Here): string {
  if (waiting.length) return "finished";
  if (!OPEN.has(visit.state)) return visit.state;
  if (draft?.said.arrived_at) return "arrived";
  return draft?.said.started_at && visit.state === "planned" ? "started" : visit.state;
}

export function standing({ draft, waiting, refused }: Here, visit: Visit): Standing | null {
  if (refused.length) return "refused";
  if (draft) return "draft";
  if (waiting.length) return "waiting";
  return visit.state === "finished" ? "sent" : null;
}

export function nowSaid(): string {
  return new Date(cityNow()).toISOString();
}

export function unsettled(visit: Visit): Version[] {
  return visit.forms.filter((one) => one.conflict && !one.settled);
}

/** A form that nobody has begun: written over what this tablet knows now. */
export function blank(visit: Visit, at: Here): VisitPiece {
  const last = at.waiting.at(-1)?.said;
  const said: VisitSaid = {
    base: visit.version + at.waiting.length,
    started_at: last?.started_at ?? visit.started_at,
    arrived_at: last?.arrived_at ?? visit.arrived_at,
    finished_at: last?.finished_at ?? visit.finished_at,
    outcome: last?.outcome ?? visit.outcome,
    record: last?.record ?? found(visit.record),
  };
  return { id: fresh(), kind: "visit", target: visit.id, name: visit.name, at: Date.now(), state: "draft", said };
}

/** What a record of the city's says, with every field. */
export function found(record: Record<string, unknown> | null | undefined): VisitSaid["record"] {
  const empty: VisitSaid["record"] = {
    well_being: null, mood: null, home_safe: null, food: null, medicine: null, note: "", needs: [],
  };
  return { ...empty, ...record };
}

/** Somebody is on the way, or there: kept here, and told as soon as it can be. */
export async function step(visit: Visit, at: Here, verb: "start" | "arrive"): Promise<void> {
  const now = nowSaid();
  const draft = at.draft ?? blank(visit, at);
  const said: VisitSaid = verb === "start"
    ? { ...draft.said, started_at: now }
    : { ...draft.said, started_at: draft.said.started_at ?? now, arrived_at: now };
  await keep({ ...draft, said });
  await keep({ id: fresh(), kind: "step", target: visit.id, name: visit.name, at: Date.now(), state: "waiting", said: { verb, at: now } });
}

/** A draft that may be sent now: it has every time, in order. */
export function finished(draft: VisitPiece): VisitPiece {
  const now = nowSaid();
  const arrived_at = draft.said.arrived_at ?? now;
  const started_at = draft.said.started_at ?? arrived_at;
  const finished_at = draft.said.finished_at ?? now;
  return { ...draft, state: "waiting", at: Date.now(), said: { ...draft.said, started_at, arrived_at, finished_at } };
}

/** The same words over the newest version: they are to stand. */
export function settling(visit: Visit, at: Here, one: Version): VisitPiece {
  const { outcome, started_at, arrived_at, finished_at } = one;
  const draft = blank(visit, at);
  return { ...draft, state: "waiting", said: { ...draft.said, outcome, started_at, arrived_at, finished_at, record: found(one.record) } };
}

/** What the city did not take, to be written anew over what it has now. */
export function again(visit: Visit, at: Here, refused: VisitPiece): VisitPiece {
  return { ...refused, id: fresh(), state: "draft", at: Date.now(), why: undefined, said: { ...refused.said, base: visit.version + at.waiting.length } };
}

export type View = "today" | "later" | "late" | "office" | "clashes";

/** In which lists a visit stands. */
export function viewsOf(visit: DayVisit, at: Here, now: number): View[] {
  const state = stateOf(visit, at);
  const open = OPEN.has(state);
  const touched = at.draft !== undefined || at.waiting.length > 0 || at.refused.length > 0;
  const views: View[] = [];
  if (unsettled(visit).length) views.push("clashes");
  const late = open && Date.parse(visit.due_at) <= now;
  if (late) views.push("late");
  const today = isoDay(now);
  const soon = late || isoDay(visit.planned_at ?? visit.due_at) <= today || isoDay(visit.due_at) <= today;
  if (visit.mine && open && soon) views.push("today");
  else if (touched || (visit.mine && state === "finished" && !unsettled(visit).length)) views.push("today");
  else if (visit.mine && open) views.push("later");
  else if (open && visit.owner.startsWith("office:")) views.push("office");
  return views;
}
