// The console's own files on this device, for hours without reception: a log-out has taken them away with all else.

export function keepShell(): void {
  if ("serviceWorker" in navigator && import.meta.env.PROD) void navigator.serviceWorker.register("/sw.js");
}
