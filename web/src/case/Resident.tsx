// What whoever goes there must know, and what is read aloud to 119 in letters that can be read in the dark.
import { Link } from "wouter";
import type { ResidentCard } from "../contract";
import { useSay } from "../language";
import { care } from "../words/case";
import { common } from "../words/common";

export function Resident({ of, urgent }: { of: ResidentCard; urgent: boolean }) {
  const t = useSay();
  const rows: [string, string | null][] = [
    [t(care.address), of.address ?? t(of.place)],
    [t(care.key_safe), of.key_safe],
    [t(care.health), of.health],
    [t(care.disability), of.disability ? t(of.disability) : null],
    [t(care.challenges), of.challenges.map((one) => t(one)).join(", ") || null],
    [t(care.residents), of.residents === null ? null : of.residents === 1 ? t(care.alone) : t(care.people, { count: of.residents })],
    [t(care.born), of.birth_year === null ? null : String(of.birth_year)],
    [t(care.language), t(of.language)],
    [t(care.pets), of.pets === null ? null : t(of.pets ? common.yes : common.no)],
  ];
  return (
    <section className="panel" aria-labelledby="resident" data-testid="resident">
      <h2 id="resident">{t(care.resident)}</h2>
      <p className="strong">
        {of.home ? <Link href={`/homes/${of.home}`}>{of.name}</Link> : of.name}
        {of.wandering ? ` · ${t(care.wandering)}` : ""}
      </p>
      <dl>
        {rows.map(([name, value]) => (value ? [<dt key={name}>{name}</dt>, <dd key={`${name}v`}>{value}</dd>] : null))}
        {of.phone ? <><dt>{t(care.phone)}</dt><dd><a className="call" href={`tel:${of.phone}`}>{of.phone}</a></dd></> : null}
        {of.contacts.length ? <><dt>{t(care.contacts)}</dt><dd>{of.contacts.map((one) => <Contact key={one} said={one} />)}</dd></> : null}
      </dl>
      {of.hidden.length ? <p className="soft small">{t(care.hidden, { count: of.hidden.length })}</p> : null}
      <details open={urgent}>
        <summary>{t(care.hand_over)}</summary>
        <p className="aloud" data-testid="hand-over">{t(of.hand_over)}</p>
      </details>
    </section>
  );
}

/** A contact with its telephone number to press. */
function Contact({ said }: { said: string }) {
  const number = /\+?\d[\d -]{6,}\d/.exec(said)?.[0];
  return number ? <a className="call" href={`tel:${number.replace(/[ -]/g, "")}`}>{said}</a> : <span className="call">{said}</span>;
}
