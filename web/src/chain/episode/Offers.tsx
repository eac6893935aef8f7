// The agreed services that no provider has: offered one after another; and when all are over, the evaluation.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../../api";
import { useSay } from "../../language";
import { useSession } from "../../session";
import { Busy, Button, ErrorBox, Select } from "../../ui";
import { chain } from "../../words/chain";
import { orderStates } from "../../words/chain_codes";
import { named } from "../../words/city";
import { useDeed } from "../deed";
import { all, cityOf, useNames } from "../names";
import { Days, DueAt } from "../parts";
import type { EpisodeDetail, Unplaced } from "../shapes";

/** One service to be offered: to whom it can be, and the button. */
export function Offer({ of, first = false }: { of: Unplaced; first?: boolean }) {
  const t = useSay();
  const city = cityOf(of.area);
  const names = useNames(city);
  const [provider, setProvider] = useState("");
  const { data: able = [] } = useQuery({
    queryKey: ["care", "able", of.service, of.area],
    queryFn: () =>
      all((offset, limit) =>
        got(api.GET("/api/care/providers", { params: { query: { city, service: of.service, area: of.area, offset, limit } } })),
      ),
  });
  const offer = useDeed(
    (said: { item: number; provider: string }, once) => got(api.POST("/api/care/orders", { params: once, body: said })),
    chain.offered,
  );
  const service = t(names.service(of.service));
  return (
    <form
      className="stack"
      data-testid="offer"
      data-service={of.service}
      onSubmit={(event) => {
        event.preventDefault();
        if (!offer.isPending) offer.mutate({ item: of.item, provider });
      }}
    >
      <p>
        <span className="strong">{service}</span>
        {` · ${of.units} · `}
        <Days start={of.start} end={of.end} />
        {of.last ? ` · ${t(chain.offer_last, { state: t(named(orderStates, of.last)) })}` : ""}
        {" · "}
        <DueAt at={of.due_at} />
      </p>
      <Select
        label={t(chain.offer_named, { service })}
        empty={t(chain.choose)}
        required
        choices={able.map((one) => ({ value: one.id, label: t(one.name) }))}
        value={provider}
        onChange={(event) => setProvider(event.target.value)}
      />
      {offer.error ? <ErrorBox error={offer.error} /> : null}
      <div className="row">
        <Button type="submit" kind={first ? "first" : undefined} busy={offer.isPending}>{t(chain.offer)}</Button>
      </div>
    </form>
  );
}

export function Offers({ it }: { it: EpisodeDetail }) {
  const t = useSay();
  const { can } = useSession();
  const { data, error } = useQuery({
    queryKey: ["care", "unplaced", it.area, it.id],
    queryFn: async () => {
      const found = await all((offset, limit) => got(api.GET("/api/care/unplaced", { params: { query: { area: it.area, offset, limit } } })));
      return found.filter((one) => one.episode === it.id);
    },
    enabled: can("order.place"),
  });
  const begin = useDeed(
    (_: string, once) => got(api.POST("/api/care/episodes/{id}/begin-evaluation", { params: { path: { id: it.id }, ...once }, body: {} })),
    chain.evaluation_begun,
  );
  if (!can("order.place")) return null;
  if (error) return <ErrorBox error={error} />;
  if (!data) return <Busy />;
  if (data.length === 0) {
    return (
      <>
        <p>{t(chain.link_wait)}</p>
        {begin.error ? <ErrorBox error={begin.error} /> : null}
        <Button kind={["first", "big"]} busy={begin.isPending} onClick={() => begin.mutate("begin")} testid="begin-evaluation">{t(chain.begin_evaluation)}</Button>
      </>
    );
  }
  return (
    <>
      <p>{t(chain.link_next, { count: data.length })}</p>
      {data.map((one, place) => <Offer key={one.item} of={one} first={place === 0} />)}
    </>
  );
}
