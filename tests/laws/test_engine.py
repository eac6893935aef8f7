"""The engine's laws: signals and state are a function of the log and of the last time it was told, nothing else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.detector import Heard
from anomaly.detectors import ALL
from anomaly.engine import Engine
from anomaly.rows import Rows
from anomaly.snapshot import SnapshotMismatch
from core.events import (
    Absence,
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
    Payload,
    Utterance,
)
from core.people import Home, Risk
from core.signals import Concern, Sense, Signal
from tests.checks import START, at, beats, living, log, raised, row, run
from tests.effort import tried

AREA = "gwangju/nam-gu/bongseon"
HOMES = (
    Home("home-0", "gw-0", AREA, risk=Risk.HIGH, wandering=True),
    Home("home-1", "gw-1", AREA, residents=2),
    Home("home-2", "gw-2", AREA, silence_ceiling_s=5400.0, timezone="Europe/London"),
    Home("home-3", "gw-3", AREA),
    Home("home-4", "gw-4", "gwangju/buk-gu/munheung"),
    Home("home-5", "gw-5", "gwangju/buk-gu/munheung"),
)
LAW = tried(8)
DELAYS_S = (0, 0, 0, 0, 1, 30, 119, 121, 600, 3600, 30 * 3600)
WORDS: tuple[tuple[str, str, Payload], ...] = (
    ("motion", "kitchen-pir", Motion("kitchen")),
    ("motion", "hall-pir", Motion("hall")),
    ("motion", "hall-pir", Motion("hall", on=False)),
    ("contact", "door", Contact("front door")),
    ("contact", "back", Contact("back door", None)),
    ("contact", "door", Contact("front door", open=False)),
    ("contact", "fridge", Contact("fridge", exit=False)),
    ("bed", "mat", Bed(True)),
    ("bed", "mat", Bed(False)),
    ("climate", "air", Climate("room", 36.0)),
    ("climate", "air", Climate("room", 8.0)),
    ("battery", "door", Battery(9.0)),
    ("battery", "door", Battery(90.0)),
    ("heartbeat", "gateway", Heartbeat(300.0)),
    ("heartbeat", "gateway", Heartbeat(300.0, None, "2.1")),
    ("heartbeat", "gateway", Heartbeat(300.0, None, "2.2")),
    ("lost", "gateway", Lost()),
    ("lost", "door", Lost("silent")),
    ("mains", "gateway", Mains(False)),
    ("mains", "gateway", Mains(True)),
    ("utterance", "speaker", Utterance("밥 먹었어")),
    ("absence", "office", Absence(True, at(20))),
    ("absence", "office", Absence(True)),
    ("absence", "office", Absence(False)),
    ("checked", "desk", Checked(1)),
)


@st.composite
def logs(draw: st.DrawFn, delays_s: Sequence[float] = DELAYS_S, longest: int = 60) -> list[LogRow]:
    """Anything six homes may say within two days, some of it late, some with a wrong clock."""
    spoken = draw(
        st.lists(
            st.tuples(
                st.sampled_from(HOMES),
                st.sampled_from(WORDS),
                st.integers(0, 48 * 60),
                st.sampled_from(delays_s),
                st.sampled_from((0, 0, 0, 0, 0, 0, 100, 9999)),
            ),
            min_size=1,
            max_size=longest,
        )
    )
    rows = [
        LogRow(
            0, home.id, device, kind, at((minute * 60 + ahead) / 3600), at((minute * 60 + delay) / 3600), f"{n}", data
        )
        for n, (home, (kind, device, data), minute, delay, ahead) in enumerate(spoken)
    ]
    steady = [r for home in HOMES[3:] for r in beats(home.id, 0, draw(st.sampled_from((0, 6, 30))))]
    return log(rows, steady)


def same(rows: Sequence[LogRow], one: tuple[list[Signal], Engine], other: tuple[list[Signal], Engine]) -> None:
    assert other[0] == one[0]
    assert other[1].snapshot() == one[1].snapshot()
    assert not one[1].faults


@LAW
@given(logs(), st.data())
def test_any_batch_split_is_the_same(rows: list[LogRow], data: st.DataObject) -> None:
    edges = data.draw(st.lists(st.integers(0, len(rows)), max_size=5))
    same(rows, run(rows, 60, homes=HOMES), run(rows, 60, homes=HOMES, batches=edges))
    same(rows, run(rows, 60, homes=HOMES), run(rows, 60, homes=HOMES, batches=range(len(rows))))


@LAW
@given(logs(), st.data())
def test_a_restart_from_a_snapshot_changes_nothing(rows: list[LogRow], data: st.DataObject) -> None:
    whole = run(rows, 60, homes=HOMES)
    cut = data.draw(st.integers(0, len(rows)))
    found, engine = run(rows[:cut], homes=HOMES)
    again = Engine.restore(engine.snapshot())
    assert again.snapshot() == engine.snapshot()
    found += again.feed(rows[cut:])
    found += again.advance(at(60))
    same(rows, whole, (found, again))


@LAW
@given(logs(), st.data())
def test_an_event_that_comes_twice_changes_nothing(rows: list[LogRow], data: st.DataObject) -> None:
    twice = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=8))
    doubled = log(rows, (rows[n] for n in twice))
    same(rows, run(rows, 60, homes=HOMES), run(doubled, 60, homes=HOMES))


@LAW
@given(logs(delays_s=(0,)), st.integers(0, 2**32))
def test_a_log_that_comes_again_later_raises_nothing(rows: list[LogRow], seed: int) -> None:
    rows = [r for r in rows if r.at <= r.seen_at and r.kind != "lost"]
    again = [LogRow(0, r.home, r.device, r.kind, r.at, at(60), r.event_id, r.data) for r in rows]
    random.Random(seed).shuffle(again)
    once, engine = run(rows, 60, homes=HOMES)
    twice, engine2 = run(log(rows, again), 60, homes=HOMES)
    assert {s.key for s in raised(twice)} <= {s.key for s in raised(once)}
    assert [engine2.view(h.id)["last_human"] for h in HOMES] == [engine.view(h.id)["last_human"] for h in HOMES]


@LAW
@given(logs(delays_s=(0,)), st.integers(0, 2**32))
def test_order_within_the_lateness_changes_nothing(rows: list[LogRow], seed: int) -> None:
    """Rows that are seen up to 100 s after they happened, in any order that fits."""
    shuffle = random.Random(seed)
    known = [r for r in rows if r.at == r.seen_at]
    by_minute: dict[int, list[LogRow]] = {}
    for r in known:
        by_minute.setdefault(int(r.at.timestamp()) // 100, []).append(r)
    straight, shuffled = [], []
    for minute, some in sorted(by_minute.items()):
        seen = at(((minute + 1) * 100 - START.timestamp()) / 3600)
        batch = [LogRow(0, r.home, r.device, r.kind, r.at, seen, r.event_id, r.data) for r in some]
        straight += batch
        shuffled += shuffle.sample(batch, len(batch))
    same(rows, run(straight, 60, homes=HOMES), run(shuffled, 60, homes=HOMES))


@LAW
@given(logs(), st.data())
def test_telling_the_time_in_between_changes_nothing(rows: list[LogRow], data: st.DataObject) -> None:
    engine = Engine(HOMES)
    found = engine.advance(START)
    newest = START
    for one in rows:
        newest = max(newest, one.seen_at)
        if data.draw(st.booleans()):
            found += engine.advance(newest)
        found += engine.feed([one])
    found += engine.advance(at(60))
    same(rows, run(rows, 60, homes=HOMES), (found, engine))


@LAW
@given(logs(), st.permutations(HOMES))
def test_the_order_of_the_homes_does_not_matter(rows: list[LogRow], homes: list[Home]) -> None:
    same(rows, run(rows, 60, homes=HOMES), run(rows, 60, homes=homes))


@LAW
@given(logs(), st.integers(0, 40))
def test_a_storm_in_one_home_changes_nothing_in_another(rows: list[LogRow], hour: int) -> None:
    """Four homes are too few for an outage, the one thing that homes share."""
    few = HOMES[:4]
    rows = [r for r in rows if r.home in {h.id for h in few}]
    storm = [row("home-0", hour + n / 3600, Motion("hall"), device="hall-pir") for n in range(400)]
    calm, _ = run(rows, 60, homes=few)
    noisy, _ = run(log(rows, storm), 60, homes=few)
    assert [s for s in noisy if s.home != "home-0"] == [s for s in calm if s.home != "home-0"]


@LAW
@given(logs(delays_s=(0,)), logs(delays_s=(0,)))
def test_a_backlog_raises_nothing_stale(rows: list[LogRow], past: list[LogRow]) -> None:
    """Whatever homes held back for a day, nothing older than half an hour is raised when it comes."""
    late = [LogRow(0, r.home, r.device, r.kind, r.at, at(60), f"late-{r.event_id}", r.data) for r in past]
    before, engine = run(rows, 60, homes=HOMES)
    known = {s.key for s in before}
    found = [*engine.feed(log(late)), *engine.advance(at(60.5))]
    assert [s.key for s in raised(found) if s.key not in known and s.at < at(59.5)] == []


@LAW
@given(logs())
def test_a_silence_is_told_once_for_each_look_and_ends_with_a_person(rows: list[LogRow]) -> None:
    found, _ = run(rows, 90, homes=HOMES)
    for home in HOMES:
        told = [s for s in found if s.home == home.id and s.source == "ceiling"]
        looks = [row.at for row in rows if row.home == home.id and row.kind == "checked"]
        assert not told or told[0].sense is Sense.RAISE
        for was, then in pairwise(told):
            again = was.sense is then.sense is Sense.RAISE and any(was.at <= look < then.at for look in looks)
            assert again or was.sense is not then.sense
    assert len({s.key for s in found}) == len(found)


class _Broken:
    """A detector with a bug: it fails on every motion, and always when it looks."""

    name, version, kinds = "broken", "1", frozenset({"motion"})
    fields: dict[str, str] = {}  # noqa: RUF012 - read only

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        rows.wake(i, self.name, heard.t)
        raise ZeroDivisionError("motion")

    def look(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        raise LookupError("tick")


def test_a_broken_detector_is_reported_and_the_others_go_on() -> None:
    rows = log(living("home-3", 0, 3), beats("home-3", 3, 20))
    found, engine = run(rows, 20, homes=HOMES, detectors=(_Broken(), *ALL))
    assert found == run(rows, 20, homes=HOMES)[0]
    assert raised(found, Concern.INACTIVITY)
    texts = {text for name, home, text in engine.faults if (name, home) == ("broken", "home-3")}
    assert texts == {"ZeroDivisionError: motion", "LookupError: tick"}
    looks = [text for _, home, text in engine.faults if home == "home-3" and text.startswith("LookupError")]
    assert len(looks) <= 24  # once an hour and once a motion, not once a minute


def test_a_foreign_snapshot_is_refused_by_name() -> None:
    _, engine = run(log(living("home-3", 0, 3)), 3, homes=HOMES)
    data = engine.snapshot()
    with pytest.raises(SnapshotMismatch, match="broken 1"):
        Engine.restore(data, (_Broken(), *ALL))
    with pytest.raises(SnapshotMismatch):
        Engine.restore(data[: len(data) // 2])
    with pytest.raises(SnapshotMismatch):
        Engine.restore(b"")


def test_a_home_can_change_and_keeps_what_was_learned() -> None:
    rows = log(living("home-3", 0, 3), beats("home-3", 3, 10))
    _, engine = run(rows, homes=HOMES)
    before = engine.view("home-3")
    engine.set_home(Home("home-3", "gw-3", AREA, silence_ceiling_s=7200.0))
    after = engine.view("home-3")
    assert after["last_human"] == before["last_human"]
    assert after["next_alarm_at"] != before["next_alarm_at"]
    assert raised(engine.advance(at(10)), Concern.INACTIVITY)


def test_wrong_clocks_are_corrected_and_counted() -> None:
    ahead = row("home-3", 30, Motion("hall"), seen=1)
    old = row("home-3", -24 * 365 * 56, Motion("hall"), seen=2)
    _, engine = run(log(ahead, old), 3, homes=HOMES)
    assert engine.skewed == 2
    assert engine.view("home-3")["last_human"] == at(2)


def test_a_person_with_a_wrong_clock_is_one_after_a_restart() -> None:
    rows = log(row("home-0", 3, Motion("kitchen"), seen=1))
    _, engine = run(rows, homes=HOMES)
    again = Engine.restore(engine.snapshot())
    for each in (engine, again):
        each.advance(at(2))
        assert each.view("home-0")["last_human"] == at(1)
    assert again.snapshot() == engine.snapshot()


def test_strangers_are_counted_and_a_bad_time_zone_is_reported() -> None:
    engine = Engine([Home("home-9", "gw-9", AREA, timezone="Mars/Olympus")])
    assert engine.faults[0][:2] == ("engine", "home-9")
    engine.feed(log(row("home-x", 1, Motion())))
    assert engine.strangers == 1


def test_a_home_without_consent_is_not_watched() -> None:
    found, engine = run(log(living("home-3", 0, 3)), 40, homes=[Home("home-3", "gw-3", AREA, consent=False)])
    assert not found
    assert engine.view("home-3")["last_seen"] is None


def test_empty_stretches_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seventy days in which nothing is due, of a thousand homes that nobody has heard of for long."""
    engine = Engine([Home(f"home-{n}", f"gw-{n}", AREA) for n in range(1000)])
    engine.advance(START)
    engine.advance(at(25))
    ticks: list[float] = []
    tick = engine._tick
    monkeypatch.setattr(engine, "_tick", lambda now, found: (ticks.append(now), tick(now, found)))
    engine.advance(at(24 * 70))
    assert len(ticks) <= 70  # one a day


def test_an_engine_is_made_ready_before_anybody_lives_anywhere() -> None:
    engine = Engine(())
    engine.ready()
    assert engine.faults == []
