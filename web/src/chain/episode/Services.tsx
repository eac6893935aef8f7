// An episode's orders: who delivers what, what was really done, and the ways out of an order that lives.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { useSession } from "../../session";
import { useWhen } from "../../time";
import { Button, Dialog, Empty, ErrorBox, TextField } from "../../ui";
import { chain } from "../../words/chain";
import { common } from "../../words/common";
import { orderStates, recordOutcomes } from "../../words/chain_codes";
import { named } from "../../words/city";
import { useDeed } from "../deed";
import { cityOf, useNames } from "../names";
import { Days, DueAt } from "../parts";
import type { EpisodeDetail, Ordered } from "../shapes";

type Way = "cancel" | "finish";

export function Services({ it }: { it: EpisodeDetail }) {
  const t = useSay();
  const { can } = useSession();
  const { data, error } = useQuery({
    queryKey: ["care", "services", "of", it.id],
    queryFn: () => got(api.GET("/api/care/episodes/{id}/services", { params: { path: { id: it.id }, query: { limit: 200 } } })),
    enabled: can("plan.read"),
    refetchInterval: 60_000,
  });
  if (!can("plan.read")) return null;
  return (
    <section className="panel" aria-labelledby="orders-head" data-testid="orders">
      <h2 id="orders-head">{t(chain.orders)}</h2>
      {error ? <ErrorBox error={error} /> : null}
      {data?.length === 0 ? <Empty>{t(chain.no_orders)}</Empty> : null}
      <ul className="plain">{data?.map((one) => <One key={one.id} it={it} one={one} />)}</ul>
    </section>
  );
}

function One({ it, one }: { it: EpisodeDetail; one: Ordered }) {
  const t = useSay();
  const { can } = useSession();
  const said = useWhen();
  const names = useNames(cityOf(it.area));
  const [asking, setAsking] = useState<Way | null>(null);
  const living = one.state === "offered" || one.state === "accepted";
  const coming = one.tasks.filter((task) => task.state === "assigned");
  return (
    <li data-testid="order" data-state={one.state}>
      <p>
        <span className="strong">{t(names.service(one.service))}</span>
        {` · ${t(names.provider(one.provider))} · `}
        <span className="strong">{t(named(orderStates, one.state))}</span>
        {one.reason ? ` (${one.reason})` : ""}
      </p>
      <p>
        {t(chain.recorded, { done: one.recorded, units: one.units })}
        {" · "}
        <Days start={one.start} end={one.end} />
        {living && one.due_at ? <>{` · ${t(chain.due)} `}<DueAt at={one.due_at} /></> : null}
      </p>
      {coming.length ? (
        <details>
          <summary>{t(chain.tasks, { count: coming.length })}</summary>
          <ul className="plain">{coming.map((task) => <li key={task.id}>{`${said(task.planned_at)} · ${task.units}`}</li>)}</ul>
        </details>
      ) : null}
      {one.records.length ? (
        <details>
          <summary>{t(chain.records, { count: one.records.length })}</summary>
          <ul className="plain">
            {one.records.map((record) => (
              <li key={record.id}>
                {`${said(record.end)} · ${t(named(recordOutcomes, record.outcome))} · ${record.units}`}
                {record.note ? <><br />{record.note}</> : null}
                {record.worry ? <p className="late">{`▲ ${t(chain.worry, { text: record.worry })}`}</p> : null}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {living && can("order.end") && it.stage !== "closed" ? (
        <div className="row">
          {one.state === "accepted" ? <Button onClick={() => setAsking("finish")}>{t(chain.finish_order)}</Button> : null}
          <Button kind="danger" onClick={() => setAsking("cancel")}>{t(chain.cancel_order)}</Button>
        </div>
      ) : null}
      {asking ? <Ending one={one} way={asking} service={t(names.service(one.service))} onClose={() => setAsking(null)} /> : null}
    </li>
  );
}

function Ending({ one, way, service, onClose }: { one: Ordered; way: Way; service: string; onClose: () => void }) {
  const t = useSay();
  const [reason, setReason] = useState("");
  const end = useDeed(
    ({ why }: { why: string }, once) => {
      const params = { path: { id: one.id }, ...once };
      return way === "cancel"
        ? got(api.POST("/api/care/orders/{id}/cancel", { params, body: { reason: why } }))
        : got(api.POST("/api/care/orders/{id}/finish", { params, body: { reason: why || null } }));
    },
    way === "cancel" ? chain.order_cancelled : chain.order_finished,
    onClose,
  );
  return (
    <Dialog title={t(way === "cancel" ? chain.cancel_title : chain.finish_title)} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!end.isPending) end.mutate({ why: reason.trim() });
        }}
      >
        <p className="strong">{service}</p>
        <p>{t(way === "cancel" ? chain.cancel_said : chain.finish_said)}</p>
        <TextField label={t(chain.reason)} maxLength={2000} required={way === "cancel"} value={reason} onChange={(event) => setReason(event.target.value)} />
        {end.error ? <ErrorBox error={end.error} /> : null}
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          <Button type="submit" kind={way === "cancel" ? "danger" : "first"} busy={end.isPending}>
            {t(way === "cancel" ? chain.cancel_order : chain.finish_order)}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
