// Keeps what is on the screen true: each line of the case log goes into the board and the case that are being looked at.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from "react";
import type { Board, Card } from "../contract";
import { useSession } from "../session";
import { Live, type LiveState, type Told } from "./stream";

const Context = createContext<Live | null>(null);
const CASE_AGAIN_MS = 300;

export function LiveProvider({ children }: { children: ReactNode }) {
  const live = useMemo(() => new Live(), []);
  const cache = useQueryClient();
  const { me, check } = useSession();
  const inside = Boolean(me);

  useEffect(() => live.onCase((told) => take(cache, told)), [live, cache]);
  useEffect(
    () =>
      live.onReach(() => {
        // What is on the screen is asked for again, so that nothing that is being typed is lost; the rest is forgotten.
        cache.removeQueries({ type: "inactive" });
        void cache.invalidateQueries();
      }),
    [live, cache],
  );
  useEffect(() => {
    // Who comes back from silence looks again at everything: what is no case has changed, too.
    let silent = false;
    return live.onState(() => {
      if (silent && live.state.stale === null) void cache.invalidateQueries();
      silent = live.state.stale !== null;
    });
  }, [live, cache]);
  // A line that breaks may be a log-in that has ended: an EventSource does not tell why.
  useEffect(() => live.onFailure(check), [live, check]);
  useEffect(() => {
    if (!inside) live.stop();
  }, [live, inside]);

  return <Context value={live}>{children}</Context>;
}

export function useLive(): Live {
  const live = useContext(Context);
  if (!live) throw new Error("outside the live line");
  return live;
}

export function useLiveState(): LiveState {
  const live = useLive();
  return useSyncExternalStore(live.onState, () => live.state);
}

const due = new Map<number, ReturnType<typeof setTimeout>>();

function take(cache: QueryClient, { case: card, entry }: Told): void {
  cache.setQueryData<Board>(["board", "open"], (board) => {
    if (!board || entry.id <= board.line) return board;
    return { ...board, line: entry.id, ...withCard(board, card) };
  });
  if (card.state === "closed") void cache.invalidateQueries({ queryKey: ["board", "closed"] });
  // A case's page has more than its card; several lines of one moment are fetched once.
  if (!due.has(card.id)) {
    due.set(
      card.id,
      setTimeout(() => {
        due.delete(card.id);
        void cache.invalidateQueries({ queryKey: ["case", card.id] });
      }, CASE_AGAIN_MS),
    );
  }
}

function withCard(board: Board, card: Card): Pick<Board, "cards" | "total"> {
  const others = board.cards.filter((one) => one.id !== card.id);
  const known = others.length < board.cards.length;
  const living = card.state !== "closed";
  const total = board.total + (living && !known ? 1 : !living && known ? -1 : 0);
  return { cards: living ? [...others, card] : others, total };
}
