"""The providers that carry calls to people: broken, slow, and lying."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.clock import sleep_s
from tests.faults.city import MANAGERS, SECOND, City, city
from tests.faults.outside import expect
from tests.faults.table import Figure, row

KIM, LEE = MANAGERS
NEXT_CHANNEL_S, NEXT_PERSON_S = 10.0, 30.0
HANGS_S = 20.0
Behaviour = Callable[[str, dict[str, Any]], int]


def answers(status: int) -> Behaviour:
    return lambda _member, _body: status


def hangs(_member: str, _body: dict[str, Any]) -> int:
    sleep_s(HANGS_S)
    return 0


def delivers_late(_member: str, _body: dict[str, Any]) -> int:
    """It was delivered when it was asked for; the answer comes when nobody waits for it any more."""
    sleep_s(6.0)
    return 200


FAULTS: dict[str, Behaviour] = {
    "500": answers(500), "429": answers(429), "404": answers(404), "hangs up": answers(0), "hangs": hangs,
    "delivers, then times out": delivers_late,
}  # fmt: skip


def called(place: City, case: int, member: str) -> list[float]:
    """When somebody was called about a case, stopwatch seconds."""
    return [at for at, name, body in list(place.phones.calls) if (name, body["case"]) == (member, case)]


def fails(place: City, behaviour: Behaviour, many: int) -> tuple[list[float], list[float], int]:
    """Both telephones of the first person behave so. Seconds to their second, to the next person, and the most that
    one message came.
    """
    place.phones.behave = lambda member, body: behaviour(member, body) if member.startswith(KIM) else 200
    homes = place.press(many)
    place.expect_cases(homes, 15)
    cases = [case.id for case in place.of(homes)]
    expect(lambda: all(called(place, case, LEE) for case in cases), NEXT_PERSON_S + 15, "the next person is called")
    firsts = [called(place, case, KIM)[0] for case in cases]
    seconds = [called(place, case, KIM + SECOND)[0] for case in cases]
    nexts = [called(place, case, LEE)[0] for case in cases]
    for case in cases:
        place.acknowledge(case)
    sleep_s(1.0)
    times = Counter(body["key"] for _, _, body in list(place.phones.calls) if body["case"] in cases)
    return (
        [b - a for a, b in zip(firsts, seconds, strict=True)],
        [b - a for a, b in zip(firsts, nexts, strict=True)],
        max(times.values()),
    )


@row(
    "notifier",
    "notifier answers 500, 429, 404, hangs up, hangs, delivers then times out",
    "a real HTTP server in the place of the provider; both telephones of the first person behave so",
    "next channel within 10 s, next person within 30 s; same idempotency key, at most one duplicate",
)
def notifier(folder: Path, full: bool) -> Figure:
    faults = FAULTS if full else {name: FAULTS[name] for name in ("500", "404")}
    many = 10 if full else 3
    told: list[str] = []
    with city(folder, many * len(faults), rung_s=600) as place:
        place.start_all()
        for name, behaviour in faults.items():
            channel_s, person_s, most = fails(place, behaviour, many)
            assert max(channel_s) <= NEXT_CHANNEL_S + 1, f"{name}: the next channel after {max(channel_s):.1f} s"
            assert max(person_s) <= NEXT_PERSON_S, f"{name}: the next person after {max(person_s):.1f} s"
            if behaviour is delivers_late:
                assert most <= 2, f"what was delivered came {most} times"
            told.append(f"{name}: {max(channel_s):.1f} s, {max(person_s):.1f} s")
        place.expect_receipts(10)
        place.verdict()
    return Figure(len(faults) * many, "most until the next channel, the next person: " + "; ".join(told))


@row(
    "notifier-lies",
    "notifier lies (200 and nothing)",
    "the provider takes each message, answers 200, and nobody hears of it",
    "the next person is called when the first one's time is over",
)
def notifier_lies(folder: Path, full: bool) -> Figure:
    many = 50 if full else 5
    with city(folder, many) as place:
        place.start_all()
        homes = place.press(many)
        place.expect_cases(homes, 15)
        cases = [case.id for case in place.of(homes)]
        expect(lambda: all(map(place.climbed, cases)), 15, "all have climbed")
        expect(lambda: all(called(place, case, LEE) for case in cases), 15, "the next person is called")
        for case in cases:
            place.acknowledge(case)
        place.expect_receipts(10)
        place.verdict()
        late_s = place.late_s
    return Figure(many, f"{many} cases climbed, at most {max(late_s):.1f} s late")
