// The visit's form: every stroke is kept on the device, and what was not looked at stays unsaid.
import { useState } from "react";
import { useSay } from "../language";
import { drop, keep, send, type Outcome, type VisitSaid } from "../offline/work";
import { Button, Check, Dialog, Radios, TextField, toast } from "../ui";
import { common } from "../words/common";
import { field as words, marks, visitOutcomes } from "../words/field";
import { Stand } from "./parts";
import { finished, nowSaid, type VisitPiece } from "./visit";

interface Props {
  piece: VisitPiece;
  services: { code: string; ko: string; en: string }[];
  correction: boolean;
  onDone: () => void;
}

const MARKS = ["well_being", "mood"] as const;
const LOOKS = ["home_safe", "food", "medicine"] as const;
const OUTCOMES: Outcome[] = ["met", "not_home", "refused", "gone"];

export function VisitForm({ piece: given, services, correction, onDone }: Props) {
  const t = useSay();
  const [piece, setPiece] = useState(given);
  const [touched, setTouched] = useState(false);
  const [missing, setMissing] = useState(false);
  const [asking, setAsking] = useState(false);
  const { said } = piece;
  const { record } = said;

  const say = (part: Partial<VisitSaid>) => {
    const next = { ...piece, said: { ...said, arrived_at: said.arrived_at ?? nowSaid(), ...part } };
    setPiece(next);
    setTouched(true);
    if (part.outcome) setMissing(false);
    void keep(next);
  };
  const find = (part: Partial<VisitSaid["record"]>) => say({ record: { ...record, ...part } });
  const need = (code: string, on: boolean) => find({ needs: on ? [...record.needs, code] : record.needs.filter((one) => one !== code) });
  const finish = () => {
    if (!said.outcome) {
      setMissing(true);
      document.querySelector<HTMLInputElement>("input[name=outcome]")?.focus();
      return;
    }
    void keep(finished(piece)).then(() => {
      toast(words.finished_said);
      onDone();
      void send();
    });
  };

  return (
    <form
      className="panel stack"
      aria-label={t(words.form)}
      data-testid="visit-form"
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
    >
      <div className="card-line">
        <h2>{t(words.form)}</h2>
        {touched || said.outcome || record.note ? <span role="status"><Stand as="draft" /></span> : null}
      </div>
      <Radios
        label={t(words.outcome)}
        name="outcome"
        value={said.outcome}
        wrong={missing ? t(words.outcome_needed) : null}
        onPick={(value) => say({ outcome: value as Outcome })}
        choices={OUTCOMES.map((value) => ({ value, label: t(visitOutcomes[value] ?? common.unknown) }))}
      />
      {said.outcome === "met" ? (
        <div className="marks">
          {MARKS.map((name) => (
            <Radios
              key={name}
              label={t(words[name])}
              name={name}
              value={record[name] ?? null}
              onPick={(value) => find({ [name]: value })}
              choices={Object.entries(marks).map(([value, word]) => ({ value, label: t(word) }))}
            />
          ))}
          {LOOKS.map((name) => (
            <Radios
              key={name}
              label={t(words[name])}
              name={name}
              value={record[name] === null || record[name] === undefined ? "unseen" : record[name] ? "yes" : "no"}
              onPick={(value) => find({ [name]: value === "unseen" ? null : value === "yes" })}
              choices={[
                { value: "yes", label: t(common.yes) },
                { value: "no", label: t(common.no) },
                { value: "unseen", label: t(words.unseen) },
              ]}
            />
          ))}
        </div>
      ) : null}
      {said.outcome === "met" && services.length ? (
        <details>
          <summary>{record.needs.length ? t(words.needs_some, { count: record.needs.length }) : t(words.needs)}</summary>
          <div className="choices">
            {services.map((one) => (
              <Check key={one.code} label={t(one)} checked={record.needs.includes(one.code)} onTick={(on) => need(one.code, on)} />
            ))}
          </div>
        </details>
      ) : null}
      <TextField
        label={t(words.note)}
        hint={t(words.note_hint)}
        name="note"
        maxLength={2000}
        value={record.note}
        onChange={(event) => find({ note: event.target.value })}
      />
      <Button type="submit" kind={["first", "big"]} testid="finish">{t(correction ? words.finish_correction : words.finish)}</Button>
      {correction || touched ? <Button kind="quiet" onClick={() => setAsking(true)}>{t(words.discard)}</Button> : null}
      {asking ? (
        <Dialog
          title={t(words.discard)}
          onClose={() => setAsking(false)}
          ends={
            <>
              <Button onClick={() => setAsking(false)}>{t(common.cancel)}</Button>
              <Button kind="danger" onClick={() => void drop(piece.id).then(onDone).then(() => setAsking(false))}>{t(words.discard_yes)}</Button>
            </>
          }
        >
          <p>{t(words.discard_why)}</p>
        </Dialog>
      ) : null}
    </form>
  );
}
