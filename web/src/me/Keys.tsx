// How one logs in: the password, and passkeys of one's devices.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Fault, got } from "../api";
import { useSay } from "../language";
import { useMe } from "../session";
import { makePasskey, passkeysWork } from "../passkey";
import { useWhen } from "../time";
import { Button, Empty, ErrorBox, Field, Table, toast } from "../ui";
import { me as words } from "../words/me";

function Password() {
  const t = useSay();
  const me = useMe();
  const [given, setGiven] = useState({ old: "", new: "", again: "" });
  const differs = given.again !== "" && given.again !== given.new;
  const change = useMutation({
    mutationFn: () => got(api.POST("/api/me/password", { body: { old: given.old, new: given.new } })),
    onSuccess: () => {
      setGiven({ old: "", new: "", again: "" });
      toast(words.password_done);
    },
  });
  const field = (name: keyof typeof given) => ({
    type: "password",
    required: true,
    value: given[name],
    onChange: (event: { target: { value: string } }) => setGiven({ ...given, [name]: event.target.value }),
  });
  return (
    <details className="panel">
      <summary>{t(words.password)}</summary>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (given.again === given.new) change.mutate();
        }}
      >
        {change.error ? <ErrorBox error={change.error} /> : null}
        <input className="unseen" name="username" autoComplete="username" value={me.name} readOnly tabIndex={-1} aria-hidden="true" />
        <Field label={t(words.password_old)} autoComplete="current-password" {...field("old")} />
        <Field label={t(words.password_new)} hint={t(words.password_hint)} autoComplete="new-password" minLength={12} {...field("new")} />
        <Field label={t(words.password_again)} wrong={differs ? t(words.password_differs) : null} autoComplete="new-password" {...field("again")} />
        <Button type="submit" kind="first" busy={change.isPending}>{t(words.password)}</Button>
      </form>
    </details>
  );
}

async function make(name: string) {
  const { id, options } = await got(api.POST("/api/me/passkeys/options"));
  const credential = await makePasskey(options as Record<string, unknown>);
  if (!credential) throw new Fault(-1, "passkey", words.passkey_failed.ko, words.passkey_failed.en);
  return got(api.POST("/api/me/passkeys", { body: { id, credential, name } }));
}

function Passkeys() {
  const t = useSay();
  const at = useWhen();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const { data, error } = useQuery({ queryKey: ["passkeys"], queryFn: () => got(api.GET("/api/me/passkeys")) });
  const fresh = () => cache.invalidateQueries({ queryKey: ["passkeys"] });
  const add = useMutation({ mutationFn: () => make(name.trim()), onSuccess: () => { setName(""); return fresh(); } });
  const remove = useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/me/passkeys/{id}", { params: { path: { id } } })),
    onSuccess: fresh,
  });
  return (
    <section className="panel stack" aria-labelledby="passkeys">
      <h2 id="passkeys">{t(words.passkeys)}</h2>
      <p className="soft">{t(words.passkeys_why)}</p>
      {[error, add.error, remove.error].filter(Boolean).map((fault, index) => <ErrorBox key={index} error={fault} />)}
      {data?.length ? (
        <Table
          caption={t(words.passkeys)}
          rows={data}
          id={(one) => one.id}
          columns={[
            { key: "name", head: t(words.name), names: true, cell: (one) => one.name },
            { key: "made", head: t(words.made), cell: (one) => at(one.created_at) },
            { key: "used", head: t(words.used), cell: (one) => (one.used_at ? at(one.used_at) : "–") },
            { key: "remove", head: "", cell: (one) => <Button kind="danger" onClick={() => remove.mutate(one.id)}>{t(words.remove)}</Button> },
          ]}
        />
      ) : data ? <Empty>{t(words.passkey_none)}</Empty> : null}
      {passkeysWork ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Field label={t(words.passkey_name)} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
          <Button type="submit" busy={add.isPending}>{t(words.passkey_add)}</Button>
        </form>
      ) : null}
    </section>
  );
}

export function Keys() {
  return (
    <>
      <Password />
      <Passkeys />
    </>
  );
}
