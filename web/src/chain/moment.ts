// A day and a time on the city's wall clock as the moment that it is, wherever the browser stands.
import { timezone } from "../time";

/** The moment of `day` (2026-11-23) at `time` (14:05) in the city. */
export function moment(day: string, time: string): string {
  const asked = Date.parse(`${day}T${time}:00Z`);
  // Twice, for the hour in which a zone's clock changes.
  let at = asked;
  for (let round = 0; round < 2; round++) at = asked - offset(at);
  return new Date(at).toISOString();
}

export function startOf(day: string): string {
  return moment(day, "00:00");
}

/** How far the city's wall clock is ahead of UTC, in milliseconds. */
function offset(at: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone(), year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(at));
  const of = (kind: string) => parts.find((part) => part.type === kind)?.value ?? "00";
  const wall = Date.parse(`${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}:${of("second")}Z`);
  return wall - Math.floor(at / 1000) * 1000;
}
