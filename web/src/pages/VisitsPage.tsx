// The visits of whoever holds this tablet: what is to be made today, what is late, and records that differ.
import { useState } from "react";
import { Link } from "wouter";
import { type DayVisit, useDayVisits } from "../field/day";
import { Copy, Moment, Stand } from "../field/parts";
import { PlanVisit } from "../field/PlanVisit";
import { here, standing, stateOf, viewsOf, type View } from "../field/visit";
import { useSay } from "../language";
import { useTrouble } from "../live/trouble";
import { useDesk } from "../offline/useDesk";
import "../style/field.css";
import { useNow } from "../time";
import { Busy, Empty, Page, Tabs } from "../ui";
import { named } from "../words/city";
import { field as words, visitKinds, visitReasons, visitStates } from "../words/field";
import { going } from "../words/going";

const VIEWS: View[] = ["today", "late", "clashes", "office", "later"];

function Card({ visit, now }: { visit: DayVisit; now: number }) {
  const t = useSay();
  const { pieces } = useDesk();
  const at = here(pieces, visit.id);
  const state = stateOf(visit, at);
  const stand = standing(at, visit);
  const open = state !== "finished" && state !== "missed" && state !== "cancelled";
  const late = open && Date.parse(visit.due_at) <= now;
  return (
    <article className={`card ${late ? "immediate" : open ? "routine" : "over"}`} data-testid="visit" data-id={visit.id}>
      <div className="card-line">
        <span className="strong">{t(named(visitStates, state))}</span>
        <span>{t(named(visitKinds, visit.kind))}</span>
        {late ? <span className="pill late">▲ {t(words.overdue)}</span> : null}
        {visit.exercise ? <span className="exercise">{t(words.exercise)}</span> : null}
      </div>
      <h2><Link href={`/visits/${encodeURIComponent(visit.id)}`}>{visit.name}</Link></h2>
      <p className="small">{visit.door.address ?? t(visit.door.place)}</p>
      {open ? (
        <>
          {visit.planned_at ? <p className="small">{t(words.planned)} <Moment at={visit.planned_at} /></p> : null}
          <p className="small">{t(words.due)} <Moment at={visit.due_at} /></p>
          {visit.reason === "planned" ? null : <p className="small soft">{t(named(visitReasons, visit.reason))}</p>}
        </>
      ) : null}
      {stand ? <p><Stand as={stand} /></p> : null}
    </article>
  );
}

export default function VisitsPage() {
  const t = useSay();
  const now = useNow(30_000);
  const asked = useDayVisits();
  const { data, refetch } = asked;
  const { error } = useTrouble(asked);
  const { pieces } = useDesk();
  const [chosen, choose] = useState<View>("today");
  const visits = data?.value.visits ?? [];
  const lists: Record<View, DayVisit[]> = { today: [], later: [], late: [], office: [], clashes: [] };
  for (const visit of visits) for (const view of viewsOf(visit, here(pieces, visit.id), now)) lists[view].push(visit);
  const nones = { today: words.none_today, later: words.none_later, late: words.none_late, office: words.none_office, clashes: words.none_clashes };
  return (
    <Page title={t(going.visits)} aside={<PlanVisit />}>
      <Copy kept={data?.kept} error={error} onAgain={() => void refetch({ cancelRefetch: false })} />
      {data ? (
        <Tabs
          label={t(words.views)}
          chosen={chosen}
          onChoose={(key) => choose(key as View)}
          tabs={VIEWS.map((key) => ({ key, label: lists[key].length ? `${t(words[key])} ${lists[key].length}` : t(words[key]) }))}
        >
          {lists[chosen].length ? (
            <div className="cards">{lists[chosen].map((visit) => <Card key={visit.id} visit={visit} now={now} />)}</div>
          ) : <Empty>{t(nones[chosen])}</Empty>}
        </Tabs>
      ) : error ? null : <Busy />}
    </Page>
  );
}
