// What a city offers, who delivers it, and the rules by which things fall due; a gu sets those that its city lets it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useDeed } from "../chain/deed";
import { cityOf, guOf, useAreas, useCities, useNames, useProviders, useServices } from "../chain/names";
import { AreaSelect, grouped } from "../chain/parts";
import type { Rules } from "../chain/shapes";
import { useSay } from "../language";
import { useSession } from "../session";
import { Busy, Button, Dialog, Empty, ErrorBox, Field, Notice, Page, Select, Table, Tabs } from "../ui";
import { chain } from "../words/chain";
import { office, ruleNames } from "../words/chain_office";
import { named } from "../words/city";
import { common } from "../words/common";

const SECTIONS = ["stages", "deadlines", "visits"] as const;

interface Rule {
  key: string;
  value: number;
  own: Rules["overrides"][number] | undefined;
  settable: boolean;
}

function useValue() {
  const t = useSay();
  return (key: string, count: number) =>
    t(!key.startsWith("visits.") ? office.hours_value : key === "visits.silences" ? office.times_value : office.days_value, { count });
}

function Set({ gu, rule, onClose }: { gu: string; rule: Rule; onClose: () => void }) {
  const t = useSay();
  const [value, setValue] = useState(String(rule.value));
  const put = useDeed(
    (said: number | null, once) => got(api.PUT("/api/care/rules", { params: once, body: { area: gu, key: rule.key, value: said } })),
    office.rule_set,
    onClose,
  );
  const name = t(named(ruleNames, rule.key));
  return (
    <Dialog title={t(office.set_named, { rule: name })} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!put.isPending) put.mutate(Number(value));
        }}
      >
        <Field
          label={name}
          hint={t(rule.key.startsWith("visits.") ? office.days_hint : office.hours_hint)}
          type="number"
          inputMode="numeric"
          min={1}
          required
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
        {put.error ? <ErrorBox error={put.error} /> : null}
        <div className="dialog-ends">
          <Button onClick={onClose}>{t(common.cancel)}</Button>
          {rule.own ? <Button busy={put.isPending} onClick={() => put.mutate(null)}>{t(office.as_city)}</Button> : null}
          <Button type="submit" kind="first" busy={put.isPending}>{t(common.save)}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function RulesOf({ area }: { area: string }) {
  const t = useSay();
  const { can } = useSession();
  const said = useValue();
  const names = useNames();
  const [setting, setSetting] = useState<Rule | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["care", "rules", area],
    queryFn: () => got(api.GET("/api/care/rules", { params: { query: { area } } })),
  });
  if (error) return <ErrorBox error={error} onAgain={() => void refetch()} />;
  if (!data) return <Busy />;
  const rules = SECTIONS.flatMap((section) =>
    Object.entries(data[section]).map(([name, value]): Rule => {
      const key = `${section}.${name}`;
      return { key, value, own: data.overrides.find((one) => one.key === key), settable: data.overridable.includes(key) };
    }),
  );
  const gu = data.gu.includes("/") ? data.gu : null;
  return (
    <>
      <p>{`${t(office.share)}: ${t(office.percent, { percent: data.city_percent })}`}</p>
      <Table
        caption={t(office.rules_caption, { area: t(names.area(data.gu)) })}
        rows={rules}
        id={(row) => row.key}
        testid="rules"
        columns={[
          { key: "rule", head: t(office.rule), names: true, cell: (row) => t(named(ruleNames, row.key)) },
          { key: "value", head: t(office.value), right: true, cell: (row) => said(row.key, row.value) },
          { key: "whose", head: t(office.whose), cell: (row) => t(row.own ? (row.own.in_force ? office.own : office.own_idle) : office.of_city) },
          {
            key: "set", head: t(office.set),
            cell: (row) =>
              gu && can("rule.write") && row.settable ? (
                <Button aria-label={t(office.set_named, { rule: t(named(ruleNames, row.key)) })} onClick={() => setSetting(row)}>{t(office.set)}</Button>
              ) : <span className="soft">{"–"}</span>,
          },
        ]}
      />
      {setting && gu ? <Set gu={gu} rule={setting} onClose={() => setSetting(null)} /> : null}
    </>
  );
}

export default function CataloguePage() {
  const t = useSay();
  const cities = useCities();
  const { areas } = useAreas();
  const [chosen, setChosen] = useState("");
  const [view, setView] = useState("services");
  const [gu, setGu] = useState("");
  const city = chosen || (cities?.[0]?.city ?? "");
  const services = useServices(city);
  const providers = useProviders(city);
  const names = useNames(city);
  const mine = areas.find((area) => area.code.split("/").length > 1 && cityOf(area.code) === city);
  const of = gu || (mine ? guOf(mine.code) : city);
  if (cities?.length === 0) return <Page title={t(office.catalogue_title)}><Empty>{t(common.nothing)}</Empty></Page>;
  return (
    <Page title={t(office.catalogue_title)}>
      {cities && cities.length > 1 ? (
        <div className="filters">
          <Select label={t(office.city)} choices={cities.map((one) => ({ value: one.city, label: t(one.name) }))} value={city} onChange={(event) => setChosen(event.target.value)} />
        </div>
      ) : null}
      <Tabs
        label={t(office.catalogue_title)}
        chosen={view}
        onChoose={setView}
        tabs={(["services", "providers", "rules"] as const).map((key) => ({ key, label: t(office[key]) }))}
      >
        {!city ? <Busy /> : view === "services" ? (
          <Table
            caption={t(office.services_caption)}
            rows={services}
            id={(row) => row.code}
            testid="services"
            columns={[
              { key: "name", head: t(chain.service), names: true, cell: (row) => t(row.name) },
              { key: "price", head: t(office.price), right: true, cell: (row) => t(office.per, { won: grouped(row.price_won), unit: t(row.unit_name) }) },
              { key: "by", head: t(office.by), cell: (row) => t(row.by_name) },
              { key: "hours", head: t(office.hours), cell: (row) => t(row.hours_name) },
              { key: "most", head: t(office.most), right: true, cell: (row) => `${row.most_units} ${t(row.unit_name)}` },
            ]}
          />
        ) : view === "providers" ? (
          <Table
            caption={t(office.providers_caption)}
            rows={providers}
            id={(row) => row.id}
            testid="providers"
            columns={[
              { key: "name", head: t(chain.provider), names: true, cell: (row) => t(row.name) },
              { key: "areas", head: t(office.serves), cell: (row) => row.areas.map((area) => t(names.area(area))).join(", ") },
              { key: "services", head: t(office.offers), cell: (row) => row.services.map((code) => t(names.service(code))).join(", ") },
            ]}
          />
        ) : (
          <>
            <AreaSelect label={t(office.gu)} value={of} onPick={setGu} only={(code) => code.split("/").length === 2 && cityOf(code) === city} />
            {of ? <RulesOf key={of} area={of} /> : <Notice><p>{t(chain.choose)}</p></Notice>}
          </>
        )}
      </Tabs>
    </Page>
  );
}
