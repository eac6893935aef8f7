// A plot of bars, one for each row: drawn by hand, because it needs nothing but rectangles; the table beside it says the same.
import { grouped } from "./parts";

export interface Bar {
  label: string;
  value: number;
}

// As wide as a phone: each name stands above its bar, and stays readable there.
const WIDTH = 330, LINE = 42, BAR = 14, SPACE = 96;
const MOST_LETTERS = 38;

const cut = (text: string) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text);

export function Bars({ title, bars, unit }: { title: string; bars: Bar[]; unit?: (value: number) => string }) {
  const most = Math.max(...bars.map((bar) => bar.value), 0);
  const least = Math.min(...bars.map((bar) => bar.value), 0);
  const span = most - least || 1;
  const room = WIDTH - SPACE;
  const at = (value: number) => ((value - least) / span) * room;
  const said = (value: number) => unit?.(value) ?? grouped(Math.round(value * 10) / 10);
  return (
    <figure className="plot">
      <figcaption className="strong">{title}</figcaption>
      <svg className="chart" viewBox={`0 0 ${WIDTH} ${bars.length * LINE + 6}`} role="img" aria-label={`${title}. ${bars.map((bar) => `${bar.label}: ${said(bar.value)}`).join(", ")}`}>
        {bars.map((bar, place) => {
          const [from, to] = [at(Math.min(bar.value, 0)), at(Math.max(bar.value, 0))];
          return (
            <g key={place} transform={`translate(0 ${place * LINE})`}>
              <text x={0} y={14}>{cut(bar.label)}</text>
              <rect className="bar" x={from} y={20} width={Math.max(to - from, 1)} height={BAR} rx={3} />
              <text x={to + 6} y={20 + BAR - 2}>{said(bar.value)}</text>
            </g>
          );
        })}
        <line className="axis" x1={at(0)} x2={at(0)} y1={0} y2={bars.length * LINE} />
      </svg>
    </figure>
  );
}
