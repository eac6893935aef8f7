// Break-glass: asking for what is not one's own, with a reason; and the supervisor's list of what was asked.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, got } from "../api";
import type { Grant } from "../contract";
import { useLanguage, useSay } from "../language";
import { useMe, useSession } from "../session";
import { useWhen, when } from "../time";
import { Busy, Button, Empty, ErrorBox, Field, Page, Radios, Select, Table, Tabs, TextField, toast } from "../ui";
import "../style/desk.css";
import { common } from "../words/common";
import { grants as words } from "../words/grants";

type Kind = Grant["kind"];

function Ask() {
  const t = useSay();
  const { language } = useLanguage();
  const cache = useQueryClient();
  const [kind, setKind] = useState<Kind>("home");
  const [object, setObject] = useState("");
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState("1");
  const ask = useMutation({
    mutationFn: () => got(api.POST("/api/grants", { body: { kind, object: object.trim(), reason: reason.trim(), hours: Number(hours) } })),
    onSuccess: (made) => {
      setObject("");
      setReason("");
      void cache.invalidateQueries({ queryKey: ["grants"] });
      const until = when(made.end, language);
      toast({ ko: words.opened.ko.replace("{until}", until), en: words.opened.en.replace("{until}", until) });
    },
  });
  return (
    <section className="panel" aria-labelledby="ask" data-testid="ask">
      <h2 id="ask">{t(words.ask)}</h2>
      <p>{t(words.what)}</p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate();
        }}
      >
        {ask.error ? <ErrorBox error={ask.error} /> : null}
        <Radios label={t(words.kind)} name="kind" value={kind} choices={(["home", "person"] as const).map((value) => ({ value, label: t(words[value]) }))} onPick={(value) => setKind(value as Kind)} />
        <Field label={t(words.object)} hint={t(words.object_hint)} required maxLength={110} autoCapitalize="none" autoComplete="off" value={object} onChange={(event) => setObject(event.target.value)} />
        <TextField label={t(words.reason)} hint={t(words.reason_hint)} required minLength={10} maxLength={1000} value={reason} onChange={(event) => setReason(event.target.value)} />
        <Select label={t(words.hours)} value={hours} choices={["1", "2", "4", "8", "12"].map((value) => ({ value, label: t(words.hour, { count: value }) }))} onChange={(event) => setHours(event.target.value)} />
        <Button kind="first" type="submit" busy={ask.isPending}>{t(words.ask)}</Button>
      </form>
    </section>
  );
}

function Mine() {
  const t = useSay();
  const { language } = useLanguage();
  const cache = useQueryClient();
  const { data } = useQuery({ queryKey: ["grants", "mine"], queryFn: () => got(api.GET("/api/me/grants")), refetchInterval: 60_000 });
  const end = useMutation({
    mutationFn: (id: number) => got(api.DELETE("/api/grants/{id}", { params: { path: { id } } })),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["grants"] });
      toast(words.ended);
    },
  });
  return (
    <section className="panel" aria-labelledby="mine" data-testid="mine">
      <h2 id="mine">{t(words.mine)}</h2>
      {end.error ? <ErrorBox error={end.error} /> : null}
      {data && data.length === 0 ? <p className="soft">{t(words.mine_none)}</p> : null}
      <ul className="plain">
        {(data ?? []).map((one) => (
          <li key={one.id}>
            <span className="strong">{t(words[one.kind])} {one.object}</span> · {t(words.until)} {when(one.end, language)}<br />{one.reason}
            <div className="row">
              {one.kind === "home" ? <Link className="button" href={`/homes/${one.object}`}>{t(words.look)}</Link> : null}
              <Button aria-label={t(words.end_of, { object: one.object })} busy={end.isPending && end.variables === one.id} onClick={() => end.mutate(one.id)}>{t(words.end)}</Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Asked() {
  const t = useSay();
  const at = useWhen();
  const me = useMe();
  const { can } = useSession();
  const cache = useQueryClient();
  const [view, setView] = useState<"unseen" | "all">("unseen");
  const { data, error, refetch } = useQuery({
    queryKey: ["grants", view],
    queryFn: () => got(api.GET("/api/grants", { params: { query: view === "unseen" ? { seen: false } : {} } })),
    refetchInterval: 30_000,
  });
  const see = useMutation({
    mutationFn: (id: number) => got(api.POST("/api/grants/{id}/seen", { params: { path: { id } } })),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["grants"] });
      toast(words.noted);
    },
  });
  return (
    <section aria-labelledby="asked" data-testid="asked">
      <h2 id="asked">{t(words.list)}</h2>
      <Tabs label={t(words.views)} chosen={view} onChoose={(key) => setView(key as "unseen" | "all")} tabs={(["unseen", "all"] as const).map((key) => ({ key, label: t(words[key]) }))}>
        {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
        {see.error ? <ErrorBox error={see.error} /> : null}
        {!data && !error ? <Busy /> : null}
        {data && data.length === 0 ? <Empty>{t(view === "unseen" ? words.none_unseen : words.none)}</Empty> : null}
        {data && data.length > 0 ? (
          <Table
            testid="grants"
            caption={t(words.list)}
            rows={data}
            id={(row) => row.id}
            columns={[
              { key: "who", head: t(words.who), names: true, cell: (row) => row.name },
              { key: "which", head: t(words.which), cell: (row) => `${t(words[row.kind])} ${row.object}` },
              { key: "reason", head: t(words.reason), cell: (row) => row.reason },
              { key: "when", head: t(words.when), cell: (row) => at(row.start) },
              { key: "until", head: t(words.until), cell: (row) => at(row.end) },
              { key: "seen", head: t(words.seen), cell: (row) => row.seen_at ? t(words.seen_at, { at: at(row.seen_at) }) : <span className="tone warn"><span aria-hidden="true">◆</span> {t(words.not_seen)}</span> },
              ...(can("grant.see") ? [{
                key: "deeds", head: t(common.deeds),
                // Nobody signs off their own.
                cell: (row: Grant) => row.seen_at || row.account === me.account ? "–" : (
                  <Button aria-label={t(words.see_of, { name: row.name, object: row.object })} busy={see.isPending && see.variables === row.id} onClick={() => see.mutate(row.id)}>{t(words.see)}</Button>
                ),
              }] : []),
            ]}
          />
        ) : null}
      </Tabs>
    </section>
  );
}

export default function GrantsPage() {
  const t = useSay();
  const { can } = useSession();
  return (
    <Page title={t(words.title)}>
      <div className="stack">
        {can("grant.read") ? <Asked /> : null}
        {can("grant.ask") ? <div className="columns"><Ask /><Mine /></div> : null}
      </div>
    </Page>
  );
}
