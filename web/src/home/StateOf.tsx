// Whether a home is being watched, in a list: a shape, a word, and a colour that nobody needs.
import { useLanguage, useSay } from "../language";
import { when } from "../time";
import { homes } from "../words/homes";

interface Props {
  heard: boolean | null;
  unproved?: string[];
  absent?: string | null;
}

export function StateOf({ heard, unproved = [], absent = null }: Props) {
  const t = useSay();
  const { language } = useLanguage();
  const [shape, word] =
    heard === null ? ["▢", homes.no_consent] as const
    : !heard ? ["▲", homes.unheard] as const
    : unproved.length ? ["◆", homes.unproved] as const
    : ["●", homes.watched] as const;
  const tone = heard === false ? "bad" : heard === null || unproved.length ? "warn" : "good";
  return (
    <span>
      <span className={`tone ${tone}`} data-state={tone}><span aria-hidden="true">{shape}</span> {t(word)}</span>
      {absent ? <><br /><span className="soft">{t(homes.absent, { until: when(absent, language) })}</span></> : null}
    </span>
  );
}
