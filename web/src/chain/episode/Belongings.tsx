// What belongs to an episode beside its next step: the person, their consents, what was asked for, assessed, planned and evaluated, and its end.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { useSession } from "../../session";
import { useWhen } from "../../time";
import { Button, Check, Dialog, ErrorBox, Notice, Radios } from "../../ui";
import { chain } from "../../words/chain";
import { common } from "../../words/common";
import { endings, origins, priorities } from "../../words/chain_codes";
import { named } from "../../words/city";
import { useDeed } from "../deed";
import { cityOf, useNames } from "../names";
import { Lines } from "../parts";
import { newest, useInstruments } from "../Questionnaire";
import type { EpisodeDetail } from "../shapes";
import { PlanTable, usePlans } from "./Planning";

interface Part {
  it: EpisodeDetail;
}

export function Whose({ it }: Part) {
  const t = useSay();
  const { can } = useSession();
  const names = useNames(cityOf(it.area));
  const all = useInstruments();
  const level = all?.flatMap((one) => one.levels).find((one) => one.code === it.level);
  return (
    <section className="panel" aria-labelledby="whose-head">
      <h2 id="whose-head">{it.name || it.person}</h2>
      <Lines
        of={[
          [t(chain.area), t(names.area(it.area))],
          [t(chain.owner), t(names.owner(it.owner, it.owner_name))],
          [t(chain.origin), t(named(origins, it.origin))],
          [t(chain.priority), t(named(priorities, it.priority))],
          ...(it.level ? [[t(chain.level), level ? t(level.name) : it.level] as [string, string]] : []),
        ]}
      />
      <div className="row">
        {can("person.read") ? <Link className="button" href={`/persons/${encodeURIComponent(it.person)}`}>{t(chain.to_person)}</Link> : null}
        {can("case.read") ? <Link className="button" href={`/cases/${it.case}`}>{t(chain.care_call, { id: it.case })}</Link> : null}
      </div>
    </section>
  );
}

