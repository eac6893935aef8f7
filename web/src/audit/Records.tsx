// Searching the audit: who has seen or changed what of whom.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, got } from "../api";
import { useLanguage, useSay } from "../language";
import { when } from "../time";
import { Busy, Button, Empty, ErrorBox, Field, Table } from "../ui";
import { actionWord, audit as words } from "../words/audit";
import { named } from "../words/city";
import { roles } from "../words/people";

const PAGE = 100;
const NOTHING = { about: "", account: "", action: "" };

export function Records() {
  const t = useSay();
  const { language } = useLanguage();
  const [typed, setTyped] = useState(NOTHING);
  const [wanted, setWanted] = useState(NOTHING);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/audit", { params: { query: { ...wanted, limit: PAGE, ...(pageParam ? { before: pageParam } : {}) } } })),
    initialPageParam: 0,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.id),
    // Each look is a record: it is not repeated by itself.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const rows = data?.pages.flat() ?? [];
  return (
    <>
      <form
        className="asked"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setWanted({ about: typed.about.trim(), account: typed.account.trim(), action: typed.action.trim() });
        }}
      >
        <Field label={t(words.about)} maxLength={200} autoCapitalize="none" value={typed.about} onChange={(event) => setTyped({ ...typed, about: event.target.value })} />
        <Field label={t(words.account)} maxLength={200} autoCapitalize="none" value={typed.account} onChange={(event) => setTyped({ ...typed, account: event.target.value })} />
        <Field label={t(words.action)} hint={t(words.action_hint)} maxLength={200} autoCapitalize="none" value={typed.action} onChange={(event) => setTyped({ ...typed, action: event.target.value })} />
        <Button type="submit">{t(words.find)}</Button>
      </form>
      <p className="soft">{t(words.what)}</p>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {!data && !error ? <Busy /> : null}
      {data && rows.length === 0 ? <Empty>{t(words.none)}</Empty> : null}
      {rows.length ? (
        <Table
          testid="records"
          caption={t(words.shown, { count: rows.length })}
          rows={rows}
          id={(row) => row.id}
          columns={[
            { key: "number", head: t(words.number), names: true, cell: (row) => String(row.id) },
            { key: "at", head: t(words.at), cell: (row) => when(row.at, language) },
            { key: "who", head: t(words.who), cell: (row) => <>{row.name ?? (row.account || t(words.system))}<br /><span className="soft small">{t(named(roles, row.role))}</span></> },
            { key: "action", head: t(words.action), cell: (row) => t(actionWord(row.action)) },
            { key: "object", head: t(words.object), cell: (row) => [row.kind, row.object].filter(Boolean).join(" ") || "–" },
            { key: "whom", head: t(words.whom), cell: (row) => row.about || "–" },
            { key: "reason", head: t(words.reason), cell: (row) => row.reason || "–" },
            { key: "request", head: t(words.request), cell: (row) => <span className="chain">{row.request}</span> },
          ]}
        />
      ) : null}
      {hasNextPage ? <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t(words.more)}</Button> : null}
    </>
  );
}
