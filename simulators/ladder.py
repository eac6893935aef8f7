"""What a scenario expects of the city, held against the ledger of what the city did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from core.words import LANGUAGES, WORDS, say

Sentence = dict[str, str]
"""One sentence by language."""

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


def differences(ledger: Ledger, expected: Sequence[Expected], limits: Limits, start: datetime) -> list[Sentence]:
    """One sentence for each difference; empty where the city did what was expected."""
    found = [
        _said(f"simulation.differs.{name}", count=ledger[name])
        for name in ("duplicates", "open_without_deadline")
        if ledger.get(name, 0)
    ]
    cases: list[Mapping[str, Any]] = list(ledger["cases"])
    for one in expected:
        found += _case(one, cases, start)
    if limits.cases_at_most is not None and len(cases) > limits.cases_at_most:
        found.append(_said("simulation.differs.too_many", count=len(cases), most=limits.cases_at_most))
    found += [
        _said("simulation.differs.not_quiet", home=case["home"], concern=case["concern"])
        for case in cases
        if case["home"] in limits.quiet_homes
    ]
    return found


def _case(one: Expected, cases: Sequence[Mapping[str, Any]], start: datetime) -> Iterator[Sentence]:
    mine = [case for case in cases if (case["home"] or "") == one.home and case["concern"] == one.concern]
    if not mine:
        yield _of(one, "never")
        return
    case = min(mine, key=lambda case: str(case["opened_at"]))
    opened = _time(case["opened_at"])
    if one.by is not None and (late := _minutes(opened - start)) > one.by:
        yield _of(one, "late", minute=f"{late:.1f}", by=f"{one.by:g}")
    yield from _order(one, case["timeline"], opened)
    yield from _answer(one, case, start)
    if one.outcome and case.get("outcome") != one.outcome:
        yield _of(one, "outcome", outcome=case.get("outcome") or "", wanted=one.outcome)


def _order(one: Expected, timeline: Sequence[Mapping[str, Any]], opened: datetime) -> Iterator[Sentence]:
    before = opened
    for who in one.asked:
        entry = next((e for e in timeline if who in (e.get("who"), e.get("channel"))), None)
        if entry is None:
            yield _of(one, "not_asked", who=who)
            continue
        at = _time(entry["at"])
        if at < before:
            yield _of(one, "order", who=who)
        if at - opened > timedelta(minutes=one.within):
            yield _of(one, "asked_late", who=who, minutes=f"{_minutes(at - opened):.1f}", within=f"{one.within:g}")
        before = max(before, at)


def _answer(one: Expected, case: Mapping[str, Any], start: datetime) -> Iterator[Sentence]:
    if not (one.acknowledged_by or one.acknowledged_by_min is not None):
        return
    if not case.get("acknowledged_at"):
        yield _of(one, "nobody")
        return
    minute = _minutes(_time(case["acknowledged_at"]) - start)
    if one.acknowledged_by_min is not None and minute > one.acknowledged_by_min:
        yield _of(one, "answered_late", minute=f"{minute:.1f}", by=f"{one.acknowledged_by_min:g}")
    if one.acknowledged_by and not any(e.get("who") == one.acknowledged_by for e in case["timeline"]):
        yield _of(one, "absent", who=one.acknowledged_by)


def _of(one: Expected, what: str, **told: str | int) -> Sentence:
    """A sentence about the case that should have been."""
    case = _said("simulation.case" if one.home else "simulation.case_area", home=one.home, concern=one.concern)
    found = {la: _say(f"simulation.differs.{what}", la, {**told, "case": case[la]}) for la in LANGUAGES}
    return {**found, "en": found["en"][0].upper() + found["en"][1:]}


def _said(key: str, **told: str | int) -> Sentence:
    return {language: _say(key, language, told) for language in LANGUAGES}


def _say(key: str, language: str, told: Mapping[str, str | int]) -> str:
    """Concerns and outcomes by the names that people know; one that the vocabulary has not stays as it is."""
    kinds = {"concern": "concern", "outcome": "outcome", "wanted": "outcome"}
    named = {
        name: say(f"{kinds[name]}.{value}", language) if name in kinds and f"{kinds[name]}.{value}" in WORDS else value
        for name, value in told.items()
    }
    if named.get("outcome") == "":
        named["outcome"] = say("simulation.no_outcome", language)
    if named.get("who") == "speaker":
        named["who"] = say("simulation.speaker", language)
    return say(key, language, named)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _minutes(length: timedelta) -> float:
    return length / timedelta(minutes=1)
