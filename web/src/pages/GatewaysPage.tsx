// Gateways: registering one, a claim code that is shown once, and cutting one off.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import type { components } from "../schema";
import { useSession } from "../session";
import { useWhen } from "../time";
import { Busy, Button, Dialog, Empty, ErrorBox, Field, Notice, Page, QrCode, Table, toast } from "../ui";
import "../style/desk.css";
import { named } from "../words/city";
import { common } from "../words/common";
import { gateways as words, gatewayStates } from "../words/operators";

type Schemas = components["schemas"];
type Code = Schemas["Code"];

function Once({ code, onClose }: { code: Code; onClose: () => void }) {
  const t = useSay();
  const at = useWhen();
  return (
    <Dialog
      title={t(words.code_title, { id: code.id })}
      onClose={onClose}
      testid="code"
      ends={<><Button onClick={() => print()}>{t(words.print)}</Button><Button kind="first" onClick={onClose}>{t(words.noted)}</Button></>}
    >
      <Notice kind="warn"><p>{t(words.code_once)}</p></Notice>
      <p className="secret" data-testid="secret">{code.code}</p>
      <p className="hint">{t(words.scan)}</p>
      <QrCode rows={code.qr} label={t(words.qr, { id: code.id })} />
      <p>{t(words.code_until, { at: at(code.expires_at) })}</p>
      <dl>
        {code.serial ? <><dt>{t(words.serial)}</dt><dd>{code.serial}</dd></> : null}
        <dt>{t(words.city)}</dt><dd>{code.city}</dd>
      </dl>
    </Dialog>
  );
}

function Register({ onMade, onClose }: { onMade: (code: Code) => void; onClose: () => void }) {
  const t = useSay();
  const [id, setId] = useState("");
  const [serial, setSerial] = useState("");
  const make = useMutation({ mutationFn: () => got(api.POST("/api/gateways", { body: { id: id.trim(), serial: serial.trim() } })), onSuccess: onMade });
  return (
    <Dialog title={t(words.add)} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        {make.error ? <ErrorBox error={make.error} /> : null}
        <Field label={t(words.id)} hint={t(words.id_hint)} required maxLength={64} autoCapitalize="none" autoComplete="off" value={id} onChange={(event) => setId(event.target.value)} />
        <Field label={t(words.serial)} hint={t(words.serial_hint)} maxLength={64} autoComplete="off" value={serial} onChange={(event) => setSerial(event.target.value)} />
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          <Button kind="first" type="submit" busy={make.isPending}>{t(words.add)}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export default function GatewaysPage() {
  const t = useSay();
  const at = useWhen();
  const { can } = useSession();
  const cache = useQueryClient();
  const write = can("gateway.write");
  const [text, setText] = useState("");
  const [adding, setAdding] = useState(false);
  const [code, setCode] = useState<Code | null>(null);
  const [revoking, setRevoking] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: ["gateways"], queryFn: () => got(api.GET("/api/gateways")), refetchInterval: 60_000 });
  const made = (one: Code) => {
    setAdding(false);
    setCode(one);
    void cache.invalidateQueries({ queryKey: ["gateways"] });
  };
  const renew = useMutation({ mutationFn: (id: string) => got(api.POST("/api/gateways/{id}/code", { params: { path: { id } } })), onSuccess: made });
  const revoke = useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/gateways/{id}", { params: { path: { id } } })),
    onSuccess: async () => {
      setRevoking(null);
      await cache.invalidateQueries({ queryKey: ["gateways"] });
      toast(words.revoked);
    },
  });
  const rows = (data ?? []).filter((row) => `${row.id} ${row.serial}`.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Page title={t(words.title)} aside={write ? <Button kind="first" onClick={() => setAdding(true)}>{t(words.add)}</Button> : null}>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {renew.error ? <ErrorBox error={renew.error} /> : null}
      {!data && !error ? <Busy /> : null}
      {data && data.length > 10 ? <div className="asked"><Field label={t(words.find)} type="search" value={text} onChange={(event) => setText(event.target.value)} /></div> : null}
      {data && rows.length === 0 ? <Empty>{t(words.none)}</Empty> : null}
      {rows.length ? (
        <Table
          testid="gateways"
          caption={t(words.count, { count: rows.length })}
          rows={rows}
          id={(row) => row.id}
          columns={[
            { key: "id", head: t(words.id), names: true, cell: (row) => row.id },
            { key: "serial", head: t(words.serial), cell: (row) => row.serial || "–" },
            { key: "state", head: t(words.state), cell: (row) => <span className={row.state === "revoked" ? "tone bad" : row.state === "waiting" ? "tone warn" : "tone good"}>{t(named(gatewayStates, row.state))}</span> },
            { key: "since", head: t(words.since), cell: (row) => at(row.revoked_at ?? row.claimed_at ?? row.registered_at) },
            {
              key: "history", head: t(words.history),
              cell: (row) => row.history.length === 0 ? "–" : (
                <details>
                  <summary>{row.history.length}</summary>
                  <ul className="plain">{row.history.map((one, index) => <li key={index}>{at(one.at)} · {t(one.what)} · {one.who}</li>)}</ul>
                </details>
              ),
            },
            ...(write ? [{
              key: "deeds", head: t(common.deeds),
              cell: (row: Schemas["GatewayOut"]) => (
                <span className="row">
                  <Button aria-label={t(words.code_of, { id: row.id })} busy={renew.isPending && renew.variables === row.id} onClick={() => renew.mutate(row.id)}>{t(words.code)}</Button>
                  {row.state === "revoked" ? null : <Button kind="danger" aria-label={t(words.revoke_of, { id: row.id })} onClick={() => { revoke.reset(); setRevoking(row.id); }}>{t(words.revoke)}</Button>}
                </span>
              ),
            }] : []),
          ]}
        />
      ) : null}
      {adding ? <Register onMade={made} onClose={() => setAdding(false)} /> : null}
      {code ? <Once code={code} onClose={() => setCode(null)} /> : null}
      {revoking !== null ? (
        <Dialog
          title={t(words.revoke_title, { id: revoking })}
          onClose={() => setRevoking(null)}
          ends={<><Button onClick={() => setRevoking(null)}>{t(common.cancel)}</Button><Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate(revoking)}>{t(words.revoke)}</Button></>}
        >
          {revoke.error ? <ErrorBox error={revoke.error} /> : null}
          <p>{t(words.revoke_what)}</p>
        </Dialog>
      ) : null}
    </Page>
  );
}
