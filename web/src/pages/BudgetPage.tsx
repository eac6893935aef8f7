// A city's year of money: what there is, what is paid, on its way and left; by month; decisions beyond it; the ledger.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, asFault, got } from "../api";
import { Bars } from "../chain/Bars";
import { useDeed } from "../chain/deed";
import { startOf } from "../chain/moment";
import { useCities, useNames } from "../chain/names";
import { At, grouped, Lines, Pages, PAGE, usePaging, Won } from "../chain/parts";
import type { Budget } from "../chain/shapes";
import { useSay } from "../language";
import { useSession } from "../session";
import { cityNow, isoDay } from "../time";
import { Busy, Button, Dialog, Empty, ErrorBox, Field, Notice, Page, Select, Table, TextField } from "../ui";
import { chain } from "../words/chain";
import { office } from "../words/chain_office";
import { common } from "../words/common";

function Bar({ of }: { of: Budget }) {
  const t = useSay();
  const all = of.budget + of.decided;
  const waiting = of.approved + of.verified + of.submitted;
  const share = (won: number) => (all > 0 ? Math.min(won / all, 1) * 100 : 0);
  const short = waiting - of.remaining;
  return (
    <>
      <h2>{t(office.whole_of, { area: t(of.scope) })}</h2>
      <svg className="chart" viewBox="0 0 100 8" preserveAspectRatio="none" height="40" role="img" aria-label={t(office.bar, { all: grouped(all), paid: grouped(of.paid), waiting: grouped(waiting), left: grouped(of.remaining) })}>
        <rect className="frame" x={0} y={0} width={100} height={8} />
        <rect className="bar" x={0} y={0} width={share(of.paid)} height={8} />
        <rect className="bar more" x={share(of.paid)} y={0} width={Math.min(share(waiting), 100 - share(of.paid))} height={8} />
      </svg>
      <p>{t(office.bar, { all: grouped(all), paid: grouped(of.paid), waiting: grouped(waiting), left: grouped(of.remaining) })}</p>
      {short > 0 ? <Notice kind="bad"><p>{t(office.short, { won: grouped(short) })}</p></Notice> : null}
      <Lines
        of={(["budget", "decided", "paid", "remaining", "approved", "verified", "submitted"] as const).map((key) => [
          t(office[`sum_${key}`]),
          <Won key={key} of={of[key]} />,
        ])}
      />
    </>
  );
}

function Months({ city, year }: { city: string; year: number }) {
  const t = useSay();
  const query = { area: city, since: startOf(`${year}-01-01`), until: startOf(`${year + 1}-01-01`) };
  const { data, error } = useQuery({
    queryKey: ["reports", "budget", query],
    queryFn: () => got(api.GET("/api/care/reports/{name}", { params: { path: { name: "budget" }, query } })),
  });
  if (error) return <ErrorBox error={error} />;
  const months = data?.rows.filter((row) => row["part"] === "month") ?? [];
  if (months.length === 0) return null;
  return (
    <section className="panel" data-testid="months">
      <Bars
        title={data ? `${t(data.area_name)}: ${t(office.months)}` : t(office.months)}
        bars={months.map((row) => ({ label: String(row["group"]), value: Number(row["won"] ?? 0) }))}
        unit={(won) => t(chain.won, { amount: grouped(won) })}
      />
    </section>
  );
}

function Decisions({ of }: { of: Budget }) {
  const t = useSay();
  const { can } = useSession();
  const [asking, setAsking] = useState(false);
  const [id, setId] = useState(() => crypto.randomUUID());
  const [won, setWon] = useState("");
  const [reason, setReason] = useState("");
  const decide = useDeed(
    (said: { won: number; reason: string }, once) =>
      got(api.POST("/api/care/budget/decisions", { params: once, body: { id, city: of.city, year: of.year, ...said } })),
    office.decided,
    () => {
      setAsking(false);
      setId(crypto.randomUUID());
      setWon("");
      setReason("");
    },
  );
  return (
    <section className="panel stack" data-testid="decisions">
      <h2>{t(office.decisions)}</h2>
      {of.decisions.length === 0 ? <p className="soft">{t(office.decisions_none)}</p> : (
        <ul className="plain">
          {of.decisions.map((one) => (
            <li key={one.id}>
              <Won of={one.won} />
              {` · ${one.reason} `}
              <small className="soft">{one.by}</small>
            </li>
          ))}
        </ul>
      )}
      {can("budget.decide") ? <Button onClick={() => setAsking(true)}>{t(office.decide)}</Button> : null}
      {asking ? (
        <Dialog title={t(office.decide)} onClose={() => setAsking(false)}>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              if (decide.isPending) return;
              decide.mutate({ won: Number(won), reason }, {
                onError: (fault) => {
                  if (!asFault(fault).passing) setId(crypto.randomUUID());
                },
              });
            }}
          >
            <Field label={t(office.won)} type="number" inputMode="numeric" min={1} required value={won} onChange={(event) => setWon(event.target.value)} />
            <TextField label={t(chain.reason)} required maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
            {Number(won) > 0 ? <p role="status">{t(office.decide_sure, { won: grouped(Number(won)) })}</p> : null}
            {decide.error ? <ErrorBox error={decide.error} /> : null}
            <div className="dialog-ends">
              <Button onClick={() => setAsking(false)}>{t(common.cancel)}</Button>
              <Button type="submit" kind="first" busy={decide.isPending}>{t(common.save)}</Button>
            </div>
          </form>
        </Dialog>
      ) : null}
    </section>
  );
}

