// Somebody found by a part of their name, while one types.
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import { Button, ErrorBox, Field } from "../ui";
import { chain } from "../words/chain";
import type { Word } from "../words/word";
import { useNames } from "./names";
import type { Person } from "./shapes";

interface Props {
  text: string;
  onText: (text: string) => void;
  onPick: (person: Person) => void;
  label: string;
  hint?: string;
  wrong?: string | null;
  /** What is said where nobody is found. */
  none: Word;
  /** Who is not to be found: the person themselves. */
  but?: string;
}

const LEAST = 2;
const MOST = 8;

export function Finder({ text, onText, onPick, label, hint, wrong, none, but }: Props) {
  const t = useSay();
  const names = useNames();
  const wanted = useDeferredValue(text.trim());
  const { data, error } = useQuery({
    queryKey: ["care", "persons", wanted],
    queryFn: () => got(api.GET("/api/care/persons", { params: { query: { text: wanted, limit: MOST } } })),
    enabled: wanted.length >= LEAST,
  });
  const found = data?.filter((person) => person.id !== but);
  return (
    <div className="stack">
      <Field label={label} hint={hint} wrong={wrong} autoComplete="off" maxLength={100} value={text} onChange={(event) => onText(event.target.value)} />
      {error ? <ErrorBox error={error} /> : null}
      <div role="status">
        {wanted.length >= LEAST && found?.length === 0 ? <p className="soft">{t(none)}</p> : null}
        {found?.length ? <p className="soft">{t(chain.found_people)}</p> : null}
      </div>
      {wanted.length >= LEAST && found?.length ? (
        <ul className="plain" data-testid="found">
          {found.map((person) => (
            <li key={person.id}>
              <Button kind="quiet" onClick={() => onPick(person)}>
                {[person.name || person.id, t(names.area(person.area)), person.home ? t(chain.watched_home) : "", person.exercise ? t(chain.exercise) : ""]
                  .filter(Boolean)
                  .join(" · ")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
