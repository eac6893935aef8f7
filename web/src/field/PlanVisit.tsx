// Planning a visit: whom, what kind, when, and by when at the latest.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { api, Fault, got } from "../api";
import { useSay } from "../language";
import { fresh } from "../offline/work";
import { useMe, useSession } from "../session";
import { cityNow } from "../time";
import { Button, Dialog, ErrorBox, Field, Radios, Select, toast } from "../ui";
import { common } from "../words/common";
import { field as words, visitKinds } from "../words/field";
import { fromField, toField } from "./localTime";

const HOUR = 3_600_000;
type Kind = "follow_up" | "compulsory" | "intake";

function Plan({ person: given, episode, onClose }: { person: string | null; episode: number | null; onClose: () => void }) {
  const t = useSay();
  const me = useMe();
  const cache = useQueryClient();
  const [id] = useState(fresh);
  const [text, setText] = useState("");
  const [person, setPerson] = useState(given ?? "");
  const [kind, setKind] = useState<Kind>(episode ? "intake" : "follow_up");
  const [planned, setPlanned] = useState(() => toField(cityNow() + 24 * HOUR));
  const [due, setDue] = useState(() => toField(cityNow() + 72 * HOUR));
  const { data: people } = useQuery({
    queryKey: ["people", text],
    queryFn: () => got(api.GET("/api/care/persons", { params: { query: { text, limit: 20 } } })),
    enabled: given === null && text.trim().length >= 2,
  });
  const save = useMutation({
    mutationFn: () => {
      const [planned_at, due_at] = [fromField(planned), fromField(due)];
      if (!person) throw new Fault(-1, "person", words.pick.ko, words.pick.en);
      if (!due_at) throw new Fault(-1, "time", words.bad_time.ko, words.bad_time.en);
      const body = { id, person, kind, owner: me.member ?? `office:${me.areas[0]?.code ?? ""}`, planned_at, due_at, episode, by: "" };
      return got(api.POST("/api/care/visits", { body }));
    },
    onSuccess: () => {
      toast(words.planned_said);
      void cache.invalidateQueries({ queryKey: ["day"] });
      onClose();
    },
  });
  const kinds: Kind[] = episode ? ["intake", "follow_up"] : ["follow_up", "compulsory"];
  return (
    <Dialog title={t(words.plan)} onClose={onClose} testid="plan-visit">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending) save.mutate();
        }}
      >
        {save.error ? <ErrorBox error={save.error} /> : null}
        {given === null ? (
          <>
            <Field label={t(words.who)} hint={t(words.who_hint)} value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />
            {people?.length ? (
              <Select
                label={t(words.pick)}
                empty={t(words.pick)}
                value={person}
                required
                onChange={(event) => setPerson(event.target.value)}
                choices={people.map((one) => ({ value: one.id, label: `${one.name} (${one.area.split("/").at(-1) ?? ""})` }))}
              />
            ) : people ? <p role="status">{t(words.nobody)}</p> : null}
          </>
        ) : null}
        <Radios
          label={t(words.what_kind)}
          name="kind"
          value={kind}
          onPick={(value) => setKind(value as Kind)}
          choices={kinds.map((value) => ({ value, label: t(visitKinds[value] ?? common.unknown) }))}
        />
        <Field label={t(words.when_planned)} type="datetime-local" value={planned} onChange={(event) => setPlanned(event.target.value)} />
        <Field label={t(words.when_due)} type="datetime-local" required value={due} onChange={(event) => setDue(event.target.value)} />
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          <Button type="submit" kind="first" busy={save.isPending} testid="plan-save">{t(words.plan_save)}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A button, and the form behind it; `/visits?plan=PERSON&episode=N` opens it for somebody. */
export function PlanVisit() {
  const t = useSay();
  const { can } = useSession();
  const [search, setSearch] = useSearchParams();
  const [open, setOpen] = useState(search.has("plan"));
  if (!can("visit.write")) return null;
  const close = () => {
    setOpen(false);
    if (search.has("plan")) setSearch({}, { replace: true });
  };
  return (
    <>
      <Button onClick={() => setOpen(true)} testid="plan">{t(words.plan)}</Button>
      {open ? <Plan person={search.get("plan") || null} episode={Number(search.get("episode")) || null} onClose={close} /> : null}
    </>
  );
}