function Books({ city, year }: { city: string; year: number }) {
  const t = useSay();
  const paging = usePaging();
  const names = useNames(city);
  const query = { city, year, ...paging.query };
  const { data, error } = useQuery({
    queryKey: ["care", "ledger", query],
    queryFn: () => got(api.GET("/api/care/ledger", { params: { query } })),
  });
  if (error) return <ErrorBox error={error} />;
  if (!data) return <Busy />;
  const account = (code: string) => {
    const [kind, whose = ""] = code.split(/:(.*)/s);
    if (kind === "provider") return t(names.provider(whose));
    return t(kind === "gu" ? office.gu_pays : office.city_pays, { area: t(names.area(whose)) });
  };
  return (
    <section className="panel stack" data-testid="ledger">
      <h2>{t(office.ledger)}</h2>
      {data.balance === 0 ? <p>{t(office.balance_right)}</p> : <Notice kind="bad"><p>{t(office.balance_wrong, { won: grouped(data.balance) })}</p></Notice>}
      <Table
        caption={t(office.account)}
        rows={data.accounts}
        id={(row) => row.account}
        columns={[
          { key: "account", head: t(office.account), names: true, cell: (row) => account(row.account) },
          { key: "won", head: t(office.amount), right: true, cell: (row) => <Won of={row.won} /> },
        ]}
      />
      <details>
        <summary>{t(office.entries, { count: data.count })}</summary>
        <Table
          caption={t(office.ledger)}
          rows={data.entries.slice(0, PAGE)}
          id={(row) => row.id}
          columns={[
            { key: "id", head: t(office.number), names: true, cell: (row) => `${t(office.entry, { id: row.id })} · ${t(office.claim, { id: row.claim })}` },
            { key: "at", head: t(chain.at), cell: (row) => <At at={row.at} /> },
            { key: "won", head: t(office.amount), cell: (row) => row.postings.map((one) => `${account(one.account)} ${grouped(one.won)}`).join(" · ") },
          ]}
        />
        <Pages of={data.entries.length} offset={paging.offset} turn={paging.turn} />
      </details>
      <a className="button" href={`/api/care/ledger.csv?city=${city}&year=${year}`} download>{t(office.ledger_csv)}</a>
    </section>
  );
}

export default function BudgetPage() {
  const t = useSay();
  const { can } = useSession();
  const cities = useCities();
  const [chosenCity, setCity] = useState("");
  const [year, setYear] = useState(() => Number(isoDay(cityNow()).slice(0, 4)));
  const city = chosenCity || (cities?.[0]?.city ?? "");
  const { data: budgets } = useQuery({
    queryKey: ["care", "budgets", city],
    queryFn: () => got(api.GET("/api/care/budgets", { params: { query: { city, limit: 200 } } })),
    enabled: city !== "",
  });
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "budget", city, year],
    queryFn: () => got(api.GET("/api/care/budget", { params: { query: { city, year } } })),
    enabled: city !== "",
  });
  const named = cities?.find((one) => one.city === city);
  const title = named ? t(office.budget_title, { city: t(named.name), year }) : t(office.budget);
  const years = [...new Set([...(budgets?.map((one) => one.year) ?? []), year])].toSorted();
  return (
    <Page title={title}>
      <div className="filters">
        {cities && cities.length > 1 ? (
          <Select label={t(office.city)} choices={cities.map((one) => ({ value: one.city, label: t(one.name) }))} value={city} onChange={(event) => setCity(event.target.value)} />
        ) : null}
        <Select label={t(office.year)} choices={years.map((one) => ({ value: String(one), label: String(one) }))} value={String(year)} onChange={(event) => setYear(Number(event.target.value))} />
      </div>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : cities?.length === 0 ? <Empty>{t(office.budget_none)}</Empty> : data ? (
        <div className="columns">
          <div className="stack">
            <section className="panel" data-testid="budget"><Bar of={data} /></section>
            {can("report.read") ? <Months city={city} year={year} /> : null}
          </div>
          <div className="stack">
            <Decisions of={data} />
            {can("ledger.read") ? <Books key={`${city} ${year}`} city={city} year={year} /> : null}
          </div>
        </div>
      ) : <Busy />}
    </Page>
  );
}
