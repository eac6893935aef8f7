// What another setting would have done to the alarms of the past, beside what was.
import { useSay } from "../language";
import type { components } from "../schema";
import { useWhen } from "../time";
import { Notice, Table } from "../ui";
import { concerns, named } from "../words/city";
import { thresholds as words } from "../words/home";

type Schemas = components["schemas"];

function Alarms({ title, of, testid }: { title: string; of: Schemas["Alarm"][]; testid: string }) {
  const t = useSay();
  const at = useWhen();
  if (of.length === 0) return null;
  return (
    <details open={of.length <= 5}>
      <summary>{title} ({of.length})</summary>
      <ul className="plain" data-testid={testid}>
        {of.map((one) => <li key={one.at + one.concern}><span className="strong">{t(named(concerns, one.concern))}</span> · {at(one.at)}<br />{t(one.why)}</li>)}
      </ul>
    </details>
  );
}

export function Tried({ of }: { of: Schemas["WhatIf"] }) {
  const t = useSay();
  const days = Math.round(of.days);
  const count = (value: number | null) => (value === null ? t(words.unknown) : t(words.times, { count: Math.round(value * 10) / 10 }));
  const hours = (value: number | null) => (value === null ? t(words.unknown) : t(words.hours, { hours: Math.round(value * 10) / 10 }));
  const rows: [string, (side: Schemas["Side"]) => string][] = [
    [t(words.alarms), (side) => count(side.alarms)],
    [t(words.questions), (side) => count(side.questions)],
    [t(words.calls), (side) => count(side.calls)],
    [t(words.visits), (side) => count(side.visits)],
    [t(words.delay), (side) => hours(side.delay_p50_h)],
    [t(words.delay_worst), (side) => hours(side.delay_p95_h)],
  ];
  return (
    <div className="stack" data-testid="tried" aria-live="polite">
      <h3>{t(words.result, { days })}</h3>
      {of.enough ? null : <Notice kind="warn"><p>{t(words.few, { days })}</p></Notice>}
      <Table
        caption={t(words.now_and_then)}
        rows={rows}
        id={([name]) => name}
        columns={[
          { key: "figure", head: t(words.figure), names: true, cell: ([name]) => name },
          { key: "before", head: t(words.as_is), right: true, cell: ([, say]) => say(of.before) },
          { key: "after", head: t(words.as_would), right: true, cell: ([, say]) => say(of.after) },
        ]}
      />
      {of.added.length + of.removed.length === 0 ? <p>{t(words.no_change)}</p> : null}
      {of.sooner + of.later > 0 ? <p>{t(words.sooner, { count: of.sooner, later: of.later })}</p> : null}
      <Alarms title={t(words.added)} of={of.added} testid="added" />
      <Alarms title={t(words.removed)} of={of.removed} testid="removed" />
    </div>
  );
}
