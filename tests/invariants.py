"""What no detector may break in the state that its own incident brings it to, after weeks where it needs them.

`tests/laws` asks the same of any short log; here every detector has learned what it can and has something to tell.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby, pairwise

from anomaly.detector import Detector
from anomaly.engine import Engine
from core.events import Appliance, Bed, Climate, Contact, LogRow, Lost, Motion, Presence, Vital
from core.signals import Concern, Sense, Signal, Urgency
from tests.checks import HOMES, INCIDENTS, START, at, beats, living, log, raised, row, run, usual

PERSON = {Concern.INACTIVITY, Concern.OVERDUE, Concern.WANDERING, Concern.DRIFT}
"""What is told of a person, and not of a home or a thing in it."""
LEARNED = {"habit", "pacing", "drift", "mute"}
"""These know no fixed limit: they tell nothing of a home that they do not know."""
NEIGHBOUR = "home-4"
CUTS = 6
DAY_H = 24.0


def told_by(detector: Detector) -> list[Signal]:
    """What the detector itself raises in its incident, the newest last."""
    return [s for s in raised(usual(detector.name)[0]) if s.source == detector.name]


def same(name: str, found: list[Signal], engine: Engine) -> None:
    was, calm = usual(name)
    assert found == was
    assert engine.snapshot() == calm.snapshot()
    assert not engine.faults


def moved_by(r: LogRow, hours: float, again: str = "") -> LogRow:
    """The same row, happened and seen so much later; `again` makes it another event."""
    late = timedelta(hours=hours)
    return replaced(r, at=r.at + late, seen_at=r.seen_at + late, event_id=r.event_id + again)


def replaced(r: LogRow, **members: object) -> LogRow:
    return LogRow(**{name: getattr(r, name) for name in LogRow.__struct_fields__} | members)


def columns(engine: Engine, home: str) -> dict[str, bytes | str]:
    """All that is remembered of one home. A place or firmware is a number that homes share: its name is meant."""
    rows, i = engine.rows, engine.rows.index[home]
    shared = {"life.place": rows.places, "mute.place": rows.places, "sight.firmware": rows.firmwares}
    return {
        name: " ".join(map(shared[name].name, column[i : i + 1].ravel().tolist()))
        if name in shared
        else column[i].tobytes()
        for name, column in rows.col.items()
        if not name.startswith("due.")
    }


def does_not_know_the_order_of_homes(detector: Detector) -> None:
    """Homes enrolled in another order, and what was seen at the same moment in another order: the same to the byte."""
    rows, until, _ = INCIDENTS[detector.name]
    shuffle = random.Random(detector.name)
    mixed = [
        r
        for _, some in groupby(rows, key=lambda r: r.seen_at)
        for one in (list(some),)
        for r in shuffle.sample(one, len(one))
    ]
    homes = shuffle.sample(HOMES, len(HOMES))
    found, engine = run(mixed, until, homes=homes)
    same(detector.name, found, engine)


def restarts_anywhere(detector: Detector) -> None:
    """Restored from a snapshot again and again, at points that change with the detector: the same to the byte."""
    rows, until, _ = INCIDENTS[detector.name]
    cuts = random.Random(detector.name).sample(range(1, len(rows)), CUTS)
    engine = Engine(HOMES)
    found = engine.advance(START)
    for begin, end in pairwise([0, *sorted(cuts), len(rows)]):
        found += engine.feed(rows[begin:end])
        engine = Engine.restore(engine.snapshot())
    found += engine.advance(at(until))
    same(detector.name, found, engine)


def hears_twice_as_once(detector: Detector) -> None:
    """Every event comes again a minute later: the same to the byte. Or after the watermark has passed it: what comes
    late still proves that the home can be heard, and how late it may be, so that alarms may move by minutes; but none
    of a person or a thing comes or goes."""
    rows, until, _ = INCIDENTS[detector.name]
    quiet = Engine.restore(usual(detector.name)[1].snapshot())
    calm = usual(detector.name)[0] + quiet.advance(at(until + 0.2))
    found, engine = run(log(rows, (again(r, 60) for r in rows)), until + 0.2)
    assert found == calm
    assert engine.snapshot() == quiet.snapshot()
    found, _ = run(log(rows, (again(r, 150) for r in rows)), until + 0.2)
    about = PERSON | {Concern.DEVICE, Concern.HEAT, Concern.COLD}
    one, other = ({s.key: s.at for s in some if s.concern in about} for some in (calm, found))
    assert other.keys() == one.keys()
    assert all(abs(other[key] - when) <= timedelta(minutes=5) for key, when in one.items())


def again(r: LogRow, late_s: float) -> LogRow:
    """The same event, seen a second time."""
    return replaced(r, seen_at=r.seen_at + timedelta(seconds=late_s))


def storm(hours: float) -> list[LogRow]:
    """Ten minutes in which one home's devices, old and new, say all that they can."""
    words = (Motion("hall"), Contact("front door", None), Climate("hall", 40.0), Lost("silent"), Motion("attic"))
    return [
        row(NEIGHBOUR, hours + n / 3600 + 0.0001, words[n % 5], device=f"storm-{n % 5}-{n // 5 % 20}")
        for n in range(600)
    ]


def is_not_moved_by_a_neighbour(detector: Detector) -> None:
    """One home's storms change nothing of any other: not what is told, not a byte of what is remembered."""
    rows, until, _ = INCIDENTS[detector.name]
    calm, quiet = usual(detector.name)
    noisy, engine = run(log(rows, *(storm(until * part) for part in (0.1, 0.5, 0.95))), until)
    assert not engine.faults
    assert [s for s in noisy if s.home not in (NEIGHBOUR, None)] == [s for s in calm if s.home not in (NEIGHBOUR, None)]
    for home in HOMES:
        if home.id != NEIGHBOUR:
            assert columns(engine, home.id) == columns(quiet, home.id)


