// A month of the audit in numbers: who did what, how often, and to how many people.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import { cityNow, isoDay } from "../time";
import { Busy, Empty, ErrorBox, Field, Table } from "../ui";
import { actionWord, audit as words } from "../words/audit";
import { named } from "../words/city";
import { roles } from "../words/people";

const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/;

export function Report() {
  const t = useSay();
  const [month, setMonth] = useState(isoDay(cityNow()).slice(0, 7));
  const good = MONTH.test(month);
  const { data, error, refetch } = useQuery({
    queryKey: ["audit", "report", month],
    queryFn: () => got(api.GET("/api/audit/report", { params: { query: { month } } })),
    enabled: good,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  return (
    <>
      <div className="asked">
        <Field label={t(words.month)} type="month" required value={month} onChange={(event) => setMonth(event.target.value)} />
        {good ? <a className="button" href={`/api/audit/report.csv?month=${month}`} download>{t(words.csv)}</a> : null}
      </div>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {good && !data && !error ? <Busy /> : null}
      {data && data.length === 0 ? <Empty>{t(words.report_none)}</Empty> : null}
      {data && data.length > 0 ? (
        <Table
          testid="report"
          caption={t(words.report_of, { month })}
          rows={data}
          id={(row) => `${row.account} ${row.role} ${row.action}`}
          columns={[
            { key: "who", head: t(words.who), names: true, cell: (row) => row.name ?? (row.account || t(words.system)) },
            { key: "role", head: t(words.role), cell: (row) => t(named(roles, row.role)) },
            { key: "action", head: t(words.action), cell: (row) => t(actionWord(row.action)) },
            { key: "times", head: t(words.times), right: true, cell: (row) => String(row.times) },
            { key: "people", head: t(words.people), right: true, cell: (row) => String(row.about) },
          ]}
        />
      ) : null}
    </>
  );
}
