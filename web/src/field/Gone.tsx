// A visit has found that somebody is no longer there: whether they moved or died is said by a person, once, and not by a slip.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useSay } from "../language";
import { fresh } from "../offline/work";
import { Button, Dialog, ErrorBox, Notice, toast } from "../ui";
import { common } from "../words/common";
import { field as words } from "../words/field";
import type { Visit } from "./day";

export function Gone({ visit }: { visit: Visit }) {
  const t = useSay();
  const cache = useQueryClient();
  const [why, setWhy] = useState<"moved" | "died" | null>(null);
  const say = useMutation({
    mutationFn: (why: "moved" | "died") => {
      const params = { path: { id: visit.person }, header: { "idempotency-key": fresh() } };
      const at = visit.finished_at ?? visit.created_at;
      return got(api.POST("/api/care/persons/{id}/gone", { params, body: { why, at, by: "" } }));
    },
    onSuccess: () => {
      setWhy(null);
      toast(words.gone_said);
      void cache.invalidateQueries();
    },
  });
  return (
    <Notice kind="warn" testid="gone">
      <div>
        <h2>{t(words.gone_title)}</h2>
        <p>{t(words.gone_why)}</p>
      </div>
      <div className="row">
        <Button onClick={() => setWhy("moved")}>{t(words.moved)}</Button>
        <Button onClick={() => setWhy("died")}>{t(words.died)}</Button>
      </div>
      {why ? (
        <Dialog
          title={t(words[why])}
          onClose={() => setWhy(null)}
          ends={
            <>
              <Button onClick={() => setWhy(null)}>{t(common.cancel)}</Button>
              <Button kind="danger" busy={say.isPending} onClick={() => say.mutate(why)}>{t(words[why])}</Button>
            </>
          }
        >
          {say.error ? <ErrorBox error={say.error} /> : null}
          <p>{t(words.gone_sure, { name: visit.name })}</p>
        </Dialog>
      ) : null}
    </Notice>
  );
}
