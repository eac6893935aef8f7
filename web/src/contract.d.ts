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
export type Grant = Schemas["GrantOut"];
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

/** The paths, joined with those of the schema. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Pending {}
