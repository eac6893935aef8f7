// The day's visits and tasks: as the city has them, or as this device took them along.
import { useQuery } from "@tanstack/react-query";
import { api, asFault, got } from "../api";
import { deviceSettled } from "../offline/session";
import { keepDay, keptDay } from "../offline/store";
import { theDesk } from "../offline/work";
import type { components } from "../schema";

export type DayVisit = components["schemas"]["DayVisit"];
export type Visit = components["schemas"]["VisitWithForms"];
export type Version = components["schemas"]["VersionOut"];
export type DoorCard = components["schemas"]["Door"];
export type DayTask = components["schemas"]["DayTask"];
type VisitsOut = components["schemas"]["Visits"];
type TasksOut = components["schemas"]["Tasks"];
export type Visits = Omit<VisitsOut, "visits"> & { visits: Aged<DayVisit>[] };
export type Tasks = Omit<TasksOut, "tasks"> & { tasks: Aged<DayTask>[] };

export interface Day<Out> {
  value: Out;
  /** When it was fetched, in real milliseconds; null: just now. */
  kept: number | null;
}

const EVERY_MS = 120_000;

/** What is a colleague's by now stays while something is written about it here; `aged`: as it was fetched before. */
export type Aged<One> = One & { aged?: true };

function carried<One extends { id: string | number }>(before: Aged<One>[], now: One[]): Aged<One>[] {
  const known = new Set(now.map((one) => one.id));
  const written = new Set(theDesk().pieces.map((piece) => piece.target));
  const left = before.filter((one) => !known.has(one.id) && written.has(String(one.id)));
  return [...now, ...left.map((one) => ({ ...one, aged: true as const }))];
}

async function fetched<Out>(name: string, ask: (before: Out | undefined) => Promise<Out>): Promise<Day<Out>> {
  const kept = await keptDay<Out>(name).catch(() => undefined);
  try {
    const value = await ask(kept?.value);
    await deviceSettled();
    await keepDay(name, value).catch(() => undefined);
    return { value, kept: null };
  } catch (error) {
    if (!kept || !asFault(error).passing) throw error;
    return { value: kept.value, kept: kept.at };
  }
}

export function useDayVisits() {
  return useQuery({
    queryKey: ["day", "visits"],
    queryFn: () =>
      fetched<Visits>("visits", async (before) => {
        const now = await got(api.GET("/api/care/day/visits"));
        return { ...now, visits: carried(before?.visits ?? [], now.visits) };
      }),
    refetchInterval: EVERY_MS,
    retry: false,
  });
}

export function useDayTasks() {
  return useQuery({
    queryKey: ["day", "tasks"],
    queryFn: () =>
      fetched<Tasks>("tasks", async (before) => {
        const now = await got(api.GET("/api/care/day/tasks"));
        return { ...now, tasks: carried(before?.tasks ?? [], now.tasks) };
      }),
    refetchInterval: EVERY_MS,
    retry: false,
  });
}

/** A visit that is not of the day. */
export function useVisit(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["visit", id],
    queryFn: () => got(api.GET("/api/care/visits/{id}", { params: { path: { id } } })),
    enabled,
    refetchInterval: EVERY_MS / 2,
    retry: false,
  });
}
