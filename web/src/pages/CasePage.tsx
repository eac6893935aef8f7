// One Care Call: why, what to do now, whom it is about, the home's day, and everything that has happened.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useParams } from "wouter";
import { api, asFault, got } from "../api";
import { Due } from "../board/Due";
import { Severity } from "../board/Severity";
import { DayPlot } from "../case/DayPlot";
import { Decision } from "../case/Decision";
import { act, onDone } from "../case/deeds";
import { History } from "../case/History";
import { Resident } from "../case/Resident";
import { useLanguage, useSay } from "../language";
import { useLive, useLiveState } from "../live/LiveProvider";
import { useTrouble } from "../live/trouble";
import { useSession } from "../session";
import { cityNow, clockTime, useWhen } from "../time";
import { Busy, Button, ButtonLink, ErrorBox, Page, TextField } from "../ui";
import { board } from "../words/board";
import { care } from "../words/case";
import { concerns, named, outcomes, states } from "../words/city";
import { live as words } from "../words/live";

function Note({ id }: { id: number }) {
  const t = useSay();
  const [note, setNote] = useState("");
  return (
    <details className="panel">
      <summary>{t(care.note_add)}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!note.trim()) return;
          act(id, "note", { note: note.trim() }, 0);
          setNote("");
        }}
      >
        <TextField label={t(care.note)} maxLength={2000} required value={note} onChange={(event) => setNote(event.target.value)} />
        <Button type="submit">{t(care.note_add)}</Button>
      </form>
    </details>
  );
}

/** The news comes in, but nobody says what has become of this Care Call. */
function Old({ since, error, onAgain }: { since: number; error: unknown; onAgain: () => void }) {
  const t = useSay();
  const { language } = useLanguage();
  if (error && !asFault(error).passing) return <ErrorBox error={error} onAgain={onAgain} />;
  return (
    <p className="stale" role="alert" data-testid="old">
      <span>{t(words.stale, { at: clockTime(cityNow(since), language) })}</span>
      <Button onClick={onAgain}>{t(words.retry)}</Button>
    </p>
  );
}

export default function CasePage() {
  const t = useSay();
  const at = useWhen();
  const { can } = useSession();
  const id = Number(useParams()["id"]);
  const cache = useQueryClient();
  const live = useLive();
  const { stale } = useLiveState();
  const asked = useQuery({
    queryKey: ["case", id],
    queryFn: () => got(api.GET("/api/cases/{id}/console", { params: { path: { id } } })),
  });
  const { data, dataUpdatedAt, errorUpdatedAt } = asked;
  const { error, late } = useTrouble(asked);
  const again = () => void asked.refetch({ cancelRefetch: false });
  useEffect(() => onDone((deed) => void cache.invalidateQueries({ queryKey: ["case", deed.case] })), [cache]);
  const line = data?.line;
  useEffect(() => {
    if (line !== undefined) live.follow(line);
  }, [live, line]);

  if (!data) {
    return <Page title={t(board.case, { id })}>{error ? <ErrorBox error={error} onAgain={again} /> : <Busy />}</Page>;
  }
  const { card } = data;
  const title = `${t(named(concerns, card.concern))} · ${card.name ?? t(board.whole_area)}`;
  return (
    <Page title={title} aside={<ButtonLink to="/" kind="quiet">{t(care.back)}</ButtonLink>}>
      {stale === null && (late || error) ? <Old since={dataUpdatedAt} error={error} onAgain={again} /> : null}
      <div className={stale === null && !late && !error ? "columns" : "columns aged"} data-testid="case" data-state={card.state}>
        <div className="stack">
          <section className={`panel card ${card.state === "closed" ? "over" : card.urgency}`} aria-label={t(board.case, { id })}>
            <div className="card-line">
              <Severity urgency={card.urgency} over={card.state === "closed"} />
              <span className="soft" data-testid="state">{t(named(states, card.state))}</span>
              {card.exercise ? <span className="exercise">{t(board.exercise)}</span> : null}
              <Due at={card.due_at} />
            </div>
            {card.reasons.map((reason) => <p className="why-full" key={reason.en}>{t(reason)}</p>)}
            <dl>
              {card.next_action ? <><dt>{t(board.next)}</dt><dd>{t(card.next_action)}</dd></> : null}
              {card.owner_name ? <><dt>{t(board.owner)}</dt><dd>{card.owner_name}</dd></> : null}
              {card.state === "closed" || !(card.called.length || can("case.act")) ? null : <><dt>{t(board.asked)}</dt><dd>{card.called.join(", ") || t(board.asked_nobody)}</dd></>}
              <dt>{t(board.rung)}</dt>
              <dd>{t(board.rung_of, { rung: card.rung + 1, rungs: card.rungs, name: t(card.rung_name) })}</dd>
              <dt>{t(board.opened)}</dt><dd>{at(card.opened_at)}</dd>
              {card.unproved.length ? <><dt>{t(board.unproved)}</dt><dd>{card.unproved.join(", ")}</dd></> : null}
              {card.outcome ? <><dt>{t(board.outcome)}</dt><dd>{t(named(outcomes, card.outcome))}</dd></> : null}
            </dl>
          </section>
          <Decision of={data} asked={Math.max(dataUpdatedAt, errorUpdatedAt)} />
          {can("case.act") && data.acts.includes("note") ? <Note id={id} /> : null}
          {data.resident ? <Resident of={data.resident} urgent={card.urgency === "immediate" && card.state !== "closed"} /> : null}
          {card.home ? <DayPlot home={card.home} /> : null}
        </div>
        <div className="stack"><History of={data} /></div>
      </div>
    </Page>
  );
}
