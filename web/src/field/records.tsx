// What was found, to be read: the record that stands, those before it, and two that differ, side by side.
import { useSay } from "../language";
import { keep, send } from "../offline/work";
import { useSession } from "../session";
import { useWhen } from "../time";
import { Button, toast } from "../ui";
import { common } from "../words/common";
import { named } from "../words/city";
import { field as words, marks, visitOutcomes } from "../words/field";
import { useDesk } from "../offline/useDesk";
import type { Version, Visit } from "./day";
import { found, here, settling, unsettled } from "./visit";

type Services = { code: string; ko: string; en: string }[];

interface Props {
  title: string;
  who: string | null;
  at: string | null;
  outcome: string | null;
  record: Record<string, unknown>;
  services: Services;
  /** Another one, to show where they differ. */
  beside?: { outcome: string | null; record: Record<string, unknown> };
  onSettle?: () => void;
}

function useLines(services: Services) {
  const t = useSay();
  const name = (code: string) => {
    const known = services.find((one) => one.code === code);
    return known ? t(known) : code;
  };
  const yes = (value: boolean | null | undefined) => (value === null || value === undefined ? "" : t(value ? common.yes : common.no));
  return (outcome: string | null, said: Record<string, unknown>): [string, string][] => {
    const record = found(said);
    return [
      [t(words.outcome), outcome ? t(named(visitOutcomes, outcome)) : ""],
      [t(words.well_being), record.well_being ? t(named(marks, record.well_being)) : ""],
      [t(words.mood), record.mood ? t(named(marks, record.mood)) : ""],
      [t(words.home_safe), yes(record.home_safe)],
      [t(words.food), yes(record.food)],
      [t(words.medicine), yes(record.medicine)],
      [t(words.needs), record.needs.map(name).join(", ")],
      [t(words.note), record.note],
    ];
  };
}

export function Said({ title, who, at, outcome, record, services, beside, onSettle }: Props) {
  const t = useSay();
  const time = useWhen();
  const lines = useLines(services);
  const other = beside ? lines(beside.outcome, beside.record) : null;
  return (
    <section className="panel" aria-label={title}>
      <h3>{title}</h3>
      {who && at ? <p className="soft">{t(words.by_at, { who, at: time(at) })}</p> : null}
      <dl>
        {lines(outcome, record).map(([name, value], index) => {
          const differs = other !== null && other[index]?.[1] !== value;
          if (!value && !differs) return null;
          return [
            <dt key={`${name}t`}>{name}</dt>,
            <dd key={name} className={differs ? "differs note" : "note"}>{value || "–"}</dd>,
          ];
        })}
      </dl>
      {onSettle ? <Button kind="first" onClick={onSettle}>{t(words.settle)}</Button> : null}
    </section>
  );
}

function stands(visit: Visit): Version | undefined {
  return visit.forms.filter((one) => !one.conflict).at(-1);
}

export function Clashes({ visit, services }: { visit: Visit; services: Services }) {
  const t = useSay();
  const { can } = useSession();
  const at = here(useDesk().pieces, visit.id);
  const first = stands(visit);
  const others = unsettled(visit);
  const settle = (one: Version) =>
    void keep(settling(visit, at, one)).then(() => {
      toast(words.settled_said);
      void send();
    });
  const may = can("visit.write") && at.waiting.length === 0;
  return (
    <section className="notice bad" data-testid="clash">
      <div>
        <h2>{t(words.clash)}</h2>
        <p>{t(words.clash_why)}</p>
      </div>
      <div className="sides">
        {first ? (
          <Said
            title={t(words.stands)} who={first.by} at={first.at} outcome={first.outcome} record={first.record} services={services}
            beside={others[0]} onSettle={may ? () => settle(first) : undefined}
          />
        ) : null}
        {others.map((one) => (
          <Said
            key={one.id} title={t(words.clash_other)} who={one.by} at={one.at} outcome={one.outcome} record={one.record} services={services}
            beside={first} onSettle={may ? () => settle(one) : undefined}
          />
        ))}
      </div>
    </section>
  );
}

export function Earlier({ visit, services }: { visit: Visit; services: Services }) {
  const t = useSay();
  const last = stands(visit);
  const before = visit.forms.filter((one) => one.id !== last?.id && (!one.conflict || one.settled));
  if (before.length === 0) return null;
  return (
    <details className="panel">
      <summary>{t(words.earlier, { count: before.length })}</summary>
      {before.map((one) => (
        <Said key={one.id} title={t(one.conflict ? words.clash_other : words.form)} who={one.by} at={one.at} outcome={one.outcome} record={one.record} services={services} />
      ))}
    </details>
  );
}
