// What visits and tasks show alike: how a record stands, where to go, and that what is shown is a copy.
import type { ReactNode } from "react";
import { useLanguage, useSay } from "../language";
import { useDesk } from "../offline/useDesk";
import { cityNow, useWhen, when } from "../time";
import { ErrorBox, Notice } from "../ui";
import { asFault, Fault } from "../api";
import { field as words } from "../words/field";
import { unsent } from "../words/unsent";
import type { DoorCard } from "./day";

export type Standing = "draft" | "waiting" | "refused" | "sent";

const SIGNS: Record<Standing, string> = {
  // A pencil, an hourglass, a triangle, a tick.
  draft: "M4 20l1-5L16 4l4 4L9 19z",
  waiting: "M7 3h10M7 21h10M8 3c0 6 8 6 8 9s-8 3-8 9M16 3c0 6-8 6-8 9s8 3 8 9",
  refused: "M12 4L2.5 20.5h19zM12 10v5M12 17.6v.4",
  sent: "M4 12.5l5.5 5.5L20 6.5",
};

/** How a record stands: by a sign and by words. */
export function Stand({ as }: { as: Standing }) {
  const t = useSay();
  const { unkept } = useDesk();
  const said = { draft: unkept ? unsent.unkept : words.draft, waiting: words.saved, refused: words.refused, sent: words.sent }[as];
  return (
    <span className={`pill ${as}`} data-testid={`stand-${as}`}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d={SIGNS[as]} /></svg>
      {t(said)}
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

export function Door({ door }: { door: DoorCard }) {
  const t = useSay();
  return (
    <section className="panel" aria-label={t(words.door)}>
      <h2>{t(words.door)}</h2>
      <dl>
        <Fact name={t(words.address)}>{door.address ?? t(door.place)}{door.address ? <span className="soft"> ({t(door.place)})</span> : null}</Fact>
        {door.key_safe ? <Fact name={t(words.key_safe)}><span className="key">{door.key_safe}</span></Fact> : null}
        {door.phone ? <Fact name={t(words.phone)}><a className="button" href={`tel:${door.phone.replace(/[^\d+]/g, "")}`}>{door.phone}</a></Fact> : null}
        {door.language ? <Fact name={t(words.speaks)}>{t(door.language)}</Fact> : null}
        {door.challenges?.length ? <Fact name={t(words.challenges)}>{door.challenges.map((one) => t(one)).join(", ")}</Fact> : null}
        {door.pets ? <Fact name={t(words.pets)}>{t(words.pets_yes)}</Fact> : null}
      </dl>
    </section>
  );
}

/** Says that the day's list is a copy, or that there is none. */
export function Copy({ kept, error, onAgain }: { kept: number | null | undefined; error: unknown; onAgain: () => void }) {
  const t = useSay();
  const { language } = useLanguage();
  if (typeof kept === "number") {
    return <Notice kind="warn" testid="kept-copy"><p>{t(words.kept_copy, { at: when(cityNow(kept), language) })}</p></Notice>;
  }
  if (!error) return null;
  const none = new Fault(0, "away", words.gone_copy.ko, words.gone_copy.en);
  return <ErrorBox error={asFault(error).status === 0 ? none : error} onAgain={onAgain} />;
}

export function Moment({ at }: { at: string }) {
  const said = useWhen();
  return <time dateTime={at}>{said(at)}</time>;
}
