// One visit, one thing to do at a time: set out, arrive, write down what was found; with or without reception.
import { useState } from "react";
import { useParams } from "wouter";
import { Clashes, Earlier, Said } from "../field/records";
import { type DayVisit, useDayVisits, useVisit, type Visit } from "../field/day";
import { MoreDeeds } from "../field/deeds";
import { Gone } from "../field/Gone";
import { Copy, Door, Moment, Stand } from "../field/parts";
import { again, blank, here, standing, stateOf, step, unsettled } from "../field/visit";
import { VisitForm } from "../field/VisitForm";
import { useSay } from "../language";
import { useDesk } from "../offline/useDesk";
import { drop, keep, send } from "../offline/work";
import { useMe, useSession } from "../session";
import "../style/field.css";
import { hourTime, useNow } from "../time";
import { Busy, Button, ButtonLink, Notice, Page } from "../ui";
import { useLanguage } from "../language";
import { named } from "../words/city";
import { field as words, visitKinds, visitReasons, visitStates } from "../words/field";
import { going } from "../words/going";

function Steps({ visit }: { visit: Visit }) {
  const t = useSay();
  const { language } = useLanguage();
  const { draft, waiting } = here(useDesk().pieces, visit.id);
  const said = draft?.said ?? waiting.at(-1)?.said ?? visit;
  const times = [
    [words.started_at, said.started_at],
    [words.arrived_at, said.arrived_at],
    [words.finished_at, said.finished_at],
  ] as const;
  return (
    <p className="steps">
      {times.map(([word, at]) => (at ? <span key={word.en}>{t(word, { at: hourTime(at, language) })}</span> : null))}
    </p>
  );
}

function Body({ visit, services }: { visit: Visit | DayVisit; services: { code: string; ko: string; en: string }[] }) {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  const now = useNow(30_000);
  const at = here(useDesk().pieces, visit.id);
  const [correcting, setCorrecting] = useState(false);
  const state = stateOf(visit, at);
  const open = state === "planned" || state === "started" || state === "arrived";
  const stand = standing(at, visit);
  const go = (verb: "start" | "arrive") => void step(visit, at, verb).then(send);
  const over = state === "finished";
  const writes = can("visit.write");
  const draft = at.draft ?? (correcting ? blank(visit, at) : undefined);
  const last = at.waiting.at(-1);
  return (
    <>
      <div className="card-line">
        <span className="strong">{t(named(visitStates, state))}</span>
        <span>{t(named(visitKinds, visit.kind))}</span>
        {open && Date.parse(visit.due_at) <= now ? <span className="pill late">▲ {t(words.overdue)}</span> : null}
        {visit.exercise ? <span className="exercise">{t(words.exercise)}</span> : null}
        {stand && stand !== "draft" ? <Stand as={stand} /> : null}
      </div>
      <Steps visit={visit} />
      {at.refused.map((piece) => (
        <Notice kind="bad" key={piece.id} testid="refused-form">
          <p>{piece.why ? t(piece.why) : t(words.refused)}</p>
          <Button
            kind="first"
            onClick={() => void keep(again(visit, at, piece)).then(() => drop(piece.id))}
          >
            {t(words.rewrite)}
          </Button>
        </Notice>
      ))}
      {unsettled(visit).length ? <Clashes visit={visit} services={services} /> : null}
      {visit.gone && writes ? <Gone visit={visit} /> : null}
      {writes && open && state !== "arrived" ? (
        <div className="visit-deeds">
          {state === "planned" ? <Button kind={["first", "big"]} onClick={() => go("start")} testid="start">{t(words.start)}</Button> : null}
          <Button kind={state === "planned" ? "big" : ["first", "big"]} onClick={() => go("arrive")} testid="arrive">{t(words.arrive)}</Button>
        </div>
      ) : null}
      <div className="columns">
        <div>
          {writes && (state === "arrived" || (over && draft)) ? (
            <VisitForm
              key={draft?.id ?? "new"}
              piece={draft ?? blank(visit, at)}
              services={services}
              correction={over}
              onDone={() => setCorrecting(false)}
            />
          ) : null}
          {over && last && !at.draft ? <Said title={t(words.stands)} who={me.name} at={null} outcome={last.said.outcome} record={last.said.record} services={services} /> : null}
          {over && !last && visit.outcome && !draft ? (
            <Said title={t(words.stands)} who={null} at={null} outcome={visit.outcome} record={visit.record ?? {}} services={services} />
          ) : null}
          {over && writes && !draft ? <p><Button onClick={() => setCorrecting(true)} testid="correct">{t(words.correct)}</Button></p> : null}
          {state === "missed" || state === "cancelled" ? <Notice><p>{t(words.over)}</p></Notice> : null}
          <Earlier visit={visit} services={services} />
        </div>
        <div className="stack">
          {"door" in visit ? <Door door={visit.door} /> : null}
          <section className="panel">
            <dl>
              <dt>{t(words.due)}</dt><dd><Moment at={visit.due_at} /></dd>
              {visit.planned_at ? <><dt>{t(words.planned)}</dt><dd><Moment at={visit.planned_at} /></dd></> : null}
              <dt>{t(words.reason)}</dt><dd>{t(named(visitReasons, visit.reason))}</dd>
              <dt>{t(words.owner)}</dt>
              <dd>{visit.owner === me.member ? t(words.owner_me) : visit.owner.startsWith("office:") ? t(words.owner_office) : visit.owner}</dd>
            </dl>
            {writes && open ? <MoreDeeds visit={visit} /> : null}
          </section>
        </div>
      </div>
    </>
  );
}

export default function VisitPage() {
  const t = useSay();
  const { id = "" } = useParams();
  const day = useDayVisits();
  const mine = day.data?.value.visits.find((one) => one.id === id);
  const other = useVisit(id, !day.isPending && (mine === undefined || mine.aged === true));
  const visit = other.data ? { ...mine, ...other.data } : mine;
  const error = visit ? null : (other.error ?? day.error);
  return (
    <Page title={visit?.name ?? t(going.visits)} windowTitle={t(going.visits)} aside={<ButtonLink to="/visits" kind="quiet">{t(words.back)}</ButtonLink>}>
      <Copy kept={mine ? day.data?.kept : null} error={error} onAgain={() => void other.refetch()} />
      {visit ? <Body visit={visit} services={day.data?.value.services ?? []} /> : error ? null : <Busy />}
    </Page>
  );
}
