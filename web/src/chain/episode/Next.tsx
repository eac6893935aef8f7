// What is to be done next with an episode: one thing at a time, with one button that does it.
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { useMe, useSession } from "../../session";
import { Busy, Button, ButtonLink, ErrorBox, Notice, Radios } from "../../ui";
import { chain } from "../../words/chain";
import { endings } from "../../words/chain_codes";
import { named } from "../../words/city";
import { useDeed } from "../deed";
import { useNames, cityOf } from "../names";
import { DueAt } from "../parts";
import { newest, Questionnaire, useInstruments } from "../Questionnaire";
import type { EpisodeDetail, FollowUp } from "../shapes";
import { Offers } from "./Offers";
import { Agreeing, Planning, usePlans } from "./Planning";

interface Part {
  it: EpisodeDetail;
}

function Frame({ children }: { children: ReactNode }) {
  const t = useSay();
  return (
    <section className="panel stack next" aria-labelledby="next-head" data-testid="next">
      <h2 id="next-head">{t(chain.next)}</h2>
      {children}
    </section>
  );
}

export function Next({ it }: Part) {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  if (it.stage === "closed") {
    return <Notice><p>{t(chain.closed_as, { why: t(named(endings, it.ended ?? "")) })}</p></Notice>;
  }
  if (!can("episode.act")) return null;
  // Only who answers as a member of the chain can own an episode; others may go on with it.
  if (it.owner.startsWith("office:") && me.member) return <Frame><Take it={it} /></Frame>;
  const parts = { intake: Intake, assessment: Assess, plan: Plan, linkage: Offers, evaluation: Evaluate };
  const Now = parts[it.stage];
  return <Frame><Now it={it} /></Frame>;
}

function Take({ it }: Part) {
  const t = useSay();
  const take = useDeed(
    (_: string, once) => got(api.POST("/api/care/episodes/{id}/take", { params: { path: { id: it.id }, ...once }, body: {} })),
    chain.taken,
  );
  return (
    <>
      <p>{t(chain.nobody)}</p>
      {take.error ? <ErrorBox error={take.error} /> : null}
      <Button kind={["first", "big"]} busy={take.isPending} onClick={() => take.mutate("take")} testid="take">{t(chain.take)}</Button>
    </>
  );
}

function Intake({ it }: Part) {
  const t = useSay();
  const { can } = useSession();
  const move = useDeed(
    (_: string, once) =>
      got(api.POST("/api/care/episodes/{id}/move", { params: { path: { id: it.id }, ...once }, body: { to: "assessment", contact: "phone" } })),
    chain.by_phone_done,
  );
  return (
    <>
      <p>{t(chain.intake_next)}</p>
      {move.error ? <ErrorBox error={move.error} /> : null}
      <Button kind={["first", "big"]} busy={move.isPending} onClick={() => move.mutate("move")} testid="by-phone">{t(chain.by_phone)}</Button>
      {can("visit.write") ? (
        <ButtonLink to={`/visits?person=${encodeURIComponent(it.person)}&episode=${it.id}`}>{t(chain.visit_plan)}</ButtonLink>
      ) : null}
    </>
  );
}

function Assess({ it }: Part) {
  const t = useSay();
  const { can } = useSession();
  const [id] = useState(() => crypto.randomUUID());
  const { data: rules } = useQuery({
    queryKey: ["care", "rules", it.area],
    queryFn: () => got(api.GET("/api/care/rules", { params: { query: { area: it.area } } })),
  });
  const save = useDeed(
    ({ instrument, version, answers }: { instrument: string; version: string; answers: Record<string, number> }, once) =>
      got(
        api.POST("/api/care/episodes/{id}/assessments", {
          params: { path: { id: it.id }, ...once },
          body: { id, instrument, version, answers },
        }),
      ),
    chain.assessed,
  );
  if (!can("assessment.write")) return null;
  if (!rules) return <Busy />;
  return (
    <>
      <p>{t(chain.assess_next)}</p>
      <Questionnaire
        code={rules.care_level}
        save={t(chain.assess_save)}
        busy={save.isPending}
        error={save.error}
        onSave={(of, answers) => save.mutate({ instrument: of.code, version: of.version, answers })}
      />
    </>
  );
}

