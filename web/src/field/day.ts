// The day's visits and tasks: as the city has them, or as this device took them along.
import { useQuery } from "@tanstack/react-query";
import { api, asFault, got } from "../api";
import { keepDay, keptDay } from "../offline/store";
import type { components } from "../schema";

export type DayVisit = components["schemas"]["DayVisit"];
export type Visit = components["schemas"]["VisitWithForms"];
export type Version = components["schemas"]["VersionOut"];
export type DoorCard = components["schemas"]["Door"];
export type DayTask = components["schemas"]["DayTask"];
export type Visits = components["schemas"]["Visits"];
export type Tasks = components["schemas"]["Tasks"];

export interface Day<Out> {
  value: Out;
  /** When it was fetched, in real milliseconds; null: just now. */
  kept: number | null;
}

const EVERY_MS = 120_000;

async function fetched<Out>(name: string, ask: () => Promise<Out>): Promise<Day<Out>> {
  try {
    const value = await ask();
    await keepDay(name, value).catch(() => undefined);
    return { value, kept: null };
  } catch (error) {
    const kept = asFault(error).passing ? await keptDay<Out>(name).catch(() => undefined) : undefined;
    if (!kept) throw error;
    return { value: kept.value, kept: kept.at };
  }
}

export function useDayVisits() {
  return useQuery({
    queryKey: ["day", "visits"],
    queryFn: () => fetched<Visits>("visits", () => got(api.GET("/api/care/day/visits"))),
    refetchInterval: EVERY_MS,
    retry: false,
  });
}

export function useDayTasks() {
  return useQuery({
    queryKey: ["day", "tasks"],
    queryFn: () => fetched<Tasks>("tasks", () => got(api.GET("/api/care/day/tasks"))),
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
    retry: false,
  });
}
