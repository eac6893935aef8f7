// The board: every living Care Call one answers for, what is due first on top, live.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { startTransition, useEffect, useRef, useState } from "react";
import { api, got } from "../api";
import { CaseCard } from "../board/CaseCard";
import { ring, soundOff, soundOn, useAudible } from "../board/sound";
import { Unwatched } from "../board/Unwatched";
import type { Board, Card } from "../contract";
import { useSay } from "../language";
import { useLive, useLiveState } from "../live/LiveProvider";
import { useTrouble } from "../live/trouble";
import { useMe } from "../session";
import { Busy, Button, Empty, ErrorBox, Notice, Page, Tabs } from "../ui";
import { board as words } from "../words/board";
import { concerns, named } from "../words/city";

type View = "open" | "mine" | "closed";
const EVERY_MS = 60_000;

export function boardQuery(state: "open" | "closed") {
  return queryOptions({
    queryKey: ["board", state],
    queryFn: () => got(api.GET("/api/board", { params: { query: { state } } })),
  });
}

function useBoard(state: "open" | "closed", enabled = true) {
  // What is no case changes too: which homes can be heard.
  return useQuery({ ...boardQuery(state), refetchInterval: EVERY_MS, enabled });
}

/** What fills a phone's screen is drawn first, and the rest right behind it, between whatever somebody presses. */
const SCREENFUL = 4;
let drawn = false;

/** How many cards to draw now: all of them, but for the first moment of the console. */
function useScreenful(): number {
  const [most, setMost] = useState(drawn ? Infinity : SCREENFUL);
  useEffect(() => {
    drawn = true;
    startTransition(() => setMost(Infinity));
  }, []);
  return most;
}

function due(card: Card): number {
  return card.due_at === null ? Infinity : Date.parse(card.due_at);
}

// Not by `localeCompare`: the first one takes a phone a tenth of a second.
function byDue(one: Card, other: Card): number {
  return due(one) - due(other) || one.id - other.id;
}

/** Says and sounds what is new on the open board. */
function News({ board }: { board: Board }) {
  const t = useSay();
  const known = useRef<Set<number> | null>(null);
  const [said, setSaid] = useState({ urgent: "", other: "" });
  useEffect(() => {
    const fresh = known.current ? board.cards.filter((card) => !known.current?.has(card.id)) : [];
    known.current = new Set(board.cards.map((card) => card.id));
    if (fresh.length === 0) return;
    const urgent = fresh.filter((card) => card.urgency === "immediate");
    const say = (cards: Card[]) =>
      cards
        .map((card) => t(words.arrived, { what: t(named(concerns, card.concern)), whom: card.name ?? t(card.place) }))
        .join(" ");
    setSaid({ urgent: say(urgent), other: say(fresh.filter((card) => card.urgency !== "immediate")) });
    ring(urgent.length > 0);
  }, [board, t]);
  return (
    <>
      <p className="unseen" aria-live="assertive" data-testid="urgent-news">{said.urgent}</p>
      <p className="unseen" aria-live="polite">{said.other}</p>
    </>
  );
}

function Sound() {
  const t = useSay();
  const audible = useAudible();
  return audible ? (
    <Button kind="quiet" onClick={soundOff}>{t(words.sound_mute)}</Button>
  ) : (
    <Notice kind="warn" testid="sound-off">
      <p>{t(words.sound_off)}</p>
      <Button onClick={() => void soundOn()}>{t(words.sound_on)}</Button>
    </Notice>
  );
}

export default function BoardPage() {
  const t = useSay();
  const me = useMe();
  const live = useLive();
  const most = useScreenful();
  const { stale } = useLiveState();
  const [view, setView] = useState<View>("open");
  const open = useBoard("open");
  const closed = useBoard("closed", view === "closed");
  const asked = view === "closed" ? closed : open;
  const { data, refetch } = asked;
  const { error } = useTrouble(asked);
  const line = open.data?.line;
  useEffect(() => {
    if (line !== undefined) live.follow(line);
  }, [live, line]);

  const count = open.data?.total ?? 0;
  const shown = (data?.cards ?? []).filter((card) => view !== "mine" || (card.owner !== null && card.owner === me.member));
  const cards = view === "closed" ? shown : shown.toSorted(byDue);
  const none = { open: words.calm, mine: words.none_mine, closed: words.none_closed }[view];
  return (
    <Page title={t(words.title)} windowTitle={count ? t(words.counted, { count }) : t(words.title)} aside={<Sound />}>
      {open.data ? <News board={open.data} /> : null}
      <Tabs
        label={t(words.views)}
        chosen={view}
        onChoose={(key) => setView(key as View)}
        tabs={(["open", "mine", "closed"] as const).map((key) => ({
          key,
          label: key === "open" && count ? `${t(words[key])} ${count}` : t(words[key]),
        }))}
      >
        {error && !data ? <ErrorBox error={error} onAgain={() => void refetch({ cancelRefetch: false })} /> : null}
        {data ? (
          // A board that has gone quiet is hatched: it may be empty only because nobody told it anything.
          <div className={stale === null ? undefined : "aged"} data-testid="cards" data-line={data.line}>
            {cards.length ? (
              <div className="cards">{cards.slice(0, most).map((card) => <CaseCard key={card.id} card={card} />)}</div>
            ) : stale === null ? <Empty>{t(none)}</Empty> : null}
            {data.total > data.cards.length ? (
              <p className="soft">{t(words.more, { total: data.total, shown: data.cards.length })}</p>
            ) : null}
          </div>
        ) : error ? null : <Busy />}
      </Tabs>
      {open.data ? <Unwatched of={open.data} live={stale === null} /> : null}
    </Page>
  );
}
