"""What must hold of every detector whatever it looks for, and one incident for each that it must see."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import numpy as np

from anomaly.detector import Detector
from anomaly.detectors import ALL
from anomaly.engine import Engine
from core.events import (
    Battery,
    Bed,
    Checked,
    Climate,
    Contact,
    Heartbeat,
    LogRow,
    Lost,
    Mains,
    Motion,
    Note,
    Payload,
    SosPressed,
    Utterance,
)
from core.people import Home, Risk
from core.signals import Concern, Sense, Signal
from core.words import say

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday, 09:00 in Seoul."""
KIND = {
    Battery: "battery",
    Bed: "bed",
    Checked: "checked",
    Climate: "climate",
    Contact: "contact",
    Heartbeat: "heartbeat",
    Lost: "lost",
    Mains: "mains",
    Motion: "motion",
    Note: "note",
    SosPressed: "sos",
    Utterance: "utterance",
}
HOMES = (
    Home("home-a", "gw-a", "gwangju/nam-gu/bongseon", wandering=True),
    Home("home-b", "gw-b", "gwangju/nam-gu/bongseon", risk=Risk.HIGH),
    Home("home-c", "gw-c", "gwangju/nam-gu/juwol", residents=2),
    *(Home(f"home-{n}", f"gw-{n}", "gwangju/buk-gu/munheung") for n in range(5)),
)


def at(hours: float) -> datetime:
    """Hours after the start."""
    return START + timedelta(hours=hours)


def row(home: str, hours: float, data: Payload, *, device: str = "", seen: float | None = None) -> LogRow:
    """An event `hours` after the start, seen at once unless told otherwise; `log` gives it its position."""
    kind = KIND[type(data)]
    happened = at(hours)
    arrived = happened if seen is None else at(seen)
    return LogRow(0, home, device or kind, kind, happened, arrived, f"{kind}-{hours:.6f}", data)


def log(*rows: LogRow | Iterable[LogRow]) -> list[LogRow]:
    """Rows in the order of their arrival, numbered."""
    flat = [one for some in rows for one in ((some,) if isinstance(some, LogRow) else some)]
    flat.sort(key=lambda one: one.seen_at)
    return [
        LogRow(n, r.home, r.device, r.kind, r.at, r.seen_at, r.event_id, r.data) for n, r in enumerate(flat, start=1)
    ]


def every(minutes: float, start: float, end: float, make: Callable[[float], LogRow]) -> list[LogRow]:
    """An event every so many minutes from `start` to `end` (hours)."""
    return [make(h) for h in np.arange(start, end, minutes / 60).tolist()]


def beats(home: str, start: float, end: float, every_s: float = 300.0, firmware: str = "") -> list[LogRow]:
    """A gateway's heartbeats, out of step with the other homes'."""
    phase = sum(home.encode()) % 60 / 720
    return every(every_s / 60, start + phase, end, lambda h: row(home, h, Heartbeat(every_s, None, firmware)))


def living(home: str, start: float, end: float, firmware: str = "") -> list[LogRow]:
    """Somebody who moves all day and in the night, in a warm home with good batteries."""
    return [
        *every(47, start + 0.01, end, lambda h: row(home, h, Motion("kitchen"))),
        *every(60, start, end, lambda h: row(home, h, Climate("kitchen", 21 + math.sin(h)))),
        *every(600, start, end, lambda h: row(home, h, Battery(80))),
        *beats(home, start, end, firmware=firmware),
    ]


def run(
    rows: Sequence[LogRow],
    until: float | None = None,
    *,
    homes: Iterable[Home] = HOMES,
    detectors: Sequence[Detector] = ALL,
    batches: Sequence[int] = (),
) -> tuple[list[Signal], Engine]:
    """Feed a log in batches that end at the given positions, then let time pass."""
    engine = Engine(homes, detectors)
    found = engine.advance(START)
    edges = [0, *sorted(batches), len(rows)]
    for begin, end in pairwise(edges):
        found += engine.feed(rows[begin:end])
    if until is not None:
        found += engine.advance(at(until))
    return found, engine


def raised(signals: Iterable[Signal], concern: Concern | None = None) -> list[Signal]:
    """What was raised, of one concern or of all."""
    return [s for s in signals if s.sense is Sense.RAISE and concern in (None, s.concern)]


