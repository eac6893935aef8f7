// Where the console begins.
import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/board.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { asFault } from "./api";
import { App } from "./App";
import { Broken } from "./Broken";
import { LanguageProvider } from "./language";
import { LiveProvider } from "./live/LiveProvider";
import { dress } from "./looks";
import { boardQuery } from "./pages/BoardPage";
import { SessionProvider, sessionQuery } from "./session";
import { keepShell } from "./shell";

const cache: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // What one may see no more is not shown any longer, on whatever page it stands; nor again from the memory.
    onError: (error, query) => {
      if (![403, 404].includes(asFault(error).status) || query.state.data === undefined) return;
      query.setState({ data: undefined, dataUpdatedAt: 0 });
      cache.removeQueries({ type: "inactive" });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The city is asked again when the line is bad, not when it has said no.
      retry: (times, error) => asFault(error).passing && times < 3,
      // Without reception a browser may be wrong about being offline: the city itself is asked.
      networkMode: "always",
      refetchOnReconnect: true,
    },
    mutations: { networkMode: "always" },
  },
});

/** What the first page will show is mostly there by now. Drawn once, not three times, it stands sooner on a slow phone. */
async function asked(): Promise<void> {
  if (location.pathname === "/login") return;
  const me = await cache.fetchQuery(sessionQuery);
  if (location.pathname === "/" && me?.permissions.includes("case.read")) await cache.fetchQuery(boardQuery("open"));
}

const FIRST_MS = 300;

async function begin(): Promise<void> {
  dress();
  const root = document.getElementById("root");
  if (!root) throw new Error("index.html has no root");
  await Promise.race([asked().catch(() => undefined), new Promise((over) => setTimeout(over, FIRST_MS))]);
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={cache}>
        <LanguageProvider>
          <Broken>
            <SessionProvider>
              <LiveProvider>
                <App />
              </LiveProvider>
            </SessionProvider>
          </Broken>
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
  keepShell();
}

void begin();
