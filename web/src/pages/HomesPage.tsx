// The homes one answers for: found by name, and at a glance which of them nobody watches.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { api, got } from "../api";
import { StateOf } from "../home/StateOf";
import "../style/desk.css";
import { useSay } from "../language";
import { useMe, useSession } from "../session";
import { useWhen } from "../time";
import { Button, ButtonLink, Busy, Empty, ErrorBox, Field, Page, Select, Table } from "../ui";
import { homes as words } from "../words/homes";

const PAGE = 50;

export default function HomesPage() {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  const at = useWhen();
  // What is looked for stands in the address: the way back from a home leads to the same list.
  const [search, setSearch] = useSearchParams();
  const text = search.get("text") ?? "";
  const area = search.get("area") ?? "";
  const limit = Math.min(200, Number(search.get("limit")) || PAGE);
  const [typed, setTyped] = useState(text);
  const { data, error, refetch } = useQuery({
    queryKey: ["homes", text, area, limit],
    queryFn: () => got(api.GET("/api/homes", { params: { query: { text, area, limit } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const look = (to: Record<string, string>) => {
    const next = { text, area, ...to };
    setSearch(Object.entries(next).filter(([, value]) => value));
  };
  return (
    <Page title={t(words.title)} aside={can("unheard.read") ? <ButtonLink to="/unheard">{t(words.to_unheard)}</ButtonLink> : null}>
      <form
        className="asked"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          look({ text: typed.trim() });
        }}
      >
        <Field label={t(words.search)} type="search" maxLength={100} value={typed} onChange={(event) => setTyped(event.target.value)} />
        {me.areas.length > 1 ? (
          <Select
            label={t(words.area)}
            empty={t(words.everywhere)}
            value={area}
            choices={me.areas.map((one) => ({ value: one.code, label: t(one) }))}
            onChange={(event) => look({ area: event.target.value })}
          />
        ) : null}
        <Button type="submit">{t(words.find)}</Button>
      </form>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {data && data.homes.length === 0 ? <Empty>{t(words.none)}</Empty> : null}
      {data && data.homes.length > 0 ? (
        <Table
          testid="homes"
          caption={t(words.found, { total: data.total, shown: data.homes.length })}
          rows={data.homes}
          id={(row) => row.id}
          columns={[
            { key: "name", head: t(words.name), names: true, cell: (row) => <Link className="tall" href={`/homes/${row.id}`}>{row.name}</Link> },
            { key: "state", head: t(words.state), cell: (row) => <StateOf of={row} /> },
            {
              key: "cases", head: t(words.cases),
              cell: (row) => row.cases.length
                ? <span className="row">{row.cases.map((id) => can("case.read") ? <Link className="tall" key={id} href={`/cases/${id}`}>#{id}</Link> : `#${id}`)}</span>
                : "–",
            },
            { key: "last", head: t(words.last_word), cell: (row) => (row.last_event_at ? at(row.last_event_at) : t(words.never)) },
            { key: "place", head: t(words.place), cell: (row) => t(row.place) },
          ]}
        />
      ) : null}
      {!data && !error ? <Busy /> : null}
      {data && data.total > data.homes.length && limit < 200 ? (
        <Button onClick={() => look({ limit: String(limit + PAGE) })}>{t(words.more)}</Button>
      ) : null}
    </Page>
  );
}
