// The console's own files on this device, for hours without reception: a log-out has taken them away with all else.

/** Once the page stands: what it needs itself comes first over a slow line. */
export function keepShell(): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  const keep = () => void navigator.serviceWorker.register("/sw.js");
  const rest = () => ("requestIdleCallback" in window ? requestIdleCallback(keep, { timeout: 5_000 }) : setTimeout(keep, 1_000));
  if (document.readyState === "complete") rest();
  else addEventListener("load", rest, { once: true });
}
