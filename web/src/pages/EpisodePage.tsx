// One episode of care: where it stands, the one thing that is next, and all that belongs to it.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "wouter";
import { api, got } from "../api";
import { Consents } from "../chain/Consents";
import { Asked, Assessed, Closing, Whose } from "../chain/episode/Belongings";
import { Next } from "../chain/episode/Next";
import { Services } from "../chain/episode/Services";
import { DueAt, History, Track } from "../chain/parts";
import { useSay } from "../language";
import { useSession } from "../session";
import { Busy, ErrorBox, Notice, Page } from "../ui";
import { chain } from "../words/chain";

export default function EpisodePage() {
  const t = useSay();
  const { can } = useSession();
  const id = Number(useParams()["id"]);
  const { data: it, error, refetch } = useQuery({
    queryKey: ["care", "episode", id],
    queryFn: () => got(api.GET("/api/care/episodes/{id}", { params: { path: { id } } })),
    // Who may see somebody may become another while the page stands.
    refetchInterval: 60_000,
  });
  if (!it) {
    return (
      <Page title={t(chain.episodes)}>{error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : <Busy />}</Page>
    );
  }
  return (
    <Page title={`${it.name || it.person} · ${t(it.stage_name)}`}>
      {it.exercise ? <Notice kind="warn"><p>{t(chain.exercise)}</p></Notice> : null}
      <Track stage={it.stage} />
      {it.due_at ? <p>{`${t(chain.due)}: `}<DueAt at={it.due_at} /></p> : null}
      <div className="columns">
        <div className="stack">
          <Next key={it.stage} it={it} />
          <Assessed it={it} />
          <Services it={it} />
        </div>
        <div className="stack">
          <Whose it={it} />
          <Consents person={it.person} of={it.consents} />
          <Asked it={it} />
          <History lines={it.history} members={it.members} />
          <div className="row">
            {can("export.read") ? <a className="button quiet" href={`/api/care/episodes/${it.id}/fhir`} download>{t(chain.fhir)}</a> : null}
            <Closing it={it} />
          </div>
        </div>
      </div>
    </Page>
  );
}
