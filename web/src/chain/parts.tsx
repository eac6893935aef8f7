// Small parts of the care chain's pages: money, deadlines, the track of stages, pages of lists, areas to choose from.
import { useState, type ReactNode } from "react";
import "../style/chain.css";
import { useLanguage, useSay } from "../language";
import { dayName, useNow, useWhen, when } from "../time";
import { Button, Select } from "../ui";
import { common } from "../words/common";
import { chain } from "../words/chain";
import { stages } from "../words/chain_codes";
import { named } from "../words/city";
import { useAreas } from "./names";
import type { Line, Stage } from "./shapes";

export const PAGE = 50;
export const STAGES: Stage[] = ["intake", "assessment", "plan", "linkage", "evaluation"];

export function grouped(amount: number): string {
  return amount.toLocaleString("en-US");
}

/** An amount of won, with separators. */
export function Won({ of }: { of: number }) {
  const t = useSay();
  return <span className="number">{t(chain.won, { amount: grouped(of) })}</span>;
}

/** A deadline; one that has passed is said in a word and a sign, not by colour alone. */
export function DueAt({ at }: { at: string | null }) {
  const t = useSay();
  const said = useWhen();
  const now = useNow(60_000);
  if (at === null) return <span className="soft">{t(common.none)}</span>;
  const late = Date.parse(at) < now;
  return (
    <time dateTime={at} className={late ? "late" : undefined}>
      {late ? `▲ ${t(chain.late)} · ` : ""}
      {said(at)}
    </time>
  );
}

/** A moment to read, with its day. */
export function At({ at }: { at: string }) {
  const { language } = useLanguage();
  const now = useNow(60_000);
  return <time dateTime={at}>{when(at, language, now)}</time>;
}

/** From one day to another. */
export function Days({ start, end }: { start: string; end: string }) {
  const { language } = useLanguage();
  return <span>{`${dayName(start, language)} – ${dayName(end, language)}`}</span>;
}

/** Where an episode stands, of five stages. */
export function Track({ stage }: { stage: Stage }) {
  const t = useSay();
  const here = stage === "closed" ? STAGES.length : STAGES.indexOf(stage);
  return (
    <ol className="track" aria-label={t(chain.track)}>
      {STAGES.map((each, place) => (
        <li key={each} aria-current={place === here ? "step" : undefined} className={place < here ? "past" : undefined}>
          <span aria-hidden="true">{place < here ? "✓" : place + 1}</span> {t(named(stages, each))}
          {place < here ? <span className="unseen">{t(chain.stage_done)}</span> : null}
        </li>
      ))}
    </ol>
  );
}

/** A list's place: `query` asks for one row more than it shows, so that it knows whether there are more. */
export function usePaging() {
  const [offset, setOffset] = useState(0);
  return { offset, query: { limit: PAGE + 1, offset }, turn: setOffset, first: () => setOffset(0) };
}

export function Pages({ of, offset, turn }: { of: number; offset: number; turn: (offset: number) => void }) {
  const t = useSay();
  if (offset === 0 && of <= PAGE) return null;
  return (
    <nav className="row pages" aria-label={t(chain.pages)}>
      {offset > 0 ? <Button onClick={() => turn(Math.max(0, offset - PAGE))}>{t(chain.newer)}</Button> : null}
      <span>{t(chain.shown, { from: offset + 1, to: offset + Math.min(of, PAGE) })}</span>
      {of > PAGE ? <Button onClick={() => turn(offset + PAGE)}>{t(chain.older)}</Button> : null}
    </nav>
  );
}

interface AreaProps {
  value: string;
  onPick: (area: string) => void;
  label?: string;
  /** What stands for all that one reaches; without it one must choose. */
  everywhere?: string;
  only?: (code: string) => boolean;
  required?: boolean;
  wrong?: string | null;
}

/** An area among those that one reaches. */
export function AreaSelect({ value, onPick, label, everywhere, only, required, wrong }: AreaProps) {
  const t = useSay();
  const { areas } = useAreas();
  const names = new Map(areas.map((area) => [area.code, t(area.name)]));
  const choices = areas.filter((area) => only === undefined || only(area.code)).map((area) => {
    const gu = names.get(area.code.split("/").slice(0, 2).join("/"));
    const steps = area.code.split("/").length;
    return { value: area.code, label: steps === 3 && gu ? `${gu} ${t(area.name)}` : t(area.name) };
  });
  return (
    <Select
      label={label ?? t(chain.area)}
      empty={everywhere ?? t(chain.choose)}
      choices={choices}
      value={value}
      required={required}
      wrong={wrong}
      onChange={(event) => onPick(event.target.value)}
    />
  );
}

/** What has happened, the newest first. */
export function History({ lines, members }: { lines: Line[]; members: Record<string, string> }) {
  const t = useSay();
  const said = useWhen();
  return (
    <details className="panel" data-testid="history">
      <summary>{t(chain.history)}</summary>
      <ol className="plain">
        {lines.toReversed().map((line, place) => (
          <li key={place}>
            {t(line.what)}
            <br />
            <small className="soft">{`${said(line.at)} · ${members[line.who] ?? line.who}`}</small>
          </li>
        ))}
      </ol>
    </details>
  );
}

export function Lines({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl>
      {of.map(([name, value]) => (
        <div className="line" key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
