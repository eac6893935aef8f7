// The way to the city: typed by its OpenAPI document, with every fault as a sentence in both languages.
import createClient from "openapi-fetch";
import type { Pending } from "./contract";
import type { paths } from "./schema";
import { early } from "./early";
import { faults } from "./words/faults";
import { type Word } from "./words/word";

type Known = Omit<Pending, keyof paths> & paths;

/** `api.GET("/api/homes/{id}", { params: { path: { id } } })`, to be put into `got`. */
export const api = createClient<Known>({
  baseUrl: "",
  credentials: "same-origin",
  fetch: (request) => {
    if (account && new URL(request.url).pathname !== SESSION) request.headers.set(MEANT, account);
    const answer = early(request) ?? fetch(request);
    return PROMPT.test(new URL(request.url).pathname) && request.method === "GET" ? within(PROMPT_MS, answer) : answer;
  },
});

/** What must be there, or be missed, or was taken along: who is logged in, the board, a Care Call, the day's visits and
 * tasks. A city that hangs is a city that is away. */
const PROMPT = /^\/api\/(session|board|cases\/\d+\/console|care\/day\/\w+|care\/visits\/[\w-]+)$/;
const PROMPT_MS = 8_000;

function within(most: number, answer: Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException("no answer", "TimeoutError")), most);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const SESSION = "/api/session";
/** The city refuses what is meant to be by one person and comes by the cookie of another. */
const MEANT = "Anbu-Account";
let account = "";

/** Whose this window is; "": nobody's, or there are no accounts. */
export function whose(): string {
  return account;
}

/** This window is `of`'s from now on. */
export function belongs(of: string): void {
  account = of;
}

/** Why something was not done. `status` 0: the city could not be reached, and nobody knows whether it was done. */
export class Fault extends Error implements Word {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly ko: string,
    readonly en: string,
  ) {
    super(en);
  }

  /** Whether trying again later may help: no answer came, or the city was busy or away. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

// Nobody who only looks is told of something that was not saved.
api.use({
  onError: ({ request }) => {
    const word = request.method === "GET" ? faults.unread : faults.offline;
    return new Fault(0, "offline", word.ko, word.en);
  },
});

interface Answer<Out> {
  data?: Out;
  error?: unknown;
  response: Response;
}

const lost = new Set<() => void>();
const others = new Set<() => void>();

/** Calls `hear` when the city says that somebody else is logged in by now. */
export function onOther(hear: () => void): () => void {
  others.add(hear);
  return () => others.delete(hear);
}

/** Calls `hear` when the city no longer knows who we are. */
export function onLost(hear: () => void): () => void {
  lost.add(hear);
  return () => lost.delete(hear);
}

/** What was asked for. Throws a Fault, and only that. */
export async function got<Out>(asked: Promise<Answer<Out>>): Promise<Out> {
  let answer: Answer<Out>;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault(0, "offline", faults.offline.ko, faults.offline.en);
  }
  if (answer.response.ok) return answer.data as Out;
  const fault = read(answer.response.status, answer.error);
  if (fault.status === 401 && fault.code !== "wrong") for (const hear of lost) hear();
  if (fault.code === "somebody_else") for (const hear of others) hear();
  throw fault;
}

/** A fault as the city words it, or as its status allows. */
function read(status: number, body: unknown): Fault {
  const detail = isObject(body) ? body["detail"] : undefined;
  if (isObject(detail) && typeof detail["ko"] === "string" && typeof detail["en"] === "string") {
    return new Fault(status, String(detail["code"] ?? status), detail["ko"], detail["en"]);
  }
  const word =
    status === 422 ? faults.unreadable : status === 404 ? faults.missing : status === 403 ? faults.forbidden : faults.other;
  const where = Array.isArray(detail) ? detail.map((one: unknown) => (isObject(one) ? place(one) : "")).join(", ") : "";
  return new Fault(status, String(status), [word.ko, where].join(" ").trim(), [word.en, where].join(" ").trim());
}

function place(one: Record<string, unknown>): string {
  const loc = one["loc"];
  return Array.isArray(loc) ? loc.slice(1).join(".") : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Any error as something that can be said. */
export function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault(-1, "other", faults.other.ko, faults.other.en);
}

/** A last word of a page that is being closed: it is sent, and nobody waits for an answer. */
export function lastWord(path: string, body: unknown, key: string): void {
  void fetch(path, {
    method: "POST",
    keepalive: true,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key, ...(account ? { [MEANT]: account } : {}) },
    body: JSON.stringify(body),
  }).catch(() => undefined);
}
