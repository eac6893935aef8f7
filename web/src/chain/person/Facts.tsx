// What is known of somebody: each fact with what it is for and who may read it, changed one at a time.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { useMe, useSession } from "../../session";
import { Busy, Button, Check, Dialog, ErrorBox, Field, Radios, TextField } from "../../ui";
import { chain } from "../../words/chain";
import { common } from "../../words/common";
import { people, readers, values } from "../../words/chain_people";
import { named } from "../../words/city";
import { useDeed } from "../deed";
import type { Fact, FactField, Person } from "../shapes";

type Value = Fact["value"];

function useShown() {
  const t = useSay();
  return (field: string, value: Value): string => {
    if (typeof value === "boolean") return t(value ? common.yes : common.no);
    const known = values[field] ?? {};
    const word = (one: string) => t(named(known, one));
    return Array.isArray(value) ? value.map(word).join(", ") : typeof value === "string" ? word(value) : String(value);
  };
}

export function Facts({ person }: { person: Person }) {
  const t = useSay();
  const me = useMe();
  const { can } = useSession();
  const shown = useShown();
  const [changing, setChanging] = useState<FactField | null>(null);
  const { data: fields } = useQuery({
    queryKey: ["profile"],
    queryFn: () => got(api.GET("/api/care/profile")),
    staleTime: Infinity,
    enabled: can("catalogue.read"),
  });
  const { data: facts, error, refetch } = useQuery({
    queryKey: ["care", "facts", person.id],
    queryFn: () => got(api.GET("/api/care/persons/{id}/facts", { params: { path: { id: person.id } } })),
    refetchInterval: 60_000,
    enabled: can("fact.read"),
  });
  if (!can("fact.read")) return null;
  const known = new Map(facts?.map((fact) => [fact.field, fact]));
  const writing = can("fact.write");
  const listed = fields?.filter((field) => known.has(field.field) || writing) ?? [];
  return (
    <section className="panel" aria-labelledby="facts-head" data-testid="facts">
      <h2 id="facts-head">{t(people.facts)}</h2>
      <p className="soft">{t(people.facts_hint)}</p>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : facts && fields ? null : <Busy />}
      {facts && fields && listed.length === 0 ? <p>{t(people.facts_none)}</p> : null}
      {facts ? (
        <ul className="plain">
          {listed.map((field) => {
            const fact = known.get(field.field);
            return (
              <li key={field.field} data-testid={`fact-${field.field}`}>
                <p>
                  <span className="strong">{t(field.name)}</span>
                  {": "}
                  {fact ? shown(field.field, fact.value) : (
                    <span className="soft">{t(field.readers.some((one) => one === me.role) ? people.empty : people.not_yours)}</span>
                  )}
                </p>
                <p className="small soft">
                  {`${t(people.purpose, { purpose: t(field.purpose) })} · ${t(people.readers, { readers: field.readers.map((one) => t(named(readers, one))).join(", ") })}`}
                </p>
                {writing ? (
                  <Button aria-label={t(people.change_named, { fact: t(field.name) })} onClick={() => setChanging(field)}>{t(people.change)}</Button>
                ) : null}
              </li>
            );
          })}
        </ul>
      ) : null}
      {changing ? (
        <Change key={changing.field} person={person.id} field={changing} before={known.get(changing.field)?.value} onClose={() => setChanging(null)} />
      ) : null}
    </section>
  );
}

interface Props {
  person: string;
  field: FactField;
  before: Value | undefined;
  onClose: () => void;
}

function Change({ person, field, before, onClose }: Props) {
  const t = useSay();
  const [value, setValue] = useState<Value | undefined>(before);
  const [wrong, setWrong] = useState(false);
  const save = useDeed(
    (said: Value, once) =>
      got(
        api.PUT("/api/care/persons/{id}/facts/{field}", {
          params: { path: { id: person, field: field.field }, ...once },
          body: { value: said },
        }),
      ),
    chain.saved,
    onClose,
  );
  const name = t(field.name);
  const list = Array.isArray(value) ? value : [];
  const word = (one: string) => t(named(values[field.field] ?? {}, one));
  return (
    <Dialog title={t(people.change_named, { fact: name })} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const said = Array.isArray(value) ? value.map((one) => one.trim()).filter(Boolean) : typeof value === "string" ? value.trim() : value;
          const none = said === undefined || said === "" || (typeof said === "number" && Number.isNaN(said));
          setWrong(none);
          if (!none && !save.isPending) save.mutate(said);
        }}
      >
        {field.kind === "bool" ? (
          <Radios
            label={name}
            name="fact"
            choices={[{ value: "yes", label: t(common.yes) }, { value: "no", label: t(common.no) }]}
            value={typeof value === "boolean" ? (value ? "yes" : "no") : null}
            onPick={(picked) => setValue(picked === "yes")}
            wrong={wrong ? t(common.required) : null}
          />
        ) : field.kind === "list" && field.values.length ? (
          <fieldset className="field">
            <legend>{name}</legend>
            <div className="choices">
              {field.values.map((one) => (
                <Check key={one} label={word(one)} checked={list.includes(one)} onTick={(on) => setValue(on ? [...list, one] : list.filter((other) => other !== one))} />
              ))}
            </div>
          </fieldset>
        ) : field.kind === "list" ? (
          <TextField label={name} hint={t(people.list_hint)} value={list.join("\n")} onChange={(event) => setValue(event.target.value.split("\n"))} />
        ) : field.values.length ? (
          <Radios
            label={name}
            name="fact"
            choices={field.values.map((one) => ({ value: one, label: word(one) }))}
            value={typeof value === "string" ? value : null}
            onPick={setValue}
            wrong={wrong ? t(common.required) : null}
          />
        ) : field.kind === "int" ? (
          <Field
            label={name}
            type="number"
            inputMode="numeric"
            value={typeof value === "number" && !Number.isNaN(value) ? value : ""}
            wrong={wrong ? t(common.required) : null}
            onChange={(event) => setValue(event.target.value === "" ? undefined : Number(event.target.value))}
          />
        ) : (
          <TextField
            label={name}
            maxLength={500}
            value={typeof value === "string" ? value : ""}
            wrong={wrong ? t(common.required) : null}
            onChange={(event) => setValue(event.target.value)}
          />
        )}
        {save.error ? <ErrorBox error={save.error} /> : null}
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          <Button type="submit" kind="first" busy={save.isPending}>{t(common.save)}</Button>
        </div>
      </form>
    </Dialog>
  );
}
