// What this device keeps of anybody: encrypted, under keys that no script can read out, and in one database alone.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

interface Locked {
  account: string;
  /** Real milliseconds. */
  at: number;
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** `day`: made here, for what was fetched. `seal`: the account's own, for what it has written and not sent. */
type KeyName = "day" | "seal";

interface Shelves extends DBSchema {
  keys: { key: KeyName; value: { account: string; key: CryptoKey } };
  day: { key: string; value: Locked };
  work: { key: string; value: Locked };
}

export const DAY_MS = 24 * 3_600_000;
let open: Promise<IDBPDatabase<Shelves>> | undefined;

function shelves(): Promise<IDBPDatabase<Shelves>> {
  const again = () => (open = undefined);
  open ??= openDB<Shelves>("anbu", 1, {
    upgrade: (db) => {
      for (const name of ["keys", "day", "work"] as const) db.createObjectStore(name);
    },
    // The browser has cleared it, or another window wants it gone.
    terminated: again,
    blocking: again,
  }).catch((error: unknown) => {
    again();
    throw error;
  });
  return open;
}

/** Whom this window belongs to: another window's log-in changes the keys, and not what is in this one. */
let mine: string | undefined;

/** From now on this window reads and writes what is `account`'s alone. */
export function be(account: string | undefined): void {
  mine = account;
}

async function key(name: KeyName): Promise<{ account: string; key: CryptoKey } | undefined> {
  return (await shelves()).get("keys", name);
}

async function lock(name: KeyName, value: unknown): Promise<Locked> {
  const found = await key(name);
  if (!found || found.account !== mine) throw new Error("there is no key");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, found.key, new TextEncoder().encode(JSON.stringify(value)));
  return { account: found.account, at: Date.now(), iv, data };
}

async function unlock<Out>(name: KeyName, locked: Locked): Promise<Out | undefined> {
  const found = await key(name);
  if (!found || found.account !== mine || found.account !== locked.account) return undefined;
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: locked.iv }, found.key, locked.data);
    return JSON.parse(new TextDecoder().decode(plain)) as Out;
  } catch {
    return undefined; // of another session's key
  }
}

/** Whose this device is until the log-out; undefined: nobody's. */
export async function owner(): Promise<string | undefined> {
  return (await key("seal"))?.account;
}

/** The device is `account`'s from now on. `bytes`: its seal; null: there are no accounts, and it is made here. */
export async function own(account: string, bytes: Uint8Array<ArrayBuffer> | null): Promise<void> {
  const kind = { name: "AES-GCM", length: 256 };
  const day = await crypto.subtle.generateKey(kind, false, ["encrypt", "decrypt"]);
  const seal = bytes
    ? await crypto.subtle.importKey("raw", bytes, kind, false, ["encrypt", "decrypt"])
    : await crypto.subtle.generateKey(kind, false, ["encrypt", "decrypt"]);
  const write = (await shelves()).transaction(["keys", "day"], "readwrite");
  await write.objectStore("day").clear();
  await write.objectStore("keys").put({ account, key: day }, "day");
  await write.objectStore("keys").put({ account, key: seal }, "seal");
  await write.done;
  mine = account;
}

/** Nobody's from now on: what was fetched is gone, and what is not sent waits, unreadable, for its account's log-in. */
export async function disown(): Promise<void> {
  const write = (await shelves()).transaction(["keys", "day"], "readwrite");
  await write.objectStore("keys").clear();
  await write.objectStore("day").clear();
  await write.done;
}

export async function keepDay(name: string, value: unknown): Promise<void> {
  await (await shelves()).put("day", await lock("day", value), name);
}

/** What was fetched within a day, and when (real milliseconds). */
export async function keptDay<Out>(name: string): Promise<{ at: number; value: Out } | undefined> {
  const db = await shelves();
  const locked = await db.get("day", name);
  if (!locked || locked.account !== mine) return undefined;
  const value = Date.now() - locked.at < DAY_MS ? await unlock<Out>("day", locked) : undefined;
  if (value === undefined) await db.delete("day", name);
  return value === undefined ? undefined : { at: locked.at, value };
}

export async function keepWork(id: string, value: unknown): Promise<void> {
  await (await shelves()).put("work", await lock("seal", value), id);
}

export async function dropWork(id: string): Promise<void> {
  await (await shelves()).delete("work", id);
}

/** What the owner has not sent, and how much of others lies here sealed. */
export async function allWork<Out>(): Promise<{ mine: Out[]; others: number }> {
  const mine: Out[] = [];
  let others = 0;
  for (const locked of await (await shelves()).getAll("work")) {
    const value = await unlock<Out>("seal", locked);
    if (value === undefined) others += 1;
    else mine.push(value);
  }
  return { mine, others };
}

/** Whether anything unsent, of anybody, must outlive a log-out. */
export async function anyWork(): Promise<boolean> {
  return (await (await shelves()).count("work")) > 0;
}
