// The console's own files on this device, for hours without reception: a log-out has taken them away with all else.

/** When the browser has nothing more urgent to do, or at the latest after `most` milliseconds. */
export function quiet(most = 2_000): Promise<void> {
  return new Promise((resolve) => {
    // Safari has no idle callback.
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: most });
    else setTimeout(resolve, most / 4);
  });
}

/** Once the page stands: what it needs itself comes first over a slow line. */
export function keepShell(): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  const keep = () => void quiet(5_000).then(() => navigator.serviceWorker.register("/sw.js"));
  if (document.readyState === "complete") keep();
  else addEventListener("load", keep, { once: true });
}