def remembers_no_more(detector: Detector) -> None:
    """However much a home says, its row is as long as any other, and a detector itself remembers nothing."""
    rows, until, _ = INCIDENTS[detector.name]
    own = pickle.dumps(vars(detector))
    many = [
        row("home-a", until * n / 300 + 0.0001, Climate(f"room {n}", 20 + n % 7), device=f"device-{n}")
        for n in range(300)
    ]
    _, engine = run(log(rows, many), until)
    sizes = {name: column[0].nbytes for name, column in engine.rows.col.items()}
    assert sizes == {name: column[0].nbytes for name, column in Engine(HOMES).rows.col.items()}
    assert not any(column.dtype.hasobject for column in engine.rows.col.values())
    assert pickle.dumps(vars(detector)) == own


def does_not_take_a_repeated_state_for_a_person(detector: Detector) -> None:
    """Whatever says with every heartbeat how it is holds back nothing that is told of a person, nor brings anything."""
    rows, until, _ = INCIDENTS[detector.name]
    things = {
        "bed": Bed(True),
        "presence": Presence("bath", True),
        "contact": Contact("현관", False),
        "appliance": Appliance("kettle"),
        "vital": Vital("pulse", 60.0),
    }
    told_again = [
        replaced(r, device=f"thing-{kind}", kind=kind, event_id=f"{kind}-{r.event_id}", data=data)
        for r in rows
        if r.kind == "heartbeat"
        for kind, data in things.items()
    ]
    assert told_again or detector.name == "climate"
    found, engine = run(log(rows, told_again), until)
    assert [s for s in found if s.concern in PERSON] == [s for s in usual(detector.name)[0] if s.concern in PERSON]
    assert not engine.faults


def gives_numbers(detector: Detector) -> None:
    """Whatever is raised says by how much."""
    found = told_by(detector)
    assert found
    assert all(any(e.numbers for e in s.evidence) for s in found)


def a_silent_sensor_is_no_good_news(detector: Detector) -> None:
    """With one device silent from the moment of the alarm on, or all of them but the gateway, nothing that was told of
    a person is taken back that would not have been: what is not seen is not well."""
    rows, until, _ = INCIDENTS[detector.name]
    last = told_by(detector)[-1]
    home = last.home or "home-a"
    before, engine = run([r for r in rows if r.seen_at < last.at])
    state = engine.snapshot()

    def cleared(tail: list[LogRow], hours: float) -> set[str]:
        engine = Engine.restore(state)
        found = [*before, *engine.feed(tail), *engine.advance(at(until + hours))]
        return {s.key for s in found if s.concern in PERSON and s.sense is Sense.CLEAR}

    tail = [r for r in rows if r.seen_at >= last.at]
    only_heard = log(tail, beats(home, until, until + 30, every_s=3600), beats("home-b", until, until + 30))
    assert cleared(only_heard, 30) == cleared(tail, 0)
    tail = log(tail, living(home, until + 1, until + 4), row(home, until + 2, Motion("hall"), device="hall"))
    known = {f"{s.key}/clear" for s in raised(usual(detector.name)[0])}
    whole = cleared(tail, 6)
    for device in sorted({r.device for r in rows if r.home == home}):
        assert cleared([r for r in tail if (r.home, r.device) != (home, device)], 6) & known <= whole, device


def waits_until_it_knows(detector: Detector) -> None:
    """On the first day of a home, which is the last of its incident, only fixed limits are told."""
    rows, until, _ = INCIDENTS[detector.name]
    days = max(0.0, (until - DAY_H) // DAY_H + 1) * DAY_H if until > DAY_H else 0.0
    first = log(moved_by(r, -days) for r in rows if r.at >= at(days))
    found = [s for s in raised(run(first, DAY_H)[0]) if s.source == detector.name]
    if detector.name in LEARNED:
        assert found == []
    keys = {e.key for s in found for e in s.evidence}
    assert not {"evidence.overdue.usual", "evidence.wandering.rare"} & keys
    for s in found:
        if s.concern is Concern.WANDERING:
            assert s.urgency is Urgency.URGENT
        if s.concern is Concern.OVERDUE:
            assert s.evidence[0].numbers["out"] == 12 * 3600


def is_not_talked_out_of_it(detector: Detector) -> None:
    """The same again, right after it, is told again, of all whom it was told of: what was told has not become what is
    usual at once. Somebody who was overdue may be given longer, but never longer than who is not known."""
    if detector.name not in LEARNED | {"absence", "wandering"}:
        return
    rows, until, _ = INCIDENTS[detector.name]
    days = (until // DAY_H + 1) * DAY_H
    engine = Engine.restore(usual(detector.name)[1].snapshot())
    found = engine.feed(log(moved_by(r, days, "-again") for r in rows)) + engine.advance(at(days + until))
    assert not engine.faults
    again = [s for s in raised(found) if s.source == detector.name]
    assert {(s.concern, s.home) for s in again} == {(s.concern, s.home) for s in told_by(detector)}
    assert all(s.evidence[0].numbers["out"] <= 12 * 3600 for s in again if s.concern is Concern.OVERDUE)


INVARIANTS: tuple[Callable[[Detector], None], ...] = (
    does_not_know_the_order_of_homes,
    restarts_anywhere,
    hears_twice_as_once,
    is_not_moved_by_a_neighbour,
    remembers_no_more,
    does_not_take_a_repeated_state_for_a_person,
    gives_numbers,
    a_silent_sensor_is_no_good_news,
    waits_until_it_knows,
    is_not_talked_out_of_it,
)
