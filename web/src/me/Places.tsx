// Where one is logged in, and how to end it there.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got } from "../api";
import { useLanguage, useSay } from "../language";
import { realWhen } from "../time";
import { Button, ErrorBox, Table } from "../ui";
import { me as words } from "../words/me";

const PROGRAMS = /(Edg|SamsungBrowser|Firefox|Chrome|Safari)\/(\d+)/;
const SYSTEMS = /(Android|iPhone|iPad|Windows|Macintosh|Linux)/;

/** What a browser calls itself, as short as people would. */
function browserName(agent: string): string {
  const program = PROGRAMS.exec(agent)?.[1]?.replace("Edg", "Edge");
  const system = SYSTEMS.exec(agent)?.[1]?.replace("Macintosh", "Mac");
  return [program, system].filter(Boolean).join(", ") || agent.slice(0, 40) || "–";
}

export function Places() {
  const t = useSay();
  const { language } = useLanguage();
  const cache = useQueryClient();
  const { data, error } = useQuery({ queryKey: ["sessions"], queryFn: () => got(api.GET("/api/me/sessions")) });
  const fresh = () => cache.invalidateQueries({ queryKey: ["sessions"] });
  const end = useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/me/sessions/{id}", { params: { path: { id } } })),
    onSuccess: fresh,
  });
  const others = useMutation({ mutationFn: () => got(api.DELETE("/api/me/sessions")), onSuccess: fresh });
  return (
    <section className="panel stack" aria-labelledby="sessions">
      <h2 id="sessions">{t(words.sessions)}</h2>
      {[error, end.error, others.error].filter(Boolean).map((fault, index) => <ErrorBox key={index} error={fault} />)}
      {data ? (
        <Table
          caption={t(words.sessions)}
          rows={data}
          id={(one) => one.id}
          columns={[
            { key: "agent", head: t(words.device), names: true, cell: (one) => browserName(one.agent) },
            { key: "seen", head: t(words.seen), cell: (one) => realWhen(one.seen_at, language) },
            {
              key: "end",
              head: "",
              cell: (one) => (one.this ? t(words.this_one) : <Button onClick={() => end.mutate(one.id)}>{t(words.end)}</Button>),
            },
          ]}
        />
      ) : null}
      {data && data.length > 1 ? <Button kind="danger" busy={others.isPending} onClick={() => others.mutate()}>{t(words.end_others)}</Button> : null}
    </section>
  );
}
