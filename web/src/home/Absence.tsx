// Nobody is in: an absence always has an end, and who is back early is watched again.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, got } from "../api";
import { useLanguage, useSay } from "../language";
import type { components } from "../schema";
import { cityNow, when } from "../time";
import { Button, ErrorBox, Field, Radios, toast } from "../ui";
import { home as words } from "../words/home";
import { dayAt, instant, wall } from "./wall";

type Home = components["schemas"]["HomeOut"];
const MOST_MS = 72 * 3_600_000;
/** The city's clock may be a little behind this device's idea of it. */
const SLACK_MS = 60_000;

function choices(now: number) {
  const tonight = dayAt(now, 0, "21:00");
  return [
    // Late in the evening there is no "tonight" any more.
    ...(tonight > now + 3_600_000 ? [{ value: "tonight", word: words.tonight, at: tonight }] : []),
    { value: "tomorrow", word: words.tomorrow, at: dayAt(now, 1, "12:00") },
    { value: "two", word: words.two_days, at: dayAt(now, 2, "12:00") },
    { value: "longest", word: words.longest, at: now + MOST_MS - SLACK_MS },
    { value: "other", word: words.other_time, at: NaN },
  ];
}

export function Absence({ of }: { of: Home }) {
  const t = useSay();
  const { language } = useLanguage();
  const cache = useQueryClient();
  const sent = location.hash === "#absence";
  const [open, setOpen] = useState(sent);
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (sent) box.current?.scrollIntoView();
  }, [sent]);
  const [picked, setPicked] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  const anew = () => Promise.all([cache.invalidateQueries({ queryKey: ["home", of.id] }), cache.invalidateQueries({ queryKey: ["day", of.id] })]);
  const leave = useMutation({
    mutationFn: (until: number) =>
      got(api.POST("/api/homes/{id}/absence", { params: { path: { id: of.id } }, body: { until: new Date(until).toISOString() } })),
    onSuccess: async (noted) => {
      const until = when(noted.end, language);
      await anew();
      setOpen(false);
      toast({ ko: words.absence_done.ko.replace("{until}", until), en: words.absence_done.en.replace("{until}", until) });
    },
  });
  const back = useMutation({
    mutationFn: () => got(api.DELETE("/api/homes/{id}/absence", { params: { path: { id: of.id } } })),
    onSuccess: async () => {
      await anew();
      toast(words.back_done);
    },
  });
  const now = cityNow();
  const offered = choices(now);
  return (
    <section className="panel" aria-labelledby="absence" data-testid="absence" ref={box}>
      <h2 id="absence">{t(words.absence)}</h2>
      {back.error ? <ErrorBox error={back.error} /> : null}
      {of.absence ? (
        <>
          <p>{t(words.absence_now, { by: of.absence.by, start: when(of.absence.start, language), end: when(of.absence.end, language) })}</p>
          <Button kind="first" busy={back.isPending} onClick={() => back.mutate()}>{t(words.back_home)}</Button>
        </>
      ) : (
        <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{t(words.absence_until)}</summary>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              const until = picked === "other" ? instant(typed) : (offered.find((one) => one.value === picked)?.at ?? NaN);
              const good = until > cityNow() && until <= cityNow() + MOST_MS;
              setWrong(!good);
              if (good) leave.mutate(until);
            }}
          >
            <p className="soft">{t(words.absence_hint)}</p>
            {leave.error ? <ErrorBox error={leave.error} /> : null}
            <Radios
              label={t(words.absence_until)}
              name="until"
              value={picked}
              onPick={setPicked}
              wrong={wrong && picked !== "other" ? t(words.until_bad) : null}
              choices={offered.map((one) => ({ value: one.value, label: t(one.word) }))}
            />
            {picked === "other" ? (
              <Field
                label={t(words.until_when)}
                type="datetime-local"
                required
                min={wall(now)}
                max={wall(now + MOST_MS)}
                wrong={wrong ? t(words.until_bad) : null}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            ) : null}
            <Button kind="first" type="submit" busy={leave.isPending}>{t(words.absence_set)}</Button>
          </form>
        </details>
      )}
    </section>
  );
}