function Plan({ it }: Part) {
  const t = useSay();
  const { can } = useSession();
  const plans = usePlans(it.id);
  const [changing, setChanging] = useState(false);
  if (!can("plan.write")) return null;
  if (!plans) return <Busy />;
  if (plans.draft && !changing) return <Agreeing it={it} draft={plans.draft} onChange={() => setChanging(true)} />;
  return (
    <>
      <p>{t(chain.plan_next)}</p>
      <Planning it={it} before={plans.draft ?? plans.agreed} onSaved={() => setChanging(false)} />
    </>
  );
}

function Evaluate({ it }: Part) {
  const t = useSay();
  const { can } = useSession();
  const { data, error } = useQuery({
    queryKey: ["care", "evaluations", it.id],
    queryFn: () => got(api.GET("/api/care/episodes/{id}/evaluations", { params: { path: { id: it.id } } })),
    enabled: can("evaluation.read"),
  });
  const finish = useDeed(
    (_: string, once) => got(api.POST("/api/care/episodes/{id}/finish", { params: { path: { id: it.id }, ...once }, body: {} })),
    chain.finished,
  );
  if (!can("evaluation.write")) return null;
  if (error) return <ErrorBox error={error} />;
  if (!data) return <Busy />;
  const open = data.follow_ups.filter((one) => one.state === "open");
  if (open.length) return <Asking it={it} open={open} />;
  return (
    <>
      <p>{t(chain.finish_next)}</p>
      {finish.error ? <ErrorBox error={finish.error} /> : null}
      <Button kind={["first", "big"]} busy={finish.isPending} onClick={() => finish.mutate("finish")} testid="finish">{t(chain.finish)}</Button>
    </>
  );
}

/** The evaluations that are still to be made, the earliest first; one form at a time. */
function Asking({ it, open }: Part & { open: FollowUp[] }) {
  const t = useSay();
  const all = useInstruments();
  const names = useNames(cityOf(it.area));
  const [chosen, setChosen] = useState<number | null>(null);
  const name = (code: string) => {
    const known = newest(all ?? [], code);
    return known ? t(known.name) : code;
  };
  const one = open.find((each) => each.id === chosen);
  return (
    <>
      <p>{t(chain.evaluate_next)}</p>
      {one ? (
        <Form key={one.id} it={it} one={one} />
      ) : (
        <ul className="plain">
          {open.map((each, place) => (
            <li key={each.id} className="stack">
              <span>
                {`${name(each.instrument)} · ${t(each.phase === "first" ? chain.first : chain.follow_up)} · `}
                <DueAt at={each.due_at} /> {`· ${t(names.owner(each.owner, it.members[each.owner]))}`}
              </span>
              <Button kind={place === 0 ? "first" : undefined} onClick={() => setChosen(each.id)}>
                {t(chain.evaluate, { name: name(each.instrument) })}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Form({ it, one }: Part & { one: FollowUp }) {
  const t = useSay();
  const [id] = useState(() => crypto.randomUUID());
  const [mode, setMode] = useState<"phone" | "visit">("phone");
  const save = useDeed(
    ({ version, answers, by }: { version: string; answers: Record<string, number>; by: "phone" | "visit" }, once) =>
      got(
        api.POST("/api/care/episodes/{id}/evaluations", {
          params: { path: { id: it.id }, ...once },
          body: { id, instrument: one.instrument, version, phase: one.phase, mode: by, answers },
        }),
      ),
    chain.evaluated,
  );
  return (
    <Questionnaire
      code={one.instrument}
      save={t(chain.evaluate_save)}
      busy={save.isPending}
      error={save.error}
      onSave={(of, answers) => save.mutate({ version: of.version, answers, by: mode })}
    >
      <Radios
        label={t(chain.mode)}
        name={`mode-${one.id}`}
        choices={[
          { value: "phone", label: t(chain.phone) },
          { value: "visit", label: t(chain.visit) },
        ]}
        value={mode}
        onPick={(way) => setMode(way === "visit" ? "visit" : "phone")}
      />
    </Questionnaire>
  );
}
