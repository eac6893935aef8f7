// Between the wall clocks of the city and instants: forms ask for the first, the API wants the second.
import { timezone } from "../time";

/** The city's wall clock at an instant, as an `<input type="datetime-local">` has it: 2026-11-21T14:05. */
export function wall(at: number, zone = timezone()): string {
  const text = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(at);
  return text.replace(" ", "T").slice(0, 16);
}

/** The instant at which the city's clocks show `text`; NaN for what is no time. Where they show it twice, the first. */
export function instant(text: string, zone = timezone()): number {
  const naive = Date.parse(`${text}Z`);
  if (Number.isNaN(naive)) return NaN;
  const off = (at: number) => Date.parse(`${wall(at, zone)}Z`) - at + (at % 60_000);
  const first = naive - off(naive);
  return naive - off(first);
}

/** So many days from `now`, at that hour of the city's clocks. */
export function dayAt(now: number, days: number, hour: string): number {
  const day = wall(now).slice(0, 10);
  const later = new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
  return instant(`${later}T${hour}`);
}
