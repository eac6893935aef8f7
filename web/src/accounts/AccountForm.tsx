// What an account is: its fields, of which each role needs others.
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import type { components } from "../schema";
import { useMe, useSession } from "../session";
import { Button, Check, ErrorBox, Field, Radios, Select } from "../ui";
import { common } from "../words/common";
import { accounts as words } from "../words/accounts";
import { roles } from "../words/people";
import { named } from "../words/city";

type Schemas = components["schemas"];
type Role = Schemas["AccountOut"]["role"];

export interface Asked {
  login: string;
  name: string;
  role: Role;
  area: string;
  member: string;
  provider: string;
  language: string;
  homes: string[];
}

export const NOTHING: Asked = { login: "", name: "", role: "manager", area: "", member: "", provider: "", language: "ko", homes: [] };

interface Props {
  was: Asked;
  /** A new account: its log-in can be chosen, and a password made. */
  fresh?: boolean;
  busy: boolean;
  error: unknown;
  onSave: (asked: Asked, password: boolean) => void;
  onClose?: () => void;
}

const by = (role: Role) => (role === "worker" ? "provider" : role === "family" ? "home" : "area");

export function AccountForm({ was, fresh = false, busy, error, onSave, onClose }: Props) {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  const list = useId();
  const [asked, setAsked] = useState(was);
  const [homes, setHomes] = useState(was.homes.join(", "));
  const [password, setPassword] = useState(true);
  const change = (to: Partial<Asked>) => setAsked({ ...asked, ...to });
  const city = me.areas[0]?.code.split("/")[0] ?? "";
  const { data: areas } = useQuery({
    queryKey: ["areas", city],
    queryFn: () => got(api.GET("/api/care/areas", { params: { query: { under: city, limit: 200 } } })),
    staleTime: 3_600_000,
  });
  const { data: rota } = useQuery({ queryKey: ["rota"], queryFn: () => got(api.GET("/api/rota", { params: { query: { days: 30 } } })), enabled: can("rota.read") });
  const { data: providers } = useQuery({
    queryKey: ["providers", city],
    queryFn: () => got(api.GET("/api/care/providers", { params: { query: { city, limit: 200 } } })),
    enabled: asked.role === "worker" && city !== "",
  });
  const { data: staff } = useQuery({
    queryKey: ["staff", asked.provider],
    queryFn: () => got(api.GET("/api/care/providers/{id}/staff", { params: { path: { id: asked.provider } } })),
    enabled: asked.role === "worker" && asked.provider !== "" && can("staff.read"),
  });
  const reach = by(asked.role);
  const answers = ["manager", "supervisor", "duty"].includes(asked.role);
  const members =
    asked.role === "worker" ? (staff?.members ?? []).map((one) => ({ value: one.id, label: one.name }))
    : (rota?.members ?? []).filter((one) => one.role === asked.role).map((one) => ({ value: one.id, label: `${one.name} · ${t(one.place)}` }));
  if (asked.member && !members.some((one) => one.value === asked.member)) members.push({ value: asked.member, label: asked.member });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(
          {
            ...asked,
            // What another role had is not the new one's.
            area: reach === "area" ? asked.area.trim() : "",
            provider: reach === "provider" ? asked.provider : "",
            member: answers || asked.role === "worker" ? asked.member : "",
            homes: reach === "home" ? homes.split(/[\s,]+/).filter(Boolean) : [],
          },
          password,
        );
      }}
    >
      {error ? <ErrorBox error={error} /> : null}
      {fresh ? <Field label={t(words.login)} hint={t(words.login_hint)} required minLength={3} maxLength={100} autoCapitalize="none" autoComplete="off" value={asked.login} onChange={(event) => change({ login: event.target.value })} /> : null}
      <Field label={t(words.name)} required maxLength={100} autoComplete="off" value={asked.name} onChange={(event) => change({ name: event.target.value })} />
      <Select
        label={t(words.role)}
        value={asked.role}
        choices={Object.keys(roles).map((value) => ({ value, label: t(named(roles, value)) }))}
        onChange={(event) => change({ role: event.target.value as Role, member: "" })}
      />
      {reach === "area" ? (
        <>
          <Field label={t(words.area)} hint={t(words.area_hint)} required list={list} maxLength={200} autoCapitalize="none" autoComplete="off" value={asked.area} onChange={(event) => change({ area: event.target.value })} />
          <datalist id={list}>{(areas ?? []).map((one) => <option key={one.code} value={one.code}>{t(one.name)}</option>)}</datalist>
        </>
      ) : null}
      {reach === "provider" ? (
        <Select
          label={t(words.provider)} required empty={t(words.choose)} value={asked.provider}
          choices={(providers ?? []).map((one) => ({ value: one.id, label: t(one.name) }))}
          onChange={(event) => change({ provider: event.target.value, member: "" })}
        />
      ) : null}
      {reach === "home" ? <Field label={t(words.homes)} hint={t(words.homes_hint)} required autoCapitalize="none" value={homes} onChange={(event) => setHomes(event.target.value)} /> : null}
      {answers || asked.role === "worker" ? (
        <Select label={t(words.member)} hint={t(words.member_hint)} empty={t(words.member_none)} value={asked.member} choices={members} onChange={(event) => change({ member: event.target.value })} />
      ) : null}
      <Radios
        label={t(words.language)} name="language" value={asked.language}
        choices={[{ value: "ko", label: t(common.korean) }, { value: "en", label: t(common.english) }]}
        onPick={(language) => change({ language })}
      />
      {fresh ? <Check label={t(words.with_password)} checked={password} onTick={setPassword} /> : null}
      <div className="dialog-ends">
        {onClose ? <Button onClick={onClose}>{t(common.cancel)}</Button> : null}
        <Button kind="first" type="submit" busy={busy}>{t(fresh ? words.add : common.save)}</Button>
      </div>
    </form>
  );
}
