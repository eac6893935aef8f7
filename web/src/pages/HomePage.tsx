// One home: is it being watched now, who is away, what its devices say, and when its silence becomes an alarm.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "wouter";
import { api, asFault, got } from "../api";
import { DayPlot } from "../case/DayPlot";
import { Resident } from "../case/Resident";
import { Absence } from "../home/Absence";
import { CheckIns } from "../home/CheckIns";
import { Devices } from "../home/Devices";
import { Thresholds } from "../home/Thresholds";
import { Watching } from "../home/Watching";
import "../style/desk.css";
import { useSay } from "../language";
import { useSession } from "../session";
import { Busy, ButtonLink, Empty, ErrorBox, Page } from "../ui";
import { common } from "../words/common";
import { home as words } from "../words/home";

function Card({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["home", id, "card"],
    queryFn: () => got(api.GET("/api/homes/{id}/card", { params: { path: { id } } })),
    refetchInterval: 60_000,
  });
  if (data) return <Resident of={data} urgent={false} />;
  return error && asFault(error).passing ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null;
}

export default function HomePage() {
  const t = useSay();
  const { can } = useSession();
  const id = useParams()["id"] ?? "";
  const { data, error, refetch } = useQuery({
    queryKey: ["home", id],
    queryFn: () => got(api.GET("/api/homes/{id}", { params: { path: { id } } })),
    refetchInterval: 30_000,
  });
  const back = <ButtonLink to="/homes" kind="quiet">{t(words.back)}</ButtonLink>;
  if (!data) {
    // A home that is not one's own is as unknown as one that is not there.
    const missing = error !== null && [404, 422].includes(asFault(error).status);
    return (
      <Page title={missing ? t(common.missing) : t(words.watching)} aside={back}>
        {missing ? <Empty>{t(asFault(error))}</Empty> : error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : <Busy />}
      </Page>
    );
  }
  return (
    <Page title={data.resident || data.id} aside={back}>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      <div className={error ? "columns aged" : "columns"} data-testid="home" data-home={data.id}>
        <div className="stack">
          <Watching of={data} />
          <Card id={data.id} />
          {can("absence.write") ? <Absence of={data} /> : null}
          <DayPlot home={data.id} />
          <Devices of={data} />
        </div>
        <div className="stack">
          {can("check_in.read") ? <CheckIns home={data.id} /> : null}
          {can("home.set") ? <Thresholds key={data.id} of={data} /> : null}
        </div>
      </div>
    </Page>
  );
}
