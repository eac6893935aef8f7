// The gu-office's list of orders: what nobody delivers yet, what waits for an answer, and what came back.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, got } from "../api";
import { Offer } from "../chain/episode/Offers";
import { cityOf, useNames } from "../chain/names";
import { AreaSelect, DueAt, PAGE, Pages, usePaging } from "../chain/parts";
import { useSay } from "../language";
import { useMe } from "../session";
import { Busy, Empty, ErrorBox, Notice, Page, Table, Tabs } from "../ui";
import { chain } from "../words/chain";
import { office } from "../words/chain_office";
import { orderStates } from "../words/chain_codes";
import { named } from "../words/city";

const STATES = ["offered", "accepted", "declined", "lapsed", "done"] as const;
type State = (typeof STATES)[number];

function Unplaced({ area }: { area: string }) {
  const t = useSay();
  const paging = usePaging();
  const names = useNames();
  const query = { area: area || undefined, ...paging.query };
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "unplaced", query],
    queryFn: () => got(api.GET("/api/care/unplaced", { params: { query } })),
    refetchInterval: 60_000,
  });
  if (error && !data) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  if (data.length === 0 && paging.offset === 0) return <Empty>{t(office.unplaced_none)}</Empty>;
  return (
    <>
      <div className="cards">
        {data.slice(0, PAGE).map((one) => (
          <section className="panel" key={one.item} aria-label={`${one.name} ${one.service}`}>
            <h2><Link href={`/episodes/${one.episode}`}>{one.name || one.person}</Link></h2>
            <p className="soft">{t(names.area(one.area))}</p>
            <Offer of={one} first />
          </section>
        ))}
      </div>
      <Pages of={data.length} offset={paging.offset} turn={paging.turn} />
    </>
  );
}

function Listed({ area, state }: { area: string; state: State }) {
  const t = useSay();
  const me = useMe();
  const paging = usePaging();
  const query = { area: area || undefined, state, ...paging.query };
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "orders", query],
    queryFn: () => got(api.GET("/api/care/orders", { params: { query } })),
    refetchInterval: 60_000,
  });
  const names = useNames(cityOf(data?.[0]?.area ?? me.areas[0]?.code ?? ""));
  if (error && !data) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  if (data.length === 0 && paging.offset === 0) return <Empty>{t(office.orders_none)}</Empty>;
  return (
    <>
      {state === "declined" || state === "lapsed" ? <Notice><p>{t(office.again_note)}</p></Notice> : null}
      <Table
        caption={t(office.orders_caption)}
        rows={data.slice(0, PAGE)}
        id={(row) => row.id}
        testid="orders"
        columns={[
          { key: "who", head: t(chain.person), names: true, cell: (row) => <Link href={`/episodes/${row.episode}`}>{row.name ?? row.person}</Link> },
          { key: "service", head: t(chain.service), cell: (row) => t(names.service(row.service)) },
          { key: "provider", head: t(chain.provider), cell: (row) => t(names.provider(row.provider)) },
          { key: "state", head: t(chain.state), cell: (row) => `${t(named(orderStates, row.state))}${row.reason ? ` (${row.reason})` : ""}` },
          { key: "units", head: t(office.delivered), right: true, cell: (row) => `${row.recorded}/${row.units}` },
          { key: "due", head: t(chain.due), cell: (row) => <DueAt at={row.due_at} /> },
        ]}
      />
      <Pages of={data.length} offset={paging.offset} turn={paging.turn} />
    </>
  );
}

export default function OrdersPage() {
  const t = useSay();
  const [view, setView] = useState("unplaced");
  const [area, setArea] = useState("");
  const state = STATES.find((one) => one === view);
  return (
    <Page title={t(office.orders_title)}>
      <div className="filters">
        <AreaSelect value={area} onPick={setArea} everywhere={t(chain.everywhere)} />
      </div>
      <Tabs
        label={t(office.views)}
        chosen={view}
        onChoose={setView}
        tabs={["unplaced" as const, ...STATES].map((key) => ({ key, label: t(office[key]) }))}
      >
        {state ? <Listed key={`${state} ${area}`} area={area} state={state} /> : <Unplaced key={area} area={area} />}
      </Tabs>
    </Page>
  );
}
