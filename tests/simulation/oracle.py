"""Looks at what is committed, after each commit, and knows what may never be seen there. It trusts no code of ours."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.simulation.timeline import Timeline, WallClock

EARLY_S = 1.0
# Who may come after whom; a closed case never changes.
NEXT = {
    "": {"alerting"},
    "alerting": {"alerting", "acknowledged", "arrived", "closed"},
    "acknowledged": {"alerting", "acknowledged", "arrived", "closed"},
    "arrived": {"alerting", "arrived", "closed"},
    "closed": {"closed"},
}
# A ladder may be climbed before its time only for these reasons, as the case's own log says them.
SOONER = {"case.log.unreachable", "case.log.owner_unreachable", "case.log.nobody_on_call"}
CLIMBS = {"case.log.climbed", "case.log.repeats", "case.log.forgotten"}


class Broken(AssertionError):
    """What may never be was seen."""


class Seen(NamedTuple):
    """A case, and since when its clock runs: on the stopwatch, and by the jumps of the wall clock until then."""

    state: str
    owner: str | None
    place: tuple[int, int]
    row: tuple[Any, ...]
    since_s: float
    forward_s: float
    wait_s: float


class Oracle:
    """`broken` is the first law that was broken; None: none was."""

    def __init__(self, path: Path, timeline: Timeline, clock: WallClock, trace: Callable[[str], None]) -> None:
        self._path, self._timeline, self._clock, self._trace = path, timeline, clock, trace
        self.broken: str | None = None
        self.cases: dict[int, Seen] = {}
        self.begun: list[float] = []
        """How long the clocks that were set by the last commit run."""
        self.words: Counter[str] = Counter()
        self.presses: dict[str, int | None] = {}
        self.held: set[tuple[str, str, int]] = set()
        self.receipted: set[tuple[str, str, int]] = set()
        self.names: dict[tuple[str, str, int], str] = {}
        self._durable = self._position = self._line = 0
        self._said: dict[int, list[str]] = {}
        self.open()

    def open(self) -> None:
        """Look at the file, as after a loss of power: what had been promised must be there."""
        self._db = sqlite3.connect(self._path, isolation_level=None)
        self._position = 0
        self.words.clear()
        self.held.clear()
        self.look(synced=True)
        gone = self.receipted - self.held
        self.must(not gone, f"receipted, and not there any more: {sorted(gone)[:3]}")

    def close(self) -> None:
        self._db.close()

    def must(self, holds: bool, else_: str) -> None:
        """Note a law that does not hold. It raises nothing: whoever stands here may catch everything."""
        if not holds and self.broken is None:
            self.broken = else_
            self._trace(f"BROKEN: {else_}")

    # --- after each commit

    def look(self, *, synced: bool) -> None:
        """What has been committed by now."""
        self._look_at_words()
        if synced:
            self._durable = self._position
        self._said = {}
        for line, case, what in self._db.execute("SELECT id, case_id, what FROM case_log WHERE id > ?", (self._line,)):
            self._line = line
            self._said.setdefault(case, []).append(what)
        self._look_at_signals()
        self._look_at_cases()

    def synced(self) -> None:
        """All that was committed is on the disk."""
        self._durable = self._position

    def _look_at_words(self) -> None:
        query = "SELECT id, gateway, device, kind, boot, seq FROM events WHERE id > ?"
        for position, gateway, device, kind, boot, seq in self._db.execute(query, (self._position,)):
            self._position = position
            if seq is not None:
                self.must((gateway, boot, seq) not in self.held, f"twice in the log: {gateway} {boot} {seq}")
                self.held.add((gateway, boot, seq))
                self.names[gateway, boot, seq] = device
            if device != "gateway" and kind not in ("lost", "device"):  # which others say of it
                self.words[device] += 1
                self.must(self.words[device] == 1, f"one word, two events: {device}")

    def _look_at_signals(self) -> None:
        found: dict[str, int | None] = {}
        for key, case in self._db.execute("SELECT key, case_id FROM signals"):
            concern, _, device, *_ = key.split("/")
            self.must(concern == "sos", f"nobody said {key}")
            self.must(device not in found, f"one press, two signals: {key}")
            self.must(case is not None, f"a press without a case: {key}")
            found[device] = case
        self.must(self.presses.keys() <= found.keys(), "a press has gone from the signals")
        moved = {device for device, case in self.presses.items() if found.get(device) != case}
        self.must(not moved, f"a press has moved to another case: {moved}")
        self.presses = found

    def _look_at_cases(self) -> None:
        query = 'SELECT id, subject || "group", state, owner, due_at, body FROM cases ORDER BY id'
        last, self.cases, self.begun = self.cases, {}, []
        living: set[str] = set()
        for row in self._db.execute(query):
            case, worry, state, *_ = row
            self.must(state == "closed" or worry not in living, f"two living cases of {worry}")
            living |= {worry} if state != "closed" else set()
            was = last.get(case)
            if was is None or was.row != row:
                self.cases[case] = self._judge(case, was, row)
                self.begun.append(self.cases[case].wait_s)
            else:
                self.cases[case] = was
        self.must(last.keys() <= self.cases.keys(), "a case has gone")
        self.must(set(self.cases) == set(self.presses.values()), "a case that nobody pressed for")

    def _judge(self, case: int, was: Seen | None, row: tuple[Any, ...]) -> Seen:
        """What has become of one case, and whether it may."""
        _, _, state, owner, due_at, text = row
        body = json.loads(text)
        rungs = body["plan"]["rungs"]
        waits = {"alerting": rungs[body["rung"]]["wait_s"], "acknowledged": body["plan"]["act_within_s"]}
        wait_s = float(waits.get(state, body["plan"]["close_within_s"]))
        place = (body["rung"], body["round"])
        now = Seen(state, owner, place, row, self._timeline.now_s, self._clock.forward_s, wait_s)
        self.must((owner is None) == (state == "alerting") or state == "closed", f"case {case}: {state} by {owner}")
        self.must((due_at is None) == (state == "closed"), f"case {case} is {state} and due at {due_at}")
        self.must(state == body["state"] and owner == body["owner"], f"case {case}: row and body differ")
        self.must(state in NEXT[was.state if was else ""], f"case {case}: {was and was.state} to {state}")
        if was is None:
            self.must(place == (0, 1), f"case {case} begins at rung {place}")
            return now
        self.must(was.state != "closed", f"case {case} is closed and has changed")
        said = self._said.get(case, [])
        climbed = [line for line in said if line in CLIMBS]
        self.must(len(climbed) <= 1, f"case {case}: {climbed} at once")
        self.must(place >= was.place, f"case {case}: from rung {was.place} back to {place}")
        waited_s = now.since_s - was.since_s + now.forward_s - was.forward_s
        if place != was.place and not SOONER & set(said):
            how = f"{was.state}, rung {was.place} to {place} after {waited_s:.1f} of {was.wait_s} s"
            self.must(waited_s >= was.wait_s - EARLY_S, f"case {case}: {how}")
        if (state, owner, place) != (was.state, was.owner, was.place):
            return now
        # Its clock goes on; but whoever has taken it and is pressed for again has only as long as a first rung.
        again_s = float(rungs[0]["wait_s"])
        if state == "acknowledged" and "case.log.repeated" in said and again_s < was.wait_s - waited_s:
            return now._replace(wait_s=again_s)
        return was._replace(row=row)

    # --- what is said to the outside

    def receipt(self, gateway: str, boot: str, low: int, high: int) -> None:
        """The city says that these are held."""
        said = {(gateway, boot, seq) for seq in range(low, high + 1)}
        missing = sorted(said - self.held)
        self.must(not missing, f"a receipt for what is not committed: {missing[:3]}")
        soft = "SELECT 1 FROM events WHERE id > ? AND gateway = ? AND boot = ? AND seq BETWEEN ? AND ?"
        found = self._db.execute(soft, (self._durable, gateway, boot, low, high)).fetchone()
        self.must(found is None, f"a receipt before the disk has it: {gateway} {boot} {low}-{high}")
        self.receipted |= said

    def ended(self, case: int) -> tuple[str | None, str | None]:
        """When a case was acknowledged, and who closed it."""
        body = json.loads(self.cases[case].row[-1])
        return body["acknowledged_at"], body["closed_by"]

    def queued(self) -> int:
        """Messages that are still to be sent."""
        return int(self._db.execute("SELECT count(*) FROM outbox WHERE state = 'queued'").fetchone()[0])

    def message(self, key: str) -> tuple[str, bool] | None:
        """Of a message in the outbox: its state, and whether it is claimed."""
        found = self._db.execute("SELECT state, claimed_until FROM outbox WHERE key = ?", (key,)).fetchone()
        return found and (found[0], found[1] is not None)

    def wanted(self, case: int, member: str | None, purpose: str, channel: str) -> int:
        """How many messages of this kind the city has ever decided on."""
        query = "SELECT count(*) FROM outbox WHERE case_id = ? AND member IS ? AND purpose = ? AND channel = ?"
        return int(self._db.execute(query, (case, member, purpose, channel)).fetchone()[0])
