// How it ended, how one made sure, and what the next person should know; then it is held for some seconds and closed.
import { useState } from "react";
import { Link } from "wouter";
import { useSay } from "../language";
import { Button, Radios, TextField } from "../ui";
import { care } from "../words/case";
import { contacts, named, outcomes } from "../words/city";
import { common } from "../words/common";
import type { Act } from "./deeds";

interface Props {
  preset: Act;
  needsContact: boolean;
  exercise: boolean;
  /** Where nobody may be in from now on, for whoever may say so. */
  home: string | null;
  /** It was silence that was told. */
  silence: boolean;
  onCancel: () => void;
  onClose: (said: Act) => void;
}

const OUTCOMES = ["safe", "true_emergency", "care", "technical", "exercise"] as const;
const CONTACTS = ["phone", "visit", "speaker"] as const;

/** After these somebody may be in hospital. */
const LEAVES_HOME = new Set<string | undefined>(["true_emergency", "care"]);

export function Closing({ preset, needsContact, exercise, home, silence, onCancel, onClose }: Props) {
  const t = useSay();
  const [outcome, setOutcome] = useState(preset.outcome ?? (exercise ? ("exercise" as const) : undefined));
  const [contact, setContact] = useState(preset.contact);
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const lacksContact = outcome === "safe" && needsContact && !contact;
  return (
    <form
      className="stack"
      data-testid="closing"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (outcome && !lacksContact) onClose({ outcome, contact, note: note.trim() });
      }}
    >
      <Radios
        label={t(care.outcome)}
        name="outcome"
        value={outcome ?? null}
        onPick={(value) => setOutcome(value as typeof outcome)}
        wrong={tried && !outcome ? t(common.required) : null}
        choices={OUTCOMES.map((value) => ({ value, label: t(named(outcomes, value)) }))}
      />
      <Radios
        label={t(care.contact)}
        name="contact"
        value={contact ?? null}
        onPick={(value) => setContact(value as typeof contact)}
        wrong={tried && lacksContact ? t(care.no_contact) : null}
        choices={CONTACTS.map((value) => ({ value, label: t(named(contacts, value)) }))}
      />
      {home && (silence ? outcome !== undefined : LEAVES_HOME.has(outcome)) ? (
        <p data-testid="nobody-in">
          {t(care.nobody_in)} <Link href={`/homes/${home}#absence`}>{t(care.note_nobody_in)}</Link>
        </p>
      ) : null}
      <TextField label={t(care.note)} hint={t(care.note_hint)} maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />
      <div className="row">
        <Button type="submit" kind={["first", "big"]} testid="close">{t(care.close)}</Button>
        <Button onClick={onCancel}>{t(common.cancel)}</Button>
      </div>
    </form>
  );
}
