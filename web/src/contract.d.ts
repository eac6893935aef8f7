// Routes that docs/openapi.json does not hold yet, in its own form. Each leaves this file when it is there.
import type { components } from "./schema";
import type { Word } from "./words/word";

type Sentence = Word;

type Given<Out> = { responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Out } } } };
type Asked<In> = [In] extends [never] ? { requestBody?: never } : { requestBody: { content: { "application/json": In } } };
type Op<Out, In = never, Path = never, Query = never> = Given<Out> &
  Asked<In> & {
    parameters: { header?: never; cookie?: never } & ([Path] extends [never] ? { path?: never } : { path: Path }) &
      ([Query] extends [never] ? { query?: never } : { query?: Query });
  };

type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type Board = Schemas["Board"];
export type Card = Schemas["Card"];
export type CaseConsole = Schemas["CaseConsole"];
export type ResidentCard = Schemas["ResidentCard"];
export type Step = Schemas["Step"];
export type Verb = CaseConsole["acts"][number];

export interface Stretch {
  start: string;
  end: string;
}

export interface Room {
  room: string;
  name: Sentence;
  at: string[];
  usual: number[];
}

export interface HomeDay {
  home: string;
  since: string;
  until: string;
  timezone: string;
  rooms: Room[];
  usual: number[];
  days: number;
  unheard: Stretch[];
  absent: Stretch[];
  door: Stretch[];
  last_act: string | null;
  next_alarm: string | null;
  next_alarm_as_of: string | null;
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

interface Nothing {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
}

interface Id {
  id: number | string;
}

/** The paths, to be joined with those of the schema. */
export interface Pending {
  "/api/session/passkey/options": Nothing & { post: Op<Options> };
  "/api/session/passkey": Nothing & { post: Op<Me, { id: string; credential: unknown }> };
  "/api/me/passkeys": Nothing & { get: Op<Passkey[]>; post: Op<Passkey, { id: string; credential: unknown; name: string }> };
  "/api/me/passkeys/options": Nothing & { post: Op<Options> };
  "/api/me/passkeys/{id}": Nothing & { delete: Op<undefined, never, Id> };
  "/api/homes/{id}/day": Nothing & { get: Op<HomeDay, never, { id: string }> };
}
