// Keeps a drawn page fresh: counts down on the city's clock, redraws what changed, and says when no news comes in.
"use strict";

const city = document.body.dataset;
const started = performance.now();
const BEAT_MS = 15000;
let line = city.line;
let heard = Date.now();
let stream = null;
let redrawing = null;

function cityNow() {
  return Number(city.now) + (performance.now() - started) * Number(city.speed);
}

function countdown(ms) {
  const total = Math.floor(Math.abs(ms) / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

function tick() {
  for (const due of document.querySelectorAll("[data-due]")) {
    const left = Number(due.dataset.due) - cityNow();
    due.classList.toggle("late", left < 0);
    due.querySelector("b").textContent = countdown(left);
  }
  if (Date.now() - heard > 2 * BEAT_MS) stale();
}

function stale() {
  const note = document.getElementById("stale");
  if (!note.hidden) return;
  const at = new Date(heard).toLocaleTimeString(document.documentElement.lang, { hour12: false });
  note.querySelector("span").textContent = note.dataset.text.replace("{at}", at);
  note.hidden = false;
}

function news(event) {
  heard = Date.now();
  document.getElementById("stale").hidden = true;
  if (event.lastEventId) line = event.lastEventId;
}

async function redraw() {
  redrawing = null;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-fresh]")) {
      const fresh = drawn.getElementById(part.id);
      if (fresh) part.replaceWith(document.adoptNode(fresh));
    }
    tick();
  } catch {
    stale();
  }
}

function listen() {
  stream = new EventSource(`/api/stream?after=${line}`);
  stream.addEventListener("beat", news);
  stream.addEventListener("case", (event) => {
    news(event);
    redrawing ??= setTimeout(redraw, 200);
  });
  stream.addEventListener("error", () => {
    stale();
    // A browser gives up for good on an answer that is no stream, such as a 503 while the city restarts.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  });
}

for (const choice of document.querySelectorAll("select[name=by]")) {
  const mine = localStorage.getItem("by");
  if (mine && [...choice.options].some((option) => option.value === mine)) choice.value = mine;
  choice.addEventListener("change", () => {
    localStorage.setItem("by", choice.value);
    for (const other of document.querySelectorAll("select[name=by]")) other.value = choice.value;
  });
}

tick();
setInterval(tick, 1000);
listen();
