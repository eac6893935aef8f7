"""Laws of scores and of what care has changed: bounded, monotone, worked out by hand; and few people are not shown."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.change import Change, Share, paired, share
from care.instruments import shipped
from care.scoring import Choice, Instrument, Item, Level, Scored, age, score
from core.care import Refused

BY_CODE = {one.code: one for one in shipped()}
ANY = st.sampled_from(sorted(BY_CODE)).map(BY_CODE.__getitem__)


def answers_to(it: Instrument) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({item.code: st.sampled_from([c.points for c in item.choices]) for item in it.items})


def scored(it: Instrument, answers: dict[str, int]) -> Scored:
    come = score(it, answers)
    assert isinstance(come, Scored)
    return come


@given(st.data(), ANY)
def test_a_score_lies_within_its_bounds_and_has_a_level(data: st.DataObject, it: Instrument) -> None:
    come = scored(it, data.draw(answers_to(it)))
    assert it.lowest <= come.score <= it.highest
    assert come.level in {level.code for level in it.levels}
    within = [level for level in it.levels if level.at_least <= come.score]
    assert come.level == within[-1].code, "the highest level that it reaches"


@given(st.data(), ANY)
def test_a_better_answer_never_makes_a_lower_score_or_level(data: st.DataObject, it: Instrument) -> None:
    worse = data.draw(answers_to(it))
    item = data.draw(st.sampled_from(it.items))
    better = {**worse, item.code: max(choice.points for choice in item.choices)}
    before, after = scored(it, worse), scored(it, better)
    rank = [level.code for level in it.levels]
    assert after.score >= before.score
    assert rank.index(after.level) >= rank.index(before.level)
    assert after.score - before.score == it.factor * (better[item.code] - worse[item.code])


@given(st.data(), ANY)
def test_what_is_not_fully_answered_has_no_score(data: st.DataObject, it: Instrument) -> None:
    answers = data.draw(answers_to(it))
    item = data.draw(st.sampled_from(it.items))
    without = {code: points for code, points in answers.items() if code != item.code}
    assert score(it, without) == Refused("unanswered", {"item": item.code})
    assert score(it, {**answers, "weather": 1}) == Refused("not_asked", {"item": "weather"})
    odd = data.draw(st.integers(-99, 99).filter(lambda n: n not in {choice.points for choice in item.choices}))
    assert score(it, {**answers, item.code: odd}) == Refused("not_offered", {"item": item.code})


@pytest.mark.parametrize(
    ("points", "total", "level"),
    [
        # feeding, bathing, grooming, dressing, bowels, bladder, toilet, transfer, walking, stairs
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0, "total"),
        ([5, 0, 0, 5, 0, 0, 5, 5, 0, 0], 20, "total"),
        ([5, 0, 0, 5, 5, 0, 5, 5, 0, 0], 25, "severe"),
        ([10, 0, 5, 5, 10, 5, 10, 10, 5, 0], 60, "severe"),
        ([10, 0, 5, 5, 10, 5, 10, 10, 10, 0], 65, "moderate"),
        ([10, 5, 5, 10, 10, 10, 10, 15, 10, 5], 90, "moderate"),
        ([10, 5, 5, 10, 10, 10, 10, 15, 15, 5], 95, "slight"),
        ([10, 5, 5, 10, 10, 10, 10, 15, 15, 10], 100, "independent"),
    ],
)
def test_barthel_by_hand(points: list[int], total: int, level: str) -> None:
    it = BY_CODE["care-level"]
    assert scored(it, dict(zip([item.code for item in it.items], points, strict=True))) == Scored(total, level)


@pytest.mark.parametrize(
    ("code", "points", "total", "level"),
    [
        ("quality-of-life", [0, 0, 0, 0, 0], 0, "low"),
        ("quality-of-life", [3, 2, 3, 2, 2], 48, "low"),
        ("quality-of-life", [3, 3, 3, 2, 2], 52, "adequate"),
        ("quality-of-life", [5, 5, 5, 5, 5], 100, "adequate"),
        ("satisfaction", [1, 1, 1, 1, 1], 5, "unsatisfied"),
        ("satisfaction", [5, 5, 3, 3, 3], 19, "unsatisfied"),
        ("satisfaction", [4, 4, 4, 4, 4], 20, "satisfied"),
        ("satisfaction", [5, 5, 5, 5, 5], 25, "satisfied"),
    ],
)
def test_the_others_by_hand(code: str, points: list[int], total: int, level: str) -> None:
    it = BY_CODE[code]
    assert scored(it, dict(zip([item.code for item in it.items], points, strict=True))) == Scored(total, level)


def test_what_is_shipped_says_where_it_is_from_and_exists_in_both_languages() -> None:
    assert {code: it.kind for code, it in BY_CODE.items()} == {
        "care-level": "care_level",
        "quality-of-life": "quality_of_life",
        "satisfaction": "satisfaction",
    }
    for it in BY_CODE.values():
        assert it.source
        said: list[Any] = [it, *it.items, *it.levels, *(choice for item in it.items for choice in item.choices)]
        for one in said:
            assert any("가" <= letter <= "힣" for letter in one.ko), one
            assert one.en
            assert not any("가" <= letter <= "힣" for letter in one.en), one
    assert len(BY_CODE["care-level"].items) == 10


def questionnaire(**other: Any) -> dict[str, Any]:
    two = (Choice(0, "아니요", "no"), Choice(1, "예", "yes"))
    whole: dict[str, Any] = {
        "code": "own",
        "version": "1",
        "kind": "satisfaction",
        "ko": "설문",
        "en": "own",
        "source": "ours",
        "items": (Item("a", "가", "a", two), Item("b", "나", "b", two)),
        "levels": (Level("low", "낮음", "low", 0), Level("high", "높음", "high", 2)),
    }
    return {**whole, **other}


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Own"},
        {"version": "new"},
        {"items": ()},
        {"factor": 0},
        {"items": (questionnaire()["items"][0],) * 2},
        {"items": (Item("a", "가", "a", (Choice(0, "", ""),)),)},
        {"items": (Item("a", "가", "a", (Choice(1, "", ""), Choice(1, "", ""))),)},
        {"levels": (Level("low", "낮음", "low", 1),)},
        {"levels": tuple(reversed(questionnaire()["levels"]))},
        {"levels": (), "kind": "care_level"},
    ],
)
def test_what_could_not_be_scored_without_doubt_is_no_questionnaire(wrong: dict[str, Any]) -> None:
    sound = Instrument(**questionnaire())
    assert msgspec.convert(msgspec.to_builtins(sound), Instrument) == sound
    with pytest.raises(ValueError, match=r"."):
        Instrument(**questionnaire(**wrong))


def test_versions_are_numbers() -> None:
    assert max(["2", "10", "9.9"], key=age) == "10"


# --- what has changed

SCORES = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=0, max_size=60)


@given(SCORES, st.integers(2, 20))
def test_few_are_not_shown_and_the_mean_lies_within(pairs: list[tuple[int, int]], floor: int) -> None:
    before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    come = paired(before, after, floor)
    if len(pairs) < floor:
        assert come == Refused("too_few", {"floor": floor}), "how few there were is not said"
        return
    assert isinstance(come, Change)
    assert come.n == len(pairs)
    assert come.low <= come.mean <= come.high
    assert math.isclose(come.mean, sum(after) / len(after) - sum(before) / len(before), abs_tol=1e-9)
    assert 0 <= come.improved_percent <= 100
    worse = paired(after, before, floor)
    assert isinstance(worse, Change)
    assert math.isclose(worse.low, -come.high, abs_tol=1e-9)
    same = sum(a == b for a, b in pairs)
    assert math.isclose(come.improved_percent + worse.improved_percent, 100 * (1 - same / come.n), abs_tol=1e-9)


def test_the_interval_is_the_one_of_the_book() -> None:
    # Twelve changes with the mean 20/12 and the sum of squares 184 - 400/12 about it; t(0.975, 11) = 2.200985.
    changes = [4, -2, 6, 0, 2, 8, -4, 2, 0, 6, -2, 0]
    come = paired([50] * 12, [50 + change for change in changes], 11)
    assert isinstance(come, Change)
    reach = 2.200985 * math.sqrt((184 - 400 / 12) / 11 / 12)
    assert (come.n, round(come.mean, 6)) == (12, 1.666667)
    assert math.isclose(come.low, 20 / 12 - reach, abs_tol=1e-5)
    assert math.isclose(come.high, 20 / 12 + reach, abs_tol=1e-5)
    assert math.isclose(come.improved_percent, 50)
    assert paired([1], [2], 0) == Refused("too_few", {"floor": 2}), "one has no interval"


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 20))
def test_a_share_of_few_is_not_shown(counted: list[bool], floor: int) -> None:
    come = share(counted, floor)
    if len(counted) < floor:
        assert come == Refused("too_few", {"floor": floor})
    else:
        assert come == Share(len(counted), 100 * counted.count(True) / len(counted))


def test_the_indicators_of_the_city_can_be_reproduced() -> None:
    come = paired([40] * 50, [60] * 49 + [40], 11)
    assert isinstance(come, Change)
    assert come.improved_percent == 98
    assert share([True] * 43 + [False] * 7, 11) == Share(50, 86)
