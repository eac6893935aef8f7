// The audit for the city's auditor: search it, read a month of it, and see whether it is whole.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { Records } from "../audit/Records";
import { Report } from "../audit/Report";
import { useSay } from "../language";
import { Button, ErrorBox, Notice, Page, Tabs } from "../ui";
import "../style/desk.css";
import { audit as words } from "../words/audit";

const VIEWS = ["records", "report", "verify"] as const;
type View = (typeof VIEWS)[number];

function Verify() {
  const t = useSay();
  const look = useMutation({ mutationFn: () => got(api.GET("/api/audit/verify")) });
  return (
    <div className="stack">
      <p>{t(words.verify_what)}</p>
      <div><Button kind="first" busy={look.isPending} onClick={() => look.mutate()}>{t(words.verify_now)}</Button></div>
      {look.error ? <ErrorBox error={look.error} /> : null}
      <div role="status">
        {look.data ? (
          <>
            <Notice kind={look.data.broken === null ? "good" : "bad"} testid="verdict">
              <p className="strong">
                {look.data.broken === null
                  ? t(words.whole, { count: look.data.records })
                  : t(words.broken, { broken: look.data.broken, count: look.data.records })}
              </p>
            </Notice>
            <p>{t(words.head)}</p>
            <p className="chain">{look.data.records}:{look.data.head}</p>
          </>
        ) : null}
      </div>
    </div>
  );
}

export default function AuditPage() {
  const t = useSay();
  const [view, setView] = useState<View>("records");
  return (
    <Page title={t(words.title)}>
      <Tabs label={t(words.views)} chosen={view} onChoose={(key) => setView(key as View)} tabs={VIEWS.map((key) => ({ key, label: t(words[key]) }))}>
        {view === "records" ? <Records /> : view === "report" ? <Report /> : <Verify />}
      </Tabs>
    </Page>
  );
}
