// Names for what the API speaks of, as docs/openapi.json has it; and, in its own form, routes that it does not hold yet.
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type Board = Schemas["Board"];
export type Card = Schemas["Card"];
export type CaseConsole = Schemas["CaseConsole"];
export type ResidentCard = Schemas["ResidentCard"];
export type Step = Schemas["Step"];
export type Verb = CaseConsole["acts"][number];
export type HomeDay = Schemas["HomeDay"];
export type Room = Schemas["Room"];
export type Stretch = Schemas["Stretch"];

type Given<Out> = { responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Out } } } };
type Asked<In> = [In] extends [never] ? { requestBody?: never } : { requestBody: { content: { "application/json": In } } };

/** An operation of a path: `"/api/things/{id}": { parameters: {}; put: Op<ThingOut, ThingIn, { id: string }> }`. */
export type Op<Out, In = never, Path = never, Query = never> = Given<Out> &
  Asked<In> & {
    parameters: { header?: never; cookie?: never } & ([Path] extends [never] ? { path?: never } : { path: Path }) &
      ([Query] extends [never] ? { query?: never } : { query?: Query });
  };

interface Nothing {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
}

/** A home or a person that is lent to somebody for a while. */
export interface Grant {
  id: number;
  account: string;
  name: string;
  kind: "home" | "person";
  object: string;
  area: string;
  reason: string;
  start: string;
  end: string;
  seen_by: string | null;
  seen_at: string | null;
}

/** One record of the audit. */
export interface AuditRecord {
  id: number;
  at: string;
  account: string;
  name: string | null;
  role: string;
  action: string;
  kind: string;
  object: string;
  about: string;
  request: string;
  reason: string;
  hash: string;
}

/** What one account did in a month. */
export interface AuditUse {
  account: string;
  name: string | null;
  role: string;
  action: string;
  times: number;
  about: number;
}

/** The paths, joined with those of the schema. */
export interface Pending {
  "/api/grants": Nothing & {
    get: Op<Grant[], never, never, { seen?: boolean; before?: number }>;
    post: Op<Grant, { kind: "home" | "person"; object: string; reason: string; hours: number }>;
  };
  "/api/me/grants": Nothing & { get: Op<Grant[]> };
  "/api/grants/{id}/seen": Nothing & { post: Op<Grant, never, { id: number }> };
  "/api/grants/{id}": Nothing & { delete: Op<Grant, never, { id: number }> };
  "/api/audit": Nothing & {
    get: Op<AuditRecord[], never, never, { about?: string; account?: string; action?: string; before?: number; limit?: number }>;
  };
  "/api/audit/report": Nothing & { get: Op<AuditUse[], never, never, { month: string }> };
  "/api/audit/verify": Nothing & { get: Op<{ records: number; head: string; broken: number | null }> };
}
