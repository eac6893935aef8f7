// One task on a worker's telephone: where to go, begin, end, and what was done there.
import { useState } from "react";
import { useLanguage, useSay } from "../language";
import { useDesk } from "../offline/useDesk";
import { drop, fresh, keep, send, type Done, type RecordSaid } from "../offline/work";
import { hourTime, when } from "../time";
import { Button, Dialog, Field, Notice, Radios, TextField, toast } from "../ui";
import { common } from "../words/common";
import { named } from "../words/city";
import { field as words, taskOutcomes, taskStates } from "../words/field";
import type { DayTask } from "./day";
import { Door, Stand } from "./parts";
import { begin, ended, recordStands, type RecordPiece, written } from "./record";

const OUTCOMES: Done[] = ["done", "closed_door", "refused", "hospital"];

function Record({ task, draft }: { task: DayTask; draft: RecordPiece }) {
  const t = useSay();
  const { language } = useLanguage();
  const [piece, setPiece] = useState(draft);
  const [wrong, setWrong] = useState<"outcome" | "units" | null>(null);
  const [asking, setAsking] = useState(false);
  const { said } = piece;
  const say = (part: Partial<RecordSaid>) => {
    const next = { ...piece, said: { ...said, ...part } };
    setPiece(next);
    setWrong(null);
    void keep(next);
  };
  const save = () => {
    const units = Number.isInteger(said.units) && said.units >= 0;
    if (!said.outcome || !units) {
      setWrong(said.outcome ? "units" : "outcome");
      return;
    }
    void keep(ended(piece)).then(() => {
      toast(words.record_said);
      void send();
    });
  };
  return (
    <form
      className="stack"
      data-testid="record-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {said.start ? <p className="steps">{t(words.begun_at, { at: hourTime(said.start, language) })}</p> : null}
      <Radios
        label={t(words.task_outcome)}
        name={`outcome-${task.id}`}
        value={said.outcome}
        wrong={wrong === "outcome" ? t(words.record_needed) : null}
        onPick={(value) => say({ outcome: value as Done })}
        choices={OUTCOMES.map((value) => ({ value, label: t(named(taskOutcomes, value)) }))}
      />
      {said.outcome === "done" ? (
        <Field
          label={t(words.units)}
          hint={t(words.units_most, { most: task.most })}
          wrong={wrong === "units" ? t(words.units_wrong) : null}
          type="number"
          inputMode="numeric"
          min={0}
          max={100_000}
          value={Number.isNaN(said.units) ? "" : said.units}
          onChange={(event) => say({ units: event.target.valueAsNumber })}
        />
      ) : null}
      <TextField label={t(words.note)} hint={t(words.note_hint)} maxLength={2000} value={said.note} onChange={(event) => say({ note: event.target.value })} />
      <TextField label={t(words.worry)} hint={t(words.worry_hint)} maxLength={2000} value={said.worry} onChange={(event) => say({ worry: event.target.value })} />
      <Button type="submit" kind={["first", "big"]} testid="record-save">{t(words.record_save)}</Button>
      <Button kind="quiet" onClick={() => setAsking(true)}>{t(words.discard)}</Button>
      {asking ? (
        <Dialog
          title={t(words.discard)}
          onClose={() => setAsking(false)}
          ends={
            <>
              <Button onClick={() => setAsking(false)}>{t(common.cancel)}</Button>
              <Button kind="danger" onClick={() => void drop(piece.id)}>{t(words.discard_yes)}</Button>
            </>
          }
        >
          <p>{t(words.discard_why)}</p>
        </Dialog>
      ) : null}
    </form>
  );
}

export function TaskCard({ task }: { task: DayTask }) {
  const t = useSay();
  const { language } = useLanguage();
  const at = written(useDesk().pieces, task.id);
  const stand = recordStands(at, task);
  const { refused } = at;
  return (
    <article className={`card ${at.waiting || task.state === "done" ? "over" : "routine"} stack`} data-testid="task" data-id={task.id}>
      <div className="card-line">
        <span className="strong">{t(words.task_at, { at: when(task.planned_at, language), units: task.units })}</span>
        <span>{t(task.service)}</span>
        {task.state === "assigned" ? null : <span className="soft">{t(named(taskStates, task.state))}</span>}
        {stand ? <Stand as={stand} /> : null}
      </div>
      <h2>{task.door.name}</h2>
      {task.state === "assigned" && !at.waiting ? <Door door={task.door} /> : <p className="small">{t(task.door.place)}</p>}
      {refused && !at.draft ? (
        <Notice kind="bad" testid="refused-record">
          <p>{refused.why ? t(refused.why) : t(words.refused)}</p>
          <Button
            kind="first"
            onClick={() => void keep({ ...refused, id: fresh(), state: "draft", at: Date.now(), why: undefined }).then(() => drop(refused.id))}
          >
            {t(words.rewrite)}
          </Button>
        </Notice>
      ) : null}
      {at.draft ? <Record key={at.draft.id} task={task} draft={at.draft} /> : null}
      {task.state === "assigned" && stand === null ? (
        <Button kind={["first", "big"]} onClick={() => void keep(begin(task))} testid="begin">{t(words.begin)}</Button>
      ) : null}
    </article>
  );
}
