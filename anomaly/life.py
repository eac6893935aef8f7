"""When a home last spoke, when a person in it last moved, and the clock of human silence that all of this drives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import cast

import numpy as np

from anomaly.batch import Events
from anomaly.compiled import kernel
from anomaly.detector import Heard
from anomaly.rounds import Round
from anomaly.rows import PLACE, Column, Rows, Who
from anomaly.speech import judge, spoken, understand
from anomaly.time import after_awake, awake_between
from core.events import Answer, Appliance, Bed, Contact, LogRow, Medication, Motion, Presence, Utterance, Wake

FIELDS = {
    "life.any": "<f8",  # the home last proved that it can be heard
    "life.human": "<f8",  # a person last proved to be active
    PLACE: "<u4",  # where that was, as `Rows.places` numbers it
    "life.checked": "<f8",  # somebody last made sure of a resident whose silence had been told
    "life.away_until": "<f8",  # nobody is in, somebody is expected back by then; 0: not out
    "clock.start": "<f8",  # silence is counted from here; 0: stopped, or nothing heard yet
    "clock.used_s": "<f8",  # silence counted before `start`, with gaps while the home could not be seen left out
    "clock.used_awake_s": "<f8",  # the same, in waking seconds
    "clock.stopped": "?",
}

_EXIT_WORDS = ("front", "back", "entrance", "exit", "현관", "출입")


def human(event: LogRow) -> bool:
    """Whether an event shows an active person, if it is news (`acts`). Air, heartbeats, batteries and mains never do;
    nor do cries for help, because an SOS is no sign that all is well; nor vital signs, which a device may take by
    itself; nor does a speaker's answer that is silence, noise or an invention."""
    match event.data:
        case Motion(on=active) | Presence(present=active) | Appliance(by_hand=active) | Medication(taken=active):
            return active
        case Contact() | Bed() | Wake():
            return True
        case Utterance(text=text, confidence=confidence, energy_db=energy_db, intent=intent):
            made_up = intent == "invented" or (bool(text) and understand(text).reason == "invented")
            return spoken(confidence, energy_db) and not made_up
        case Answer() as answer:
            return judge(answer) in ("ok", "not_ok")
    return False


def traffic(event: LogRow) -> bool:
    """Whether the home itself sent an event; a last will is the broker's word, an absence note the office's. A note is
    for people to read, and so is what the gateway knows of a device: they change nothing here."""
    return not (event.kind in ("absence", "note", "device", "checked") or is_will(event))


def spoke(rows: Sequence[LogRow], since: datetime) -> bool:
    """Whether a home has sent any of its rows (in log order) since then."""
    return any(row.seen_at >= since and traffic(row) for row in reversed(rows))


def is_will(event: LogRow) -> bool:
    """Whether an event says that the gateway itself is gone."""
    return event.kind == "lost" and event.device == "gateway"


def exit_door(event: LogRow) -> bool:
    """Whether one can leave the home through the door that this event is about."""
    if event.kind != "contact":
        return False
    door = cast(Contact, event.data)
    return _named_like_exit(door.place) if door.exit is None else door.exit


@lru_cache(maxsize=4096)
def _named_like_exit(place: str) -> bool:
    return any(word in place.lower() for word in _EXIT_WORDS)


def place_of(event: LogRow) -> str:
    """Where an event happened, as well as one can tell."""
    data = event.data
    return str(getattr(data, "room", "") or getattr(data, "place", "") or getattr(data, "name", "") or event.device)


def note(rows: Rows, i: int, heard: Heard) -> None:
    """Take in one event before the detectors hear it. Newer times move clocks, older ones never move them back."""
    col = rows.col
    if heard.traffic:
        if heard.arrival > col["life.any"][i]:
            col["life.any"][i] = heard.arrival
        if not col["clock.start"][i] and not col["clock.stopped"][i]:
            col["clock.start"][i] = heard.arrival  # a home that never moves is watched from its first word
    if heard.human and heard.t > col["life.human"][i]:
        col["life.human"][i] = heard.t
        col[PLACE][i] = rows.places.code(place_of(heard.event))
        restart(rows, i, heard.t)


def note_many(rows: Rows, some: Round) -> None:
    """`note` for a round."""
    _note(some.events, *_columns(rows.col))


_columns = itemgetter(*(name for name in FIELDS if name != "life.checked"))


@kernel
def _note(
    events: Events,
    any_: Column,
    human: Column,
    place: Column,
    away_until: Column,
    start: Column,
    used_s: Column,
    used_awake_s: Column,
    stopped: Column,
) -> None:
    for event in events:
        i, t = event.home, event.t
        if event.traffic:
            any_[i] = max(any_[i], t)
            if start[i] == 0 and not stopped[i]:
                start[i] = t
        if event.human and t > human[i]:
            human[i], place[i] = t, event.place
            used_s[i] = used_awake_s[i] = 0.0
            if 0 < start[i] < t:
                start[i] = t


def restart(rows: Rows, i: int, t: float) -> None:
    """Count silence anew from `t`, or from when the home can be seen (again), whichever comes last."""
    col = rows.col
    col["clock.used_s"][i] = col["clock.used_awake_s"][i] = 0.0
    if 0 < col["clock.start"][i] < t:
        col["clock.start"][i] = t


def restart_many(rows: Rows, who: Who, t: Column) -> None:
    """`restart` for different homes, each from its own time."""
    col = rows.col
    col["clock.used_s"][who] = col["clock.used_awake_s"][who] = 0.0
    start = col["clock.start"][who]
    col["clock.start"][who] = np.where((start > 0) & (start < t), t, start)


def stop(rows: Rows, i: int, t: float) -> None:
    """The home can't be seen since `t`: what is not seen is not silence."""
    col = rows.col
    start = float(col["clock.start"][i])
    if start and t > start:
        col["clock.used_s"][i] += t - start
        col["clock.used_awake_s"][i] += awake_between(start, t, rows.homes[i].timezone)
    col["clock.start"][i], col["clock.stopped"][i] = 0.0, True


def resume(rows: Rows, i: int, t: float) -> None:
    """The home can be seen again from `t` on: go on counting."""
    if rows.col["clock.stopped"][i]:
        rows.col["clock.start"][i], rows.col["clock.stopped"][i] = t, False
        rows.stir(i)


def silent_until(rows: Rows, i: int, silence_s: float, *, awake: bool) -> float | None:
    """When `silence_s` of silence will have been counted if nobody moves; None while the clock stands."""
    col = rows.col
    start = float(col["clock.start"][i])
    if not start:
        return None
    if awake:
        return after_awake(start, max(0.0, silence_s - float(col["clock.used_awake_s"][i])), rows.homes[i].timezone)
    return start + max(0.0, silence_s - float(col["clock.used_s"][i]))


def unseen_s(rows: Rows, i: int, at: float) -> float:
    """How much of the silence up to `at` could not be seen and is not counted."""
    col = rows.col
    moved, start = max(float(col["life.human"][i]), float(col["life.checked"][i])), float(col["clock.start"][i])
    return max(0.0, start - moved - float(col["clock.used_s"][i])) if moved and start else 0.0
