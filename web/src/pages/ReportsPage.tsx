// The reports of the gu and the city: each a table, a plot of one of its columns, and a file.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { api, got } from "../api";
import { Bars } from "../chain/Bars";
import { startOf } from "../chain/moment";
import { cityOf, useAreas, useNames } from "../chain/names";
import { AreaSelect, At, grouped } from "../chain/parts";
import { useCodes } from "../chain/reportCodes";
import type { Report } from "../chain/shapes";
import { useSay } from "../language";
import { useMe } from "../session";
import { Busy, Empty, ErrorBox, Field, Page, Select, Table } from "../ui";
import { chain } from "../words/chain";
import { office, reportNames } from "../words/chain_office";

const NAMES = ["times", "services", "workload", "responses", "outcomes", "budget", "profile"] as const;
type Name = (typeof NAMES)[number];
const MOST_ROWS = 200, MOST_BARS = 20;
const DAY_MS = 86_400_000;
/** The parts of a report that are sums of its other rows. */
const SUMS = new Set(["all", "whole", "total"]);

type Cell = string | number | null | undefined;

function Shown({ of }: { of: Report }) {
  const t = useSay();
  const codes = useCodes(cityOf(of.area));
  const numbers = of.columns.filter((column) => of.rows.some((row) => typeof row[column.key] === "number"));
  const [asked, setAsked] = useState("");
  const drawn = numbers.find((column) => column.key === asked) ?? numbers[0];
  if (of.rows.length === 0) return <Empty>{t(office.rows_none)}</Empty>;
  const texts = of.columns.filter((column) => !numbers.includes(column));
  const label = (row: Report["rows"][number]) =>
    texts.map((column) => codes(column.key, row[column.key] as Cell, row)).filter(Boolean).join(" · ");
  const bars = drawn
    ? of.rows
        .filter((row) => typeof row[drawn.key] === "number" && !SUMS.has(String(row["part"])))
        .map((row) => ({ label: label(row), value: Number(row[drawn.key]) }))
        .slice(0, MOST_BARS)
    : [];
  const listed = of.rows.slice(0, MOST_ROWS).map((row, place) => ({ row, place }));
  const shown = (column: Report["columns"][number], row: Report["rows"][number]) => {
    const value: Cell = row[column.key];
    if (value === null || value === undefined) return <span aria-label={t(office.hidden)}>{"·"}</span>;
    return typeof value === "number" ? <span className="number">{grouped(value)}</span> : codes(column.key, value, row);
  };
  return (
    <>
      {drawn && bars.length ? (
        <section className="panel">
          {numbers.length > 1 ? (
            <Select
              label={t(office.measure)}
              choices={numbers.map((column) => ({ value: column.key, label: t(column) }))}
              value={drawn.key}
              onChange={(event) => setAsked(event.target.value)}
            />
          ) : null}
          <Bars title={t(office.plot, { report: t(of), column: t(drawn) })} bars={bars} />
        </section>
      ) : null}
      <div className="scroll" tabIndex={0} role="region" aria-label={t(of)}>
        <Table
          caption={t(of)}
          rows={listed}
          id={({ place }) => place}
          testid="report"
          columns={of.columns.map((column, place) => ({
            key: column.key,
            head: t(column),
            names: place === 0,
            right: numbers.includes(column),
            cell: ({ row }: (typeof listed)[number]) => shown(column, row),
          }))}
        />
      </div>
      <p className="soft">{t(office.hidden_note)}</p>
      {of.rows.length > MOST_ROWS ? <p className="soft">{t(office.first_rows, { all: of.rows.length, count: MOST_ROWS })}</p> : null}
    </>
  );
}

export default function ReportsPage() {
  const t = useSay();
  const me = useMe();
  const { areas } = useAreas();
  const [search, setSearch] = useSearchParams();
  const name: Name = NAMES.find((one) => one === search.get("report")) ?? "times";
  const area = search.get("area") || me.areas.find((one) => one.code)?.code || areas[0]?.code || "";
  const since = search.get("since") ?? "", until = search.get("until") ?? "";
  const put = (key: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(key, value);
    else next.delete(key);
    setSearch(next, { replace: true });
  };
  const query = {
    area,
    since: since ? startOf(since) : undefined,
    // To the end of that day.
    until: until ? new Date(Date.parse(startOf(until)) + DAY_MS).toISOString() : undefined,
  };
  const { data, error, refetch } = useQuery({
    queryKey: ["reports", name, query],
    queryFn: () => got(api.GET("/api/care/reports/{name}", { params: { path: { name }, query } })),
    enabled: area !== "",
    staleTime: 60_000,
  });
  const names = useNames();
  const said = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1])));
  const file = (kind: string) => `/api/care/reports/${name}.${kind}?${said}`;
  return (
    <Page title={t(office.reports)}>
      <div className="filters">
        <Select
          label={t(office.report)}
          choices={NAMES.map((value) => ({ value, label: t(reportNames[value] ?? office.report) }))}
          value={name}
          onChange={(event) => put("report", event.target.value)}
        />
        <AreaSelect value={area} onPick={(code) => put("area", code)} />
        <Field label={t(office.since)} hint={t(office.this_year)} type="date" value={since} onChange={(event) => put("since", event.target.value)} />
        <Field label={t(office.until)} hint={t(office.till_now)} type="date" value={until} onChange={(event) => put("until", event.target.value)} />
      </div>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : data ? (
        <>
          <h2>{t(data)}</h2>
          <p className="soft">
            {`${t(names.area(data.area))} · `}
            <At at={data.since} />
            {" – "}
            <At at={data.until} />
          </p>
          <div className="row">
            <a className="button" href={file("csv")} download>{t(office.csv)}</a>
            <a className="button" href={file("parquet")} download>{t(office.parquet)}</a>
          </div>
          <Shown key={name} of={data} />
        </>
      ) : area ? <Busy /> : <Empty>{t(chain.choose)}</Empty>}
    </Page>
  );
}
