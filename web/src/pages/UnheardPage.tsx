// The homes that nobody watches just now, longest first: whom to call or to visit.
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, got } from "../api";
import "../style/desk.css";
import { useSay } from "../language";
import { useWhen } from "../time";
import { Busy, ButtonLink, Empty, ErrorBox, Notice, Page, Table } from "../ui";
import { homes as words } from "../words/homes";

export default function UnheardPage() {
  const t = useSay();
  const at = useWhen();
  const { data, error, refetch } = useQuery({
    queryKey: ["unheard"],
    queryFn: () => got(api.GET("/api/unheard")),
    refetchInterval: 30_000,
  });
  return (
    <Page title={t(words.unheard_title)} aside={<ButtonLink to="/homes" kind="quiet">{t(words.title)}</ButtonLink>}>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {data && data.length === 0 && !error ? <Empty>{t(words.unheard_none)}</Empty> : null}
      {data && data.length > 0 ? (
        <div className={error ? "aged" : undefined}>
          <Notice kind="warn"><p>{t(words.unheard_what)}</p></Notice>
          <Table
            testid="unheard"
            caption={t(words.unheard_title)}
            rows={data}
            id={(row) => row.home}
            columns={[
              { key: "name", head: t(words.name), names: true, cell: (row) => <Link className="tall" href={`/homes/${row.home}`}>{row.resident || row.home}</Link> },
              { key: "since", head: t(words.since), cell: (row) => (row.since ? at(row.since) : t(words.never)) },
              { key: "place", head: t(words.place), cell: (row) => t(row.place) },
            ]}
          />
        </div>
      ) : null}
      {!data && !error ? <Busy /> : null}
    </Page>
  );
}
