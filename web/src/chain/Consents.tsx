// What somebody has said to being cared for and to sharing what is known of them; written down when they say it.
import { useState } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import { useSession } from "../session";
import { Button, Dialog, ErrorBox } from "../ui";
import { chain } from "../words/chain";
import { common } from "../words/common";
import { consents as states, purposes } from "../words/chain_codes";
import { named } from "../words/city";
import { useDeed } from "./deed";
import { At, DueAt } from "./parts";
import type { Consent } from "./shapes";

type Decision = "given" | "refused" | "withdrawn";
const PURPOSES = ["care", "sharing"] as const;

export function Consents({ person, of }: { person: string; of: Consent[] }) {
  const t = useSay();
  const { can } = useSession();
  const [asking, setAsking] = useState<Decision | null>(null);
  const decide = useDeed(
    (said: { purpose: "care" | "sharing"; decision: Decision }, once) =>
      got(api.POST("/api/care/persons/{id}/consents", { params: { path: { id: person }, ...once }, body: said })),
    chain.consent_saved,
    () => setAsking(null),
  );
  return (
    <section className="panel" aria-labelledby="consents-head" data-testid="consents">
      <h2 id="consents-head">{t(chain.consents)}</h2>
      {decide.error && asking === null ? <ErrorBox error={decide.error} /> : null}
      <ul className="plain">
        {PURPOSES.map((purpose) => {
          const last = of.filter((one) => one.purpose === purpose).reduce<Consent | null>((newest, one) => (newest && newest.id > one.id ? newest : one), null);
          // Without consent to care, care ends: that is asked again.
          const say = (decision: Decision) => (purpose === "care" ? setAsking(decision) : decide.mutate({ purpose, decision }));
          return (
            <li key={purpose} data-testid={`consent-${purpose}`}>
              <p>
                {`${t(named(purposes, purpose))}: `}
                <span className="strong">{last ? t(named(states, last.state)) : t(chain.consent_none)}</span>
                {last?.decided_at ? <>{" · "}<At at={last.decided_at} /></> : null}
                {last?.state === "asked" && last.due_at ? <>{" · "}<DueAt at={last.due_at} /></> : null}
              </p>
              {can("consent.write") ? (
                <div className="row">
                  {last?.state === "given" ? (
                    <Button kind="danger" onClick={() => say("withdrawn")}>{t(chain.consent_withdraw)}</Button>
                  ) : (
                    <>
                      <Button busy={decide.isPending} onClick={() => decide.mutate({ purpose, decision: "given" })}>{t(chain.consent_given)}</Button>
                      {last?.state === "refused" ? null : <Button onClick={() => say("refused")}>{t(chain.consent_refused)}</Button>}
                    </>
                  )}
                </div>
              ) : null}
            </li>
          );
        })}
      </ul>
      {asking ? (
        <Dialog
          title={t(asking === "withdrawn" ? chain.consent_withdraw : chain.consent_refused)}
          onClose={() => setAsking(null)}
          ends={
            <>
              <Button onClick={() => setAsking(null)}>{t(common.cancel)}</Button>
              <Button kind="danger" busy={decide.isPending} onClick={() => decide.mutate({ purpose: "care", decision: asking })}>{t(common.save)}</Button>
            </>
          }
        >
          <p>{t(chain.consent_end)}</p>
          {decide.error ? <ErrorBox error={decide.error} /> : null}
        </Dialog>
      ) : null}
    </section>
  );
}
