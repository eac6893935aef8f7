"""The home's outbox loses nothing urgent, keeps its order and its numbers, and stays within its room."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.events import URGENT_FIRST, URGENT_KINDS, Climate, Heartbeat, Lane, Motion, Payload, SosPressed, Utterance
from gateway.adapters.said import Said
from gateway.outbox import Numbered, Outbox
from wire.receipt import Receipt, merge, receipt_of

NOW = datetime(2026, 11, 22, 3, 0, 0, 120_001, tzinfo=UTC)
WORDS: dict[str, Payload] = {
    "sos": SosPressed(),
    "motion": Motion("kitchen"),
    "utterance": Utterance("괜찮아요"),
    "heartbeat": Heartbeat(),
    "climate": Climate("kitchen", 20.5),
}
KINDS = st.sampled_from(sorted(WORDS))


def say(kind: str, device: str = "device") -> Said:
    return Said(device, kind, WORDS[kind])


@contextmanager
def opened(folder: str, room_bytes: int = 10**9) -> Iterator[Outbox]:
    outbox = Outbox(Path(folder) / "gateway.db", "gw-0001", room_bytes=room_bytes)
    try:
        yield outbox
    finally:
        outbox.close()


def drain(outbox: Outbox) -> list[Numbered]:
    """Everything in the order in which it would leave."""
    found = outbox.numbered()
    for lane in URGENT_FIRST:
        while batch := outbox.number(lane, 7, 1500):
            found += batch
    return found


class AHome(RuleBasedStateMachine):
    """A home and an honest city, whose program ends at any moment: what was kept is sent until its receipt."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.outbox = Outbox(Path(self.folder.name) / "gateway.db", "gw-0001")
        self.owed: dict[str, str] = {}
        self.boots = {self.outbox.boot}
        self.names: dict[tuple[str, int], str] = {}
        self.held: dict[str, list[tuple[int, int]]] = {}
        self.said = 0

    @rule(kinds=st.lists(KINDS, max_size=5))
    def keep(self, kinds: list[str]) -> None:
        words = [say(kind, f"device-{self.said + n}") for n, kind in enumerate(kinds)]
        self.said += len(words)
        self.outbox.keep(words, NOW)
        self.owed |= {word.device: word.kind for word in words}

    @rule(lane=st.sampled_from(URGENT_FIRST), most=st.integers(0, 4))
    def send(self, lane: Lane, most: int) -> None:
        for one in self.outbox.number(lane, most, 10_000):
            key = (one.event.boot or "", one.event.seq or 0)
            assert one.lane is lane
            assert key not in self.names, "counters are given once"
            assert self.owed[one.event.device] == one.event.kind
            self.names[key] = one.event.device

    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        """The city commits some of what was sent, and says so."""
        if not self.names:
            return
        boot, seq = data.draw(st.sampled_from(sorted(self.names)))
        self.held[boot] = merge(self.held.get(boot, []), [seq])
        receipt = receipt_of(boot, self.held[boot])
        self.outbox.forget(receipt)
        for key, device in self.names.items():
            if receipt.covers(*key):
                self.owed.pop(device, None)

    @rule()
    def restart(self) -> None:
        self.outbox.close()
        self.outbox = Outbox(Path(self.folder.name) / "gateway.db", "gw-0001")
        assert self.outbox.boot not in self.boots
        self.boots.add(self.outbox.boot)

    @rule(receipt=st.builds(Receipt, st.text(max_size=3), st.integers(), st.integers()))
    def hear_nonsense(self, receipt: Receipt) -> None:
        self.outbox.forget(receipt)

    @invariant()
    def nothing_is_lost_and_what_was_numbered_stays_as_it_is(self) -> None:
        assert self.outbox.waiting() == len(self.owed)
        for one in self.outbox.numbered():
            assert self.names[one.event.boot or "", one.event.seq or 0] == one.event.device

    @invariant()
    def a_boot_counts_from_1_by_one(self) -> None:
        for boot in self.boots:
            seqs = sorted(seq for name, seq in self.names if name == boot)
            assert seqs == list(range(1, len(seqs) + 1))

    def teardown(self) -> None:
        self.outbox.close()
        self.folder.cleanup()


