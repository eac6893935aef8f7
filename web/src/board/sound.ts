// The sound of a new Care Call. A browser allows none before its user has touched the page, so that must be seen, too.
import { useSyncExternalStore } from "react";
import { onRemembered, recall, remember } from "../memory";

let audio: AudioContext | null = null;
const watching = new Set<() => void>();

function tell(): void {
  for (const hear of watching) hear();
}

/** Whether a sound would be heard now. */
function audible(): boolean {
  return recall("sound") !== "off" && audio?.state === "running";
}

/** To be called by a press: then it works. */
export async function soundOn(): Promise<void> {
  remember("sound", "on");
  if (!audio) {
    audio = new AudioContext();
    audio.addEventListener("statechange", tell);
  }
  await audio.resume().catch(() => undefined);
  tell();
}

export function soundOff(): void {
  remember("sound", "off");
  tell();
}

/** Two rising notes, for the emergencies three times. */
export function ring(urgent: boolean): void {
  if (!audible() || !audio) return;
  const start = audio.currentTime;
  for (let round = 0; round < (urgent ? 3 : 1); round++) {
    for (const [index, pitch] of [660, 880].entries()) {
      const at = start + round * 0.6 + index * 0.22;
      const tone = audio.createOscillator();
      const loudness = audio.createGain();
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.0001, at);
      loudness.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.21);
    }
  }
}

// Who has turned the sound on before need not press its button again: any press will do.
addEventListener("pointerdown", () => void (recall("sound") === "on" && soundOn()), { once: true });
addEventListener("keydown", () => void (recall("sound") === "on" && soundOn()), { once: true });

export function useAudible(): boolean {
  return useSyncExternalStore((hear) => {
    watching.add(hear);
    const forget = onRemembered(hear);
    return () => {
      watching.delete(hear);
      forget();
    };
  }, audible);
}
