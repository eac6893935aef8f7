// Addresses for a calendar's program: made for one calendar each, shown once, taken back here.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useLanguage, useSay } from "../language";
import { useMe, useSession } from "../session";
import { realWhen } from "../time";
import { Button, Dialog, ErrorBox, Field, Notice, Radios, Table, toast } from "../ui";
import "../style/desk.css";
import { calendarNames, calendars as words } from "../words/calendars";
import { common } from "../words/common";

type Kind = "visits" | "rota";

function Once({ url, kind, onClose }: { url: string; kind: Kind; onClose: () => void }) {
  const t = useSay();
  const copy = useMutation({ mutationFn: () => navigator.clipboard.writeText(url), onSuccess: () => toast(words.copied) });
  return (
    <Dialog
      title={t(words.made)}
      onClose={onClose}
      testid="calendar-once"
      ends={<><Button busy={copy.isPending} onClick={() => copy.mutate()}>{t(words.copy)}</Button><Button kind="first" onClick={onClose}>{t(words.done)}</Button></>}
    >
      <Notice kind="warn"><p>{t(words.once)} {t(kind === "rota" ? words.gives_rota : words.gives_visits)}</p></Notice>
      {copy.error ? <Notice kind="bad"><p role="alert">{t(words.copy_failed)}</p></Notice> : null}
      <p className="secret address" data-testid="calendar-url">{url}</p>
      <p>{t(words.how)}</p>
    </Dialog>
  );
}

export function Calendars() {
  const t = useSay();
  const { language } = useLanguage();
  const me = useMe();
  const { can } = useSession();
  const cache = useQueryClient();
  const mine: Kind[] = [...(can("calendar.read") && me.member ? ["visits" as const] : []), ...(can("rota.read") ? ["rota" as const] : [])];
  const [picked, setPicked] = useState<Kind | null>(mine[0] ?? null);
  const [name, setName] = useState("");
  const [shown, setShown] = useState<{ url: string; kind: Kind } | null>(null);
  const { data, error } = useQuery({ queryKey: ["tokens"], queryFn: () => got(api.GET("/api/me/tokens")) });
  const fresh = () => cache.invalidateQueries({ queryKey: ["tokens"] });
  const make = useMutation({
    mutationFn: (calendar: Kind) => got(api.POST("/api/me/calendars", { body: { calendar, name: name.trim() } })),
    onSuccess: (made) => {
      setName("");
      setShown({ url: made.url, kind: made.calendar });
      return fresh();
    },
  });
  const end = useMutation({ mutationFn: (id: string) => got(api.DELETE("/api/me/tokens/{id}", { params: { path: { id } } })), onSuccess: fresh });
  const addresses = (data ?? []).filter((one) => one.calendar !== null);
  if (mine.length === 0 && addresses.length === 0) return null;
  return (
    <section className="panel stack" aria-labelledby="calendars" data-testid="calendars">
      <h2 id="calendars">{t(words.title)}</h2>
      <p className="soft">{t(words.why)}</p>
      {[error, make.error, end.error].filter(Boolean).map((fault, index) => <ErrorBox key={index} error={fault} />)}
      {addresses.length ? (
        <Table
          caption={t(words.title)}
          rows={addresses}
          id={(one) => one.id}
          columns={[
            { key: "name", head: t(words.name), names: true, cell: (one) => one.name },
            { key: "calendar", head: t(words.calendar), cell: (one) => (one.calendar ? t(calendarNames[one.calendar]) : "") },
            { key: "used", head: t(words.used), cell: (one) => (one.used_at ? realWhen(one.used_at, language) : "–") },
            { key: "ends", head: t(words.ends), cell: (one) => realWhen(one.ends_at, language) },
            {
              key: "deeds", head: t(common.deeds),
              cell: (one) => <Button kind="danger" aria-label={t(words.end_of, { name: one.name })} busy={end.isPending && end.variables === one.id} onClick={() => end.mutate(one.id)}>{t(words.end)}</Button>,
            },
          ]}
        />
      ) : null}
      {picked ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate(picked);
          }}
        >
          <Radios
            label={t(words.calendar)} name="calendar" value={picked} onPick={(value) => setPicked(value === "rota" ? "rota" : "visits")}
            choices={mine.map((one) => ({ value: one, label: t(calendarNames[one]) }))}
          />
          <p className="soft">{t(picked === "rota" ? words.gives_rota : words.gives_visits)}</p>
          <Field label={t(words.name)} hint={t(words.name_hint)} required maxLength={100} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
          <div><Button type="submit" busy={make.isPending}>{t(words.make)}</Button></div>
        </form>
      ) : null}
      {shown ? <Once url={shown.url} kind={shown.kind} onClose={() => setShown(null)} /> : null}
    </section>
  );
}
