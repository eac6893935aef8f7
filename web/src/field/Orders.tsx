// What is asked of a provider: to answer before the deadline, and to give to whoever goes.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Fault, got } from "../api";
import { useLanguage, useSay } from "../language";
import { fresh } from "../offline/work";
import { useMe } from "../session";
import type { components } from "../schema";
import { cityNow, countdown, dayName, useNow } from "../time";
import { Busy, Button, Dialog, Empty, ErrorBox, Field, Select, TextField, toast } from "../ui";
import { common } from "../words/common";
import { field as words } from "../words/field";
import { fromField, toField } from "./localTime";

type Order = components["schemas"]["OrderOut"];
const HOUR = 3_600_000;

function useNames(orders: Order[]) {
  const t = useSay();
  const city = orders[0]?.area.split("/")[0] ?? "";
  const { data } = useQuery({
    queryKey: ["services", city],
    queryFn: () => got(api.GET("/api/care/services", { params: { query: { city, limit: 200 } } })),
    enabled: city !== "",
    staleTime: Infinity,
  });
  return (code: string) => {
    const known = data?.find((one) => one.code === code);
    return known ? t(known.name) : code;
  };
}

function Give({ order, onClose }: { order: Order; onClose: () => void }) {
  const t = useSay();
  const cache = useQueryClient();
  const [key] = useState(fresh);
  const [worker, setWorker] = useState("");
  const [at, setAt] = useState(() => toField(Math.max(Date.parse(order.start), cityNow() + 24 * HOUR)));
  const [units, setUnits] = useState(1);
  const { data: staff, error } = useQuery({
    queryKey: ["staff", order.provider],
    queryFn: () => got(api.GET("/api/care/providers/{id}/staff", { params: { path: { id: order.provider } } })),
  });
  const give = useMutation({
    mutationFn: () => {
      const planned_at = fromField(at);
      if (!planned_at) throw new Fault(-1, "time", words.bad_time.ko, words.bad_time.en);
      const params = { path: { id: order.id } };
      return got(api.POST("/api/care/orders/{id}/tasks", { params, body: { key, worker, planned_at, units, by: "" } }));
    },
    onSuccess: (given) => {
      toast(given.told ? words.given_said : words.given_untold, { bad: !given.told });
      void cache.invalidateQueries({ queryKey: ["day", "tasks"] });
      void cache.invalidateQueries({ queryKey: ["orders"] });
      onClose();
    },
  });
  return (
    <Dialog title={t(words.give)} onClose={onClose} testid="give">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!give.isPending) give.mutate();
        }}
      >
        {give.error || error ? <ErrorBox error={give.error ?? error} /> : null}
        <Select
          label={t(words.give_who)} empty={t(words.pick)} required value={worker}
          onChange={(event) => setWorker(event.target.value)}
          choices={(staff?.members ?? []).map((one) => ({ value: one.id, label: one.name }))}
        />
        <Field label={t(words.give_when)} type="datetime-local" required value={at} onChange={(event) => setAt(event.target.value)} />
        <Field label={t(words.give_units)} type="number" inputMode="numeric" min={1} max={order.units} required value={Number.isNaN(units) ? "" : units} onChange={(event) => setUnits(event.target.valueAsNumber)} />
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          <Button type="submit" kind="first" busy={give.isPending} testid="give-save">{t(words.give_save)}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Decline({ order, onClose }: { order: Order; onClose: () => void }) {
  const t = useSay();
  const cache = useQueryClient();
  const [reason, setReason] = useState("");
  const say = useMutation({
    mutationFn: () =>
      got(api.POST("/api/care/orders/{id}/decline", { params: { path: { id: order.id } }, body: { reason, by: "" } })),
    onSuccess: () => {
      toast(words.declined_said);
      void cache.invalidateQueries({ queryKey: ["orders"] });
      onClose();
    },
  });
  return (
    <Dialog title={t(words.decline)} onClose={onClose} testid="decline-why">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!say.isPending) say.mutate();
        }}
      >
        {say.error ? <ErrorBox error={say.error} /> : null}
        <TextField label={t(words.decline_why)} required maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          <Button type="submit" kind="danger" busy={say.isPending} testid="decline-send">{t(words.decline_send)}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function OrderCard({ order, name }: { order: Order; name: (code: string) => string }) {
  const t = useSay();
  const { language } = useLanguage();
  const cache = useQueryClient();
  const now = useNow();
  const [open, setOpen] = useState<"give" | "decline" | null>(null);
  const accept = useMutation({
    mutationFn: () => got(api.POST("/api/care/orders/{id}/accept", { params: { path: { id: order.id } }, body: { by: "" } })),
    onSuccess: () => {
      toast(words.accepted_said);
      void cache.invalidateQueries({ queryKey: ["orders"] });
    },
  });
  const offered = order.state === "offered";
  const left = order.due_at ? Date.parse(order.due_at) - now : 0;
  return (
    <article className={`card ${offered ? (left < 2 * HOUR ? "urgent" : "soon") : "routine"}`} data-testid="order" data-id={order.id}>
      <div className="card-line">
        <span className="soft">{t(words.order, { id: order.id })}</span>
        {offered && order.due_at ? (
          <span className={left > 0 ? "due" : "due late"}>{left > 0 ? t(words.answer_within, { left: countdown(left) }) : t(words.answer_late)}</span>
        ) : null}
        {order.exercise ? <span className="exercise">{t(words.exercise)}</span> : null}
      </div>
      <h2>{t(words.order_what, { service: name(order.service), units: order.units })}</h2>
      <p className="small">{t(words.order_days, { start: dayName(order.start, language), end: dayName(order.end, language) })}</p>
      {offered ? null : <p className="small">{t(words.order_done, { units: order.units, done: order.recorded })}</p>}
      {accept.error ? <ErrorBox error={accept.error} /> : null}
      <div className="row">
        {offered ? (
          <>
            <Button kind="first" busy={accept.isPending} onClick={() => accept.mutate()} testid="accept">{t(words.accept)}</Button>
            <Button onClick={() => setOpen("decline")} testid="decline">{t(words.decline)}</Button>
          </>
        ) : <Button onClick={() => setOpen("give")} testid="give-open">{t(words.give)}</Button>}
      </div>
      {open === "give" ? <Give order={order} onClose={() => setOpen(null)} /> : null}
      {open === "decline" ? <Decline order={order} onClose={() => setOpen(null)} /> : null}
    </article>
  );
}

export function useOrders(state: "offered" | "accepted") {
  const { provider } = useMe();
  return useQuery({
    queryKey: ["orders", provider, state],
    queryFn: () => got(api.GET("/api/care/orders", { params: { query: { provider: provider ?? undefined, state, limit: 200 } } })),
    refetchInterval: 60_000,
  });
}

export function Orders({ state }: { state: "offered" | "accepted" }) {
  const t = useSay();
  const { data, error, refetch } = useOrders(state);
  const name = useNames(data ?? []);
  if (error && !data) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  if (data.length === 0) return <Empty>{t(state === "offered" ? words.none_offered : words.none_accepted)}</Empty>;
  return <div className="cards">{data.map((order) => <OrderCard key={order.id} order={order} name={name} />)}</div>;
}
