"""What arrays do for many homes at once is, to the byte, what the detectors do for each event by itself."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anomaly.batch import Positions
from anomaly.detector import Heard
from anomaly.detectors import ALL
from anomaly.engine import Engine
from anomaly.names import Names
from anomaly.rounds import Round
from anomaly.rows import Rows
from core.events import (
    Appliance,
    Battery,
    Bed,
    Climate,
    Contact,
    Heartbeat,
    LogRow,
    Medication,
    Motion,
    Presence,
    Utterance,
    Vital,
)
from core.people import Home
from core.signals import Signal
from tests.checks import HOMES as TOWN
from tests.checks import INCIDENTS, START, at, beats, every, living, log, row
from tests.effort import tried
from tests.laws.test_engine import HOMES, logs

LAW = tried(5)
NEVER = 10**9
DEVICES = tuple(f"device-{n}" for n in range(12))


def heard(
    rows: Sequence[LogRow], until: float, least: int, homes: Sequence[Home] = HOMES, step: int = NEVER
) -> tuple[list[Signal], Engine]:
    engine = Engine(homes, least=least)
    found = engine.advance(START)
    for begin in range(0, len(rows), step):
        found += engine.feed(rows[begin : begin + step])
    found += engine.advance(at(until))
    assert not engine.faults
    return found, engine


def alike(rows: Sequence[LogRow], until: float, homes: Sequence[Home] = HOMES, step: int = NEVER) -> None:
    one_by_one, alone = heard(rows, until, NEVER, homes, step)
    together, engine = heard(rows, until, 0, homes, step)
    assert together == one_by_one
    for name, column in engine.rows.col.items():
        assert column.tobytes() == alone.rows.col[name].tobytes(), name
    assert engine.snapshot() == alone.snapshot()


@LAW
@given(logs(longest=120), st.sampled_from((1, 7, NEVER)))
def test_arrays_hear_what_a_loop_hears(rows: list[LogRow], step: int) -> None:
    alike(rows, 60, step=step)


@st.composite
def busy(draw: st.DrawFn) -> list[LogRow]:
    """A few hours in which each home says something every minute or so: more devices than are remembered, readings
    that stay the same or are impossible, chatter, doors, baths, beds, at times to the tenth of a second."""
    payloads = st.one_of(
        st.builds(Motion, st.sampled_from(("kitchen", "bathroom", "hall", "bedroom", "")), st.booleans()),
        st.builds(Utterance, mood=st.sampled_from((-1, 0, 1))),
        st.builds(Contact, st.sampled_from(("front door", "fridge")), st.sampled_from((True, False, None))),
        st.builds(
            Climate,
            st.just("room"),
            st.sampled_from((None, float("nan"), 21.0, 21.5, 29.5, 32.0, 36.0, 14.0, 8.0, 99.0, 1e300)),
            st.sampled_from((None, float("nan"), 30.0, 80.0, 101.0)),
        ),
        st.builds(Heartbeat, st.sampled_from((60.0, 300.0, 5.0)), st.none(), st.sampled_from(("", "2.1", "2.2"))),
        st.builds(Battery, st.sampled_from((9.0, 20.0, 90.0))),
        st.builds(Bed, st.booleans()),
        st.builds(Appliance, st.just("kettle"), st.booleans(), st.booleans()),
        st.builds(Presence, st.sampled_from(("hall", "bathroom")), st.booleans()),
        st.builds(Medication, st.booleans()),
        st.builds(Vital, st.just("pulse"), st.just(70.0)),
    )
    spoken = draw(
        st.lists(
            st.tuples(
                st.sampled_from(HOMES),
                st.sampled_from(DEVICES),
                payloads,
                st.integers(0, 30 * 36000),
                st.sampled_from((0, 0, 0, 0, 5, 90, 400)),
            ),
            min_size=30,
            max_size=250,
        )
    )
    kinds = {
        Motion: "motion",
        Contact: "contact",
        Climate: "climate",
        Heartbeat: "heartbeat",
        Battery: "battery",
        Bed: "bed",
        Appliance: "appliance",
        Medication: "medication",
        Presence: "presence",
        Utterance: "utterance",
        Vital: "vital",
    }
    return log(
        LogRow(0, home.id, device, kinds[type(data)], at(t / 36000), at(t / 36000 + late / 3600), f"{n}", data)
        for n, (home, device, data, t, late) in enumerate(spoken)
    )


@LAW
@given(busy())
def test_arrays_hear_a_busy_day_as_a_loop_does(rows: list[LogRow]) -> None:
    alike(rows, 60)


def test_arrays_see_every_incident_that_a_loop_sees() -> None:
    for rows, until, _ in INCIDENTS.values():
        alike(rows, until, TOWN)


def test_arrays_and_a_loop_agree_on_weeks_of_daily_life() -> None:
    rooms = ("kitchen", "bathroom", "bedroom", "living", "hall")
    rows = log(
        *(living(home.id, 0, 24 * 6) for home in TOWN[:4]),
        *(
            every(53 + 7 * k, 0.1 * k, 24 * 6, lambda h, k=k, room=room: row(TOWN[k % 4].id, h, Motion(room)))
            for k, room in enumerate(rooms * 2)
        ),
        *(every(500, 0.2, 24 * 6, lambda h, n=n: row(TOWN[n].id, h, Contact("front door", None))) for n in range(4)),
        beats(TOWN[4].id, 0, 24 * 6),
        every(75, 0.3, 24 * 3, lambda h: row(TOWN[5].id, h, Climate("hall", 20.0), device="stuck")),
        every(60, 24 * 3 + 0.3, 24 * 6, lambda h: row(TOWN[5].id, h, Climate("hall", 20 + h % 3), device="stuck")),
        every(0.04, 30, 30.4, lambda h: row(TOWN[5].id, h, Motion("hall"), device="chatters")),
        every(0.5, 50, 52, lambda h: row(TOWN[6].id, h, Climate("hall", 21.0), device=DEVICES[round(h * 120) % 12])),
    )
    alike(rows, 24 * 7, TOWN)


def test_arrays_and_a_loop_agree_on_weeks_of_nights() -> None:
    """Doors, walks to and fro, and hours in the dark, in homes that are at risk and homes that are not."""
    chance, homes = random.Random(7), (TOWN[0], *TOWN[3:])
    rows = []
    for home in homes:
        rows += every(300, chance.random(), 24 * 24, lambda h, home=home: row(home.id, h, Motion("kitchen")))
        dark = 24 * chance.randrange(3, 20) + chance.uniform(10, 30)
        rows += beats(home.id, 0, dark, every_s=3600) + beats(home.id, dark + 9, 24 * 24, every_s=3600)
        for night in range(24):
            begins = 24 * night + 14 + chance.uniform(0, 5)
            steps = chance.choice((0, 3, 6, 9, 40 if night > 16 else 12))
            rows += [row(home.id, begins + n / 60, Motion(("hall", "bath")[n % 2])) for n in range(steps)]
            if chance.random() < 0.4:
                rows.append(row(home.id, begins + 1, Contact("front door", chance.random() < 0.8)))
    alike(log(rows), 24 * 24, homes)
    told = {s.source for s in heard(log(rows), 24 * 24, 0, homes)[0]}
    assert {"wandering", "pacing"} <= told


@LAW
@given(logs(), st.permutations(HOMES))
def test_the_order_of_the_homes_does_not_matter_to_arrays(rows: list[LogRow], homes: list[Home]) -> None:
    found, engine = heard(rows, 60, 0)
    again, other = heard(rows, 60, 0, homes)
    assert again == found
    assert other.snapshot() == engine.snapshot()


def test_names_are_few_short_and_bounded() -> None:
    names = Names()
    assert names.code("") == 0
    assert names.name(names.code("k" * 100)) == "k" * 32
    kept = np.array([names.code(name) for name in ("hall", "kitchen")])
    lengths = names.along(len, "<i8")
    for n in range(70_000):
        names.code(f"room {n}")
    assert names.crowded
    names.keep(kept)
    assert [names.name(code) for code in kept.tolist()] == ["hall", "kitchen"]
    assert (len(names), names.crowded) == (3, False)
    assert names.code("") == 0
    again = {f"attic {n}": names.code(f"attic {n}") for n in range(70_000)}
    assert max(again.values()) <= 70_003
    lengths = names.along(len, "<i8")
    assert all(lengths[code] == len(name) for name, code in again.items())


def test_the_same_places_give_the_same_bytes() -> None:
    here, there = Names(), Names()
    one = np.array([here.code(name) for name in ("hall", "kitchen", "", "hall")], "<u4")
    for name in ("attic", "kitchen", "cellar"):
        there.code(name)
    other = np.array([there.code(name) for name in ("hall", "kitchen", "", "hall")], "<u4")
    names, codes = here.dump(one)
    assert (names, codes.tolist()) == (there.dump(other)[0], there.dump(other)[1].tolist())
    assert [there.name(code) for code in there.load(names, codes).tolist()] == ["hall", "kitchen", "", "hall"]


class _BrokenArrays:
    """A detector whose arrays have a bug."""

    name, version, kinds = "broken", "1", None
    fields: dict[str, str] = {}  # noqa: RUF012 - read only

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        return ()

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        raise ZeroDivisionError("round")


def test_broken_arrays_are_reported_and_the_others_go_on() -> None:
    rows, until, _ = INCIDENTS["outage"]
    engine = Engine(TOWN, (_BrokenArrays(), *ALL), least=0)
    found = [*engine.advance(START), *engine.feed(rows), *engine.advance(at(until))]
    assert found == heard(rows, until, 0, TOWN)[0]
    assert set(engine.faults) == {("broken", None, "ZeroDivisionError: round")}
