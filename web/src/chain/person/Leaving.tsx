// That somebody has moved away or died, asked twice; and that it was not so.
import { useState } from "react";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { useSession } from "../../session";
import { cityNow, isoDay } from "../../time";
import { Button, Check, Dialog, ErrorBox, Field, Notice, Radios } from "../../ui";
import { chain } from "../../words/chain";
import { endings } from "../../words/chain_codes";
import { people } from "../../words/chain_people";
import { named } from "../../words/city";
import { common } from "../../words/common";
import { useDeed } from "../deed";
import { startOf } from "../moment";
import type { PersonDetail } from "../shapes";

type Why = "moved" | "died";

export function Leaving({ it }: { it: PersonDetail }) {
  const t = useSay();
  const { can } = useSession();
  const [asking, setAsking] = useState(false);
  const [why, setWhy] = useState<Why | null>(null);
  const [day, setDay] = useState(() => isoDay(cityNow()));
  const [sure, setSure] = useState(false);
  const gone = useDeed(
    (said: { why: Why; at: string }, once) => got(api.POST("/api/care/persons/{id}/gone", { params: { path: { id: it.id }, ...once }, body: said })),
    people.gone_done,
    () => setAsking(false),
  );
  const back = useDeed(
    (_: string, once) => got(api.POST("/api/care/persons/{id}/back", { params: { path: { id: it.id }, ...once }, body: {} })),
    people.back_done,
  );
  if (!can("person.write")) return null;
  if (it.gone_at !== null) {
    return (
      <>
        {back.error ? <ErrorBox error={back.error} /> : null}
        <Button busy={back.isPending} onClick={() => back.mutate("back")}>{t(people.back)}</Button>
      </>
    );
  }
  return (
    <>
      <Button kind="quiet" onClick={() => setAsking(true)}>{t(people.gone_title)}</Button>
      {asking ? (
        <Dialog
          title={t(people.gone_title)}
          onClose={() => setAsking(false)}
          ends={
            <>
              <Button onClick={() => setAsking(false)}>{t(common.cancel)}</Button>
              <Button kind="danger" busy={gone.isPending} off={why === null || !sure || day === ""} onClick={() => why && gone.mutate({ why, at: startOf(day) })}>
                {t(people.gone_save)}
              </Button>
            </>
          }
        >
          <div className="stack">
            <Notice kind="bad"><p>{t(chain.close_final)}</p></Notice>
            <Radios
              label={t(people.gone_why)}
              name="gone"
              choices={(["moved", "died"] as const).map((value) => ({ value, label: t(named(endings, value)) }))}
              value={why}
              onPick={(value) => setWhy(value as Why)}
            />
            <Field label={t(people.gone_at)} type="date" required max={isoDay(cityNow())} value={day} onChange={(event) => setDay(event.target.value)} />
            <Check label={t(chain.sure)} checked={sure} onTick={setSure} />
            {gone.error ? <ErrorBox error={gone.error} /> : null}
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
