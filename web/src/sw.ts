// The service worker: the console's own files without reception, and a notice when a Care Call waits. It keeps nothing
// of anybody: no answer of the city goes into its cache.

interface Waking extends Event {
  waitUntil: (work: Promise<unknown>) => void;
}

interface Fetching extends Waking {
  request: Request;
  respondWith: (answer: Promise<Response>) => void;
}

interface Pushed extends Waking {
  data: { json: () => unknown } | null;
}

interface Clicked extends Waking {
  notification: Notification;
}

interface Shown {
  url: string;
  focus: () => Promise<unknown>;
  navigate: (url: string) => Promise<unknown>;
}

interface Scope {
  addEventListener: <Kind extends Event>(kind: string, hear: (event: Kind) => void) => void;
  skipWaiting: () => Promise<void>;
  clients: {
    claim: () => Promise<void>;
    matchAll: (options: { type: "window"; includeUncontrolled: boolean }) => Promise<Shown[]>;
    openWindow: (url: string) => Promise<unknown>;
  };
  registration: { showNotification: (title: string, options: object) => Promise<void> };
  location: Location;
}

const city = globalThis as unknown as Scope;
const FILES = "@@FILES@@".split(" ");
const SHELL = "/";
// Each build has its own name, so that an old page never meets a new file.
const STORE = `anbu ${FILES.filter((file) => file.includes("/main-")).join("")}`;

city.addEventListener<Waking>("install", (event) => {
  event.waitUntil(
    (async () => {
      const store = await caches.open(STORE);
      await store.addAll(FILES);
      await store.put(SHELL, await fetch(SHELL, { headers: { Accept: "text/html" } }));
      await city.skipWaiting();
    })(),
  );
});

city.addEventListener<Waking>("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== STORE) await caches.delete(name);
      await city.clients.claim();
    })(),
  );
});

const PATIENCE_MS = 3_000;

/** The page from the city, or where there is no answer, as in a stairwell, the one that is kept. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match(SHELL);
  const answer = fetch(request);
  if (!kept) return answer;
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([answer.catch(() => kept), late]);
}

city.addEventListener<Fetching>("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== city.location.origin) return;
  if (request.mode === "navigate" && !/^\/(api|static|healthz|readyz|metrics)/.test(url.pathname)) {
    event.respondWith(page(request));
  } else if (url.pathname.startsWith("/assets/")) {
    event.respondWith((async () => (await caches.match(request)) ?? fetch(request))());
  }
});

city.addEventListener<Pushed>("push", (event) => {
  const said = (event.data?.json() ?? {}) as { title?: string; body?: string; url?: string; tag?: string };
  event.waitUntil(
    city.registration.showNotification(said.title ?? "안부 Anbu", {
      body: said.body ?? "",
      tag: said.tag ?? "anbu",
      renotify: true,
      requireInteraction: true,
      data: { url: said.url ?? "/" },
    }),
  );
});

city.addEventListener<Clicked>("notificationclick", (event) => {
  event.notification.close();
  const said = event.notification.data as { url?: string } | null;
  const path = said?.url?.startsWith("/") && !said.url.startsWith("//") ? said.url : "/";
  event.waitUntil(
    (async () => {
      const [open] = await city.clients.matchAll({ type: "window", includeUncontrolled: true });
      if (!open) return city.clients.openWindow(path);
      await open.focus();
      return open.navigate(path);
    })(),
  );
});
