// Whether anybody watches this home now, said as an answer, with what is to be done where nobody does.
import { Link } from "wouter";
import { Severity } from "../board/Severity";
import { useLanguage, useSay } from "../language";
import type { components } from "../schema";
import { useSession } from "../session";
import { useWhen, when } from "../time";
import { concerns, named } from "../words/city";
import { home as words } from "../words/home";
import { toneOf } from "./tone";

type Home = components["schemas"]["HomeOut"];

export function Watching({ of }: { of: Home }) {
  const t = useSay();
  const at = useWhen();
  const { language } = useLanguage();
  const { can } = useSession();
  const tone = toneOf({ heard: of.heard, commissioned: of.commissioned, away: of.absence !== null });
  const answer =
    of.heard === null ? t(of.consent ? words.test_home : words.no_consent)
    : of.heard === false ? t(words.no)
    : of.commissioned ? t(of.absence ? words.yes_away : words.yes)
    : t(of.commissioned === null ? words.partly_unknown : words.partly);
  return (
    <section className={`panel watch ${tone}`} aria-labelledby="watching" data-testid="watching" data-watched={of.watched}>
      <h2 id="watching">{t(words.watching)}</h2>
      <p className={`answer tone ${tone}`}><span aria-hidden="true">{tone === "bad" ? "▲" : tone === "warn" ? "◆" : "●"}</span> {answer}</p>
      {of.heard === false ? (
        <>
          <p>{of.unheard_since ? t(words.no_since, { at: at(of.unheard_since) }) : t(words.no_never)}</p>
          <p className="strong">{t(words.do_now)}</p>
        </>
      ) : null}
      {of.heard && of.last_event_at ? <p>{t(words.last_event)} {at(of.last_event_at)}</p> : null}
      {of.absence ? <p className="strong" data-testid="away">{t(words.away, { until: when(of.absence.end, language) })}</p> : null}
      {of.heard && !of.absence ? (
        <p data-testid="next-alarm">{of.next_alarm ? t(words.next, { at: at(of.next_alarm) }) : t(words.next_unknown)}</p>
      ) : null}
      {of.cases.length ? (
        <>
          <h3>{t(words.open_cases)}</h3>
          <ul className="plain">
            {of.cases.map((one) => (
              <li key={one.id} className={one.urgency}>
                <Severity urgency={one.urgency} />{" "}
                {can("case.read") ? <Link className="tall" href={`/cases/${one.id}`}>{t(named(concerns, one.concern))} #{one.id}</Link> : t(named(concerns, one.concern))}
                <br />{t(one.why)}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}
