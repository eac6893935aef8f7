// Evaluations that somebody has to make: the overdue ones, and those of the next month.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, got } from "../api";
import { cityOf, useNames } from "../chain/names";
import { AreaSelect, DueAt, PAGE, Pages, usePaging } from "../chain/parts";
import { newest, useInstruments } from "../chain/Questionnaire";
import { useSay } from "../language";
import { useMe } from "../session";
import { cityNow } from "../time";
import { Busy, Check, Empty, ErrorBox, Page, Table, Tabs } from "../ui";
import { chain } from "../words/chain";
import { office } from "../words/chain_office";

const MONTH_MS = 30 * 86_400_000;

function Listed({ area, mine, month }: { area: string; mine: boolean; month: boolean }) {
  const t = useSay();
  const me = useMe();
  const paging = usePaging();
  const all = useInstruments();
  const [before] = useState(() => new Date(cityNow() + MONTH_MS).toISOString());
  const query = {
    area: area || undefined,
    owner: mine ? (me.member ?? "") : undefined,
    before: month ? before : undefined,
    ...paging.query,
  };
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "due", query],
    queryFn: () => got(api.GET("/api/care/evaluations/due", { params: { query } })),
  });
  const names = useNames(cityOf(data?.[0]?.area ?? ""));
  if (error && !data) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  if (data.length === 0 && paging.offset === 0) return <Empty>{t(office.evaluations_none)}</Empty>;
  return (
    <>
      <Table
        caption={t(office.evaluations_caption)}
        rows={data.slice(0, PAGE)}
        id={(row) => row.id}
        testid="evaluations"
        columns={[
          { key: "name", head: t(chain.person), names: true, cell: (row) => <Link href={`/episodes/${row.episode}`}>{row.name || row.person}</Link> },
          {
            key: "what", head: t(office.instrument),
            cell: (row) => {
              const known = newest(all ?? [], row.instrument);
              return known ? t(known.name) : row.instrument;
            },
          },
          { key: "phase", head: t(office.phase), cell: (row) => t(row.phase === "first" ? chain.first : chain.follow_up) },
          { key: "due", head: t(chain.due), cell: (row) => <DueAt at={row.due_at} /> },
          { key: "area", head: t(chain.area), cell: (row) => t(names.area(row.area)) },
        ]}
      />
      <Pages of={data.length} offset={paging.offset} turn={paging.turn} />
    </>
  );
}

export default function EvaluationsPage() {
  const t = useSay();
  const me = useMe();
  const [area, setArea] = useState("");
  const [mine, setMine] = useState(false);
  const [view, setView] = useState("overdue");
  return (
    <Page title={t(office.evaluations_title)}>
      <div className="filters">
        <AreaSelect value={area} onPick={setArea} everywhere={t(chain.everywhere)} />
        {me.member ? <Check label={t(chain.mine_only)} checked={mine} onTick={setMine} /> : null}
      </div>
      <Tabs
        label={t(chain.due)}
        chosen={view}
        onChoose={setView}
        tabs={[{ key: "overdue", label: t(office.overdue) }, { key: "month", label: t(office.month) }]}
      >
        <Listed key={`${area} ${mine} ${view}`} area={area} mine={mine} month={view === "month"} />
      </Tabs>
    </Page>
  );
}
