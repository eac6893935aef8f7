// The episodes of care that one answers for: what is due first on top, mine or everybody's, by stage and area.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { api, got } from "../api";
import { cityOf, useNames } from "../chain/names";
import { AreaSelect, DueAt, PAGE, Pages, usePaging } from "../chain/parts";
import type { Stage } from "../chain/shapes";
import { useSay } from "../language";
import { useMe, useSession } from "../session";
import { Busy, ButtonLink, Check, Empty, ErrorBox, Page, Select, Table } from "../ui";
import { chain } from "../words/chain";
import { priorities, stages } from "../words/chain_codes";
import { named } from "../words/city";

export default function EpisodesPage() {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  const [search] = useSearchParams();
  const [stage, setStage] = useState("");
  const [area, setArea] = useState(search.get("area") ?? "");
  const [mine, setMine] = useState(false);
  const [late, setLate] = useState(search.has("overdue"));
  const paging = usePaging();
  const asked = {
    stage: (stage || undefined) as Stage | undefined,
    area,
    owner: mine ? (me.member ?? "") : undefined,
    overdue: late,
    ...paging.query,
  };
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "episodes", asked],
    queryFn: () => got(api.GET("/api/care/episodes", { params: { query: asked } })),
    refetchInterval: 60_000,
  });
  const names = useNames(cityOf(data?.[0]?.area ?? me.areas[0]?.code ?? ""));
  const change = (act: () => void) => {
    paging.first();
    act();
  };
  return (
    <Page
      title={t(chain.episodes_title)}
      aside={can("application.write") ? <ButtonLink to="/intake" kind="first">{t(chain.take_call)}</ButtonLink> : undefined}
    >
      <div className="filters">
        <Select
          label={t(chain.stage)}
          empty={t(chain.all_stages)}
          choices={Object.entries(stages).map(([value, word]) => ({ value, label: t(word) }))}
          value={stage}
          onChange={(event) => change(() => setStage(event.target.value))}
        />
        <AreaSelect value={area} onPick={(code) => change(() => setArea(code))} everywhere={t(chain.everywhere)} />
        {me.member ? <Check label={t(chain.mine_only)} checked={mine} onTick={(on) => change(() => setMine(on))} /> : null}
        <Check label={t(chain.late_only)} checked={late} onTick={(on) => change(() => setLate(on))} />
      </div>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {data === undefined ? (error ? null : <Busy />) : data.length === 0 ? <Empty>{t(chain.no_episodes)}</Empty> : (
        <Table
          caption={t(chain.counted)}
          rows={data.slice(0, PAGE)}
          id={(row) => row.id}
          testid="episodes"
          columns={[
            { key: "name", head: t(chain.person), names: true, cell: (row) => <Link href={`/episodes/${row.id}`}>{row.name || row.person}</Link> },
            { key: "stage", head: t(chain.stage), cell: (row) => t(row.stage_name) },
            { key: "due", head: t(chain.due), cell: (row) => <DueAt at={row.due_at} /> },
            { key: "owner", head: t(chain.owner), cell: (row) => t(names.owner(row.owner, row.owner_name)) },
            { key: "priority", head: t(chain.priority), cell: (row) => t(named(priorities, row.priority)) },
            { key: "area", head: t(chain.area), cell: (row) => t(names.area(row.area)) },
          ]}
        />
      )}
      {data ? <Pages of={data.length} offset={paging.offset} turn={paging.turn} /> : null}
    </Page>
  );
}
