// The homes that nobody watches just now: an empty board says nothing about them.
import { Link } from "wouter";
import type { Board } from "../contract";
import { useLanguage, useSay } from "../language";
import { hourTime, useWhen, when } from "../time";
import { board } from "../words/board";
import { homes } from "../words/homes";
import type { Word } from "../words/word";

interface Away {
  home: string;
  name: string;
  place: Word;
  until: string;
}

/** Homes that are not watched for silence. A city of an older version does not list them. */
function AwayHomes({ of }: { of: Board & { away?: Away[]; away_total?: number } }) {
  const t = useSay();
  const { language } = useLanguage();
  const { away = [], away_total: total = away.length } = of;
  if (total === 0) return null;
  return (
    <details open={total <= 5} data-testid="away-homes">
      <summary>{t(board.away, { count: total })}</summary>
      <ul className="plain">
        {away.map((home) => (
          <li key={home.home}>
            <span aria-hidden="true">◑</span> <Link href={`/homes/${home.home}`}>{home.name}</Link> <span className="soft">{t(home.place)}</span>
            <br />
            <span>{t(homes.absent, { until: when(home.until, language) })}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** `live`: what it says is so now; else it is what was known when the city was last asked, and nothing in it is calm. */
export function Unwatched({ of, live }: { of: Board; live: boolean }) {
  const t = useSay();
  const { language } = useLanguage();
  const at = useWhen();
  return (
    <section className={live ? "panel" : "panel aged"} aria-labelledby="unheard" data-testid="unheard">
      <h2 id="unheard">{t(board.unheard)}</h2>
      {live ? null : <p className="strong" data-testid="as-of">{t(board.as_of, { at: hourTime(of.now, language) })}</p>}
      {of.unheard_total === 0 ? live ? <p>{t(board.unheard_none)}</p> : null : (
        <details open={of.unheard_total <= 5}>
          <summary>{t(board.unheard_why, { count: of.unheard_total })}</summary>
          <ul className="plain">
            {of.unheard.map((home) => (
              <li key={home.home}>
                <Link href={`/homes/${home.home}`}>{home.name}</Link> <span className="soft">{t(home.place)}</span>
                <br />
                <span>{home.since ? t(board.since, { at: at(home.since) }) : t(board.never)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <AwayHomes of={of} />
      {of.unproved ? <p>{t(board.unproved_homes, { count: of.unproved })}</p> : null}
    </section>
  );
}
