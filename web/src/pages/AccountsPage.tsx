// Who may come in: the accounts of one's area, and making another.
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, got } from "../api";
import { AccountForm, NOTHING, type Asked } from "../accounts/AccountForm";
import { PasswordOnce } from "../accounts/PasswordOnce";
import "../style/desk.css";
import { useSay } from "../language";
import { useSession } from "../session";
import { Busy, Button, Dialog, Empty, ErrorBox, Field, Page, Table, toast } from "../ui";
import { accounts as words } from "../words/accounts";
import { named } from "../words/city";
import { roles } from "../words/people";

const PAGE = 100;

export default function AccountsPage() {
  const t = useSay();
  const { can } = useSession();
  const cache = useQueryClient();
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<{ name: string; login: string; password: string } | null>(null);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["accounts", text],
    queryFn: ({ pageParam }) => got(api.GET("/api/accounts", { params: { query: { text, after: pageParam, most: PAGE } } })),
    initialPageParam: "",
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.login),
    placeholderData: keepPreviousData,
  });
  const make = useMutation({
    mutationFn: async ({ asked, password }: { asked: Asked; password: boolean }) => {
      const { member, provider, ...rest } = asked;
      const made = await got(api.POST("/api/accounts", { body: { ...rest, member: member || null, provider: provider || null } }));
      await cache.invalidateQueries({ queryKey: ["accounts"] });
      const word = password ? (await got(api.POST("/api/accounts/{id}/password", { params: { path: { id: made.id } }, body: {} }))).password : null;
      return { name: made.name, login: made.login, password: word };
    },
    onSuccess: ({ password, ...who }) => {
      setMaking(false);
      if (password) setShown({ ...who, password });
      toast(words.made);
    },
  });
  const rows = data?.pages.flat() ?? [];
  return (
    <Page
      title={t(words.title)}
      aside={can("account.write") ? <Button kind="first" onClick={() => { make.reset(); setMaking(true); }}>{t(words.add)}</Button> : null}
    >
      <form
        className="asked"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setText(typed.trim());
        }}
      >
        <Field label={t(words.search)} type="search" maxLength={100} value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Button type="submit">{t(words.find)}</Button>
      </form>
      {error ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {!data && !error ? <Busy /> : null}
      {data && rows.length === 0 ? <Empty>{t(words.none)}</Empty> : null}
      {rows.length ? (
        <Table
          testid="accounts"
          caption={t(words.shown, { count: rows.length })}
          rows={rows}
          id={(row) => row.id}
          columns={[
            { key: "name", head: t(words.name), names: true, cell: (row) => <Link className="tall" href={`/accounts/${row.id}`}>{row.name}</Link> },
            { key: "login", head: t(words.login), cell: (row) => row.login },
            { key: "role", head: t(words.role), cell: (row) => t(named(roles, row.role)) },
            { key: "reach", head: t(words.reach), cell: (row) => row.area || row.provider || row.homes.join(", ") || "–" },
            {
              key: "state", head: t(words.state),
              cell: (row) => row.active ? t(words.active) : <span className="tone bad"><span aria-hidden="true">■</span> {t(words.disabled)}</span>,
            },
          ]}
        />
      ) : null}
      {hasNextPage ? <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t(words.more)}</Button> : null}
      {making ? (
        <Dialog title={t(words.add)} onClose={() => setMaking(false)} testid="make">
          <AccountForm was={NOTHING} fresh busy={make.isPending} error={make.error} onSave={(asked, password) => make.mutate({ asked, password })} onClose={() => setMaking(false)} />
        </Dialog>
      ) : null}
      {shown ? <PasswordOnce {...shown} onClose={() => setShown(null)} /> : null}
    </Page>
  );
}
