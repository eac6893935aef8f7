// Claims: a provider's records that become one, and what of them the gu-office has to judge.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, asFault, got } from "../api";
import { useDeed } from "../chain/deed";
import { cityOf, guOf, useNames } from "../chain/names";
import { At, DueAt, grouped, PAGE, Pages, usePaging, Won } from "../chain/parts";
import type { ClaimLine } from "../chain/shapes";
import { useSay } from "../language";
import { useMe, useSession } from "../session";
import { Busy, Button, Check, Empty, ErrorBox, Page, Table, Tabs } from "../ui";
import { chain } from "../words/chain";
import { office } from "../words/chain_office";
import { claimStates } from "../words/chain_codes";
import type { components } from "../schema";

type State = "open" | components["schemas"]["care__claim__State"];
const VIEWS = ["open", "submitted", "verified", "approved", "returned", "paid"] as const;

function Listed({ state }: { state: State }) {
  const t = useSay();
  const me = useMe();
  const paging = usePaging();
  const query = { state, ...paging.query };
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "claims", query],
    queryFn: () => got(api.GET("/api/care/claims", { params: { query } })),
    refetchInterval: 60_000,
  });
  const names = useNames(data?.[0]?.city ?? cityOf(me.areas[0]?.code ?? ""));
  if (error && !data) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  if (data.length === 0 && paging.offset === 0) return <Empty>{t(office.claims_none)}</Empty>;
  return (
    <>
      <Table
        caption={t(office.claims_caption)}
        rows={data.slice(0, PAGE)}
        id={(row) => row.id}
        testid="claims"
        columns={[
          { key: "id", head: t(office.number), names: true, cell: (row) => <Link href={`/claims/${row.id}`}>{t(office.claim, { id: row.id })}</Link> },
          { key: "provider", head: t(chain.provider), cell: (row) => t(names.provider(row.provider)) },
          { key: "state", head: t(chain.state), cell: (row) => t(row.says) },
          { key: "won", head: t(office.amount), right: true, cell: (row) => <Won of={row.won} /> },
          { key: "owner", head: t(chain.owner), cell: (row) => t(names.owner(row.owner)) },
          { key: "due", head: t(chain.due), cell: (row) => <DueAt at={row.due_at} /> },
        ]}
      />
      <Pages of={data.length} offset={paging.offset} turn={paging.turn} />
    </>
  );
}

/** What a provider has done and not claimed: chosen, district by district, and claimed. */
function Claimable({ provider }: { provider: string }) {
  const t = useSay();
  const [, go] = useLocation();
  const paging = usePaging();
  const [chosen, setChosen] = useState<Record<string, ClaimLine>>({});
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [empty, setEmpty] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "claimable", provider, paging.offset],
    queryFn: () => got(api.GET("/api/care/claimable", { params: { query: { provider, ...paging.query } } })),
  });
  const rows = data?.slice(0, PAGE) ?? [];
  const names = useNames(cityOf(rows[0]?.area ?? ""));
  const submit = useDeed(
    (records: string[], once) => got(api.POST("/api/care/claims", { params: once, body: { key, provider, records } })),
    office.submitted,
    (out) => go(`/claims/${out.id}`),
  );
  if (error && !data) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  if (data.length === 0 && paging.offset === 0) return <Empty>{t(office.claimable_none)}</Empty>;
  const picked = Object.values(chosen);
  const gus = [...new Set(rows.map((row) => guOf(row.area)))];
  const tick = (row: ClaimLine, on: boolean) => {
    const others = Object.entries(chosen).filter(([record]) => record !== row.record);
    setChosen(Object.fromEntries(on ? [...others, [row.record, row]] : others));
  };
  return (
    <div className="stack">
      <p className="soft">{t(office.claimable_hint)}</p>
      <div className="row">
        {gus.map((gu) => {
          const theirs = rows.filter((row) => guOf(row.area) === gu && !row.exercise);
          return (
            <Button key={gu} onClick={() => setChosen(Object.fromEntries(theirs.map((row) => [row.record, row])))}>
              {t(office.choose_all, { area: t(names.area(gu)), count: theirs.length })}
            </Button>
          );
        })}
      </div>
      <Table
        caption={t(office.claimable)}
        rows={rows}
        id={(row) => row.record}
        testid="claimable"
        columns={[
          {
            key: "pick", head: t(chain.service), names: true,
            cell: (row) => (
              <Check
                label={`${t(names.service(row.service))}${row.exercise ? ` (${t(chain.exercise)})` : ""}`}
                checked={row.record in chosen}
                onTick={(on) => tick(row, on)}
              />
            ),
          },
          { key: "area", head: t(chain.area), cell: (row) => t(names.area(guOf(row.area))) },
          { key: "when", head: t(office.when_done), cell: (row) => <At at={row.end} /> },
          { key: "units", head: t(chain.units), right: true, cell: (row) => row.units },
          { key: "won", head: t(office.amount), right: true, cell: (row) => <Won of={row.won} /> },
        ]}
      />
      <Pages of={data.length} offset={paging.offset} turn={paging.turn} />
      {empty && picked.length === 0 ? <p className="late" role="alert">{t(office.choose_first)}</p> : null}
      {submit.error ? <ErrorBox error={submit.error} /> : null}
      <p className="sum" role="status">
        {t(office.chosen, { count: picked.length, won: grouped(picked.reduce((sum, row) => sum + row.won, 0)) })}
      </p>
      <Button
        kind={["first", "big"]}
        busy={submit.isPending}
        testid="submit-claim"
        onClick={() => {
          setEmpty(picked.length === 0);
          if (picked.length === 0) return;
          submit.mutate(picked.map((row) => row.record), {
            // What was refused may be another claim the next time.
            onError: (fault) => {
              if (!asFault(fault).passing) setKey(crypto.randomUUID());
            },
          });
        }}
      >
        {t(office.submit)}
      </Button>
    </div>
  );
}

export default function ClaimsPage() {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  const provider = can("claim.submit") ? me.provider : null;
  const [view, setView] = useState(provider ? "claimable" : "open");
  const state = VIEWS.find((one) => one === view);
  return (
    <Page title={t(office.claims_title)}>
      <Tabs
        label={t(chain.state)}
        chosen={view}
        onChoose={setView}
        tabs={[
          ...(provider ? [{ key: "claimable", label: t(office.claimable) }] : []),
          ...VIEWS.map((key) => ({ key, label: t(key === "open" ? office.open_ones : (claimStates[key] ?? office.everything)) })),
        ]}
      >
        {state ? <Listed key={state} state={state} /> : provider ? <Claimable provider={provider} /> : null}
      </Tabs>
    </Page>
  );
}
