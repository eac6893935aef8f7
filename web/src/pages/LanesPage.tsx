// How the city's own workers do, whether test calls arrive, and what could not be read.
import { useQuery } from "@tanstack/react-query";
import { api, got } from "../api";
import { useSay } from "../language";
import { useSession } from "../session";
import { useWhen } from "../time";
import { Busy, ErrorBox, Notice, Page, Table } from "../ui";
import "../style/desk.css";
import { lanes as words } from "../words/operators";

function Quarantine() {
  const t = useSay();
  const at = useWhen();
  const { data, error, refetch } = useQuery({
    queryKey: ["quarantine"],
    queryFn: () => got(api.GET("/api/quarantine", { params: { query: { limit: 100 } } })),
    refetchInterval: 60_000,
  });
  return (
    <section className="panel" aria-labelledby="quarantine" data-testid="quarantine">
      <h2 id="quarantine">{t(words.quarantine)}</h2>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {data && data.length === 0 ? <p className="tone good"><span aria-hidden="true">●</span> {t(words.quarantine_none)}</p> : null}
      {data && data.length > 0 ? (
        <Table
          caption={t(words.quarantine_shown, { count: data.length })}
          rows={data}
          id={(row) => row.id}
          columns={[
            { key: "at", head: t(words.at), names: true, cell: (row) => at(row.at) },
            { key: "reason", head: t(words.reason), cell: (row) => row.reason },
            { key: "topic", head: t(words.topic), cell: (row) => <span className="chain">{row.topic}</span> },
            { key: "detail", head: t(words.detail), cell: (row) => row.detail },
            { key: "size", head: t(words.size), cell: (row) => <>{t(words.bytes, { size: row.size })} {row.begins ? <span className="chain">{row.begins}</span> : null}</> },
          ]}
        />
      ) : null}
    </section>
  );
}

export default function LanesPage() {
  const t = useSay();
  const { can } = useSession();
  const { data, error, refetch } = useQuery({ queryKey: ["lanes"], queryFn: () => got(api.GET("/api/lanes")), refetchInterval: 10_000 });
  const late = data?.lanes.some((lane) => lane.late) ?? false;
  const cut = data?.lanes.some((lane) => lane.connected === false) ?? false;
  return (
    <Page title={t(words.title)}>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {!data && !error ? <Busy /> : null}
      <div className="stack">
        {data ? (
          <>
            <Notice kind={late || cut ? "bad" : "good"} testid="lanes-state"><p>{t(late || cut ? words.some_late : words.all_well)}</p></Notice>
            {data.unreachable.length ? <Notice kind="bad"><p>{t(words.unreachable, { areas: data.unreachable.join(", ") })}</p></Notice> : null}
            <Table
              testid="lanes"
              caption={t(words.title)}
              rows={data.lanes}
              id={(lane) => lane.name}
              columns={[
                { key: "worker", head: t(words.worker), names: true, cell: (lane) => lane.name },
                {
                  key: "state", head: t(words.state),
                  cell: (lane) => lane.late
                    ? <span className="tone bad"><span aria-hidden="true">▲</span> {t(words.late, { limit: data.limit_s })}</span>
                    : <span className="tone good"><span aria-hidden="true">●</span> {t(words.well)}</span>,
                },
                { key: "age", head: t(words.age), cell: (lane) => (lane.age_s === null ? t(words.no_round) : t(words.seconds, { s: Math.round(lane.age_s) })) },
                { key: "broker", head: t(words.broker), cell: (lane) => lane.connected === null ? "–" : lane.connected ? t(words.connected) : <span className="tone bad"><span aria-hidden="true">▲</span> {t(words.cut)}</span> },
                { key: "waiting", head: t(words.waiting), right: true, cell: (lane) => String(lane.waiting ?? "–") },
              ]}
            />
          </>
        ) : null}
        {can("quarantine.read") ? <Quarantine /> : null}
      </div>
    </Page>
  );
}
