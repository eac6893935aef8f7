// Every device of an operator's area, who has been silent longest first, without a word about people.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { Battery } from "../home/Devices";
import { useSay } from "../language";
import { useWhen } from "../time";
import { Busy, Button, Empty, ErrorBox, Page, Table, Tabs } from "../ui";
import "../style/desk.css";
import { named } from "../words/city";
import { kinds } from "../words/home";
import { devices as words } from "../words/operators";

const VIEWS = ["all", "silent", "weak", "unproved"] as const;
type View = (typeof VIEWS)[number];
const PAGE = 100;

export default function DevicesPage() {
  const t = useSay();
  const at = useWhen();
  const [view, setView] = useState<View>("all");
  const [limit, setLimit] = useState(PAGE);
  const { data, error, refetch } = useQuery({
    queryKey: ["devices", view, limit],
    queryFn: () => got(api.GET("/api/devices", { params: { query: { limit, ...(view === "all" ? {} : { state: view }) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <Page title={t(words.title)}>
      <Tabs label={t(words.views)} chosen={view} onChoose={(key) => { setView(key as View); setLimit(PAGE); }} tabs={VIEWS.map((key) => ({ key, label: t(words[key]) }))}>
        {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
        {!data && !error ? <Busy /> : null}
        {data && data.devices.length === 0 ? <Empty>{t(words.none)}</Empty> : null}
        {data && data.devices.length > 0 ? (
          <Table
            testid="devices"
            caption={t(words.shown, { total: data.total, shown: data.devices.length })}
            rows={data.devices}
            id={(row) => `${row.gateway}/${row.device}`}
            columns={[
              { key: "device", head: t(words.device), names: true, cell: (row) => row.device },
              { key: "gateway", head: t(words.gateway), cell: (row) => row.gateway },
              {
                key: "state", head: t(words.state),
                cell: (row) => row.states.length === 0 ? t(words.well) : (
                  <span className="tone bad"><span aria-hidden="true">▲</span> {row.states.map((state) => t(words[state])).join(" · ")}</span>
                ),
              },
              { key: "last", head: t(words.last), cell: (row) => at(row.last_seen) },
              { key: "battery", head: t(words.battery), cell: (row) => <Battery pct={row.battery_pct} /> },
              { key: "kinds", head: t(words.kinds), cell: (row) => row.kinds.map((kind) => t(named(kinds, kind))).join(", ") || "–" },
              { key: "place", head: t(words.place), cell: (row) => t(row.place) },
            ]}
          />
        ) : null}
        {data && data.total > data.devices.length && limit < 500 ? <Button onClick={() => setLimit(limit + PAGE)}>{t(words.more)}</Button> : null}
      </Tabs>
    </Page>
  );
}
