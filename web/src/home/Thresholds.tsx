// When this home's silence becomes an alarm: what is set, what another setting would have done, and setting it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import type { components } from "../schema";
import { Button, ErrorBox, Field, Notice, Radios, Select, TextField, toast } from "../ui";
import { askWays, risks, thresholds as words } from "../words/home";
import { Tried } from "./Tried";

type Schemas = components["schemas"];
type Home = Schemas["HomeOut"];
const HOUR = 3600;

interface Asked {
  risk: Schemas["Risk"];
  hours: string;
  budget: string;
  ask: Schemas["AskBy"] | "";
  wording: string;
}

function stands(of: Home): Asked {
  return {
    risk: of.risk,
    hours: of.silence_ceiling_s === null ? "" : String(of.silence_ceiling_s / HOUR),
    budget: of.alarm_budget === null ? "" : String(of.alarm_budget),
    ask: of.ask_by ?? "",
    wording: of.wording,
  };
}

const number = (text: string) => (text.trim() === "" ? null : Number(text));

/** What differs from the home as it stands, as the API has it. */
function changed(of: Home, asked: Asked): Schemas["Thresholds"] {
  const was = stands(of);
  const hours = number(asked.hours);
  return {
    ...(asked.risk === was.risk ? {} : { risk: asked.risk }),
    ...(asked.hours === was.hours ? {} : { silence_ceiling_s: hours === null ? null : hours * HOUR }),
    ...(asked.budget === was.budget ? {} : { alarm_budget: number(asked.budget) }),
    ...(asked.ask === was.ask ? {} : { ask_by: asked.ask || null }),
    ...(asked.wording.trim() === was.wording ? {} : { wording: asked.wording.trim() || null }),
  };
}

export function Thresholds({ of }: { of: Home }) {
  const t = useSay();
  const cache = useQueryClient();
  const [asked, setAsked] = useState(() => stands(of));
  const [same, setSame] = useState(false);
  const change = (to: Partial<Asked>) => {
    setAsked({ ...asked, ...to });
    setSame(false);
    tried.reset();
  };
  const save = useMutation({
    mutationFn: (body: Schemas["Thresholds"]) => got(api.PUT("/api/homes/{id}/thresholds", { params: { path: { id: of.id } }, body })),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["home", of.id] });
      toast(words.saved);
    },
  });
  const tried = useMutation({
    mutationFn: (body: Schemas["Tried"]) => got(api.POST("/api/homes/{id}/what-if", { params: { path: { id: of.id } }, body })),
  });
  const differs = changed(of, asked);
  // A question's words change no alarm.
  const tells = Object.fromEntries(Object.entries(differs).filter(([name, value]) => name !== "wording" && value !== null));
  const tryable = Object.keys(tells).length > 0;
  return (
    <section className="panel" aria-labelledby="thresholds" data-testid="thresholds">
      <h2 id="thresholds">{t(words.title)}</h2>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const none = Object.keys(differs).length === 0;
          setSame(none);
          if (!none) save.mutate(differs);
        }}
      >
        <Radios
          label={t(words.risk)}
          name="risk"
          value={asked.risk}
          choices={(["low", "normal", "high"] as const).map((value) => ({ value, label: t(risks[value] ?? { ko: value, en: value }) }))}
          onPick={(risk) => change({ risk: risk as Asked["risk"] })}
        />
        <Field label={t(words.ceiling)} hint={t(words.ceiling_hint)} type="number" inputMode="decimal" min="0.5" max="72" step="0.5" value={asked.hours} onChange={(event) => change({ hours: event.target.value })} />
        <Field label={t(words.budget)} hint={t(words.budget_hint)} type="number" inputMode="decimal" min="0.05" max="30" step="any" value={asked.budget} onChange={(event) => change({ budget: event.target.value })} />
        <Select
          label={t(words.ask_by)}
          empty={t(words.ask_usual)}
          value={asked.ask}
          choices={Object.entries(askWays).map(([value, word]) => ({ value, label: t(word) }))}
          onChange={(event) => change({ ask: event.target.value as Asked["ask"] })}
        />
        <TextField label={t(words.wording)} hint={t(words.wording_hint)} maxLength={200} value={asked.wording} onChange={(event) => change({ wording: event.target.value })} />
        {same ? <Notice kind="warn"><p role="alert">{t(words.same)}</p></Notice> : null}
        <p className="soft small">{t(words.try_hint)}</p>
        <div className="row">
          <Button
            busy={tried.isPending}
            testid="try"
            onClick={() => {
              setSame(!tryable);
              if (tryable) tried.mutate({ ...tells, days: 90 });
            }}
          >
            {t(words.try)}
          </Button>
          <Button kind="first" type="submit" busy={save.isPending}>{t(words.save)}</Button>
        </div>
        {save.error ? <ErrorBox error={save.error} /> : null}
        <div role="status">{tried.isPending ? <p>{t(words.trying)}</p> : null}</div>
        {tried.error ? <ErrorBox error={tried.error} /> : null}
      </form>
      {tried.data ? <Tried of={tried.data} /> : null}
    </section>
  );
}
