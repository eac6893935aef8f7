// What `src/ahead.ts` has already asked for, each for the first who wants it, and only while it is fresh.

export type Early = Map<string, Promise<Response>>;

const FRESH_MS = 10_000;

function asked(): Early | undefined {
  return (globalThis as { anbuEarly?: Early }).anbuEarly;
}

/** The answer that is already on its way, if it is the one that is asked for. */
export function early(request: Request): Promise<Response> | undefined {
  const { pathname, search } = new URL(request.url);
  const path = pathname + search;
  const answer = request.method === "GET" && performance.now() < FRESH_MS ? asked()?.get(path) : undefined;
  asked()?.delete(path);
  return answer;
}

/** Nobody is given what was asked for somebody else. */
export function forgetEarly(): void {
  asked()?.clear();
}
