// Light or dark, and how large: as the system has it, or as somebody has chosen on this device.
import { onRemembered, recall } from "./memory";

function put(): void {
  const root = document.documentElement;
  for (const setting of ["theme", "text"] as const) {
    const chosen = recall(setting);
    if (chosen && chosen !== "system") root.dataset[setting] = chosen;
    else Reflect.deleteProperty(root.dataset, setting);
  }
}

/** Dresses the page now and after every change. */
export function dress(): void {
  put();
  onRemembered(put);
}
