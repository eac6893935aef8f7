// Everything that has happened to a Care Call: the lines of its log, its signals, and each message with its proof.
import type { CaseConsole } from "../contract";
import { useLanguage, useSay } from "../language";
import { clockTime, when } from "../time";
import { Empty, Table } from "../ui";
import { care, deliveryStates } from "../words/case";
import { channels } from "../words/channels";
import { named } from "../words/city";

export function History({ of }: { of: CaseConsole }) {
  const t = useSay();
  const { language } = useLanguage();
  const at = (moment: string | null) => (moment ? clockTime(moment, language) : "–");
  return (
    <>
      <section className="panel" aria-labelledby="timeline" data-testid="timeline">
        <h2 id="timeline">{t(care.timeline)}</h2>
        <ol className="plain timeline">
          {of.timeline.toReversed().map((step) => (
            <li key={step.id} className={`step ${step.kind}`} data-key={step.key}>
              <time dateTime={step.at}>{when(step.at, language)}</time>
              <span>{t(step.what)}</span>
            </li>
          ))}
        </ol>
        <details>
          <summary>{t(care.signals)}</summary>
          <ul className="plain">
            {of.signals.map((signal, index) => (
              <li key={index}>
                <time>{when(signal.at, language)}</time> {t(signal.name)}: {signal.evidence.map((one) => t(one)).join(" ")}
              </li>
            ))}
          </ul>
        </details>
      </section>
      <section className="panel" aria-labelledby="deliveries">
        <h2 id="deliveries">{t(care.deliveries)}</h2>
        {of.deliveries.length === 0 ? <Empty>{t(care.no_deliveries)}</Empty> : (
          <Table
            caption={t(care.deliveries)}
            testid="deliveries"
            rows={of.deliveries.toReversed()}
            id={(row) => row.id}
            columns={[
              { key: "who", head: t(care.who), names: true, cell: (row) => (row.name ? t(row.name) : t(care.to_home)) },
              { key: "channel", head: t(care.channel), cell: (row) => t(named(channels, row.channel)) },
              { key: "state", head: t(care.state), cell: (row) => (row.error && row.state === "failed" ? `${t(deliveryStates[row.state])} (${row.error})` : t(deliveryStates[row.state])) },
              { key: "accepted", head: t(care.accepted), cell: (row) => at(row.accepted_at) },
              { key: "delivered", head: t(care.delivered), cell: (row) => at(row.delivered_at) },
              { key: "seen", head: t(care.seen), cell: (row) => at(row.seen_at) },
            ]}
          />
        )}
      </section>
    </>
  );
}
