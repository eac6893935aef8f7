"""Each silence gets the verdict that its facts tell, and the facts are told with it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from anomaly.causes import CAUSES, PRIOR, WEIGHTS
from core.events import Battery, LogRow, Lost, Mains, Motion
from core.people import Home
from core.signals import Concern, Signal
from core.words import say
from tests.checks import at, beats, living, log, raised, row, run

DONG = [Home(f"home-{n}", f"gw-{n}", "gwangju/nam-gu/bongseon") for n in range(1, 11)]
FAR = [Home(f"far-{n}", f"gw-far-{n}", "gwangju/buk-gu/munheung") for n in range(10)]


def cause(signal: Signal) -> str:
    (found,) = (e for e in signal.evidence if e.key.removeprefix("evidence.cause.") in CAUSES)
    return found.key.removeprefix("evidence.cause.")


def facts(signal: Signal) -> set[str]:
    return {e.key.removeprefix("evidence.cause.") for e in signal.evidence if e.key.count(".") == 3}


def first(rows: Sequence[LogRow], until: float, concern: Concern, homes: Sequence[Home] = DONG) -> Signal:
    found, engine = run(rows, until, homes=homes)
    assert not engine.faults
    return raised(found, concern)[0]


def others(end: float) -> list[LogRow]:
    return [one for home in DONG[1:] for one in living(home.id, 0, end)]


def test_a_home_that_speaks_while_nobody_moves_is_a_persons_matter() -> None:
    signal = first(log(living("home-1", 0, 3), beats("home-1", 3, 16), others(16)), 16, Concern.INACTIVITY)
    assert cause(signal) == "person"
    assert "for.heard" in facts(signal)


def test_a_home_that_is_not_heard_after_the_last_movement_is_not_said_to_be() -> None:
    """The last movement is no word of a gateway that lives; where there are no heartbeats nobody can tell."""
    silent = [r for r in living("home-1", 0, 3) if r.kind == "motion"]
    signal = first(log(silent, others(16)), 16, Concern.INACTIVITY)
    assert not {"for.heard", "against.heard"} & facts(signal)
    assert "evidence.cause.unbeaten" in {e.key for e in signal.evidence}
    heard = first(log(living("home-1", 0, 3), beats("home-1", 3, 16), others(16)), 16, Concern.INACTIVITY)
    assert "evidence.cause.unbeaten" not in {e.key for e in heard.evidence}


def test_each_verdict_names_what_is_against_it_or_that_nothing_is() -> None:
    heard = first(log(living("home-1", 0, 3), beats("home-1", 3, 16), others(16)), 16, Concern.INACTIVITY)
    assert "against.nothing" in facts(heard)
    mains = [row("home-1", 2.99, Mains(False)), *beats("home-1", 3, 16)]
    lost = first(log(living("home-1", 0, 3), mains, others(16)), 16, Concern.INACTIVITY)
    assert {f for f in facts(lost) if f.startswith("against.")} - {"against.nothing"}


def test_broken_devices_are_suspected_but_cancel_nothing() -> None:
    broken = [row("home-1", 2.5, Lost("silent"), device=f"pir-{n}") for n in range(2)]
    broken += [row("home-1", 2.5, Battery(5), device="pir-3")]
    rows = log(living("home-1", 0, 3), broken, beats("home-1", 3, 16), others(16))
    signal = first(rows, 16, Concern.INACTIVITY)
    assert at(14) < signal.at < at(15), "the ceiling holds"
    assert cause(signal) == "sensor"


def test_a_power_failure_before_the_darkness_is_the_power() -> None:
    rows = log(living("home-1", 0, 3), row("home-1", 2.99, Mains(False)), others(5))
    found, _ = run(rows, 5, homes=DONG)
    dark = [s for s in raised(found, Concern.HOME_DARK) if s.key.startswith("dark/home-1/") and "mains" not in s.key]
    assert cause(dark[0]) == "power"
    assert "for.mains" in facts(dark[0])


@pytest.mark.parametrize("will", [True, False])
def test_one_home_gone_alone_is_its_network(will: bool) -> None:
    word = [row("home-1", 3, Lost(), device="gateway")] if will else []
    signal = first(log(living("home-1", 0, 3), word, others(5)), 5, Concern.HOME_DARK)
    assert cause(signal) == "network"
    assert "against.alone" not in facts(signal)


def test_a_dong_gone_together_is_the_network_and_a_whole_city_our_server() -> None:
    dong = log(*(living(h.id, 0, 3) for h in DONG), *(living(h.id, 0, 5) for h in FAR))
    signal = first(dong, 5, Concern.AREA_OUTAGE, [*DONG, *FAR])
    assert cause(signal) == "network"
    assert "for.neighbours" in facts(signal)
    city = log(*(living(h.id, 0, 3) for h in [*DONG, *FAR]))
    signal = first(city, 5, Concern.AREA_OUTAGE, [*DONG, *FAR])
    assert cause(signal) == "server"
    assert "for.fleet" in facts(signal)


def test_every_cause_and_fact_is_a_sentence_and_weighs_on_all_causes() -> None:
    assert len(PRIOR) == len(CAUSES)
    for fact, weights in WEIGHTS.items():
        assert len(weights) == len(CAUSES)
        numbers = {"ago": 60.0, "silent": 60.0, "gone": 3, "homes": 4, "count": 1, "firmware": "2.1"}
        for side in ("for", "against"):
            for language in ("ko", "en"):
                assert say(f"evidence.cause.{side}.{fact}", language, numbers).endswith(".")


def test_a_moving_home_needs_no_verdict() -> None:
    found, _ = run(log(living("home-1", 0, 30), [row("home-1", 1, Motion("hall"))]), homes=DONG[:1])
    assert not raised(found)
