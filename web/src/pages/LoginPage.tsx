// Logging in: by password, by passkey, or by the city's own log-in where it has one.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Redirect, useLocation, useSearchParams } from "wouter";
import { api, asFault, Fault, got } from "../api";
import { LanguageSwitch } from "../LanguageSwitch";
import { useSay } from "../language";
import { stillLeaving } from "../offline/session";
import { passkeysWork, showPasskey } from "../passkey";
import { useSession } from "../session";
import { Button, ButtonLink, ErrorBox, Field, Notice, Page } from "../ui";
import { login as words } from "../words/login";

/** A place of our own: whoever writes a link must not choose where somebody lands who has just logged in. */
function local(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : "/";
}

async function byPasskey() {
  const { id, options } = await got(api.POST("/api/session/passkey/options"));
  const credential = await showPasskey(options as Record<string, unknown>);
  if (!credential) throw new Fault(-1, "passkey", words.no_passkey.ko, words.no_passkey.en);
  return got(api.POST("/api/session/passkey", { body: { id, credential } }));
}

const ANSWER_MS = 20_000;

export default function LoginPage() {
  const t = useSay();
  const { me, enter } = useSession();
  const [, go] = useLocation();
  const [search] = useSearchParams();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const next = local(search.get("next"));
  const { data: ways } = useQuery({ queryKey: ["ways"], queryFn: () => got(api.GET("/api/session/ways")) });
  const asked = useMutation({
    mutationFn: async (how: "password" | "passkey") => {
      await stillLeaving(); // its answer must not take the next one's cookie along
      return how === "passkey" ? byPasskey() : got(api.POST("/api/session", { body: { login, password }, signal: AbortSignal.timeout(ANSWER_MS) }));
    },
    onSuccess: (entered) => {
      enter(entered);
      go(next, { replace: true });
    },
  });
  if (me && (ways === undefined || ways.needed)) return <Redirect to={next} replace />;

  return (
    <Page title={t(words.title)} narrow aside={<LanguageSwitch />}>
      {ways && !ways.needed ? (
        <Notice>
          <p>{t(words.not_needed)}</p>
          <ButtonLink to={next} kind="first">{t(words.straight)}</ButtonLink>
        </Notice>
      ) : null}
      <form
        className="panel stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!asked.isPending) asked.mutate("password");
        }}
      >
        {asked.error ? <ErrorBox error={asFault(asked.error).status === 0 ? new Fault(0, "away", words.away.ko, words.away.en) : asked.error} /> : null}
        <Field
          label={t(words.login)}
          name="username"
          autoComplete="username webauthn"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
        <Field
          label={t(words.password)}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" kind={["first", "big"]} busy={asked.isPending} testid="enter">{t(words.enter)}</Button>
        {passkeysWork && ways?.passkey ? (
          <Button onClick={() => asked.mutate("passkey")} busy={asked.isPending} testid="passkey">{t(words.passkey)}</Button>
        ) : null}
        {ways?.oidc ? <a className="button" href={`/api/session/oidc?next=${encodeURIComponent(next)}`}>{t(words.oidc, { name: ways.oidc })}</a> : null}
      </form>
    </Page>
  );
}
