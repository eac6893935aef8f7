// A home's check-in calls: when it is called, what came of the last week's, and changing the times.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, got } from "../api";
import { useSay } from "../language";
import type { components } from "../schema";
import { useSession } from "../session";
import { cityNow, useWhen } from "../time";
import { Busy, Button, Check, ErrorBox, Field, Table, toast } from "../ui";
import { common } from "../words/common";
import { named } from "../words/city";
import { callStates, checkIns as words, weekdays } from "../words/home";

type Time = components["schemas"]["Time"];
type Day = Time["days"][number];
const WEEK_MS = 7 * 86_400_000;
const DAYS = Object.keys(weekdays) as Day[];

function Agenda({ home, agenda, onDone }: { home: string; agenda: Time[]; onDone: () => void }) {
  const t = useSay();
  const cache = useQueryClient();
  const [times, setTimes] = useState(agenda);
  const save = useMutation({
    mutationFn: () => got(api.PUT("/api/homes/{id}/check-ins", { params: { path: { id: home } }, body: { agenda: times } })),
    onSuccess: (now) => {
      cache.setQueryData(["home", home, "check-ins"], now);
      toast(words.saved);
      onDone();
    },
  });
  const change = (at: number, to: Partial<Time>) => setTimes(times.map((time, index) => (index === at ? { ...time, ...to } : time)));
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {times.map((time, index) => (
        <fieldset key={index} className="stack">
          <legend className="unseen">{t(words.clock)} {index + 1}</legend>
          <Field label={t(words.clock)} type="time" required value={time.clock} onChange={(event) => change(index, { clock: event.target.value })} />
          <div className="days" role="group" aria-label={t(words.days)}>
            {DAYS.map((day) => (
              <Check
                key={day}
                label={t(named(weekdays, day))}
                checked={time.days.includes(day)}
                onTick={(on) => change(index, { days: DAYS.filter((each) => (each === day ? on : time.days.includes(each))) })}
              />
            ))}
          </div>
          <Button kind="quiet" onClick={() => setTimes(times.filter((_, each) => each !== index))}>{t(words.remove, { clock: time.clock })}</Button>
        </fieldset>
      ))}
      {save.error ? <ErrorBox error={save.error} /> : null}
      <div className="row">
        <Button onClick={() => setTimes([...times, { clock: "10:00", days: DAYS }])}>{t(words.add)}</Button>
        <Button onClick={onDone}>{t(common.cancel)}</Button>
        <Button kind="first" type="submit" busy={save.isPending}>{t(common.save)}</Button>
      </div>
    </form>
  );
}

export function CheckIns({ home }: { home: string }) {
  const t = useSay();
  const at = useWhen();
  const { can } = useSession();
  const [editing, setEditing] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["home", home, "check-ins"],
    queryFn: () => got(api.GET("/api/homes/{id}/check-ins", { params: { path: { id: home }, query: { weeks: 2 } } })),
  });
  const week = (data?.calls ?? []).filter((call) => Date.parse(call.planned_at) > cityNow() - WEEK_MS);
  return (
    <section className="panel" aria-labelledby="check-ins" data-testid="check-ins">
      <h2 id="check-ins">{t(words.title)}</h2>
      {error && !data ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {!data && !error ? <Busy /> : null}
      {data && editing ? <Agenda home={home} agenda={data.agenda} onDone={() => setEditing(false)} /> : null}
      {data && !editing ? (
        <>
          {data.agenda.length === 0 ? <p>{t(words.no_times)}</p> : (
            <ul className="plain">
              {data.agenda.map((time) => (
                <li key={time.clock}><span className="strong">{time.clock}</span> {time.days.map((day) => t(named(weekdays, day))).join(" · ")}</li>
              ))}
            </ul>
          )}
          {data.next_at ? <p>{t(words.next, { at: at(data.next_at) })}</p> : null}
          {can("check_in.write") ? <Button onClick={() => setEditing(true)}>{t(words.edit)}</Button> : null}
          {week.length === 0 ? data.agenda.length ? <p className="soft">{t(words.none)}</p> : null : (
            <Table
              caption={t(words.week)}
              rows={week}
              id={(call) => call.planned_at}
              columns={[
                { key: "planned", head: t(words.planned), names: true, cell: (call) => at(call.planned_at) },
                { key: "state", head: t(words.result), cell: (call) => t(named(callStates, call.state)) },
                { key: "asks", head: t(words.asks), cell: (call) => String(call.asks) },
                { key: "why", head: t(words.why), cell: (call) => (call.reason ? t(call.reason) : "–") },
                { key: "case", head: t(words.title), cell: (call) => (call.case ? <Link className="tall" href={`/cases/${call.case}`}>{t(words.case, { id: call.case })}</Link> : null) },
              ]}
            />
          )}
        </>
      ) : null}
    </section>
  );
}
