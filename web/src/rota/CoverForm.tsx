// Somebody will be away, and another stands in for them.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { instant, wall } from "../home/wall";
import { useSay } from "../language";
import type { components } from "../schema";
import { cityNow } from "../time";
import { Button, Dialog, ErrorBox, Field, Select, toast } from "../ui";
import { common } from "../words/common";
import { named } from "../words/city";
import { roles } from "../words/people";
import { rota as words } from "../words/rota";

export interface Wanted {
  member: string;
  start: number;
  end: number;
}

type Person = components["schemas"]["OnRota"];

export function CoverForm({ people, wanted, onClose }: { people: Person[]; wanted: Wanted; onClose: () => void }) {
  const t = useSay();
  const cache = useQueryClient();
  const [member, setMember] = useState(wanted.member);
  const [by, setBy] = useState("");
  const [start, setStart] = useState(wall(wanted.start));
  // Fields know minutes: what is left of the last one is covered, too.
  const [end, setEnd] = useState(wall(Math.ceil(wanted.end / 60_000) * 60_000));
  const [wrong, setWrong] = useState(false);
  const save = useMutation({
    mutationFn: (body: components["schemas"]["CoverIn"]) => got(api.POST("/api/rota/covers", { body })),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["rota"] });
      toast(words.saved);
      onClose();
    },
  });
  const choices = people.filter((one) => one.active).map((one) => ({ value: one.id, label: `${one.name} · ${t(named(roles, one.role))} · ${t(one.place)}` }));
  return (
    <Dialog title={t(words.add)} onClose={onClose} testid="cover">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const [from, to] = [instant(start), instant(end)];
          const good = to > from && to > cityNow();
          setWrong(!good);
          if (good) save.mutate({ member, start: new Date(from).toISOString(), end: new Date(to).toISOString(), by: by || null });
        }}
      >
        {save.error ? <ErrorBox error={save.error} /> : null}
        <Select label={t(words.member)} required empty={t(words.choose)} value={member} choices={choices} onChange={(event) => setMember(event.target.value)} />
        <Field label={t(words.from)} type="datetime-local" required value={start} onChange={(event) => setStart(event.target.value)} />
        <Field label={t(words.to)} type="datetime-local" required wrong={wrong ? t(words.bad_period) : null} value={end} onChange={(event) => setEnd(event.target.value)} />
        <Select label={t(words.by)} empty={t(words.nobody)} value={by} choices={choices.filter((one) => one.value !== member)} onChange={(event) => setBy(event.target.value)} />
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          <Button kind="first" type="submit" busy={save.isPending}>{t(common.save)}</Button>
        </div>
      </form>
    </Dialog>
  );
}
