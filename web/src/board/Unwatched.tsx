// The homes that nobody watches just now: an empty board says nothing about them.
import { Link } from "wouter";
import type { Board } from "../contract";
import { useSay } from "../language";
import { useWhen } from "../time";
import { board } from "../words/board";

export function Unwatched({ of }: { of: Board }) {
  const t = useSay();
  const at = useWhen();
  return (
    <section className="panel" aria-labelledby="unheard" data-testid="unheard">
      <h2 id="unheard">{t(board.unheard)}</h2>
      {of.unheard_total === 0 ? <p>{t(board.unheard_none)}</p> : (
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
