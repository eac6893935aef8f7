// The rota: the hours in which nobody can be called come first, then the days ahead and who stands in.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { dayAt } from "../home/wall";
import { useLanguage, useSay } from "../language";
import { CoverForm, type Wanted } from "../rota/CoverForm";
import { Days } from "../rota/Days";
import { holes as holesOf, missing } from "../rota/gaps";
import type { components } from "../schema";
import { useSession } from "../session";
import { cityNow, when } from "../time";
import { Busy, Button, Dialog, ErrorBox, Notice, Page, Table, toast } from "../ui";
import "../style/desk.css";
import { common } from "../words/common";
import { named } from "../words/city";
import { roles } from "../words/people";
import { rota as words } from "../words/rota";

type Schemas = components["schemas"];

function End({ cover, onClose }: { cover: Schemas["CoverOut"]; onClose: () => void }) {
  const t = useSay();
  const cache = useQueryClient();
  const end = useMutation({
    mutationFn: () => got(api.DELETE("/api/rota/covers/{id}", { params: { path: { id: cover.id } } })),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["rota"] });
      toast(words.ended);
      onClose();
    },
  });
  return (
    <Dialog
      title={t(words.end_title)}
      onClose={onClose}
      ends={
        <>
          <Button onClick={onClose}>{t(common.close)}</Button>
          <Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>{t(words.end_cover)}</Button>
        </>
      }
    >
      {end.error ? <ErrorBox error={end.error} /> : null}
      <p>{t(words.end_what, { name: cover.name })}</p>
    </Dialog>
  );
}

export default function RotaPage() {
  const t = useSay();
  const { language } = useLanguage();
  const { can } = useSession();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [ending, setEnding] = useState<Schemas["CoverOut"] | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["rota"],
    queryFn: () => got(api.GET("/api/rota", { params: { query: { days: 30 } } })),
    refetchInterval: 300_000,
  });
  if (!data) return <Page title={t(words.title)}>{error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : <Busy />}</Page>;
  const write = can("rota.write");
  const holes = holesOf(data);
  const fresh = () => setWanted({ member: "", start: dayAt(cityNow(), 1, "00:00"), end: dayAt(cityNow(), 2, "00:00") });
  return (
    <Page title={t(words.title)} aside={<a className="button quiet" href={`/api/rota.ics?language=${language}`} download="anbu-rota.ics">{t(words.subscribe)}</a>}>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      <div className="stack">
        <section className="panel" aria-labelledby="gaps" data-testid="gaps">
          <h2 id="gaps">{t(words.gaps)}</h2>
          {holes.length === 0 ? <p className="tone good"><span aria-hidden="true">●</span> {t(words.gaps_none)}</p> : (
            <>
              <Notice kind="bad"><p>{t(words.gaps_what)}</p></Notice>
              <Table
                caption={t(words.gaps)}
                rows={holes}
                id={(hole) => hole.key}
                columns={[
                  { key: "who", head: t(words.who), names: true, cell: ({ gap }) => <span className="tone bad"><span aria-hidden="true">▲</span> {t(gap.role_name)}</span> },
                  { key: "from", head: t(words.from), cell: ({ gap, always }) => (always ? t(words.always) : when(gap.start, language)) },
                  { key: "to", head: t(words.to), cell: ({ gap, always }) => (always ? "–" : when(gap.end, language)) },
                  {
                    key: "where", head: t(words.where),
                    cell: ({ gap, areas }) => areas.length === 1 ? t(gap.place) : (
                      <details>
                        <summary>{t(words.places_more, { place: t(gap.place), count: areas.length - 1 })}</summary>
                        {areas.map((one) => t(one.place)).join(" · ")}
                      </details>
                    ),
                  },
                  { key: "why", head: t(words.why), cell: ({ gap }) => gap.why.map((one) => t(one)).join(" ") || "–" },
                  ...(write ? [{
                    key: "close", head: t(common.deeds),
                    cell: ({ gap, always }: (typeof holes)[number]) => always ? t(words.nobody_at_all) : (
                      <Button onClick={() => setWanted({ member: missing(gap, data), start: Date.parse(gap.start), end: Date.parse(gap.end) })}>{t(words.close_gap)}</Button>
                    ),
                  }] : []),
                ]}
              />
            </>
          )}
        </section>
        {write ? <div><Button kind="first" onClick={fresh}>{t(words.add)}</Button></div> : null}
        <section aria-labelledby="month"><h2 id="month">{t(words.calendar)}</h2><Days of={data} holes={holes.filter((hole) => !hole.always)} /></section>
        {data.covers.length ? (
          <section className="panel">
            <Table
              testid="covers"
              caption={t(words.covers)}
              rows={data.covers}
              id={(cover) => cover.id}
              columns={[
                { key: "member", head: t(words.member), names: true, cell: (cover) => cover.name },
                { key: "by", head: t(words.by), cell: (cover) => cover.by_name ?? t(words.nobody) },
                { key: "from", head: t(words.from), cell: (cover) => when(cover.start, language) },
                { key: "to", head: t(words.to), cell: (cover) => when(cover.end, language) },
                ...(write ? [{
                  key: "end", head: t(common.deeds),
                  cell: (cover: Schemas["CoverOut"]) => <Button kind="quiet" aria-label={t(words.end_cover_of, { name: cover.name })} onClick={() => setEnding(cover)}>{t(words.end_cover)}</Button>,
                }] : []),
              ]}
            />
          </section>
        ) : null}
        <details className="panel">
          <summary>{t(words.people)} ({data.members.length})</summary>
          <Table
            caption={t(words.people)}
            rows={data.members}
            id={(one) => one.id}
            columns={[
              { key: "name", head: t(words.name), names: true, cell: (one) => one.name },
              { key: "role", head: t(words.role), cell: (one) => t(named(roles, one.role)) },
              { key: "where", head: t(words.where), cell: (one) => t(one.place) },
              {
                key: "state", head: t(words.state),
                cell: (one) => one.active && one.reachable ? t(words.reachable) : <span className="tone warn">{t(one.active ? words.unreachable : words.inactive)}</span>,
              },
            ]}
          />
        </details>
      </div>
      {wanted ? <CoverForm people={data.members} wanted={wanted} onClose={() => setWanted(null)} /> : null}
      {ending ? <End cover={ending} onClose={() => setEnding(null)} /> : null}
    </Page>
  );
}