AHome.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestAHome = AHome.TestCase


@given(st.lists(KINDS, max_size=30))
@settings(max_examples=15)
def test_urgent_first_and_then_as_it_was_said(kinds: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with opened(folder) as outbox:
            outbox.keep([say(kind, f"device-{n:03}") for n, kind in enumerate(kinds)], NOW)
            left = drain(outbox)
        order = [(URGENT_FIRST.index(one.lane), one.event.device) for one in left]
        assert order == sorted(order)
        assert len(left) == len(kinds)
        with opened(folder) as again:
            assert again.numbered() == left, "a restart sends the same, in the same order"


@given(st.lists(KINDS, min_size=1, max_size=120), st.integers(400, 8000))
@settings(max_examples=25)
def test_thinning_counts_what_it_takes_and_takes_nothing_urgent(kinds: list[str], room_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(folder, room_bytes) as outbox:
        for n, kind in enumerate(kinds):
            outbox.keep([say(kind, f"device-{n:03}")], NOW)
        left = [one.event.kind for one in drain(outbox)]
        thinned = {what.removeprefix("thinned_"): n for what, n in outbox.counts().items()}
        for kind in WORDS:
            assert left.count(kind) + thinned.get(kind, 0) == kinds.count(kind)
        assert not URGENT_KINDS & thinned.keys()
        assert outbox.size_bytes <= room_bytes or all(kind in URGENT_KINDS for kind in left)
        if thinned.get("motion"):
            assert {"climate", "heartbeat"}.isdisjoint(left[: left.index("motion")] if "motion" in left else [])


def test_bulk_goes_before_behaviour_and_becomes_thinner_and_not_shorter(tmp_path: Path) -> None:
    with opened(str(tmp_path), 40_000) as outbox:
        outbox.keep([say("motion")] * 50, NOW)
        for n in range(300):
            outbox.keep([Said("air", "climate", WORDS["climate"], NOW + timedelta(minutes=n))], NOW)
        left = [one.event for one in drain(outbox)]
        minutes = [round((event.at - NOW).total_seconds() / 60) for event in left if event.kind == "climate"]
        assert sum(event.kind == "motion" for event in left) == 50
        assert outbox.counts() == {"thinned_climate": 300 - len(minutes)}
        assert minutes[0] < 10
        assert minutes[-1] == 299
        assert max(later - earlier for earlier, later in pairwise(minutes)) < 20


def test_what_is_on_its_way_is_not_thinned(tmp_path: Path) -> None:
    with opened(str(tmp_path), 5_000) as outbox:
        outbox.keep([say("climate")] * 10, NOW)
        sent = outbox.number(Lane.BULK, 10, 10**6)
        outbox.keep([say("climate")] * 90, NOW)
        assert outbox.numbered() == sent
        outbox.forget(receipt_of(outbox.boot, [(1, 10)]))
        assert outbox.numbered() == []


def test_times_states_and_marks_come_back_as_they_were(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as outbox:
        states = {("door", "contact"): True, ("pir", "occupancy"): False, ("pir", "battery"): 1.0}
        outbox.keep([say("motion")], NOW, states=states, marks=["mqtt/1/a", "id/b"], rejected=["kind", "kind"])
    with opened(str(tmp_path)) as outbox:
        (one,) = drain(outbox)
        assert one.event.at == NOW
        assert outbox.states() == states
        assert [type(value) for value in outbox.states().values()] == [bool, bool, float]
        outbox.unmark("mqtt/")
        assert (outbox.marked("mqtt/1/a"), outbox.marked("id/b")) == (False, True)
        assert outbox.counts() == {"rejected_kind": 2}


def test_a_transaction_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as outbox:
        before = outbox.size_bytes
        with pytest.raises(sqlite3.Error):
            outbox.keep([say("motion"), say("sos")], NOW, states={("door", "contact"): None})  # type: ignore[dict-item]  # no state is None
        assert (outbox.waiting(), outbox.size_bytes) == (0, before)


def test_two_programs_do_not_share_an_outbox(tmp_path: Path) -> None:
    with opened(str(tmp_path)), pytest.raises(sqlite3.OperationalError, match="locked"), opened(str(tmp_path)):
        raise AssertionError("the second must not open")
