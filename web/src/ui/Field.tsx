// Fields of forms: a label that is always seen, a hint, and what is wrong, tied to the input for those who listen.
import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";

interface About {
  label: string;
  hint?: string;
  wrong?: string | null;
  testid?: string;
}

interface Tied {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

function Around({ label, hint, wrong, children }: About & { children: (tied: Tied) => ReactNode }) {
  const id = useId();
  const said = [hint ? `${id}h` : "", wrong ? `${id}w` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint ? <p className="hint" id={`${id}h`}>{hint}</p> : null}
      {children({ id, "aria-describedby": said || undefined, "aria-invalid": wrong ? true : undefined })}
      {wrong ? <p className="wrong" id={`${id}w`}>{wrong}</p> : null}
    </div>
  );
}

type InputProps = About & Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "className">;

export function Field({ label, hint, wrong, testid, ...rest }: InputProps) {
  return (
    <Around label={label} hint={hint} wrong={wrong}>
      {(tied) => <input {...rest} {...tied} data-testid={testid} />}
    </Around>
  );
}

type AreaProps = About & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "id" | "className">;

export function TextField({ label, hint, wrong, testid, ...rest }: AreaProps) {
  return (
    <Around label={label} hint={hint} wrong={wrong}>
      {(tied) => <textarea {...rest} {...tied} data-testid={testid} />}
    </Around>
  );
}

export interface Choice {
  value: string;
  label: string;
}

type SelectProps = About & { choices: Choice[]; empty?: string } & Omit<SelectHTMLAttributes<HTMLSelectElement>, "id" | "className">;

/** `empty`: what stands there while nothing is chosen. */
export function Select({ label, hint, wrong, testid, choices, empty, ...rest }: SelectProps) {
  return (
    <Around label={label} hint={hint} wrong={wrong}>
      {(tied) => (
        <select {...rest} {...tied} data-testid={testid}>
          {empty === undefined ? null : <option value="">{empty}</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>{choice.label}</option>
          ))}
        </select>
      )}
    </Around>
  );
}

interface RadiosProps extends About {
  name: string;
  choices: Choice[];
  value: string | null;
  onPick: (value: string) => void;
}

/** One of a few, each as big as a finger. */
export function Radios({ label, hint, wrong, testid, name, choices, value, onPick }: RadiosProps) {
  const id = useId();
  return (
    <fieldset className="field" data-testid={testid} aria-describedby={wrong ? `${id}w` : undefined}>
      <legend>{label}</legend>
      {hint ? <p className="hint">{hint}</p> : null}
      <div className="choices">
        {choices.map((choice) => (
          <label className="choice" key={choice.value}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={value === choice.value}
              onChange={() => onPick(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
      {wrong ? <p className="wrong" id={`${id}w`}>{wrong}</p> : null}
    </fieldset>
  );
}

export function Check({ label, checked, onTick, testid }: { label: string; checked: boolean; onTick: (on: boolean) => void; testid?: string }) {
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} data-testid={testid} onChange={(event) => onTick(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}
