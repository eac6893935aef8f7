"""What a scenario expects of the city, held against the ledger of what the city did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

Ledger = Mapping[str, Any]
"""`{"sos_pressed", "sos_cases", "duplicates", "open_without_deadline", "cases": [...]}` as the demo writes it."""


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case that must come. `by` and `acknowledged_by_min` are minutes after the scenario's start.

    `asked` names members, posts, or `speaker`, in the order in which they must first appear, all of them within
    `within` minutes of the case's opening. With `home` empty the case is an area's.
    """

    concern: str
    home: str = ""
    by: float | None = None
    asked: tuple[str, ...] = ()
    within: float = 60.0
    acknowledged_by: str = ""
    acknowledged_by_min: float | None = None
    outcome: str = ""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must not be: more cases than `cases_at_most`, any case at all in the homes of `quiet_homes`."""

    cases_at_most: int | None = None
    quiet_homes: tuple[str, ...] = ()


def differences(ledger: Ledger, expected: Sequence[Expected], limits: Limits, start: datetime) -> list[str]:
    """One sentence for each difference; empty where the city did what was expected."""
    found = [
        f"{name} is {ledger[name]}; it must be 0."
        for name in ("duplicates", "open_without_deadline")
        if ledger.get(name, 0)
    ]
    cases: list[Mapping[str, Any]] = list(ledger["cases"])
    for one in expected:
        found += _case(one, cases, start)
    if limits.cases_at_most is not None and len(cases) > limits.cases_at_most:
        found.append(f"There are {len(cases)} cases; {limits.cases_at_most} are the most that should be.")
    found += [
        f"{case['home']} has a case of {case['concern']}, and it should have none."
        for case in cases
        if case["home"] in limits.quiet_homes
    ]
    return found


def _case(one: Expected, cases: Sequence[Mapping[str, Any]], start: datetime) -> Iterator[str]:
    name = f"the {one.concern} case of {one.home or 'the area'}"
    mine = [case for case in cases if (case["home"] or "") == one.home and case["concern"] == one.concern]
    if not mine:
        yield f"{name[0].upper()}{name[1:]} was never opened."
        return
    case = min(mine, key=lambda case: str(case["opened_at"]))
    opened = _time(case["opened_at"])
    if one.by is not None and (late := _minutes(opened - start)) > one.by:
        yield f"{name[0].upper()}{name[1:]} was opened in minute {late:.1f}, not by minute {one.by:g}."
    yield from _order(one, name, case["timeline"], opened)
    yield from _answer(one, name, case, start)
    if one.outcome and case.get("outcome") != one.outcome:
        yield f"{name[0].upper()}{name[1:]} ended as {case.get('outcome') or 'nothing yet'}, not as {one.outcome}."


def _order(one: Expected, name: str, timeline: Sequence[Mapping[str, Any]], opened: datetime) -> Iterator[str]:
    before = opened
    for who in one.asked:
        entry = next((e for e in timeline if who in (e.get("who"), e.get("channel"))), None)
        if entry is None:
            yield f"In {name}, {who} was never asked."
            continue
        at = _time(entry["at"])
        if at < before:
            yield f"In {name}, {who} was asked before the step that comes first."
        if at - opened > timedelta(minutes=one.within):
            yield f"In {name}, {who} was asked {_minutes(at - opened):.1f} minutes after it opened, not {one.within:g}."
        before = max(before, at)


def _answer(one: Expected, name: str, case: Mapping[str, Any], start: datetime) -> Iterator[str]:
    if not (one.acknowledged_by or one.acknowledged_by_min is not None):
        return
    if not case.get("acknowledged_at"):
        yield f"In {name}, nobody acknowledged."
        return
    minute = _minutes(_time(case["acknowledged_at"]) - start)
    if one.acknowledged_by_min is not None and minute > one.acknowledged_by_min:
        yield f"In {name}, the answer came in minute {minute:.1f}, not by minute {one.acknowledged_by_min:g}."
    if one.acknowledged_by and not any(e.get("who") == one.acknowledged_by for e in case["timeline"]):
        yield f"In {name}, {one.acknowledged_by} does not appear."


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _minutes(length: timedelta) -> float:
    return length / timedelta(minutes=1)
