"""A question of the city is put in the home once, in time, and never lost in silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from core.events import Answer
from gateway.asks import Asks

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def ask(**more: object) -> bytes:
    return msgspec.json.encode({"ask": "person-1", "kind": "check_in", "until": NOW + timedelta(minutes=5), **more})


def test_a_question_that_comes_again_is_put_once() -> None:
    put: list[bytes] = []
    asks = Asks(lambda payload: put.append(payload) is None)
    assert asks.put(ask(), NOW) is None
    assert asks.put(ask(), NOW) is None
    assert asks.put(ask(ask="person-2"), NOW) is None
    assert put == [ask(), ask(ask="person-2")]


@pytest.mark.parametrize(
    ("until", "now", "times"),
    [
        (NOW, NOW + timedelta(seconds=1), 0),
        (NOW, NOW, 1),
        (NOW, None, 1),  # a clock that is not to be trusted
        (None, NOW, 1),  # a city of before
    ],
)
def test_a_question_that_comes_too_late_is_not_put(until: datetime | None, now: datetime | None, times: int) -> None:
    put: list[bytes] = []
    Asks(lambda payload: put.append(payload) is None).put(ask(until=until), now)
    assert len(put) == times


def test_where_nobody_can_be_asked_the_city_hears_it_at_once() -> None:
    asks = Asks(lambda _payload: False)
    assert asks.put(ask(), NOW) == Answer("person-1", "offline")
    assert asks.put(ask(ask="person-1-call2", kind="reassure"), NOW) is None, "what only tells has no answer"


@pytest.mark.parametrize("noise", [b"", b"null", b"{}", b"\xff", b"[" * 5000])
def test_what_is_no_question_is_not_put(noise: bytes) -> None:
    put: list[bytes] = []
    assert Asks(lambda payload: put.append(payload) is None).put(noise, NOW) is None
    assert put == []
