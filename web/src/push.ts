// Notices pushed to this browser; never the only way in which somebody is told.
import { api, got } from "./api";
import { base64url } from "./passkey";
import { onLeave } from "./session";

export const pushWorks = "serviceWorker" in navigator && "PushManager" in window;

async function present(): Promise<PushSubscription | null> {
  if (!pushWorks) return null;
  const worker = await navigator.serviceWorker.getRegistration();
  return (await worker?.pushManager.getSubscription()) ?? null;
}

export async function isPushed(): Promise<boolean> {
  return (await present()) !== null;
}

/** False: the browser's user has not allowed it. */
export async function pushHere(key: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  const worker = await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const keys = { p256dh: base64url(made.getKey("p256dh")), auth: base64url(made.getKey("auth")) };
  try {
    await got(api.PUT("/api/me/push", { body: { endpoint: made.endpoint, keys } }));
  } catch (error) {
    await made.unsubscribe();
    throw error;
  }
  return true;
}

export async function pushNoMore(): Promise<void> {
  const made = await present();
  if (!made) return;
  await got(api.DELETE("/api/me/push", { body: { endpoint: made.endpoint } }));
  await made.unsubscribe();
}

onLeave(() => pushNoMore().catch(() => undefined));
