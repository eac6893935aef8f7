// Whom somebody lets see how their home stands, and who has looked at their things: for them to be told, and to decide.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../../api";
import { useSay } from "../../language";
import type { components } from "../../schema";
import { useWhen } from "../../time";
import { Busy, Button, ErrorBox, Table, toast } from "../../ui";

import { chain } from "../../words/chain";
import { consents as states } from "../../words/chain_codes";
import { people as words } from "../../words/chain_people";
import { named } from "../../words/city";
import { roles } from "../../words/people";
import { At } from "../parts";

type Viewer = components["schemas"]["ViewerOut"];
type Look = components["schemas"]["LookOut"];

export function Viewers({ person }: { person: string }) {
  const t = useSay();
  const cache = useQueryClient();
  const key = ["care", "person", person, "viewers"];
  const path = { id: person };
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: () => got(api.GET("/api/care/persons/{id}/viewers", { params: { path } })),
  });
  const say = useMutation({
    mutationFn: ({ account, purpose, state }: { account: string; purpose: Viewer["purpose"]; state: "given" | "withdrawn" }) =>
      got(api.PUT("/api/care/persons/{id}/viewers/{account}", { params: { path: { id: person, account } }, body: { purpose, state } })),
    onSuccess: () => {
      toast(chain.consent_saved);
      void cache.invalidateQueries({ queryKey: key });
    },
  });
  return (
    <section className="panel" aria-labelledby="viewers-head" data-testid="viewers">
      <h2 id="viewers-head">{t(words.viewers)}</h2>
      <p className="soft">{t(words.viewers_hint)}</p>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {say.error ? <ErrorBox error={say.error} /> : null}
      {!data && !error ? <Busy /> : null}
      {data?.length === 0 ? <p className="soft">{t(words.viewers_none)}</p> : null}
      <ul className="plain">
        {data?.map((one) => (
          <li key={one.account} data-viewer={one.account}>
            <p>
              {`${one.name}: `}
              <span className="strong">{one.state ? t(named(states, one.state)) : t(chain.consent_none)}</span>
              {one.at ? <>{" · "}<At at={one.at} /></> : null}
            </p>
            {one.state === "given" ? (
              <Button kind="danger" busy={say.isPending} onClick={() => say.mutate({ ...one, state: "withdrawn" })}>{t(chain.consent_withdraw)}</Button>
            ) : (
              <Button busy={say.isPending} onClick={() => say.mutate({ ...one, state: "given" })}>{t(chain.consent_given)}</Button>
            )}
          </li>
        ))}
      </ul>
      <SeenBy person={person} />
    </section>
  );
}

function SeenBy({ person }: { person: string }) {
  const t = useSay();
  const said = useWhen();
  const [asked, setAsked] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "person", person, "seen-by"],
    queryFn: () => got(api.GET("/api/care/persons/{id}/seen-by", { params: { path: { id: person } } })),
    enabled: asked,
  });
  if (!asked) return <Button onClick={() => setAsked(true)} testid="seen-by">{t(words.seen_by)}</Button>;
  if (error) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  return (
    <Table
      testid="seen"
      caption={t(words.seen_by_year)}
      rows={byAccount(data)}
      id={(row) => `${row.account} ${row.role}`}
      columns={[
        { key: "who", head: t(words.seen_who), names: true, cell: (row) => <>{row.name ?? (row.account || t(words.seen_program))}<br /><small className="soft">{t(named(roles, row.role))}</small></> },
        { key: "times", head: t(words.seen_times), right: true, cell: (row) => `${row.times}${row.lent > 0 ? ` (${t(words.seen_lent, { count: row.lent })})` : ""}` },
        { key: "last", head: t(words.seen_last), cell: (row) => said(row.last) },
      ]}
    />
  );
}

/** What somebody did in many ways is one line: who it was is the question. */
function byAccount(looks: Look[]): Look[] {
  const sums = new Map<string, Look>();
  for (const look of looks) {
    const key = `${look.account} ${look.role}`;
    const sum = sums.get(key);
    sums.set(key, sum ? { ...sum, times: sum.times + look.times, lent: sum.lent + look.lent, last: sum.last > look.last ? sum.last : look.last } : look);
  }
  return [...sums.values()].sort((a, b) => (a.last < b.last ? 1 : -1));
}
