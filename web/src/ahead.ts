// Asks the city who is there, and for their board, while the rest of the console is still on its way: on a slow line
// that is half a second. `src/early.ts` hands the answers on, each once.
import type { Early } from "./early";

const asked: Early = new Map();
(globalThis as { anbuEarly?: Early }).anbuEarly = asked;

function ask(path: string): Promise<Response> {
  const answer = fetch(path, { credentials: "same-origin" });
  answer.catch(() => undefined); // whoever takes it hears of the fault
  asked.set(path, answer);
  return answer;
}

async function board(session: Promise<Response>): Promise<void> {
  const answer = await session;
  if (!answer.ok) return;
  const me = (await answer.clone().json()) as { permissions?: string[] };
  // Nobody is refused what they have not asked for.
  if (me.permissions?.includes("case.read") && asked.size) void ask("/api/board?state=open");
}

function leaving(): boolean {
  try {
    return localStorage.getItem("anbu.leaving") === "yes";
  } catch {
    return false; // a browser that keeps nothing
  }
}

// What was asked for one person is not for whom another window has logged in since.
new BroadcastChannel("anbu.session").addEventListener("message", () => asked.clear());
if (location.pathname !== "/login" && !leaving()) {
  const session = ask("/api/session");
  if (location.pathname === "/") board(session).catch(() => undefined);
}
