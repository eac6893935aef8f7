// Routes that docs/openapi.json does not hold yet, in its own form. Each leaves this file when it is there.
import type { components } from "./schema";
import type { Word } from "./words/word";

type Sentence = Word;
type CaseOut = components["schemas"]["CaseOut"];
type Entry = components["schemas"]["Entry"];

type Given<Out> = { responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Out } } } };
type Asked<In> = [In] extends [never] ? { requestBody?: never } : { requestBody: { content: { "application/json": In } } };
type Op<Out, In = never, Path = never, Query = never> = Given<Out> &
  Asked<In> & {
    parameters: { header?: never; cookie?: never } & ([Path] extends [never] ? { path?: never } : { path: Path }) &
      ([Query] extends [never] ? { query?: never } : { query?: Query });
  };

export interface Area extends Sentence {
  code: string;
}

/** Who is logged in. */
export interface Me {
  account: string;
  name: string;
  role: string;
  language: string;
  member: string | null;
  provider: string | null;
  areas: Area[];
  homes: string[];
  permissions: string[];
  now: string;
  speed: number;
  timezone: string;
  push_key: string | null;
}

/** How one may log in here. */
export interface Ways {
  password: boolean;
  passkey: boolean;
  oidc: string | null;
  needed: boolean;
}

export interface Card extends CaseOut {
  name: string | null;
  place: Sentence;
  person: string | null;
  reasons: Sentence[];
  unproved: string[];
  exercise: boolean;
  episode: number | null;
}

export interface Unheard {
  home: string;
  name: string;
  place: Sentence;
  since: string | null;
}

export interface Board {
  line: number;
  now: string;
  total: number;
  cards: Card[];
  unheard: Unheard[];
  unheard_total: number;
  unproved: number;
}

export interface Step extends Entry {
  kind: "signal" | "ask" | "answer" | "call" | "delivery" | "person" | "note" | "city";
}

export interface SignalOut {
  at: string;
  concern: string;
  name: Sentence;
  sense: string;
  source: string;
  evidence: Sentence[];
}

export interface DeliveryOut {
  id: number;
  member: string | null;
  name: Sentence | null;
  channel: string;
  purpose: string;
  state: "queued" | "accepted" | "delivered" | "seen" | "acknowledged" | "failed" | "dropped";
  attempts: number;
  created_at: string;
  accepted_at: string | null;
  delivered_at: string | null;
  seen_at: string | null;
  error: string | null;
}

export interface Named extends Sentence {
  code: string;
}

export interface ResidentCard {
  home: string | null;
  person: string;
  name: string;
  place: Sentence;
  risk: string;
  residents: number | null;
  wandering: boolean;
  language: Named;
  address: string | null;
  key_safe: string | null;
  phone: string | null;
  contacts: string[];
  birth_year: number | null;
  gender: Named | null;
  health: string | null;
  disability: Named | null;
  challenges: Named[];
  pets: boolean | null;
  hidden: string[];
  hand_over: Sentence;
}

export type Verb = "ack" | "arrive" | "release" | "close" | "note";

export interface CaseConsole {
  line: number;
  now: string;
  card: Card;
  timeline: Step[];
  signals: SignalOut[];
  deliveries: DeliveryOut[];
  members: { id: string; name: string; role: string }[];
  resident: ResidentCard | null;
  acts: Verb[];
  needs_contact: boolean;
  hold_s: number;
}

export interface RoomDay {
  room: string;
  active: { start: string; end: string }[];
  usual: number[];
}

export interface Day {
  start: string;
  end: string;
  rooms: RoomDay[];
  absent: { start: string; end: string }[];
  unheard: { start: string; end: string }[];
  usual_days: number;
  next_alarm: string | null;
}

export interface Options {
  id: string;
  options: unknown;
}

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  used_at: string | null;
}

export interface SessionOut {
  id: string;
  created_at: string;
  seen_at: string;
  agent: string;
  current: boolean;
}

interface Nothing {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
}

interface Id {
  id: number | string;
}

/** The paths, to be joined with those of the schema. */
export interface Pending {
  "/api/session": Nothing & {
    get: Op<Me>;
    post: Op<Me, { login: string; password: string }>;
    delete: Op<undefined>;
  };
  "/api/session/ways": Nothing & { get: Op<Ways> };
  "/api/session/passkey/options": Nothing & { post: Op<Options> };
  "/api/session/passkey": Nothing & { post: Op<Me, { id: string; credential: unknown }> };
  "/api/me/passkeys": Nothing & { get: Op<Passkey[]>; post: Op<Passkey, { id: string; credential: unknown; name: string }> };
  "/api/me/passkeys/options": Nothing & { post: Op<Options> };
  "/api/me/passkeys/{id}": Nothing & { delete: Op<undefined, never, Id> };
  "/api/me/password": Nothing & { post: Op<undefined, { old: string; new: string }> };
  "/api/me/sessions": Nothing & { get: Op<SessionOut[]>; delete: Op<undefined> };
  "/api/me/sessions/{id}": Nothing & { delete: Op<undefined, never, Id> };
  "/api/me/push": Nothing & {
    put: Op<undefined, { endpoint: string; keys: { p256dh: string; auth: string } }>;
    delete: Op<undefined>;
  };
  "/api/board": Nothing & { get: Op<Board, never, never, { state?: "open" | "closed" }> };
  "/api/cases/{id}/console": Nothing & { get: Op<CaseConsole, never, Id> };
  "/api/homes/{id}/day": Nothing & { get: Op<Day, never, Id> };
}
