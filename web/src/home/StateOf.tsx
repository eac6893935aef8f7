// Whether a home is being watched, in a list: a shape, a word, and a colour that nobody needs.
import { useLanguage, useSay } from "../language";
import type { components } from "../schema";
import { when } from "../time";
import { homes } from "../words/homes";
import { toneOf } from "./tone";

export function StateOf({ of }: { of: components["schemas"]["HomeRow"] }) {
  const t = useSay();
  const { language } = useLanguage();
  const { heard, commissioned, absent_until: until } = of;
  const tone = toneOf({ heard, commissioned, away: until !== null });
  const absent = until === null ? null : t(homes.absent, { until: when(until, language) });
  const [shape, said] =
    heard === null ? ["▢", t(homes.no_consent)]
    : !heard ? ["▲", t(homes.unheard)]
    : absent !== null ? ["◑", absent]
    : commissioned === false ? ["◆", t(homes.unproved)]
    : commissioned === null ? ["◇", t(homes.devices_unknown)]
    : ["●", t(homes.watched)];
  const besides = heard && absent !== null ? (commissioned === false ? t(homes.unproved) : null) : absent;
  return (
    <span>
      <span className={`tone ${tone}`} data-state={tone}><span aria-hidden="true">{shape}</span> {said}</span>
      {besides === null ? null : <><br /><span className="soft">{besides}</span></>}
    </span>
  );
}
