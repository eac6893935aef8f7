// What this browser remembers between visits: how somebody wants to see and hear the console, and nothing of anybody.

export type Setting = "language" | "theme" | "text" | "sound";

const heard = new Set<() => void>();

export function recall(setting: Setting): string | null {
  try {
    return localStorage.getItem(`anbu.${setting}`);
  } catch {
    return null; // a browser that keeps nothing
  }
}

export function remember(setting: Setting, value: string): void {
  try {
    localStorage.setItem(`anbu.${setting}`, value);
  } catch {
    // it holds until the page is closed
  }
  for (const hear of heard) hear();
}

/** Calls `hear` after every change. */
export function onRemembered(hear: () => void): () => void {
  heard.add(hear);
  return () => heard.delete(hear);
}
