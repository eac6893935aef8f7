"""Rows that say nothing: in the log, in the outbox, among the cases, the receipts and the snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.clock import wall_now
from store.log import counts, micros
from store.tables import case_log, cases, events, outbox, receipts, snapshots
from tests.faults.city import City, city, expect
from tests.faults.rows.database import HEAL_S, healed, server
from tests.faults.table import Figure, row
from tests.servers import POSTGRES

PRESSES = 4
# What each backend lets in: PostgreSQL refuses text that is no JSON where it expects JSON.
BROKEN = {"sqlite": ("not json", "[]", "{}", "null", '{"plan": 7}'), "postgresql": ('"text"', "[]", "{}", "null")}
REASONS = ("unreadable_event", "unreadable_message", "unreadable_case", "unreadable_receipt")


def _insert(place: City, table: sa.Table, **values: Any) -> int:
    with place.db.write() as tx:
        found: int = tx.execute(sa.insert(table).values(values).returning(sa.literal_column("1"))).scalar_one()
        if "id" in table.c:
            found = tx.scalar(sa.select(sa.func.max(table.c.id))) or 0
        return found


def _put(place: City, table: sa.Table, id: int, column: str, text: str) -> None:
    value = "CAST(:text AS json)" if place.db.backend == "postgresql" else ":text"
    with place.db.write() as tx:
        tx.execute(sa.text(f"UPDATE {table.name} SET {column} = {value} WHERE id = :id"), {"text": text, "id": id})


def poison_events(place: City, text: str) -> None:
    """Data that is no JSON, and a kind that nobody knows."""
    for kind, data, at_us in (("motion", text, 1), ("martian", "{}", 1), ("contact", "{}", 2**62)):
        _insert(
            place, events, gateway="gw-00000", home="home-00000", device="d", kind=kind, data=data, at_us=at_us,
            event_id=f"poison-{kind}-{text}", seen_at_us=micros(wall_now()),
        )  # fmt: skip
        place.homes.said += 1


def poison_case(place: City, home: str, text: str, *, due_s: float) -> int:
    """A living case that nobody can read."""
    now = wall_now()
    case = _insert(
        place, cases, subject=f"home:{home}", home=home, area="gwangju/nam-gu/bongseon-1-dong", group="person",
        concern="fall", urgency=3, state="alerting", opened_at=now, set_at=now, due_at=now + timedelta(seconds=due_s),
        exercise=False, body={},
    )  # fmt: skip
    _put(place, cases, case, "body", text)
    said = {"concern": "fall", "urgency": "immediate"}
    _insert(place, case_log, case_id=case, at=now, what="case.log.opened", numbers=said)
    return case


def poison_letter(place: City, case: int, text: str, channel: str = "webhook") -> int:
    """A message that says nothing."""
    now = wall_now()
    letter = _insert(
        place, outbox, key=f"poison-{case}-{text}-{channel}", case_id=case, purpose="closed", member="kim",
        channel=channel, address="http://127.0.0.1:9/", urgency=3, payload={}, state="queued", attempts=0,
        created_at=now, due_at=now,
    )  # fmt: skip
    if text:
        _put(place, outbox, letter, "payload", text)
    return letter


def _shown(place: City) -> dict[str, int]:
    with place.db.read() as tx:
        return {label: n for (name, label), n in counts(tx).items() if name == "rejected"}


@row(
    "poison-rows",
    "rows that cannot be read: in the log, the outbox, the cases and their timers, the receipts, the snapshots",
    "data that is no JSON, no object, empty, of an unknown kind or time, put there by SQL; then presses, and a restart",
    "the lane goes on, the row is set aside and shown; whoever waited in a case that cannot be read is called for anew",
)
def poison_rows(folder: Path, full: bool) -> Figure:
    backends = ["sqlite", *(["postgresql"] if POSTGRES and full else [])]
    pressed, shown, late_s = 0, Counter[str](), []
    for backend in backends:
        with ExitStack() as stack:
            url = stack.enter_context(server(folder)).database() if backend == "postgresql" else ""
            place = stack.enter_context(city(folder / backend, 60, database_url=url))
            late_s.append(_survive(place, BROKEN[backend] if full else BROKEN[backend][:2], f"{backend}-0"))
            pressed += place.verdict(besides=("fall",))["pressed"]
            shown.update(_shown(place))
    return Figure(
        sum(shown[reason] for reason in REASONS),
        f"{' and '.join(backends)}; {pressed} pressed, {pressed} cases, there {max(late_s):.1f} s later at most; "
        f"set aside and shown: {', '.join(f'{shown[reason]} {reason}' for reason in REASONS)}",
    )


def _survive(place: City, broken: Sequence[str], boot: str) -> float:
    """A city that starts on such rows, and gets more of them; seconds until it had its cases."""
    for text in broken:
        poison_events(place, text)
    _insert(place, snapshots, fold="engine", position=3, body=b"no snapshot", at=wall_now())
    chosen = place.press(2 * len(broken) + PRESSES)
    for home, text in zip(chosen, broken, strict=False):
        _insert(place, receipts, gateway=home.replace("home", "gw"), boot=boot, ranges=text)
        poison_case(place, home, text, due_s=60)
    waiting = [place.fresh_home().id for _ in broken]
    for home, text in zip(waiting, broken, strict=True):
        poison_case(place, home, text, due_s=0)
    place.start_all()
    late_s = healed(place, chosen, 2 * HEAL_S)
    expect(lambda: all(_opened_anew(place, home) for home in waiting), HEAL_S, "a new case for each broken one")
    case = place.of(chosen[-1:])[0].id
    letters = [*(poison_letter(place, case, text) for text in broken), poison_letter(place, case, "", "pigeon")]
    late_s = max(late_s, healed(place, place.press(PRESSES)))
    expect(lambda: _failed(place, letters), HEAL_S, "messages that say nothing are set aside")
    expect(lambda: set(REASONS) <= set(_shown(place)), HEAL_S, "all of them are counted")
    place.workers["watch"].kill()
    place.start("watch")
    place.expect_ready()
    for found in place.api.get("/api/cases?state=open").json():
        place.acknowledge(found["id"])
    listed = {kept["reason"] for kept in place.api.get("/api/quarantine").json()}
    assert listed >= set(REASONS), f"the operator sees {sorted(listed)}"
    return late_s


def _opened_anew(place: City, home: str) -> bool:
    return [case.state for case in place.of([home])] == ["closed", "alerting"]


def _failed(place: City, letters: list[int]) -> bool:
    with place.db.read() as tx:
        return set(tx.scalars(sa.select(outbox.c.state).where(outbox.c.id.in_(letters)))) == {"failed"}
