// The line to the city: what happens arrives within a second, and silence on it is never taken for calm.
import type { Card, Step } from "../contract";
import { setClock } from "../time";

/** The city speaks every 15 s at the latest. */
const PATIENCE_MS = 20_000;
const AGAIN_MS = [500, 1_000, 2_000, 4_000, 8_000];

export interface Told {
  case: Card;
  entry: Step;
}

/** `stale`: since when nothing has been heard (this machine's time); null: all is live. */
export interface LiveState {
  stale: number | null;
}

export class Live {
  state: LiveState = { stale: null };
  private source: EventSource | null = null;
  private line: string | null = null;
  private heard = Date.now();
  private failures = 0;
  private again: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private readonly watching = new Set<() => void>();
  private readonly listening = new Set<(told: Told) => void>();
  private readonly reaching = new Set<() => void>();
  private readonly failing = new Set<() => void>();

  /** From where to follow the log: the line of the board that was just read. Never back to an earlier one. */
  follow(line: number): void {
    if (this.line === null || Number(this.line) < line) this.line = String(line);
    if (this.watch === undefined) {
      this.heard = Date.now();
      this.watch = setInterval(() => this.look(), 1_000);
      addEventListener("online", this.retry);
      document.addEventListener("visibilitychange", this.retry);
    }
    if (this.source === null && this.again === undefined) this.open();
  }

  stop(): void {
    clearInterval(this.watch);
    clearTimeout(this.again);
    this.watch = this.again = undefined;
    this.source?.close();
    this.source = null;
    this.line = null;
    removeEventListener("online", this.retry);
    document.removeEventListener("visibilitychange", this.retry);
    this.put(null);
  }

  onState = (hear: () => void): (() => void) => {
    this.watching.add(hear);
    return () => this.watching.delete(hear);
  };

  onCase(hear: (told: Told) => void): () => void {
    this.listening.add(hear);
    return () => this.listening.delete(hear);
  }

  /** Called when what this person may see has become another. */
  onReach(hear: () => void): () => void {
    this.reaching.add(hear);
    return () => this.reaching.delete(hear);
  }

  /** Called when the line has broken, again and again while it does. */
  onFailure(hear: () => void): () => void {
    this.failing.add(hear);
    return () => this.failing.delete(hear);
  }

  /** Tries at once instead of waiting for the next try. */
  retry = (): void => {
    this.look();
    if (this.state.stale === null || document.visibilityState === "hidden") return;
    clearTimeout(this.again);
    this.again = undefined;
    this.open();
  };

  private open(): void {
    this.source?.close();
    const source = new EventSource(`/api/stream?after=${this.line ?? ""}`);
    this.source = source;
    source.addEventListener("beat", (event: MessageEvent<string>) => {
      setClock((JSON.parse(event.data) as { at: string }).at);
      this.news();
    });
    source.addEventListener("case", (event: MessageEvent<string>) => {
      this.line = event.lastEventId;
      this.news();
      const told = JSON.parse(event.data) as Told;
      for (const hear of this.listening) hear(told);
    });
    source.addEventListener("reach", () => {
      for (const hear of this.reaching) hear();
    });
    source.addEventListener("error", () => {
      // The browser's own tries begin at the line of the address, and end for good at a 503: ours know better.
      source.close();
      if (this.source !== source) return;
      this.source = null;
      const wait = AGAIN_MS[Math.min(this.failures++, AGAIN_MS.length - 1)] ?? 8_000;
      if (this.failures > 1) this.put(this.state.stale ?? this.heard);
      for (const hear of this.failing) hear();
      clearTimeout(this.again);
      // Hundreds of boards must not come back in the same moment.
      this.again = setTimeout(() => {
        this.again = undefined;
        this.open();
      }, wait * (0.5 + spread()));
    });
  }

  private news(): void {
    this.heard = Date.now();
    this.failures = 0;
    this.put(null);
  }

  private look(): void {
    if (this.watch !== undefined && Date.now() - this.heard > PATIENCE_MS) {
      this.put(this.state.stale ?? this.heard);
      if (this.source !== null && this.again === undefined) this.open();
    }
  }

  private put(stale: number | null): void {
    if (this.state.stale === stale) return;
    this.state = { stale };
    for (const hear of this.watching) hear();
  }
}

function spread(): number {
  return (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) / 255;
}
