// A home's devices: what each tells of, how its battery stands, when it last said a word, and whether it was ever tried.
import { useSay } from "../language";
import type { components } from "../schema";
import { useWhen } from "../time";
import { Empty, Table } from "../ui";
import { named } from "../words/city";
import { home as words, kinds } from "../words/home";

type Home = components["schemas"]["HomeOut"];
const LOW_PCT = 20;

export function Battery({ pct }: { pct: number | null }) {
  const t = useSay();
  if (pct === null) return <span className="soft">{t(words.battery_none)}</span>;
  return pct < LOW_PCT
    ? <span className="tone bad"><span aria-hidden="true">▲</span> {t(words.battery_low, { pct: Math.round(pct) })}</span>
    : <span>{t(words.battery_ok, { pct: Math.round(pct) })}</span>;
}

export function Proof({ proved, unproved }: { proved: boolean | null; unproved: string[] | null }) {
  const t = useSay();
  if (proved === null) return <span className="soft">{t(words.proof_unknown)}</span>;
  const what = (unproved ?? []).map((kind) => t(named(kinds, kind))).join(", ");
  return proved ? <span>{t(words.proved)}</span> : <span className="tone warn"><span aria-hidden="true">◆</span> {t(words.not_proved, { what })}</span>;
}

export function Devices({ of }: { of: Home }) {
  const t = useSay();
  const at = useWhen();
  return (
    <section className="panel" aria-labelledby="devices" data-testid="devices">
      <h2 id="devices">{t(words.devices)}</h2>
      {of.devices.length === 0 ? <Empty>{t(words.no_devices)}</Empty> : (
        <Table
          caption={`${t(words.gateway)} ${of.gateway}`}
          rows={of.devices}
          id={(row) => row.device}
          columns={[
            { key: "device", head: t(words.device), names: true, cell: (row) => row.device },
            { key: "kinds", head: t(words.kinds), cell: (row) => row.kinds.map((kind) => t(named(kinds, kind))).join(", ") || "–" },
            { key: "battery", head: t(words.battery), cell: (row) => <Battery pct={row.battery_pct} /> },
            { key: "last", head: t(words.last_event), cell: (row) => at(row.last_seen) },
            { key: "proof", head: t(words.proof), cell: (row) => <Proof proved={row.proved} unproved={row.unproved} /> },
          ]}
        />
      )}
      {of.notes.length ? (
        <details>
          <summary>{t(words.notes)}</summary>
          <ul className="plain">
            {of.notes.map((note, index) => <li key={index}>{at(note.at)} · {note.device}<br />{t(note.what)}</li>)}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
