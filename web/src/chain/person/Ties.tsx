// Who is what to somebody: guardians, young carers, family; found by name, and taken away again.
import { useState } from "react";
import { Link } from "wouter";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { useSession } from "../../session";
import { Button, ErrorBox, Radios } from "../../ui";
import { chain } from "../../words/chain";
import { ties as kinds } from "../../words/chain_codes";
import { people } from "../../words/chain_people";
import { named } from "../../words/city";
import { useDeed } from "../deed";
import { Finder } from "../Finder";
import type { PersonDetail } from "../shapes";

type Kind = PersonDetail["ties"][number]["kind"];

export function Ties({ it }: { it: PersonDetail }) {
  const t = useSay();
  const { can } = useSession();
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState("");
  const [kind, setKind] = useState<Kind>("family");
  const tie = useDeed(
    (said: { other: string; kind: Kind }, once) =>
      got(
        api.PUT("/api/care/persons/{id}/ties/{other}", {
          params: { path: { id: it.id, other: said.other }, ...once },
          body: { kind: said.kind },
        }),
      ),
    people.tie_saved,
    () => {
      setAdding(false);
      setText("");
    },
  );
  const end = useDeed(
    (other: string, once) => got(api.POST("/api/care/persons/{id}/ties/{other}/end", { params: { path: { id: it.id, other }, ...once }, body: {} })),
    people.tie_ended,
  );
  const error = tie.error ?? end.error;
  return (
    <section className="panel stack" aria-labelledby="ties-head" data-testid="ties">
      <h2 id="ties-head">{t(people.ties)}</h2>
      {error ? <ErrorBox error={error} /> : null}
      {it.ties.length === 0 ? <p className="soft">{t(people.ties_none)}</p> : (
        <ul className="plain">
          {it.ties.map((one) => (
            <li key={one.other}>
              <Link href={`/persons/${encodeURIComponent(one.other)}`}>{it.names[one.other] || one.other}</Link>
              {` · ${t(named(kinds, one.kind))} `}
              {can("fact.write") ? <Button kind="quiet" busy={end.isPending} onClick={() => end.mutate(one.other)}>{t(people.tie_end)}</Button> : null}
            </li>
          ))}
        </ul>
      )}
      {can("fact.write") && !adding ? <Button onClick={() => setAdding(true)}>{t(people.tie_add)}</Button> : null}
      {adding ? (
        <>
          <Radios
            label={t(people.tie_kind)}
            name="tie"
            choices={Object.entries(kinds).map(([value, word]) => ({ value, label: t(word) }))}
            value={kind}
            onPick={(value) => setKind(value as Kind)}
          />
          <Finder
            text={text}
            onText={setText}
            onPick={(person) => tie.mutate({ other: person.id, kind })}
            label={t(people.tie_find)}
            hint={t(chain.look_up_hint)}
            none={chain.found_none_known}
            but={it.id}
          />
        </>
      ) : null}
    </section>
  );
}
