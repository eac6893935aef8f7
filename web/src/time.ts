// Times as people read them, by the city's clock: in a demo its hours run faster than this machine's.
import { useSyncExternalStore } from "react";
import { useLanguage } from "./language";
import type { Language } from "./words/word";

let anchor = { city: Date.now(), real: Date.now() };
let speed = 1;
let zone = "Asia/Seoul";

/** The city has said what time it is. */
export function setClock(now: string, citySpeed?: number, timezone?: string): void {
  anchor = { city: Date.parse(now), real: Date.now() };
  if (citySpeed) speed = citySpeed;
  if (timezone) zone = timezone;
  tick();
}

/** The city's time in milliseconds. */
export function cityNow(real = Date.now()): number {
  return anchor.city + (real - anchor.real) * speed;
}

const watching = new Set<() => void>();
let shown = cityNow();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  shown = cityNow();
  for (const hear of watching) hear();
}

function watch(hear: () => void): () => void {
  watching.add(hear);
  timer ??= setInterval(tick, 1000);
  return () => {
    watching.delete(hear);
    if (watching.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The city's time, anew every second; with `step`, only as often as that many milliseconds of the city pass. */
export function useNow(step = 1000): number {
  return useSyncExternalStore(watch, () => Math.floor(shown / step) * step);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${kind} ${zone}`;
  let known = formats.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(language === "ko" ? "ko-KR" : "en-GB", { timeZone: zone, ...options });
    formats.set(key, known);
  }
  return known;
}

type When = string | number | Date;

/** Minutes ahead of UTC where no clock is ever put forward: a phone takes a tenth of a second to make one `Intl` format. */
const STEADY: Record<string, number> = { "Asia/Seoul": 540, UTC: 0 };

/** 2026-11-21T14:05:09 of the city, if that needs no calendar. */
function plain(at: When): string | undefined {
  const ahead = STEADY[zone];
  return ahead === undefined ? undefined : new Date(new Date(at).getTime() + ahead * 60_000).toISOString();
}

/** 14:05:09 of the city. */
export function clockTime(at: When, language: Language): string {
  return plain(at)?.slice(11, 19) ?? format(language, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(
    new Date(at),
  );
}

/** 14:05 of the city. */
export function hourTime(at: When, language: Language): string {
  return plain(at)?.slice(11, 16) ?? format(language, "hour", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** 11월 21일 (토) of the city. */
export function dayName(at: When, language: Language): string {
  return format(language, "day", { month: "short", day: "numeric", weekday: "short" }).format(new Date(at));
}

/** The city's date as 2026-11-21, as the API wants it. */
export function isoDay(at: When): string {
  const parts: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
  return plain(at)?.slice(0, 10) ?? format("en", "iso", parts).format(new Date(at)).split("/").reverse().join("-");
}

/** The time, with the day where it is not today's. */
export function when(at: When, language: Language, now = cityNow()): string {
  const time = hourTime(at, language);
  return isoDay(at) === isoDay(now) ? time : `${dayName(at, language)} ${time}`;
}

const DAY_S = 86_400;
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Days of the calendar from `now` to `at`. */
function days(at: When, now: number): number {
  return Math.round((Date.parse(isoDay(at)) - Date.parse(isoDay(now))) / (DAY_S * 1000));
}

/** How long ago, or in how long, in one unit: 3분 전. From a day on the calendar's days count: 내일 is the next date. */
export function ago(at: When, language: Language, now = cityNow()): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const said = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (Math.abs(seconds) >= DAY_S) return said.format(days(at, now), "day");
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  return said.format(Math.trunc(seconds / size), unit);
}

/** 1:02:03 or 02:03. */
export function countdown(milliseconds: number): string {
  const total = Math.floor(Math.abs(milliseconds) / 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

/** A time with its age, both kept right: 14:05 (3분 전). */
export function useWhen(): (at: When) => string {
  const { language } = useLanguage();
  useNow(10_000);
  return (at) => `${when(at, language)} (${ago(at, language)})`;
}

export function timezone(): string {
  return zone;
}

/** Minutes since local midnight in `timezone`. */
export function localMinutes(at: When, timezone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const [hours, minutes] = parts.format(new Date(at)).split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** A time of real life (of log-ins, not of the city's clock), with the day where it is not today's. */
export function realWhen(at: When, language: Language): string {
  return `${when(at, language, Date.now())} (${ago(at, language, Date.now())})`;
}
