// The coming days, each with who is away, who stands in, and when nobody can be called.
import { useLanguage, useSay } from "../language";
import type { components } from "../schema";
import { dayName, hourTime, isoDay } from "../time";
import { dayAt } from "../home/wall";
import { rota as words } from "../words/rota";
import type { Hole } from "./gaps";

type Rota = components["schemas"]["RotaOut"];

function weekday(day: string): number {
  return (new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7;
}

export function Days({ of, holes }: { of: Rota; holes: Hole[] }) {
  const t = useSay();
  const { language } = useLanguage();
  const begin = Date.parse(of.start);
  const count = Math.round((Date.parse(of.end) - begin) / 86_400_000);
  const days = Array.from({ length: count }, (_, index) => {
    const from = dayAt(begin, index, "00:00");
    const to = dayAt(begin, index + 1, "00:00");
    const on = <One extends { start: string; end: string }>(one: One) => Date.parse(one.start) < to && Date.parse(one.end) > from;
    return { from, to, covers: of.covers.filter(on), holes: holes.filter((hole) => on(hole.gap)) };
  });
  const hours = (start: string, end: string, from: number, to: number) => {
    const [first, last] = [Math.max(Date.parse(start), from), Math.min(Date.parse(end), to)];
    return first === from && last === to ? "" : `${hourTime(first, language)}–${last === to ? "24:00" : hourTime(last, language)} `;
  };
  return (
    <ol className="month" data-testid="month">
      {days.map((day, index) => (
        <li
          key={day.from}
          data-day={isoDay(day.from)}
          data-gaps={day.holes.length}
          className={day.covers.length + day.holes.length === 0 ? "still" : day.holes.length ? "hole" : undefined}
          style={index === 0 ? { gridColumnStart: weekday(isoDay(day.from)) + 1 } : undefined}
        >
          <h3>{dayName(day.from, language)}</h3>
          {day.holes.map((hole) => (
            <p key={hole.key} className="tone bad">
              <span aria-hidden="true">▲</span> {hours(hole.gap.start, hole.gap.end, day.from, day.to)}
              {t(words.gap_on, { role: t(hole.gap.role_name), place: hole.areas.length > 1 ? t(words.places_more, { place: t(hole.gap.place), count: hole.areas.length - 1 }) : t(hole.gap.place) })}
            </p>
          ))}
          {day.covers.map((cover) => (
            <p key={cover.id}>
              {hours(cover.start, cover.end, day.from, day.to)}
              {cover.by_name ? t(words.covered, { name: cover.name, by: cover.by_name }) : t(words.away, { name: cover.name })}
            </p>
          ))}
          {day.covers.length + day.holes.length === 0 ? <p className="soft small">{t(words.nothing)}</p> : null}
        </li>
      ))}
    </ol>
  );
}
