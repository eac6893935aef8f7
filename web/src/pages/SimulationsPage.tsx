// An operator plays a scenario in a city of its own, sees how far it is, and where the city did otherwise.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useLanguage, useSay } from "../language";
import type { components } from "../schema";
import { countdown, hourTime, realWhen, useNow } from "../time";
import { Busy, Button, Empty, ErrorBox, Field, Notice, Page, Select, Table, toast } from "../ui";
import "../style/desk.css";
import { named } from "../words/city";
import { runStates, simulations as words } from "../words/simulations";

type Schemas = components["schemas"];
type Run = Schemas["RunOut"];

const POLL_MS = 1500;

function Begin({ scenarios, busy }: { scenarios: Schemas["ScenarioOut"][]; busy: boolean }) {
  const t = useSay();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [speed, setSpeed] = useState("");
  const begin = useMutation({
    mutationFn: () => got(api.POST("/api/simulations", { body: { scenario: name, speed: speed ? Number(speed) : null, by: "operator" } })),
    onSuccess: () => toast(words.begun),
    onSettled: () => cache.invalidateQueries({ queryKey: ["simulations"] }),
  });
  const chosen = scenarios.find((one) => one.name === name);
  const seconds = chosen ? (chosen.minutes * 60) / (Number(speed) || chosen.speed) : 0;
  return (
    <form
      className="panel stack"
      data-testid="begin"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) begin.mutate();
      }}
    >
      {begin.error ? <ErrorBox error={begin.error} /> : null}
      <div className="fields">
        <Select
          label={t(words.scenario)}
          hint={chosen ? t(words.size, { homes: chosen.homes, members: chosen.members, minutes: chosen.minutes }) : ""}
          required
          empty={t(words.choose)}
          choices={scenarios.map((one) => ({ value: one.name, label: t(one.title) }))}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t(words.speed)} hint={t(words.speed_hint)} type="number" inputMode="numeric" min={1} max={2000} step={1}
          placeholder={chosen ? String(chosen.speed) : ""} value={speed} onChange={(event) => setSpeed(event.target.value)}
        />
      </div>
      {chosen ? <p className="soft">{t(words.takes, { time: countdown(seconds * 1000) })}</p> : null}
      {busy ? <p className="soft">{t(words.one)}</p> : null}
      <div><Button kind="first" type="submit" busy={begin.isPending} off={busy}>{t(words.begin)}</Button></div>
    </form>
  );
}

function Running({ run }: { run: Run }) {
  const t = useSay();
  const { language } = useLanguage();
  const cache = useQueryClient();
  const stop = useMutation({
    mutationFn: () => got(api.DELETE("/api/simulations/{id}", { params: { path: { id: run.id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["simulations"] }),
  });
  const share = Math.floor(run.share * 100);
  const told = run.at === null ? t(words.preparing) : t(words.far, { share, at: hourTime(run.at, language), cases: run.cases });
  return (
    <section className="panel stack" aria-labelledby="running" data-testid="running">
      <h2 id="running">{t(words.running)}: {t(run.title)} ({t(words.times, { speed: run.speed })})</h2>
      {stop.error ? <ErrorBox error={stop.error} /> : null}
      <progress className="far" aria-label={t(run.title)} max={100} value={share}>{share}</progress>
      <p>{told}</p>
      <p className="soft">{t(words.by)}: {run.by}</p>
      {stop.isSuccess ? <p role="status">{t(words.stopping)}</p> : null}
      <div><Button kind="danger" busy={stop.isPending} off={stop.isSuccess} onClick={() => stop.mutate()}>{t(words.stop)}</Button></div>
    </section>
  );
}

const TONES: Record<string, string> = { as_expected: "good", otherwise: "bad", broken_off: "warn", stopped: "" };
const SIGNS: Record<string, string> = { as_expected: "●", otherwise: "▲", broken_off: "◆", stopped: "■" };

function Result({ run }: { run: Run }) {
  const t = useSay();
  const numbers = (name: string) => run.figures[name] ?? 0;
  return (
    <div className="came">
      <p className={`tone ${TONES[run.state] ?? ""}`}><span aria-hidden="true">{SIGNS[run.state]}</span> {t(named(runStates, run.state))}</p>
      {run.why ? <p>{t(run.why)}</p> : null}
      {run.stopped_by ? <p>{t(words.stopped_by, { who: run.stopped_by })}</p> : null}
      {"cases" in run.figures ? (
        <p className="soft">
          {t(words.figures, { cases: numbers("cases"), taken: numbers("taken"), closed: numbers("closed"), sos_pressed: numbers("sos_pressed"), sos_cases: numbers("sos_cases") })}
        </p>
      ) : null}
      {run.differences.length ? (
        <details open={run.differences.length < 6}>
          <summary>{t(words.differs, { count: run.differences.length })}</summary>
          <ul>{run.differences.map((one, index) => <li key={index}>{t(one)}</li>)}</ul>
        </details>
      ) : null}
      {run.words ? (
        <details>
          <summary>{t(words.said)}</summary>
          <p className="chain said" lang="en">{run.words}</p>
        </details>
      ) : null}
    </div>
  );
}

export default function SimulationsPage() {
  const t = useSay();
  const { language } = useLanguage();
  useNow(10_000);
  const scenarios = useQuery({ queryKey: ["scenarios"], queryFn: () => got(api.GET("/api/simulations/scenarios")), staleTime: Infinity });
  const { data, error, refetch } = useQuery({
    queryKey: ["simulations"],
    queryFn: () => got(api.GET("/api/simulations")),
    refetchInterval: (query) => (query.state.data?.some((run) => run.state === "running") ? POLL_MS : 15_000),
  });
  const running = data?.find((run) => run.state === "running");
  const past = data?.filter((run) => run.state !== "running") ?? [];
  const fault = error ?? scenarios.error;
  return (
    <Page title={t(words.title)}>
      <div className="stack">
        <Notice><p>{t(words.what)}</p></Notice>
        {fault ? <ErrorBox error={fault} onAgain={() => { void refetch(); void scenarios.refetch(); }} /> : null}
        {!data && !error ? <Busy /> : null}
        {running ? <Running key={running.id} run={running} /> : null}
        {scenarios.data && data ? <Begin scenarios={scenarios.data} busy={running !== undefined} /> : null}
        {data && past.length === 0 && !running ? <Empty>{t(words.none)}</Empty> : null}
        {past.length ? (
          <Table
            testid="runs"
            caption={t(words.past, { count: past.length })}
            rows={past}
            id={(run) => run.id}
            columns={[
              { key: "scenario", head: t(words.scenario), names: true, cell: (run) => <span>{t(run.title)} <span className="soft">({t(words.times, { speed: run.speed })})</span></span> },
              { key: "started", head: t(words.started), cell: (run) => realWhen(run.started_at, language) },
              { key: "by", head: t(words.by), cell: (run) => run.by },
              { key: "result", head: t(words.result), cell: (run) => <Result run={run} /> },
            ]}
          />
        ) : null}
      </div>
    </Page>
  );
}
