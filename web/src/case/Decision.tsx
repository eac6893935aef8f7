// One decision at a time: three big buttons for the state a Care Call is in, and what each of them means.
import { useState } from "react";
import type { CaseConsole, Verb } from "../contract";
import { useSay } from "../language";
import { useMe, useSession } from "../session";
import { Button, Notice, Select } from "../ui";
import { care } from "../words/case";
import type { Word } from "../words/word";
import { Closing } from "./Closing";
import { DeedBanner } from "./DeedBanner";
import { act, useDeeds, type Act } from "./deeds";

interface Choice {
  key: string;
  word: Word;
  hint?: Word;
  first?: boolean;
  needs: Verb;
  press: () => void;
}

interface Props {
  of: CaseConsole;
  /** Changes when the case has been asked for, heard or not. */
  asked: number;
}

/** Whether a deed has been done and the case as it is since then has not arrived: its buttons are those of before. */
function useOld(caseId: number, asked: number): boolean {
  const going = useDeeds(caseId).some((deed) => deed.verb !== "note" && (deed.state === "sending" || deed.state === "waiting"));
  const [went, setWent] = useState(going);
  const [since, setSince] = useState<number | null>(null);
  if (went !== going) {
    setWent(going);
    setSince(going ? null : asked);
  }
  return since === asked;
}

const SILENCES = new Set(["inactivity", "overdue"]);

export function Decision({ of, asked }: Props) {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  const [closing, setClosing] = useState<Act | null>(null);
  const [by, setBy] = useState("");
  const { card } = of;
  const deeds = useDeeds(card.id);
  const old = useOld(card.id, asked);
  const pending = deeds.filter((deed) => deed.verb !== "note" || deed.state === "refused");
  // At this machine before the first account nobody is known: who acts is chosen.
  const system = me.role === "system";
  const signed = (said: Act): Act => (system && by ? { ...said, by } : said);
  const self = system ? by || "operator" : me.member;
  const mine = card.owner !== null && card.owner === self;

  const go = (verb: Verb, said: Act = {}, hold = 0) => act(card.id, verb, signed(said), hold);
  const close = (preset: Act) => setClosing(preset);
  const phoned: Choice = { key: "phoned", word: care.phoned, needs: "close", press: () => close({ contact: "phone", outcome: "safe" }) };
  const arrive: Choice = { key: "arrive", word: care.arrive, first: true, needs: "arrive", press: () => go("arrive", {}, of.hold_s) };
  const choices: Record<string, Choice[]> = {
    called: [
      { key: "ack", word: care.ack, hint: care.ack_hint, first: true, needs: "ack", press: () => go("ack") },
      phoned,
      { key: "decline", word: care.decline, hint: care.decline_hint, needs: "note", press: () => go("note", { note: t(care.decline_note) }) },
    ],
    mine: [arrive, phoned, { key: "release", word: care.release, hint: care.release_hint, needs: "release", press: () => go("release") }],
    others: [
      { key: "ack", word: care.take_over, hint: care.ack_hint, needs: "ack", press: () => go("ack") },
      { ...arrive, first: false },
      phoned,
    ],
    arrived: [
      { key: "safe", word: care.safe, first: true, needs: "close", press: () => close({ outcome: "safe", contact: "visit" }) },
      { key: "emergency", word: care.emergency, needs: "close", press: () => close({ outcome: "true_emergency", contact: "visit" }) },
      { key: "otherwise", word: care.otherwise, needs: "close", press: () => close({ contact: "visit" }) },
    ],
    closed: [],
  };
  const at = card.state === "verifying" || card.state === "alerting" ? "called" : card.state === "acknowledged" ? (mine ? "mine" : "others") : card.state;
  const shown = (choices[at] ?? []).filter((choice) => of.acts.includes(choice.needs));

  if (!can("case.act")) return null;
  return (
    <section className="panel decision" aria-labelledby="decide" data-testid="decision" data-at={at}>
      <h2 id="decide">{t(care.decide)}</h2>
      <p role="status" className="strong">
        {card.state === "closed" ? t(care.closed) : mine ? t(care.taken_by_me) : card.owner_name ? t(care.taken_by, { who: card.owner_name }) : ""}
      </p>
      {system && of.members.length && card.state !== "closed" ? (
        <Select
          label={t(care.by)}
          testid="by"
          value={by}
          empty={t(care.operator)}
          choices={of.members.map((member) => ({ value: member.id, label: member.name }))}
          onChange={(event) => setBy(event.target.value)}
        />
      ) : null}
      {pending.map((deed) => <DeedBanner key={deed.id} deed={deed} />)}
      {closing ? (
        <Closing
          preset={closing}
          needsContact={of.needs_contact}
          exercise={card.exercise}
          home={!card.exercise && can("absence.write") ? card.home : null}
          silence={SILENCES.has(card.concern)}
          onCancel={() => setClosing(null)}
          onClose={(said) => {
            setClosing(null);
            go("close", said, of.hold_s);
          }}
        />
      ) : pending.length ? null : (
        <>
          <div className="big-three">
            {shown.map((choice) => (
              <div key={choice.key}>
                <Button kind={choice.first ? ["first", "big"] : "big"} busy={old} onClick={choice.press} testid={`act-${choice.key}`}>
                  {t(choice.word)}
                </Button>
                {choice.hint ? <p className="soft small">{t(choice.hint)}</p> : null}
              </div>
            ))}
          </div>
          {card.due_at && card.state === "acknowledged" ? <Notice kind="warn"><p>{t(care.back_again)}</p></Notice> : null}
        </>
      )}
    </section>
  );
}
