// Between the browser's date-and-time fields and the city's clock, in whichever zone the tablet itself believes to be.
import { timezone } from "../time";

/** "2026-11-23T14:05" of the city, as such a field wants it. */
export function toField(at: number | string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: timezone(), year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }).format(new Date(at));
  return parts.replace(" ", "T");
}

/** What such a field says, as a moment; null: it says none. */
export function fromField(said: string): string | null {
  const asUtc = Date.parse(`${said}:00Z`);
  if (!said || Number.isNaN(asUtc)) return null;
  // The zone's distance at that hour: where the same figures stand on its clock.
  const there = Date.parse(`${toField(asUtc)}:00Z`);
  return new Date(asUtc - (there - asUtc)).toISOString();
}
