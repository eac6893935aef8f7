// Somebody of the care chain: what may be known of them and by whom, who belongs to them, what they have said, and their care.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "wouter";
import { api, got } from "../api";
import { Consents } from "../chain/Consents";
import { useDeed } from "../chain/deed";
import { cityOf, useNames } from "../chain/names";
import { At, History, Lines } from "../chain/parts";
import { Facts } from "../chain/person/Facts";
import { Leaving } from "../chain/person/Leaving";
import { Ties } from "../chain/person/Ties";
import { Viewers } from "../chain/person/Viewers";
import { useSay } from "../language";
import { useSession } from "../session";
import { cityNow, useWhen } from "../time";
import { Busy, Button, ErrorBox, Notice, Page } from "../ui";
import { chain } from "../words/chain";
import { endings, risks } from "../words/chain_codes";
import { people } from "../words/chain_people";
import { named } from "../words/city";

export default function PersonPage() {
  const t = useSay();
  const { can } = useSession();
  const said = useWhen();
  const id = decodeURIComponent(useParams()["id"] ?? "");
  const { data: it, error, refetch } = useQuery({
    queryKey: ["care", "person", id],
    queryFn: () => got(api.GET("/api/care/persons/{id}", { params: { path: { id } } })),
    // Who may see somebody may become another while the page stands.
    refetchInterval: 60_000,
  });
  const names = useNames(cityOf(it?.area ?? ""));
  const spoken = useDeed(
    (at: string, once) => got(api.POST("/api/care/persons/{id}/contact", { params: { path: { id }, ...once }, body: { at } })),
    people.spoken_done,
  );
  if (!it) return <Page title={t(people.person)}>{error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : <Busy />}</Page>;
  const open = it.episodes.filter((one) => one.closed_at === null);
  const over = it.episodes.filter((one) => one.closed_at !== null);
  return (
    <Page title={it.name || it.id}>
      {it.exercise ? <Notice kind="warn"><p>{t(chain.exercise)}</p></Notice> : null}
      {it.gone_at && it.gone_why ? (
        <Notice kind="bad"><p>{t(people.gone, { when: said(it.gone_at), why: t(named(endings, it.gone_why)) })}</p></Notice>
      ) : null}
      <div className="columns">
        <div className="stack">
          <section className="panel">
            <Lines
              of={[
                [t(chain.area), t(names.area(it.area))],
                [t(people.risk), t(named(risks, it.risk))],
                [t(people.contact_at), said(it.contact_at)],
                [t(people.since), <At key="since" at={it.created_at} />],
                ...(it.home && can("home.read")
                  ? [[t(people.home), <Link key="home" href={`/homes/${encodeURIComponent(it.home)}`}>{it.home}</Link>] as [string, ReactNode]]
                  : []),
              ]}
            />
            {spoken.error ? <ErrorBox error={spoken.error} /> : null}
            {can("person.write") && it.gone_at === null ? (
              <Button busy={spoken.isPending} onClick={() => spoken.mutate(new Date(cityNow()).toISOString())}>{t(people.spoken)}</Button>
            ) : null}
          </section>
          <section className="panel" data-testid="episodes">
            <h2>{t(people.episodes)}</h2>
            <ul className="plain">
              {[...open, ...over].map((one) => (
                <li key={one.id}>
                  {can("episode.read") ? <Link href={`/episodes/${one.id}`}>{t(one.stage_name)}</Link> : t(one.stage_name)}
                  {one.ended ? ` (${t(named(endings, one.ended))})` : ""}
                  <br />
                  <small className="soft">{`${said(one.opened_at)} · ${one.requested.map((code) => t(names.service(code))).join(", ")}`}</small>
                </li>
              ))}
            </ul>
          </section>
          <Facts person={it} />
        </div>
        <div className="stack">
          <Consents person={it.id} of={it.consents} />
          {it.home && can("viewer.write") ? <Viewers person={it.id} /> : null}
          <Ties it={it} />
          <History lines={it.history} members={it.names} />
          <Leaving it={it} />
        </div>
      </div>
    </Page>
  );
}
