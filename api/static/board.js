// Keeps a drawn page fresh: counts down on the city's clock, redraws what changed, and says when no news comes in.
"use strict";

const city = document.body.dataset;
const BEAT_MS = 15000;
const AGAIN_MS = 3000;
const REDRAW_MS = 60000;
// The city's time at a real moment of this machine; every beat of the stream sets it anew.
let anchor = { city: Number(city.now), real: Date.now() };
let heard = Date.now();
let line = city.line;
let drawn = Date.now();
let behind = false; // something happened that this page doesn't show yet
let redrawing = null;

function cityTime(real) {
  return anchor.city + (real - anchor.real) * Number(city.speed);
}

function wall(real) {
  return new Date(cityTime(real)).toLocaleTimeString("en-GB", { timeZone: city.zone });
}

function countdown(ms) {
  const total = Math.floor(Math.abs(ms) / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

function tick() {
  const now = Date.now();
  for (const due of document.querySelectorAll("[data-due]")) {
    const left = Number(due.dataset.due) - cityTime(now);
    due.classList.toggle("late", left < 0);
    due.querySelector("b").textContent = countdown(left);
  }
  document.getElementById("clock").textContent = wall(now);
  if (now - heard > 2 * BEAT_MS) stale();
}

function stale() {
  const note = document.getElementById("stale");
  if (!note.hidden) return;
  note.querySelector("span").textContent = note.dataset.text.replace("{at}", wall(heard));
  note.hidden = false;
}

function news() {
  if (behind) return;
  heard = Date.now();
  document.getElementById("stale").hidden = true;
}

async function redraw() {
  redrawing = null;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) return location.reload(); // the session has ended
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-fresh]")) {
      const fresh = page.getElementById(part.id);
      if (fresh) part.replaceWith(document.adoptNode(fresh));
    }
    drawn = Date.now();
    behind = redrawing !== null;
    news();
    tick();
  } catch {
    stale();
    redrawing ??= setTimeout(redraw, AGAIN_MS);
  }
}

function listen() {
  const stream = new EventSource(`/api/stream?after=${line}`);
  stream.addEventListener("beat", (event) => {
    anchor = { city: Date.parse(JSON.parse(event.data).at), real: Date.now() };
    news();
    // What is no case changes too: which homes can be heard.
    if (Date.now() - drawn > REDRAW_MS) redrawing ??= setTimeout(redraw, 0);
  });
  stream.addEventListener("case", (event) => {
    line = event.lastEventId;
    behind = true;
    redrawing ??= setTimeout(redraw, 200);
  });
  stream.addEventListener("error", () => {
    stale();
    // A browser gives up for good on an answer that is no stream, such as a 503 while the city restarts.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN_MS);
  });
}

const by = document.querySelector("select[name=by]");
if (by) {
  const mine = localStorage.getItem("by");
  if ([...by.options].some((option) => option.value === mine)) by.value = mine;
  by.addEventListener("change", () => localStorage.setItem("by", by.value));
}

tick();
setInterval(tick, 1000);
listen();
