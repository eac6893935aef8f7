// One claim: what it asks for, who has done what with it, and the one step that comes next.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "wouter";
import { api, got } from "../api";
import { useDeed } from "../chain/deed";
import { useNames } from "../chain/names";
import { At, DueAt, Lines, Won } from "../chain/parts";
import type { ClaimDetail } from "../chain/shapes";
import { useSay } from "../language";
import { useSession } from "../session";
import { Busy, Button, Check, Dialog, ErrorBox, Notice, Page, TextField } from "../ui";
import { chain } from "../words/chain";
import { office } from "../words/chain_office";
import { common } from "../words/common";

type Verb = "verify" | "approve" | "pay";
const NEXT: Record<string, Verb | undefined> = { submitted: "verify", verified: "approve", approved: "pay" };

function useStep(it: ClaimDetail) {
  return useDeed(
    (verb: Verb, once) => got(api.POST("/api/care/claims/{id}/{verb}", { params: { path: { id: it.id, verb }, ...once }, body: {} })),
    office.acted,
  );
}

function Judge({ it }: { it: ClaimDetail }) {
  const t = useSay();
  const step = useStep(it);
  const [giving, setGiving] = useState(false);
  const [reason, setReason] = useState("");
  const back = useDeed(
    (why: string, once) => got(api.POST("/api/care/claims/{id}/return", { params: { path: { id: it.id }, ...once }, body: { reason: why } })),
    office.acted,
    () => setGiving(false),
  );
  const verb = NEXT[it.state];
  if (!verb) return null;
  return (
    <section className="panel stack next" data-testid="next">
      <h2>{t(chain.next)}</h2>
      {verb === "pay" ? null : <p>{t(office.four_eyes)}</p>}
      {step.error ? <ErrorBox error={step.error} /> : null}
      <Button kind={["first", "big"]} busy={step.isPending} onClick={() => step.mutate(verb)} testid={verb}>{t(office[verb])}</Button>
      {it.state === "approved" ? null : <Button kind="danger" onClick={() => setGiving(true)}>{t(office.give_back)}</Button>}
      {giving ? (
        <Dialog title={t(office.give_back_title)} onClose={() => setGiving(false)}>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              if (!back.isPending) back.mutate(reason);
            }}
          >
            <p>{t(office.give_back_said)}</p>
            <TextField label={t(chain.reason)} required maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />
            {back.error ? <ErrorBox error={back.error} /> : null}
            <div className="dialog-ends">
              <Button onClick={() => setGiving(false)}>{t(common.cancel)}</Button>
              <Button type="submit" kind="danger" busy={back.isPending}>{t(office.give_back)}</Button>
            </div>
          </form>
        </Dialog>
      ) : null}
    </section>
  );
}

function Correct({ it }: { it: ClaimDetail }) {
  const t = useSay();
  const step = useDeed(
    (_: null, once) => got(api.POST("/api/care/claims/{id}/withdraw", { params: { path: { id: it.id }, ...once }, body: {} })),
    office.acted,
  );
  const [kept, setKept] = useState(() => new Set(it.records.map((one) => one.record)));
  const again = useDeed(
    (records: string[], once) => got(api.POST("/api/care/claims/{id}/resubmit", { params: { path: { id: it.id }, ...once }, body: { records } })),
    office.submitted,
  );
  const error = again.error ?? step.error;
  return (
    <section className="panel stack next" data-testid="next">
      <h2>{t(chain.next)}</h2>
      <p className="soft">{t(office.resubmit_hint)}</p>
      <div className="choices">
        {it.records.map((one) => (
          <Check
            key={one.record}
            label={`${one.record} · ${t(chain.won, { amount: one.won.toLocaleString("en-US") })}`}
            checked={kept.has(one.record)}
            onTick={(on) => {
              const next = new Set(kept);
              if (on) next.add(one.record);
              else next.delete(one.record);
              setKept(next);
            }}
          />
        ))}
      </div>
      {error ? <ErrorBox error={error} /> : null}
      <Button kind={["first", "big"]} busy={again.isPending} off={kept.size === 0} onClick={() => again.mutate([...kept])}>{t(office.resubmit)}</Button>
      <Button kind="danger" busy={step.isPending} onClick={() => step.mutate(null)}>{t(office.withdraw)}</Button>
    </section>
  );
}

export default function ClaimPage() {
  const t = useSay();
  const { can } = useSession();
  const id = Number(useParams()["id"]);
  const { data: it, error, refetch } = useQuery({
    queryKey: ["care", "claim", id],
    queryFn: () => got(api.GET("/api/care/claims/{id}", { params: { path: { id } } })),
  });
  const names = useNames(it?.city ?? "");
  const title = t(office.claim, { id });
  if (!it) return <Page title={title}>{error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : <Busy />}</Page>;
  const steps = [
    [office.step_submitted, it.submitted_by, it.submitted_at],
    [office.step_verified, it.verified_by, it.verified_at],
    [office.step_approved, it.approved_by, it.approved_at],
    [office.step_paid, it.paid_by, it.paid_at],
  ] as const;
  return (
    <Page title={`${title} · ${t(it.says)}`}>
      {it.exercise ? <Notice kind="warn"><p>{t(chain.exercise)}</p></Notice> : null}
      {it.reason && it.state === "returned" ? <Notice kind="bad"><p>{t(office.returned_why, { reason: it.reason })}</p></Notice> : null}
      <div className="columns">
        <div className="stack">
          <section className="panel">
            <p className="sum"><Won of={it.won} /></p>
            <Lines
              of={[
                [t(chain.provider), t(names.provider(it.provider))],
                [t(chain.area), t(names.area(it.gu))],
                [t(chain.owner), t(names.owner(it.owner))],
                [t(chain.due), <DueAt key="due" at={it.due_at} />],
              ]}
            />
          </section>
          {can("claim.judge") ? <Judge key={it.state} it={it} /> : null}
          {can("claim.submit") && it.state === "returned" ? <Correct key={it.records.length} it={it} /> : null}
        </div>
        <div className="stack">
          <section className="panel" data-testid="steps">
            <h2>{t(office.steps)}</h2>
            <ol className="plain">
              {steps.map(([word, by, at]) =>
                by && at ? <li key={word.en}>{`✓ ${t(word)} · ${it.members[by] ?? by} · `}<At at={at} /></li> : null,
              )}
            </ol>
          </section>
          <details className="panel">
            <summary>{`${t(office.records)} ${it.records.length}`}</summary>
            <ul className="plain">
              {it.records.map((one) => <li key={one.record}>{`${one.record} · `}<Won of={one.won} /></li>)}
            </ul>
          </details>
        </div>
      </div>
    </Page>
  );
}
