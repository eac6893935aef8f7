// What waits on this device, for pages to show.
import { useSyncExternalStore } from "react";
import { theDesk, watchDesk, type Desk } from "./work";

export function useDesk(): Desk {
  return useSyncExternalStore(watchDesk, theDesk);
}
