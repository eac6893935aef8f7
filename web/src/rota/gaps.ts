// Gaps as people mend them: those of one role and time, in however many quarters, are one.
import type { components } from "../schema";

type Schemas = components["schemas"];
export type Gap = Schemas["GapOut"];

export interface Hole {
  key: string;
  gap: Gap;
  /** Every area with this gap. */
  areas: Gap[];
  /** From the first day to the last: no cover closes it. */
  always: boolean;
}

export function holes({ gaps, start, end }: Schemas["RotaOut"]): Hole[] {
  const found = new Map<string, Hole>();
  for (const gap of gaps) {
    const key = `${gap.role} ${gap.start} ${gap.end}`;
    const known = found.get(key);
    if (known) known.areas.push(gap);
    else found.set(key, { key, gap, areas: [gap], always: gap.start <= start && gap.end >= end });
  }
  return [...found.values()].sort((one, other) => one.gap.start.localeCompare(other.gap.start));
}

/** Who is known to be away without a stand-in in this gap; "": that cannot be told. */
export function missing(gap: Gap, rota: Schemas["RotaOut"]): string {
  const of = new Map(rota.members.map((one) => [one.id, one]));
  return (
    rota.covers.find((cover) => {
      const who = of.get(cover.member);
      return cover.by === null && cover.start < gap.end && cover.end > gap.start && who?.role === gap.role
        && (who.area === "" || gap.area === who.area || gap.area.startsWith(`${who.area}/`));
    })?.member ?? ""
  );
}
