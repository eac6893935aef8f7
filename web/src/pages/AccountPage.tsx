// One account: what it is, and who may still come in by it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "wouter";
import { api, got } from "../api";
import { AccountForm, type Asked } from "../accounts/AccountForm";
import { PasswordOnce } from "../accounts/PasswordOnce";
import "../style/desk.css";
import { useSay } from "../language";
import { useMe, useSession } from "../session";
import { useWhen } from "../time";
import { Busy, Button, ButtonLink, Dialog, ErrorBox, Notice, Page, toast } from "../ui";
import { accounts as words } from "../words/accounts";
import { named } from "../words/city";
import { common } from "../words/common";
import { roles } from "../words/people";

type Question = "disable" | "password";

export default function AccountPage() {
  const t = useSay();
  const at = useWhen();
  const me = useMe();
  const { can } = useSession();
  const cache = useQueryClient();
  const id = useParams()["id"] ?? "";
  const path = { params: { path: { id } } };
  const [question, setQuestion] = useState<Question | null>(null);
  const [password, setPassword] = useState<string | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: ["account", id], queryFn: () => got(api.GET("/api/accounts/{id}", path)) });
  const anew = async () => {
    setQuestion(null);
    await Promise.all([cache.invalidateQueries({ queryKey: ["account", id] }), cache.invalidateQueries({ queryKey: ["accounts"] })]);
  };
  const change = useMutation({
    mutationFn: (body: Omit<Asked, "login">) => got(api.PATCH("/api/accounts/{id}", { ...path, body })),
    onSuccess: async () => { await anew(); toast(words.changed); },
  });
  const disable = useMutation({
    mutationFn: () => got(api.POST("/api/accounts/{id}/disable", path)),
    onSuccess: async () => { await anew(); toast(words.disabled_done); },
  });
  const enable = useMutation({
    mutationFn: () => got(api.POST("/api/accounts/{id}/enable", path)),
    onSuccess: async () => { await anew(); toast(words.enabled); },
  });
  const end = useMutation({
    mutationFn: () => got(api.POST("/api/accounts/{id}/end-sessions", path)),
    onSuccess: ({ ended }) => {
      const count = String(ended);
      toast({ ko: words.ended.ko.replace("{count}", count), en: words.ended.en.replace("{count}", count) });
    },
  });
  const renew = useMutation({
    mutationFn: () => got(api.POST("/api/accounts/{id}/password", { ...path, body: {} })),
    onSuccess: async (made) => { await anew(); setPassword(made.password); },
  });
  const back = <ButtonLink to="/accounts" kind="quiet">{t(words.back)}</ButtonLink>;
  if (!data) return <Page title={t(words.details)} aside={back}>{error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : <Busy />}</Page>;
  const own = data.id === me.account;
  const write = can("account.write") && !own;
  const ways = [data.password ? t(words.by_password) : "", data.bound ? t(words.by_oidc) : ""].filter(Boolean).join(", ");
  return (
    <Page title={data.name} aside={back}>
      <div className="columns">
        <section className="panel stack" aria-labelledby="access" data-testid="access">
          <h2 id="access">{t(words.access)}</h2>
          <p className={`tone ${data.active ? "good" : "bad"}`} data-testid="active"><span aria-hidden="true">{data.active ? "●" : "■"}</span> {t(data.active ? words.active : words.disabled)}</p>
          <dl>
            <dt>{t(words.login)}</dt><dd>{data.login}</dd>
            <dt>{t(words.role)}</dt><dd>{t(named(roles, data.role))}</dd>
            <dt>{t(words.reach)}</dt><dd>{data.area || data.provider || data.homes.join(", ") || "–"}</dd>
            <dt>{t(words.ways)}</dt><dd>{ways || t(words.by_none)}</dd>
            <dt>{t(words.since)}</dt><dd>{at(data.created_at)}</dd>
          </dl>
          {own ? <Notice><p>{t(words.own)}</p></Notice> : null}
          {end.error ?? enable.error ? <ErrorBox error={end.error ?? enable.error} /> : null}
          {write ? (
            <div className="row">
              <Button busy={end.isPending} onClick={() => end.mutate()}>{t(words.end_sessions)}</Button>
              <Button onClick={() => { renew.reset(); setQuestion("password"); }}>{t(words.new_password)}</Button>
              {data.active
                ? <Button kind="danger" onClick={() => { disable.reset(); setQuestion("disable"); }}>{t(words.disable)}</Button>
                : <Button kind="first" busy={enable.isPending} onClick={() => enable.mutate()}>{t(words.enable)}</Button>}
            </div>
          ) : null}
        </section>
        {write ? (
          <section className="panel" aria-labelledby="details">
            <h2 id="details">{t(words.details)}</h2>
            <AccountForm
              key={JSON.stringify(data)}
              was={{ ...data, member: data.member ?? "", provider: data.provider ?? "" }}
              busy={change.isPending}
              error={change.error}
              onSave={(asked) => change.mutate({
                name: asked.name, role: asked.role, area: asked.area, member: asked.member,
                provider: asked.provider, language: asked.language, homes: asked.homes,
              })}
            />
          </section>
        ) : null}
      </div>
      {question === "disable" ? (
        <Dialog
          title={t(words.disable_title)} onClose={() => setQuestion(null)}
          ends={<><Button onClick={() => setQuestion(null)}>{t(common.cancel)}</Button><Button kind="danger" busy={disable.isPending} onClick={() => disable.mutate()}>{t(words.disable)}</Button></>}
        >
          {disable.error ? <ErrorBox error={disable.error} /> : null}
          <p>{t(words.disable_what, { name: data.name })}</p>
        </Dialog>
      ) : null}
      {question === "password" ? (
        <Dialog
          title={t(words.new_password)} onClose={() => setQuestion(null)}
          ends={<><Button onClick={() => setQuestion(null)}>{t(common.cancel)}</Button><Button kind="first" busy={renew.isPending} onClick={() => renew.mutate()}>{t(words.new_password)}</Button></>}
        >
          {renew.error ? <ErrorBox error={renew.error} /> : null}
          <p>{t(words.new_password_what, { name: data.name })}</p>
        </Dialog>
      ) : null}
      {password ? <PasswordOnce name={data.name} login={data.login} password={password} onClose={() => setPassword(null)} /> : null}
    </Page>
  );
}
