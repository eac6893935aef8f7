// What else may become of a visit, said to the city at once: taken over, called off, not made.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, got } from "../api";
import { useSay } from "../language";
import { fresh } from "../offline/work";
import { useMe } from "../session";
import { Button, ErrorBox } from "../ui";
import { field as words } from "../words/field";
import type { Visit } from "./day";

export function MoreDeeds({ visit }: { visit: Visit }) {
  const t = useSay();
  const me = useMe();
  const cache = useQueryClient();
  const deed = useMutation({
    mutationFn: (verb: "take" | "cancel" | "miss") =>
      got(
        api.POST("/api/care/visits/{id}/{verb}", {
          params: { path: { id: visit.id, verb }, header: { "idempotency-key": fresh() } },
          body: { by: "" },
        }),
      ),
    onSuccess: (now) => {
      cache.setQueryData(["visit", visit.id], now);
      void cache.invalidateQueries({ queryKey: ["day"] });
    },
  });
  const waits = visit.state === "planned" || visit.state === "started";
  const free = visit.owner !== me.member && me.member !== null;
  return (
    <details>
      <summary>{t(words.more_deeds)}</summary>
      {deed.error ? <ErrorBox error={deed.error} /> : null}
      <p className="soft">{t(words.online_only)}</p>
      <div className="row">
        {free ? <Button onClick={() => deed.mutate("take")} busy={deed.isPending}>{t(words.take)}</Button> : null}
        {waits && visit.kind !== "compulsory" ? <Button onClick={() => deed.mutate("cancel")} busy={deed.isPending}>{t(words.cancel_visit)}</Button> : null}
        {waits && visit.kind === "follow_up" ? <Button onClick={() => deed.mutate("miss")} busy={deed.isPending}>{t(words.miss)}</Button> : null}
      </div>
    </details>
  );
}