export function Asked({ it }: Part) {
  const t = useSay();
  const said = useWhen();
  const names = useNames(cityOf(it.area));
  return (
    <section className="panel" aria-labelledby="asked-head">
      <h2 id="asked-head">{t(chain.applications)}</h2>
      <ul className="plain">
        {it.applications.map((one, place) => (
          <li key={place}>
            <p>{one.services.map((code) => t(names.service(code))).join(", ")}</p>
            {one.note ? <p className="kept">{one.note}</p> : null}
            {one.conflict ? <p className="late">{`▲ ${t(chain.conflict)}`}</p> : null}
            <small className="soft">{`${t(named(origins, one.origin))} · ${said(one.at)} · ${it.members[one.by] ?? one.by}`}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Assessed({ it }: Part) {
  const t = useSay();
  const { can } = useSession();
  const said = useWhen();
  const all = useInstruments();
  const { data } = useQuery({
    queryKey: ["care", "assessments", it.id],
    queryFn: () => got(api.GET("/api/care/episodes/{id}/assessments", { params: { path: { id: it.id } } })),
    enabled: can("assessment.read"),
  });
  const plans = usePlans(it.id, can("plan.read"));
  const { data: evaluated } = useQuery({
    queryKey: ["care", "evaluations", it.id],
    queryFn: () => got(api.GET("/api/care/episodes/{id}/evaluations", { params: { path: { id: it.id } } })),
    enabled: can("evaluation.read"),
  });
  const instrument = (code: string) => newest(all ?? [], code);
  const name = (code: string) => {
    const known = instrument(code);
    return known ? t(known.name) : code;
  };
  return (
    <>
      {data?.length ? (
        <section className="panel" aria-labelledby="assessed-head" data-testid="assessments">
          <h2 id="assessed-head">{t(chain.assessments)}</h2>
          <ul className="plain">
            {data.map((one) => {
              const level = instrument(one.instrument)?.levels.find((each) => each.code === one.level);
              return (
                <li key={one.id}>
                  <p className="strong">{t(chain.result, { name: name(one.instrument), score: one.score, level: level ? t(level.name) : one.level })}</p>
                  <small className="soft">{`${said(one.at)} · ${it.members[one.by] ?? one.by}`}</small>
                </li>
              );
            })}
          </ul>
        </section>
      ) : null}
      {plans?.agreed ? (
        <section className="panel" aria-labelledby="agreed-head" data-testid="agreed">
          <h2 id="agreed-head">{t(chain.agreed)}</h2>
          <PlanTable it={it} plan={plans.agreed} />
        </section>
      ) : null}
      {evaluated && (evaluated.made.length || evaluated.follow_ups.some((one) => one.state === "open")) ? (
        <section className="panel" aria-labelledby="evaluated-head" data-testid="evaluations">
          <h2 id="evaluated-head">{t(chain.evaluations)}</h2>
          <ul className="plain">
            {evaluated.made.map((one) => {
              const first = evaluated.made.find((each) => each.instrument === one.instrument && each.phase === "first");
              const change = one.phase === "follow_up" && first ? Math.round((one.score - first.score) * 10) / 10 : null;
              return (
                <li key={one.id}>
                  <p>{`${name(one.instrument)} · ${t(one.phase === "first" ? chain.first : chain.follow_up)} · ${t(chain.score)} ${one.score}`}</p>
                  {change === null ? null : (
                    <p className="strong">
                      {change > 0 ? t(chain.better, { points: change }) : change < 0 ? t(chain.worse, { points: -change }) : t(chain.same)}
                    </p>
                  )}
                  <small className="soft">{`${said(one.at)} · ${t(one.mode === "visit" ? chain.visit : chain.phone)}`}</small>
                </li>
              );
            })}
            {evaluated.follow_ups.filter((one) => one.state === "open").map((one) => (
              <li key={one.id}>
                {`${t(chain.waiting, { name: name(one.instrument), phase: t(one.phase === "first" ? chain.first : chain.follow_up) })} · ${said(one.due_at)}`}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

const ORDINARY = ["not_needed", "declined"] as const;
const FINAL = ["moved", "died"] as const;
type Ended = (typeof ORDINARY)[number] | (typeof FINAL)[number] | "exercise";

/** The other ends: those that end all care of somebody need one more word. */
export function Closing({ it }: Part) {
  const t = useSay();
  const { can } = useSession();
  const [asking, setAsking] = useState(false);
  const [ended, setEnded] = useState<Ended | null>(null);
  const [sure, setSure] = useState(false);
  const end = useDeed(
    (why: Ended, once) => got(api.POST("/api/care/episodes/{id}/close", { params: { path: { id: it.id }, ...once }, body: { ended: why } })),
    chain.closed,
    () => setAsking(false),
  );
  if (it.stage === "closed" || !can("episode.act")) return null;
  const left = Object.values(it.left).reduce((sum, count) => sum + count, 0);
  const final = ended === "moved" || ended === "died";
  return (
    <>
      <Button kind="quiet" onClick={() => setAsking(true)}>{t(chain.close_other)}</Button>
      {asking ? (
        <Dialog
          title={t(chain.close_title)}
          onClose={() => setAsking(false)}
          ends={
            <>
              <Button onClick={() => setAsking(false)}>{t(common.cancel)}</Button>
              <Button kind="danger" busy={end.isPending} off={ended === null || (final && !sure)} onClick={() => ended && end.mutate(ended)}>
                {t(chain.close)}
              </Button>
            </>
          }
        >
          <div className="stack">
            {left ? <Notice kind="warn"><p>{t(chain.left, { count: left })}</p></Notice> : null}
            <Radios
              label={t(chain.reason)}
              name="ended"
              choices={[...ORDINARY, ...FINAL, ...(it.exercise ? ["exercise"] : [])].map((value) => ({ value, label: t(named(endings, value)) }))}
              value={ended}
              onPick={(value) => setEnded(value as Ended)}
            />
            {final ? (
              <>
                <Notice kind="bad"><p>{t(chain.close_final)}</p></Notice>
                <Check label={t(chain.sure)} checked={sure} onTick={setSure} />
              </>
            ) : null}
            {end.error ? <ErrorBox error={end.error} /> : null}
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