def told(signal: Signal, language: str = "en") -> str:
    """A signal's evidence as a person reads it."""
    return " ".join(say(e.key, language, e.numbers) for e in signal.evidence)


def gone(homes: Iterable[Home], start: float, end: float) -> list[LogRow]:
    """Homes that are alive until `start` and again from `end` on, until two hours later."""
    return [r for home in homes for r in (*living(home.id, 0, start), *living(home.id, end, end + 2))]


def known(home: str, days: int) -> list[LogRow]:
    """Weeks of somebody who is up by day, is out for an hour or so at noon, and never leaves at night."""
    out = [24 * day + 3.0 for day in range(days)]
    return [
        *every(120, 0.5, 24 * days, lambda h: row(home, h, Motion("kitchen"))),
        *(row(home, h, Contact("front door", None)) for h in out),
        *(row(home, h + 1 + h / 24 % 7 / 10, Motion("hall"), device="hall") for h in out),
        *beats(home, 0, 24 * days, every_s=3600),
    ]


INCIDENTS: dict[str, tuple[list[LogRow], float, set[Concern]]] = {
    "absence": (
        log(
            living("home-a", 0, 2),
            row("home-a", 2.02, Contact("front door", None)),
            beats("home-a", 2, 16),
            known("home-0", 30),
            row("home-0", 24 * 30 + 3, Contact("front door", None)),
            beats("home-0", 24 * 30, 24 * 30 + 16, every_s=3600),
        ),
        24 * 30 + 16,
        {Concern.OVERDUE},
    ),
    "dark": (log(living("home-a", 0, 3)), 5, {Concern.HOME_DARK}),
    "outage": (log(gone(HOMES, 3, 5)), 7, {Concern.AREA_OUTAGE}),
    "ceiling": (log(living("home-a", 0, 3), beats("home-a", 3, 16)), 16, {Concern.INACTIVITY}),
    "habit": (
        log(
            every(20, 0, 80, lambda h: row("home-a", h, Motion("kitchen"))),
            beats("home-a", 0, 96),
        ),
        96,
        {Concern.INACTIVITY},
    ),
    "wandering": (
        log(
            living("home-a", 0, 16.5),
            row("home-a", 16.6, Contact("현관", None)),
            beats("home-a", 16.5, 17),
            known("home-0", 30),
            row("home-0", 24 * 30 + 18.15, Contact("front door", None)),
            beats("home-0", 24 * 30, 24 * 30 + 19, every_s=3600),
        ),
        24 * 30 + 19,
        {Concern.WANDERING},
    ),
    "pacing": (
        log(
            every(40, 0.01, 15 * 24, lambda h: row("home-a", h, Motion(("kitchen", "hall")[round(h * 1.5) % 2]))),
            every(
                1.2, 15 * 24 + 16, 15 * 24 + 18, lambda h: row("home-a", h, Motion(("hall", "bath")[round(h * 50) % 2]))
            ),
            beats("home-a", 0, 15 * 24 + 18, every_s=3600),
        ),
        15 * 24 + 18,
        {Concern.DRIFT},
    ),
    "climate": (
        log(
            living("home-a", 0, 3),
            every(10, 1, 3, lambda h: row("home-a", h, Climate("room", 33.0), device="hot")),
            every(10, 0, 3, lambda h: row("home-a", h, Climate("room", 9.0), device="cold")),
        ),
        3,
        {Concern.HEAT, Concern.COLD},
    ),
    "device": (log(living("home-a", 0, 3), row("home-a", 1, Battery(7), device="door")), 3, {Concern.DEVICE}),
    "drift": (
        log(
            every(20, 0, 17 * 24, lambda h: row("home-a", h, Motion("kitchen"))),
            every(40, 17 * 24, 25 * 24, lambda h: row("home-a", h, Motion("kitchen"))),
            beats("home-a", 0, 25 * 24, every_s=3600),
        ),
        25 * 24,
        {Concern.DRIFT},
    ),
    "mute": (
        log(
            every(20, 0, 10 * 24, lambda h: row("home-a", h, Motion("kitchen"), device="kitchen")),
            every(25, 0, 10 * 24, lambda h: row("home-a", h, Motion("hall"), device="hall")),
            every(15, 0, 12 * 24, lambda h: row("home-a", h, Motion("lounge"), device="lounge")),
            every(30, 10 * 24, 12 * 24, lambda h: row("home-a", h, Motion("kitchen"), device="kitchen")),
            beats("home-a", 0, 12 * 24, every_s=3600),
        ),
        12 * 24,
        {Concern.DEVICE},
    ),
}
"""For each detector a log, how long to watch (hours), and the concerns it must raise."""


