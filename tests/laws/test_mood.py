"""Mood's laws: a sad word alone alarms nobody, a glad one clears nothing, weeks of sad words are told as a change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.reflexes import kept, reflex
from anomaly.speech import judge
from anomaly.speech.mood import mood
from core.events import Answer, LogRow, Motion, Utterance
from core.people import Home
from core.signals import Concern, Urgency
from tests.checks import beats, every, log, row, run
from tests.laws.test_reflexes import HOME, NOW, event

LOW = [
    "요즘 너무 외로워",
    "혼자 있으니 쓸쓸하네",
    "마음이 슬프다",
    "사는 게 힘들어",
    "우울해요",
    "입맛이 없어",
    "눈물이 나",
    "자식들한테 서운해",
    "아무 의욕도 없어",
    "밤이 무서워",
    "기분이 안 좋아",
    "나는 쓸모없는 사람이야",
    "다 귀찮아",
    "I feel so lonely",
    "I'm sad today",
    "nobody calls me",
    "I feel so empty",
    "괜찮은데 좀 외롭다",
]
HIGH = [
    "오늘 참 행복하다",
    "손주가 와서 기뻐",
    "고마워",
    "밥이 맛있네",
    "정말 다행이야",
    "I love this song",
    "I am so happy",
]
PLAIN = [
    "오늘 날씨 어때",
    "불 좀 켜줘",
    "안 외로워",
    "외롭지 않아",
    "힘들지 않아요",
    "걱정 마",
    "걱정하지 마",
    "드라마가 너무 슬프더라",
    "외로우세요?",
    "손주가 힘들대",
    "몇 시야",
    "시청해주셔서 감사합니다",
    "I am not sad",
    "I'm not lonely",
    "what time is it",
    "",
]


@pytest.mark.parametrize(("text", "is_"), [(t, n) for n, each in ((-1, LOW), (1, HIGH), (0, PLAIN)) for t in each])
def test_the_mood_of_words(text: str, is_: int) -> None:
    assert mood(text) == is_


@given(st.text())
def test_any_text_has_a_mood(text: str) -> None:
    assert mood(text) in (-1, 0, 1)


@pytest.mark.parametrize("text", LOW + HIGH)
def test_a_mood_alone_never_alarms(text: str) -> None:
    assert reflex(event("utterance", Utterance(text)), HOME, NOW) is None
    assert reflex(event("utterance", Utterance("", mood=mood(text))), HOME, NOW) is None


@given(st.sampled_from([*HIGH, *LOW, "네", "글쎄"]), st.sampled_from([-1, 0, 1]))
def test_a_mood_never_clears(text: str, claimed: int) -> None:
    """What the home claims counts for nothing, and what the city finds changes no verdict."""
    answer = Answer("ask-1", None, text, mood=claimed)
    verdict = judge(Answer("ask-1", None, text))
    assert judge(answer) == verdict != "ok"
    after = kept(event("answer", answer), HOME).data
    assert isinstance(after, Answer)
    assert (judge(after), after.mood, after.text) == (verdict, mood(text), "")


A = Home("home-a", "gw-a", "gwangju/nam-gu/bongseon")
DAYS = 30


def life(words: list[LogRow]) -> list[LogRow]:
    return log(
        every(20, 0, DAYS * 24, lambda h: row("home-a", h, Motion("kitchen"))),
        beats("home-a", 0, DAYS * 24, every_s=3600),
        words,
    )


def said(day: int, moods: list[int]) -> list[LogRow]:
    return [row("home-a", day * 24 + 2 + n, Utterance(mood=each), device="speaker") for n, each in enumerate(moods)]


@pytest.mark.parametrize(
    ("moods", "told"),
    [
        (lambda day: [0] if day < 18 else [-1] * 4 + [0], True),  # weeks of more and more sad words
        (lambda day: [0], False),
        (lambda day: [-1] if day % 7 == 3 else [0], False),  # a sad word a week
        (lambda day: [-1] * 8 if day == 22 else [0], False),  # one bad day
        (lambda day: [-1] * 3, False),  # who has always spoken so
        (lambda day: [-1] * 4 if day < 18 else [0], False),  # better than before
        (lambda day: [0] if day < 18 else [1] * 6, False),
    ],
    ids=["worse", "neither", "seldom", "one day", "always", "better", "glad"],
)
def test_only_weeks_of_more_sad_words_are_told_and_as_routine(moods: Callable[[int], list[int]], told: bool) -> None:
    signals, engine = run(life([each for day in range(DAYS) for each in said(day, moods(day))]), DAYS * 24, homes=[A])
    assert not engine.faults
    found = [signal for signal in signals if any(why.key == "evidence.drift.mood" for why in signal.evidence)]
    assert {(signal.concern, signal.urgency) for signal in found} == (
        {(Concern.DRIFT, Urgency.ROUTINE)} if told else set()
    )
    assert len(signals) == len(found), "nothing else comes of words"


def test_a_home_that_says_nothing_has_no_mood() -> None:
    _, engine = run(life([]), DAYS * 24, homes=[A])
    assert engine.rows.col["drift.days"][0, 9] == 0
    assert engine.rows.col["drift.days"][0, 6] > 14
