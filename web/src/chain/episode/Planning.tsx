// The plan: goals in the person's words, services with their amount and time, and the person's agreement.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { cityNow, isoDay } from "../../time";
import { Button, ErrorBox, Field, Notice, Select, TextField } from "../../ui";
import { chain } from "../../words/chain";
import { manyUnits, units } from "../../words/chain_codes";
import { named } from "../../words/city";
import { useDeed, useUnsaved } from "../deed";
import { moment, startOf } from "../moment";
import { cityOf, useNames, useServices } from "../names";
import { Days, grouped } from "../parts";
import type { EpisodeDetail, Plan, Plans } from "../shapes";

const DAY_MS = 86_400_000;
const USUAL_DAYS = 90;
const MOST_ITEMS = 20;

export function usePlans(id: number, enabled = true): Plans | undefined {
  return useQuery({
    queryKey: ["care", "plan", id],
    queryFn: () => got(api.GET("/api/care/episodes/{id}/plan", { params: { path: { id } } })),
    enabled,
  }).data;
}

/** A plan to read. */
export function PlanTable({ it, plan }: { it: EpisodeDetail; plan: Plan }) {
  const t = useSay();
  const names = useNames(cityOf(it.area));
  const offered = useServices(cityOf(it.area));
  const worth = plan.items.reduce((sum, item) => sum + item.units * (offered.find((one) => one.code === item.service)?.price_won ?? 0), 0);
  return (
    <>
      {plan.goals ? <p className="kept">{plan.goals}</p> : null}
      <ul className="plain">
        {plan.items.map((item) => {
          const service = offered.find((one) => one.code === item.service);
          return (
            <li key={item.id}>
              <span className="strong">{t(names.service(item.service))}</span>
              {` · ${item.units} ${service ? t(named(item.units === 1 ? units : manyUnits, service.unit)) : ""} · `}
              <Days start={item.start} end={item.end} />
            </li>
          );
        })}
      </ul>
      {worth ? <p className="soft">{t(chain.worth, { won: grouped(worth) })}</p> : null}
    </>
  );
}

export function Agreeing({ it, draft, onChange }: { it: EpisodeDetail; draft: Plan; onChange: () => void }) {
  const t = useSay();
  const given = it.consents.findLast((one) => one.purpose === "care")?.state === "given";
  const agree = useDeed(
    (plan: number, once) => got(api.POST("/api/care/episodes/{id}/plans/{plan}/agree", { params: { path: { id: it.id, plan }, ...once }, body: {} })),
    chain.agreed_done,
  );
  return (
    <>
      <p>{t(chain.agree_next)}</p>
      <PlanTable it={it} plan={draft} />
      {given ? null : <Notice kind="warn"><p>{t(chain.consent_first)}</p></Notice>}
      {agree.error ? <ErrorBox error={agree.error} /> : null}
      <Button kind={["first", "big"]} busy={agree.isPending} onClick={() => agree.mutate(draft.id)} testid="agree">{t(chain.agree)}</Button>
      <Button onClick={onChange}>{t(chain.plan_change)}</Button>
    </>
  );
}

interface Row {
  key: number;
  service: string;
  units: string;
  start: string;
  end: string;
}

let last = 0;

export function Planning({ it, before, onSaved }: { it: EpisodeDetail; before: Plan | null; onSaved: () => void }) {
  const t = useSay();
  const city = cityOf(it.area);
  const services = useServices(city);
  const [dirty, setDirty] = useState(false);
  useUnsaved(dirty);
  const today = isoDay(cityNow());
  const later = isoDay(cityNow() + USUAL_DAYS * DAY_MS);
  const empty = (service = ""): Row => ({ key: ++last, service, units: "", start: today, end: later });
  const [goals, setGoals] = useState(before?.goals ?? "");
  const [rows, setRows] = useState<Row[]>(() => {
    const asked: Row[] = before
      ? before.items.map((item) => ({ key: ++last, service: item.service, units: String(item.units), start: isoDay(item.start), end: isoDay(item.end) }))
      : it.requested.map(empty);
    return asked.length ? asked : [empty()];
  });
  const change = (key: number, part: Partial<Row>) => {
    setDirty(true);
    setRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  };
  const save = useDeed(
    (said: { goals: string; items: { service: string; units: number; start: string; end: string }[] }, once) =>
      got(api.POST("/api/care/episodes/{id}/plans", { params: { path: { id: it.id }, ...once }, body: said })),
    chain.plan_saved,
    () => {
      setDirty(false);
      onSaved();
    },
  );
  const price = new Map(services.map((service) => [service.code, service.price_won]));
  const worth = rows.reduce((sum, row) => sum + (Number(row.units) || 0) * (price.get(row.service) ?? 0), 0);
  return (
    <form
      className="stack"
      data-testid="planning"
      onSubmit={(event) => {
        event.preventDefault();
        if (save.isPending) return;
        save.mutate({
          goals,
          // What begins today begins now: the past is not planned.
          items: rows.map((row) => ({
            service: row.service,
            units: Number(row.units),
            start: row.start === today ? new Date(cityNow()).toISOString() : startOf(row.start),
            end: moment(row.end, "23:59"),
          })),
        });
      }}
    >
      <TextField
        label={t(chain.goals)}
        hint={t(chain.goals_hint)}
        maxLength={2000}
        value={goals}
        onChange={(event) => {
          setDirty(true);
          setGoals(event.target.value);
        }}
      />
      {rows.map((row, place) => {
        const service = services.find((one) => one.code === row.service);
        const unit = service ? t(named(service.most_units === 1 ? units : manyUnits, service.unit)) : "";
        return (
          <fieldset className="item" key={row.key} data-testid="item">
            <legend className="unseen">{t(chain.item, { number: place + 1 })}</legend>
            <Select
              label={t(chain.service)}
              empty={t(chain.choose)}
              required
              choices={services.map((one) => ({ value: one.code, label: `${t(one.name)} (${t(chain.won, { amount: grouped(one.price_won) })}/${t(named(units, one.unit))})` }))}
              value={row.service}
              onChange={(event) => change(row.key, { service: event.target.value })}
            />
            <Field
              label={t(chain.units)}
              hint={service ? t(chain.most, { most: service.most_units, unit }) : undefined}
              type="number"
              inputMode="numeric"
              min={1}
              max={service?.most_units}
              required
              value={row.units}
              onChange={(event) => change(row.key, { units: event.target.value })}
            />
            <Field label={t(chain.from)} type="date" required value={row.start} onChange={(event) => change(row.key, { start: event.target.value })} />
            <Field label={t(chain.until)} type="date" required min={row.start} value={row.end} onChange={(event) => change(row.key, { end: event.target.value })} />
            {rows.length > 1 ? (
              <Button
                aria-label={t(chain.drop_named, { service: service ? t(service.name) : t(chain.item, { number: place + 1 }) })}
                onClick={() => {
                  setDirty(true);
                  setRows(rows.filter((other) => other.key !== row.key));
                }}
              >
                {t(chain.drop_item)}
              </Button>
            ) : null}
          </fieldset>
        );
      })}
      <div className="row">
        {rows.length < MOST_ITEMS ? <Button onClick={() => setRows([...rows, empty()])}>{t(chain.add_item)}</Button> : null}
        {worth ? <span className="sum">{t(chain.worth, { won: grouped(worth) })}</span> : null}
      </div>
      {save.error ? <ErrorBox error={save.error} /> : null}
      <Button type="submit" kind={["first", "big"]} busy={save.isPending} testid="save-plan">{t(chain.plan_save)}</Button>
    </form>
  );
}