@cache
def usual(name: str) -> tuple[list[Signal], Engine]:
    """What a detector's incident gives; to be read only."""
    rows, until, _ = INCIDENTS[name]
    return run(rows, until)


def sees_its_incident(detector: Detector) -> None:
    """It raises what it is there for, and nothing without an incident."""
    concerns = INCIDENTS[detector.name][2]
    found, engine = usual(detector.name)
    assert {s.concern for s in raised(found) if s.source == detector.name} == concerns
    assert not engine.faults


def is_quiet_on_a_usual_day(detector: Detector) -> None:
    """A day of living raises nothing."""
    found, engine = run(log(*(living(home.id, 0, 30) for home in HOMES)), 30)
    assert [told(s) for s in raised(found) if s.source == detector.name] == []
    assert not engine.faults


def says_it_once(detector: Detector) -> None:
    """One key an episode: nothing is raised twice, however long it lasts."""
    rows, until, _ = INCIDENTS[detector.name]
    keys = [s.key for s in run(rows, until + 10)[0]]
    assert len(keys) == len(set(keys))


def says_it_in_both_languages(detector: Detector) -> None:
    """Every signal reads as sentences."""
    for signal in usual(detector.name)[0]:
        for language in ("ko", "en"):
            text = told(signal, language)
            assert text.endswith(".")
            assert "{" not in text
            assert "nan" not in text


def looks_for_nothing(detector: Detector) -> None:
    """Being asked to look more often than it asked for changes nothing."""
    rows, until, _ = INCIDENTS[detector.name]
    calm, calm_engine = usual(detector.name)
    engine = Engine(HOMES)
    found = engine.advance(START)
    for one in rows:
        found += engine.feed([one])
        for i in range(len(HOMES)):
            engine.rows.stir(i)
    found += engine.advance(at(until))
    assert found == calm
    for name in (field for field in engine.rows.col if not field.startswith("due.")):
        assert engine.rows.col[name].tobytes() == calm_engine.rows.col[name].tobytes(), name


def replays_byte_equal(detector: Detector) -> None:
    """The same log gives the same signals and the same state, cut in the middle or not."""
    rows, until, _ = INCIDENTS[detector.name]
    found, engine = usual(detector.name)
    again, cut = run(rows, until, batches=[len(rows) // 3, len(rows) // 2])
    assert again == found
    assert cut.snapshot() == engine.snapshot()


def survives_strange_numbers(detector: Detector) -> None:
    """Impossible values neither crash it nor raise anything but a word about the device."""
    strange = [math.nan, math.inf, -math.inf, 1e300, -1.0]
    payloads: list[Payload] = [p for x in strange for p in (Climate("", x), Battery(x), Heartbeat(x))]
    rows = [row("home-a", 1 + n / 100, data, device=f"d{n}") for n, data in enumerate([*payloads, Climate()])]
    found, engine = run(log(living("home-a", 0, 2), rows), 2)
    assert not engine.faults
    assert {s.concern for s in raised(found)} <= {Concern.DEVICE}


def does_not_raise_the_past(detector: Detector) -> None:
    """Its incident arriving as a backlog a day later raises nothing that is older than half an hour."""
    rows, _, _ = INCIDENTS[detector.name]
    found, _ = run(log(LogRow(0, r.home, r.device, r.kind, r.at, at(40), r.event_id, r.data) for r in rows), 41)
    assert [told(s) for s in raised(found) if s.at < at(39.5) and s.concern is not Concern.HOME_DARK] == []


CHECKS: tuple[Callable[[Detector], None], ...] = (
    sees_its_incident,
    is_quiet_on_a_usual_day,
    says_it_once,
    says_it_in_both_languages,
    looks_for_nothing,
    replays_byte_equal,
    survives_strange_numbers,
    does_not_raise_the_past,
)
