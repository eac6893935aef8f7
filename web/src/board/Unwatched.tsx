// The homes that nobody watches just now: an empty board says nothing about them.
import { Link } from "wouter";
import type { Board } from "../contract";
import { useLanguage, useSay } from "../language";
import { hourTime, useWhen } from "../time";
import { board } from "../words/board";

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
      {of.unproved ? <p>{t(board.unproved_homes, { count: of.unproved })}</p> : null}
    </section>
  );
}
