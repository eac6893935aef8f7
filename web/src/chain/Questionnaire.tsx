// A published questionnaire, question by question; nothing is chosen beforehand, and what is left out is named.
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import { Busy, Button, ErrorBox, Radios } from "../ui";
import { chain } from "../words/chain";
import { useUnsaved } from "./deed";
import type { Instrument } from "./shapes";

/** The newest version of each questionnaire. */
export function useInstruments(): Instrument[] | undefined {
  const { data } = useQuery({
    queryKey: ["instruments"],
    queryFn: () => got(api.GET("/api/care/instruments", { params: { query: { limit: 200 } } })),
    staleTime: 10 * 60_000,
  });
  return data;
}

export function newest(all: Instrument[], code: string): Instrument | undefined {
  return all.filter((one) => one.code === code).toSorted((one, other) => other.version.localeCompare(one.version, "en", { numeric: true }))[0];
}

export type Answers = Record<string, number>;

interface Props {
  code: string;
  save: string;
  busy: boolean;
  error: unknown;
  onSave: (it: Instrument, answers: Answers) => void;
  /** What is asked beside the questions. */
  children?: ReactNode;
}

export function Questionnaire({ code, save, busy, error, onSave, children }: Props) {
  const t = useSay();
  const all = useInstruments();
  const [answers, setAnswers] = useState<Answers>({});
  const [missing, setMissing] = useState(false);
  const count = Object.keys(answers).length;
  useUnsaved(count > 0);
  if (!all) return <Busy />;
  const it = newest(all, code);
  if (!it) return <p>{code}</p>;
  return (
    <form
      className="stack"
      noValidate
      data-testid={`questions-${code}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        const open = it.items.find((item) => answers[item.code] === undefined);
        setMissing(open !== undefined);
        if (open) event.currentTarget.querySelector<HTMLElement>(`[name="${code}-${open.code}"]`)?.focus();
        else onSave(it, answers);
      }}
    >
      <p className="soft">{`${t(it.name)} · ${t(chain.source, { source: it.source })}`}</p>
      {it.items.map((item) => (
        <div className="question" key={item.code}>
          <Radios
            label={t(item.name)}
            name={`${code}-${item.code}`}
            choices={item.choices.map((choice) => ({ value: String(choice.points), label: t(choice.name) }))}
            value={answers[item.code]?.toString() ?? null}
            onPick={(points) => setAnswers({ ...answers, [item.code]: Number(points) })}
            wrong={missing && answers[item.code] === undefined ? t(chain.unanswered) : null}
          />
        </div>
      ))}
      {children}
      {error ? <ErrorBox error={error} /> : null}
      <div className="row">
        <Button type="submit" kind="first" busy={busy}>{save}</Button>
        <span role="status">{t(chain.answered, { count, all: it.items.length })}</span>
      </div>
    </form>
  );
}
