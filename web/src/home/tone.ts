// How well a home is being watched: one rule for the list of homes and for the home's own page.

export type Tone = "good" | "warn" | "bad";

interface Standing {
  /** Null: nobody listens there. */
  heard: boolean | null;
  /** Null: the gateway does not say whether its devices work. */
  commissioned: boolean | null;
  /** Somebody has said that nobody is at home: silence alarms nobody. */
  away: boolean;
}

export function toneOf({ heard, commissioned, away }: Standing): Tone {
  if (heard === false) return "bad";
  return heard && commissioned && !away ? "good" : "warn";
}
