// What this browser remembers between visits: how somebody wants to see and hear the console, whether a log-out
// has not been heard, and nothing of anybody.

export type Setting = "language" | "theme" | "text" | "sound" | "leaving";

const heard = new Set<() => void>();
/** Where the browser keeps nothing: until the page is closed. */
const held = new Map<Setting, string>();

export function recall(setting: Setting): string | null {
  try {
    return localStorage.getItem(`anbu.${setting}`);
  } catch {
    return held.get(setting) ?? null;
  }
}

export function remember(setting: Setting, value: string): void {
  try {
    localStorage.setItem(`anbu.${setting}`, value);
  } catch {
    held.set(setting, value);
  }
  for (const hear of heard) hear();
}

/** Calls `hear` after every change. */
export function onRemembered(hear: () => void): () => void {
  heard.add(hear);
  return () => heard.delete(hear);
}
