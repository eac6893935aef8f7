"""The home's outbox loses nothing urgent, keeps its order and its numbers, and stays within its room."""

from __future__ import annotations

import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.events import URGENT_FIRST, URGENT_KINDS, Climate, Heartbeat, Lane, Motion, Payload, SosPressed, Utterance
from gateway.adapters.said import Said
from gateway.disk import is_full
from gateway.outbox import HELD_S, HELD_URGENT_S, Numbered, Outbox
from gateway.room import ROW_BYTES
from tests.effort import tried
from wire.receipt import Range, Receipt, merge, receipt_of

NOW = datetime(2026, 11, 22, 3, 0, 0, 120_001, tzinfo=UTC)
WORDS: dict[str, Payload] = {
    "sos": SosPressed(),
    "motion": Motion("kitchen"),
    "utterance": Utterance("괜찮아요"),
    "heartbeat": Heartbeat(),
    "climate": Climate("kitchen", 20.5),
}
KINDS = st.sampled_from(sorted(WORDS))
Name = tuple[str, int]
"""(boot, seq), as the city names an event"""


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
    found = []
    for lane in URGENT_FIRST:
        while batch := outbox.number(lane, 7, 1500):
            found += batch
    return found


class AHome(RuleBasedStateMachine):
    """A home, and a city that may be restored from a backup; the program, or the whole box, is started anew at any
    moment. What was kept is handed over until the city as it is now has receipted it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.count_s, self.machine = 1000.0, 1
        self.outbox = self.start()
        self.kept: dict[str, str] = {}
        self.owed: dict[str, str] = {}
        self.boots = {self.outbox.boot}
        self.names: dict[Name, str] = {}
        self.on_way: set[Name] = set()
        self.epoch = 1
        self.heard_of: list[int] = []
        self.held: dict[str, list[Range]] = {}
        self.backup: dict[str, list[Range]] = {}

    def start(self) -> Outbox:
        path = Path(self.folder.name) / "gateway.db"
        return Outbox(path, "gw-0001", count_s=lambda: self.count_s, machine=f"start-{self.machine}")

    @rule(kinds=st.lists(KINDS, max_size=5), dated=st.booleans())
    def keep(self, kinds: list[str], dated: bool) -> None:
        words = [say(kind, f"device-{len(self.kept) + n}") for n, kind in enumerate(kinds)]
        self.outbox.keep(words, NOW, since_s=None if dated else self.count_s)
        self.kept |= {word.device: word.kind for word in words}
        self.owed |= {word.device: word.kind for word in words}

    @rule(lane=st.sampled_from(URGENT_FIRST), most=st.integers(0, 4))
    def send(self, lane: Lane, most: int) -> None:
        for one in self.outbox.number(lane, most, 10_000):
            name, device = (one.event.boot or "", one.event.seq or 0), one.event.device
            assert one.lane is lane
            assert name not in self.on_way, "handed over once"
            assert self.names.get(name, device) == device, "counters are given once"
            assert device not in self.names.values() or self.names[name] == device, "and kept"
            assert self.owed[device] == one.event.kind
            self.on_way.add(name)
            self.names[name] = device

    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        """The city commits some of what was sent, and says so."""
        if not self.on_way:
            return
        boot, seq = data.draw(st.sampled_from(sorted(self.on_way)))
        self.held[boot] = merge(self.held.get(boot, []), [seq])
        receipt = receipt_of(boot, self.held[boot], f"epoch-{self.epoch}")
        self.outbox.forget(receipt)
        if self.epoch not in self.heard_of:
            self.heard_of.append(self.epoch)
            self.on_way = {name for name in self.on_way if self.names[name] in self.owed}
            self.owed = dict(self.kept)
        for name, device in self.names.items():
            if receipt.covers(*name):
                self.owed.pop(device, None)
                self.on_way.discard(name)

    @rule()
    def back_up(self) -> None:
        self.backup = {boot: list(ranges) for boot, ranges in self.held.items()}

    @rule()
    def restore(self) -> None:
        self.held = {boot: list(ranges) for boot, ranges in self.backup.items()}
        self.epoch += 1

    @rule(data=st.data())
    def hear_the_city_of_before(self, data: st.DataObject) -> None:
        """A receipt that was long on its way: it says nothing of the city as it is now."""
        if self.heard_of[:-1]:
            boot, seq = data.draw(st.sampled_from(sorted(self.names)))
            self.outbox.forget(receipt_of(boot, [(0, seq)], f"epoch-{data.draw(st.sampled_from(self.heard_of[:-1]))}"))

    @rule(reboot=st.booleans())
    def restart(self, reboot: bool) -> None:
        self.outbox.close()
        if reboot:
            self.machine, self.count_s = self.machine + 1, 5.0
        self.outbox = self.start()
        assert self.outbox.boot not in self.boots
        self.boots.add(self.outbox.boot)
        self.on_way.clear()

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
@tried(10)
def test_urgent_first_and_then_as_it_was_said(kinds: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with opened(folder) as outbox:
            outbox.keep([say(kind, f"device-{n:03}") for n, kind in enumerate(kinds)], NOW)
            left = drain(outbox)
        order = [(URGENT_FIRST.index(one.lane), one.event.device) for one in left]
        assert order == sorted(order)
        assert len(left) == len(kinds)
        with opened(folder) as again:
            assert again.numbered() == left
            assert drain(again) == left, "a restart sends the same, in the same order"


@given(st.lists(KINDS, min_size=1, max_size=120), st.integers(400, 8000))
@tried(12)
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


def test_what_is_receipted_is_held_for_its_time(tmp_path: Path) -> None:
    count_s = [100.0]
    outbox = Outbox(tmp_path / "gateway.db", "gw-0001", count_s=lambda: count_s[0], machine="a")
    outbox.keep([say("sos", "pendant"), say("motion", "pir")], NOW)
    seqs = [one.key[1] for one in drain(outbox)]

    def asked_again(epoch: str) -> set[str]:
        """Whose events a city of this epoch is sent again; it has them then."""
        outbox.forget(Receipt(boot="another", from_=1, seq=1, epoch=epoch))
        found = {one.event.device for one in drain(outbox)}
        outbox.forget(receipt_of(outbox.boot, [(min(seqs), max(seqs))], epoch))
        assert outbox.waiting() == 0
        return found

    outbox.forget(receipt_of(outbox.boot, [(min(seqs), max(seqs))], "first"))
    assert asked_again("first") == set()
    count_s[0] += HELD_S - 120
    assert asked_again("second") == {"pendant", "pir"}
    count_s[0] += HELD_S + 120
    outbox.forget(Receipt(boot="another", from_=1, seq=1))
    assert asked_again("third") == {"pendant"}
    count_s[0] += HELD_URGENT_S + 120
    outbox.forget(Receipt(boot="another", from_=1, seq=1))
    assert asked_again("fourth") == set()
    assert outbox.size_bytes == 0
    outbox.close()


@given(st.lists(st.tuples(KINDS, st.booleans()), min_size=1, max_size=60), st.integers(2000, 9000))
@tried(10)
def test_what_the_city_has_makes_room_first(said: list[tuple[str, bool]], room_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(folder, room_bytes) as outbox:
        owed = 0
        for kind, receipted in said:
            outbox.keep([say(kind)], NOW)
            (one,) = drain(outbox)
            if receipted:
                outbox.forget(receipt_of(outbox.boot, [(one.key[1], one.key[1])], "first"))
            else:
                owed += 1
            assert outbox.size_bytes <= room_bytes or outbox.waiting() == owed
        assert (outbox.waiting(), outbox.counts()) == (owed, {}), "what is on its way is never thinned"


def test_a_clock_that_becomes_right_dates_what_was_said_before(tmp_path: Path) -> None:
    count_s = [50.0]
    wrong, right = datetime(1970, 1, 1, tzinfo=UTC), NOW

    def start(machine: str) -> Outbox:
        return Outbox(tmp_path / "gateway.db", "gw-0001", count_s=lambda: count_s[0], machine=machine)

    outbox = start("a")
    outbox.keep([say("motion", "first")], wrong, since_s=50.0)
    outbox.keep([say("motion", "second")], wrong, since_s=80.0)
    outbox.close()
    count_s[0] = 20.0
    outbox = start("b")
    outbox.keep([say("motion", "third")], wrong, since_s=20.0)
    ages = {one.event.device: one.dated(count_s[0]).age_s for one in outbox.number(Lane.EVENT, 9, 10**6)}
    assert ages == {"first": 20.0 + 30.0, "second": 20.0, "third": 0.0}, "for how long it was off is not known"
    outbox.close()
    count_s[0] = 80.0
    outbox = start("b")
    outbox.set_right(right)
    events = [one.dated(count_s[0]) for one in outbox.number(Lane.EVENT, 9, 10**6)]
    assert [event.age_s for event in events] == [None] * 3
    assert [(right - event.at).total_seconds() for event in events] == [110.0, 80.0, 60.0]
    outbox.close()


def fill(outbox: Outbox) -> int:
    """Let the disk have no room for more than there is; how many cries it then takes."""
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count = {pages + 8}")
    for n in range(10_000):
        try:
            outbox.keep([say("sos", f"pendant-{n}")], NOW)
        except sqlite3.OperationalError as error:
            return n if is_full(error) else -1
    raise AssertionError("the disk never was full")


def test_on_a_full_disk_what_is_there_goes_on(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as outbox:
        outbox.keep([say("climate")] * 50, NOW)
        drain(outbox)
        outbox.forget(receipt_of(outbox.boot, [(1, 50)], "first"))
        held = outbox.size_bytes
        cries = fill(outbox)
        assert held > outbox.size_bytes - cries * (ROW_BYTES + 16), "what the city has makes room first"
        assert outbox.counts() == {}, "and nothing else does: the disk may have room again in a minute"
        extra = outbox.number_unkept(say("sos", "late"), NOW, None)
        left = drain(outbox)
        assert [one.event.device for one in left] == [f"pendant-{n}" for n in range(cries)]
        assert [one.key[1] for one in [extra, *left]] == list(range(51, cries + 52))
        assert drain(outbox) == [], "handed over once"
        outbox.forget(receipt_of(outbox.boot, [(52, cries + 51)], "first"))
        outbox._db.execute("PRAGMA max_page_count = 1000000")
        outbox.keep([], NOW, sent=[extra])
        assert [one.event.device for one in outbox.numbered()] == ["late"]
        assert drain(outbox) == []
    with opened(str(tmp_path)) as again:
        assert [one.event.device for one in drain(again)] == ["late"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where we may have one."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("only root makes disks")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_box_starts_on_a_disk_that_is_full(small_disk: Path) -> None:
    with opened(str(small_disk)) as outbox:
        outbox.keep([say("sos")], NOW)
    with (small_disk / "ballast").open("ab", 0) as ballast:
        for size in (4096, 1):
            with suppress(OSError):
                while ballast.write(b"x" * size) == size:
                    pass
    with opened(str(small_disk)) as outbox:
        assert [one.event.kind for one in drain(outbox)] == ["sos"]
        with pytest.raises(sqlite3.OperationalError, match="full"):
            outbox.keep([say("motion")] * 10_000, NOW)
        outbox.forget(receipt_of(outbox.boot, [(1, 1)]))
        assert outbox.waiting() == 0
    (small_disk / "ballast").unlink()
    with opened(str(small_disk)) as outbox:
        outbox.keep([say("motion")], NOW)
        assert [one.event.kind for one in drain(outbox)] == ["motion"]


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
