// One Care Call on the board: why, whom, who is being asked, and how long until the next step.
import { memo } from "react";
import { Link } from "wouter";
import type { Card } from "../contract";
import { useLanguage, useSay } from "../language";
import { useSession } from "../session";
import { when } from "../time";
import { board } from "../words/board";
import { concerns, named, outcomes, states } from "../words/city";
import { Due } from "./Due";
import { Severity } from "./Severity";

export const CaseCard = memo(function CaseCard({ card }: { card: Card }) {
  const t = useSay();
  const { language } = useLanguage();
  const { can } = useSession(); // kin are not told who is asked
  const over = card.state === "closed";
  return (
    <article className={`card ${over ? "over" : card.urgency}`} data-testid="card" data-case={card.id} data-state={card.state}>
      <div className="card-line">
        <Severity urgency={card.urgency} over={over} />
        <span className="soft">{t(named(states, card.state))}</span>
        {card.exercise ? <span className="exercise">{t(board.exercise)}</span> : null}
        <Due at={card.due_at} />
      </div>
      <h2>
        <Link href={`/cases/${card.id}`}>
          {t(named(concerns, card.concern))} · {card.name ?? t(board.whole_area)}
        </Link>
      </h2>
      <p className="soft small">{t(card.place)}</p>
      <p className="why">{t(card.why)}</p>
      <dl>
        {card.next_action ? <><dt>{t(board.next)}</dt><dd>{t(card.next_action)}</dd></> : null}
        {card.owner_name ? <><dt>{t(board.owner)}</dt><dd>{card.owner_name}</dd></> : null}
        {!card.owner_name && !over ? (
          card.called.length || can("case.act") ? <><dt>{t(board.asked)}</dt><dd>{card.called.join(", ") || t(board.asked_nobody)}</dd></> : null
        ) : null}
        {card.unproved.length ? <><dt>{t(board.unproved)}</dt><dd>{card.unproved.join(", ")}</dd></> : null}
        {card.outcome ? <><dt>{t(board.outcome)}</dt><dd>{t(named(outcomes, card.outcome))}</dd></> : null}
      </dl>
      <p className="soft small">
        {t(board.case, { id: card.id })} · {t(board.opened)} {when(card.opened_at, language)}
      </p>
    </article>
  );
});
