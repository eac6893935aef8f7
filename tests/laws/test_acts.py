"""A person is what changes; what a device says again shows nobody, nor does what may be a backlog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from anomaly.acts import ROOM
from anomaly.engine import Engine
from core.events import Appliance, Bed, Contact, LogRow, Motion, Payload, Presence, Vital
from core.people import Home
from core.signals import Concern, Signal
from tests.checks import at, beats, every, living, log, raised, row, run

HOME = Home("home-1", "gw-1", "g/n/b")
TOWN = [Home(f"home-{n}", f"gw-{n}", "g/n/b") for n in range(1, 11)]
KINDS = {Appliance: "appliance", Bed: "bed", Contact: "contact", Presence: "presence", Vital: "vital"}
STATES: tuple[Payload, ...] = (
    Bed(True),
    Presence("bath"),
    Contact("window", False),
    Appliance("kettle"),
    Contact("현관"),
)


def said(hours: float, data: Payload, device: str = "it", seen: float | None = None) -> LogRow:
    when, then = at(hours), at(hours if seen is None else seen)
    return LogRow(0, HOME.id, device, KINDS[type(data)], when, then, f"{device}-{hours}-{data}", data)


def last_human(*rows: LogRow) -> datetime | bool | None:
    return run(log(beats(HOME.id, 0, 30), *rows), 300, homes=[HOME])[1].view(HOME.id)["last_human"]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_state_that_is_only_repeated_holds_back_no_silence(state: Payload) -> None:
    calm = log(living(HOME.id, 0, 3), beats(HOME.id, 3, 40))
    told = log(calm, every(5, 0.5, 40, lambda h: said(h, state)))
    found = raised(run(told, 40, homes=[HOME])[0])
    assert [(s.key, s.at) for s in found] == [(s.key, s.at) for s in raised(run(calm, 40, homes=[HOME])[0])]
    assert {s.concern for s in found} == {Concern.INACTIVITY}


def test_a_change_is_an_act_and_the_first_word_is_none() -> None:
    assert last_human(said(1, Contact("door", False))) is None
    assert last_human(said(1, Contact("door", False)), said(2, Contact("door", True))) == at(2)
    assert last_human(said(1, Contact("door", True)), said(2, Contact("door", True))) is None
    assert last_human(said(1, Bed(True)), said(2, Bed(False)), said(3, Bed(False))) == at(2)
    assert last_human(said(1, Presence("a", False)), said(2, Presence("a")), said(3, Presence("a", False))) == at(2)
    assert last_human(said(1, Appliance("tv", False)), said(2, Appliance("tv", True, by_hand=False))) is None
    assert last_human(said(1, Contact("door", None)), said(2, Contact("door", None))) == at(2)
    assert last_human(said(1, Vital("pulse", 60)), said(2, Vital("pulse", 99))) is None


def test_two_things_of_one_device_are_two_states() -> None:
    pairs = [said(h / 10, data, "multi") for h in range(9) for data in (Contact("a", True), Contact("b", False))]
    mixed = [said(h / 10, data, "multi") for h in range(9) for data in (Presence("a", True), Contact("a", False))]
    assert last_human(*pairs) is None
    assert last_human(*mixed) is None


def test_what_comes_late_or_twice_is_no_new_act() -> None:
    first, opens, shuts = said(1, Contact("d", False)), said(2, Contact("d", True)), said(3, Contact("d", False))
    again = said(2, Contact("d", True), seen=9)
    assert last_human(first, opens, shuts, again) == at(3)
    assert last_human(first, said(2, Contact("d", True), seen=9)) == at(2)
    assert last_human(first, shuts, said(2.5, Contact("d", True), seen=9)) is None  # overtaken


def test_a_home_has_room_for_twelve_things_and_one_that_is_gone_makes_room() -> None:
    things = [said(n / 100, Contact("x", False), f"d-{n}") for n in range(ROOM + 1)]
    assert last_human(*things, said(2, Contact("x"), f"d-{ROOM - 1}")) == at(2)
    assert last_human(*things, said(2, Contact("x"), f"d-{ROOM}")) is None
    later = [said(h, Contact("x", h > 11 * 24 + 1), "new") for h in (11 * 24, 11 * 24 + 2)]
    assert last_human(*things, *later) == at(11 * 24 + 2)


def test_states_survive_a_restart() -> None:
    rows = log(beats(HOME.id, 0, 5), *(said(h / 7, Bed(h % 3 == 0)) for h in range(30)))
    _, whole = run(rows, 6, homes=[HOME])
    engine = Engine([HOME])
    for one in rows:
        engine.feed([one])
        engine = Engine.restore(engine.snapshot())
    engine.advance(at(6))
    assert engine.view(HOME.id) == whole.view(HOME.id)


def after_an_outage(*rows: LogRow) -> Sequence[Signal]:
    away = [r for h in TOWN for r in living(h.id, 0, 3)] + [r for h in TOWN[1:] for r in living(h.id, 5, 9)]
    found = run(log(away, beats("home-1", 5, 9), rows), 9, homes=TOWN)[0]
    return [s for s in raised(found, Concern.INACTIVITY) if s.home == "home-1"]


def test_neither_a_report_nor_a_backlog_of_no_known_time_proves_life_after_an_outage() -> None:
    assert after_an_outage()
    assert after_an_outage(said(5.1, Contact("window", False)))
    unset = [row("home-1", -24 * 365 * 56 + n / 60, Motion("kitchen"), seen=5.1) for n in range(3)]
    assert after_an_outage(*unset)
    assert not after_an_outage(row("home-1", 5.1, Motion("kitchen")))


def test_who_is_at_home_is_not_taken_for_out_by_a_door_that_says_it_is_closed() -> None:
    rows = log(
        living(HOME.id, 0, 12), beats(HOME.id, 12, 40), every(50, 1, 40, lambda h: said(h, Contact("현관", False)))
    )
    found, engine = run(rows, 40, homes=[HOME])
    assert {s.concern for s in raised(found)} == {Concern.INACTIVITY}
    assert engine.view(HOME.id)["away_until"] is None


def test_a_door_that_stands_open_all_night_is_no_wandering() -> None:
    home = Home("home-1", "gw-1", "g/n/b", wandering=True)
    rows = log(living(HOME.id, 0, 12), beats(HOME.id, 12, 22), every(50, 11, 21, lambda h: said(h, Contact("현관"))))
    assert raised(run(rows, 22, homes=[home])[0], Concern.WANDERING) == []
    goes = [said(15, Contact("현관", False)), said(15.1, Contact("현관"))]
    assert raised(run(log(rows, goes), 22, homes=[home])[0], Concern.WANDERING)
