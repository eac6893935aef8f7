"""Every cry for help is one signal with the right urgency, and an answer is "ok" only when it says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.reflexes import kept, reflex
from anomaly.speech import FAINT_DB, SURE, judge, understand
from core.events import (
    LOW_BATTERY,
    Answer,
    CarbonMonoxide,
    Event,
    Fall,
    Gas,
    Heartbeat,
    Leak,
    Motion,
    Note,
    Payload,
    Smoke,
    SosPressed,
    Utterance,
)
from core.people import Home
from core.signals import Concern, Urgency
from core.words import say

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
HOME = Home("home-1", "gw-1", "gwangju/nam-gu")
CRIES: list[tuple[str, Payload, Concern, Urgency]] = [
    ("sos", SosPressed(), Concern.SOS, Urgency.IMMEDIATE),
    ("fall", Fall("bath"), Concern.FALL, Urgency.IMMEDIATE),
    ("smoke", Smoke("kitchen"), Concern.SMOKE, Urgency.IMMEDIATE),
    ("gas", Gas("kitchen"), Concern.GAS, Urgency.IMMEDIATE),
    ("co", CarbonMonoxide("boiler"), Concern.CO, Urgency.IMMEDIATE),
    ("leak", Leak("bath"), Concern.LEAK, Urgency.URGENT),
    ("utterance", Utterance("살려 주세요"), Concern.DISTRESS, Urgency.IMMEDIATE),
    ("utterance", Utterance("이제 그만 살고 싶어"), Concern.DESPAIR, Urgency.IMMEDIATE),
    ("utterance", Utterance("쌀려주세요"), Concern.MISHEARD, Urgency.URGENT),
    ("answer", Answer("ask-1", None, "죽고 싶어"), Concern.DESPAIR, Urgency.IMMEDIATE),
]


def event(kind: str, data: Payload, at: datetime = NOW, seq: int | None = 123) -> Event:
    return Event("e1", "gw-1", "device", kind, at, data, "b7" if seq is not None else None, seq)


@pytest.mark.parametrize(("kind", "data", "concern", "urgency"), CRIES, ids=[cry[2] for cry in CRIES])
def test_a_cry_is_a_signal_in_both_languages(kind: str, data: Payload, concern: Concern, urgency: Urgency) -> None:
    signal = reflex(event(kind, data), HOME, NOW)
    assert signal is not None
    assert (signal.concern, signal.urgency, signal.at, signal.home) == (concern, urgency, NOW, "home-1")
    assert signal.key == f"{concern.value}/gw-1/device/b7-123"
    for evidence in signal.evidence:
        assert say(evidence.key, "ko", evidence.numbers) != say(evidence.key, "en", evidence.numbers)


@pytest.mark.parametrize(("kind", "data", "concern", "urgency"), CRIES, ids=[cry[2] for cry in CRIES])
@given(age_s=st.integers(-(10**9), 10**9))
def test_a_cry_is_never_lost_whatever_its_clock_says(
    kind: str, data: Payload, concern: Concern, urgency: Urgency, age_s: int
) -> None:
    at = NOW - timedelta(seconds=age_s)
    signal = reflex(event(kind, data, at), HOME, NOW)
    assert signal is not None
    keys = [e.key for e in signal.evidence]
    if age_s < -120 or age_s > 3652 * 86400:
        assert (signal.concern, signal.at, keys[1:]) == (concern, NOW, ["evidence.clock"])
    elif age_s > 86400:
        assert (signal.concern, signal.urgency) == (Concern.LATE_REPORT, Urgency.SOON)
        assert keys == [f"evidence.late.{concern.value}"]
    else:
        assert (signal.concern, signal.urgency, signal.at) == (concern, urgency, at)
        assert keys[1:] == (["evidence.delayed"] if age_s > 120 else [])
    for evidence in signal.evidence:
        say(evidence.key, "ko", evidence.numbers)
        say(evidence.key, "en", evidence.numbers)


def test_a_press_at_an_empty_battery_is_a_press_and_says_so() -> None:
    whole, failing = (reflex(event("sos", SosPressed(how)), HOME, NOW) for how in ("button", LOW_BATTERY))
    assert whole is not None
    assert failing is not None
    assert (failing.concern, failing.urgency, failing.key) == (whole.concern, whole.urgency, whole.key)
    assert [one.key for one in failing.evidence] == ["evidence.sos", "evidence.sos.battery"]
    assert "it may be false" in say("evidence.sos.battery", "en", failing.evidence[1].numbers)
    assert "배터리" in say("evidence.sos.battery", "ko", failing.evidence[1].numbers)


def test_a_note_is_no_signal() -> None:
    assert reflex(event("note", Note("sos_at_pairing")), HOME, NOW) is None


def test_a_publisher_without_counters_is_named_by_its_id() -> None:
    signal = reflex(event("sos", SosPressed(), seq=None), HOME, NOW)
    assert signal is not None
    assert signal.key == "sos/gw-1/device/e1"


@pytest.mark.parametrize("data", [Smoke(alarm=False), Gas(alarm=False), CarbonMonoxide(alarm=False), Leak(alarm=False)])
def test_an_alarm_that_ends_is_none(data: Payload) -> None:
    kind = "co" if isinstance(data, CarbonMonoxide) else type(data).__name__.lower()
    assert reflex(event(kind, data), HOME, NOW) is None


@pytest.mark.parametrize(("kind", "data"), [("motion", Motion()), ("heartbeat", Heartbeat()), ("answer", Answer("a"))])
def test_the_rest_needs_no_reflex(kind: str, data: Payload) -> None:
    assert reflex(event(kind, data), HOME, NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "살려줘",
        "살려 주세요!",
        "사람 살려",
        "도와주세요",
        "119 불러줘",
        "넘어졌어",
        "넘어졌는데 못 일어나겠어",
        "숨을 못 쉬겠어",
        "가슴이 너무 아파",
        "불이야",
        "괜찮아, 아니 살려줘",
        "help",
        "Help me!",
        "I've fallen and I can't get up",
        "I can’t breathe",
        "my chest hurts",
        "please call an ambulance",
        "it's only the TV. help me",
    ],
)
def test_words_that_ask_for_help(text: str) -> None:
    assert understand(text).intent == understand(text, asked=True).intent == "distress"
    assert understand(text, confidence=0.1, energy_db=-90, language="fi").intent == "distress", "doubt is never silence"
    assert judge(Answer("ask-1", "ok", text)) == "not_ok", "words are believed before a verdict that all is well"


@pytest.mark.parametrize(
    "text",
    [
        "배고파 죽겠다",
        "더워 죽겠네",
        "드라마에서 살려줘 하더라",
        "숙제 도와줘",
        "안 넘어졌어",
        "가슴이 안 아파",
        "구급차 부를 필요 없어",
        "오늘 날씨 어때",
        "시청해주셔서 감사합니다",
        "help me find my glasses",
        "I fell asleep",
        "I didn't fall",
        "don't call an ambulance",
        "",
    ],
)
def test_words_that_only_sound_like_it(text: str) -> None:
    assert understand(text).intent == "none"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("괜찮아", "ok"),
        ("네, 괜찮습니다.", "ok"),
        ("별일 없어", "ok"),
        ("잘 지내고 있어", "ok"),
        ("안 아파", "ok"),
        ("괜찮아요 밥 먹고 있었어요", "ok"),
        ("예 별일 없이 잘 있어요", "ok"),
        ("I was asleep, I'm alright love", "ok"),
        ("yes, I'm fine", "ok"),
        ("I am okay, thanks", "ok"),
        ("안 괜찮아", "not_ok"),
        ("괜찮지 않아", "not_ok"),
        ("괜찮은데 다리가 아파", "not_ok"),
        ("I'm not fine", "not_ok"),
        ("I'm fine but my leg hurts", "not_ok"),
        ("네", "unclear"),
        ("yes", "unclear"),
        ("괜찮으세요?", "unclear"),
        ("괜찮아?", "unclear"),
        ("오늘 저녁 괜찮아", "unclear"),
        ("괜찮아졌으면 좋겠어", "unclear"),
        ("are you okay", "unclear"),
        ("what time is it", "unclear"),
        ("시청해주셔서 감사합니다", "unclear"),
        ("구독과 좋아요", "unclear"),
        ("Thank you for watching", "unclear"),
        ("MBC 뉴스 김철수입니다. 괜찮아", "unclear"),
        ("  ", "silence"),
    ],
)
def test_what_an_answer_says(text: str, means: str) -> None:
    assert judge(Answer("ask-1", None, text)) == means


@given(st.text())
def test_no_text_is_ok_by_chance(text: str) -> None:
    """Only letters of a word we know can be "ok": anything without one climbs."""
    if judge(Answer("ask-1", None, text)) == "ok":
        words = (
            "괜찮",
            "괘안",
            "시랑토",
            "있",
            "지내",
            "없",
            "않",
            "안",
            "멀쩡",
            "건강",
            "컨디션",
            "무사",
            "무탈",
            "편",
            "걱정",
            "기분",
            "먹",
        )
        assert any(
            word in text.lower()
            for word in (*words, "ok", "fine", "well", "good", "right", "great", "problem", "pain", "hurt", "not")
        )


@given(
    st.sampled_from(["괜찮아요", "네, 괜찮습니다", "별일 없어", "안 아파", "I'm fine, thanks"]),
    st.none() | st.floats(),
    st.none() | st.floats(),
)
def test_good_words_clear_only_if_somebody_surely_spoke(
    text: str, confidence: float | None, energy_db: float | None
) -> None:
    answer = Answer("ask-1", None, text, confidence, energy_db)
    spoken = (confidence is None or confidence >= SURE) and (energy_db is None or energy_db >= FAINT_DB)
    assert judge(answer) == ("ok" if spoken else "unclear")
    assert judge(kept(event("answer", answer), HOME).data) == judge(answer), "what is kept means the same"  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["Thank you for watching", "MBC 뉴스 김철수입니다", "자막 제공 배달의민족"])
@pytest.mark.parametrize("result", [None, "ok"])
def test_an_invention_neither_clears_nor_alarms(text: str, result: str | None) -> None:
    assert judge(Answer("ask-1", result, f"{text} 괜찮아요", 0.99, -20.0)) == "unclear"
    assert reflex(event("utterance", Utterance(text)), HOME, NOW) is None
    assert understand(f"{text}. 살려줘").intent == "distress", "it does not hide a cry either"


@pytest.mark.parametrize(
    "text",
    ["죽고 싶어", "살기 싫다", "더 살아 뭐 해", "차라리 죽는 게 낫겠어", "I want to die", "I want to end it all"],
)
def test_words_of_despair(text: str) -> None:
    assert understand(text).intent == understand(text, asked=True).intent == "despair"
    assert judge(Answer("ask-1", None, text)) == "not_ok"


@pytest.mark.parametrize(
    "text", ["쌀려주세요", "도와주새요", "넘어져써", "숨을몯쉬겠어", "가슴미 아파", "살려주이소", "나 좀 살려주쇼잉"]
)
def test_what_was_misheard_or_said_in_dialect(text: str) -> None:
    assert understand(text).intent == "distress"
    assert understand(text, asked=True).urgency is Urgency.IMMEDIATE, "who was asked is not asked again"


def test_only_a_cry_keeps_its_words() -> None:
    for text, intent, mood, stays in (
        ("살려줘", "distress", 0, True),
        ("죽고 싶어", "despair", -1, True),
        ("오늘 날씨 어때", "none", 0, False),
        ("시청해주셔서 감사합니다", "invented", 0, False),
    ):
        data = kept(event("utterance", Utterance(text, 0.9, intent="ok", mood=1)), HOME).data
        assert data == Utterance(text if stays else "", 0.9, intent=intent, mood=mood)
    assert kept(event("answer", Answer("a", None, "살려줘", mood=-1)), HOME).data == Answer("a", "not_ok", "")


@pytest.mark.parametrize(
    "text",
    [
        "가슴이 아파",
        "넘어졌어",
        "죽을 것 같아",
        "빨리 와줘",
        "숨이 차",
        "모르겠어 도와줘",
        "사랑 때문에 죽고 싶어",
        "약 먹고 죽을래",
        "헤어지고 나서 죽고 싶어",
        "어제 넘어졌어",
        "텔레비전이 넘어져서 깔렸어 살려줘",
        "헤어드라이기에서 불이 났어",
        "심장마비로 쓰러졌습니다",
        "119에 신고하세요",
        "my chest hurts i never felt this before",
        "it was in a movie where he shouts help me",
        "the tv fell on me help me",
        "구독 좋아요 도와줘",
        "살려 달라고",
        "넘어졌다고",
        "죽고 싶다고",
        "쓰러져 있었어",
        "뉴스 보다가 가슴이 너무 아파",
        "꿈에 영감이 나왔는데 지금 숨을 못 쉬겠어",
        "도둑이 들어 금품을 훔쳐 달아났습니다",
        "what do I do I've fallen",
    ],
)
def test_who_only_states_something_is_asked_first(text: str) -> None:
    found = understand(text)
    assert found.intent in ("distress", "despair")
    assert found.urgency is Urgency.URGENT
    assert understand(text, asked=True).urgency is Urgency.IMMEDIATE, "who was asked is not asked again"


@pytest.mark.parametrize(
    "text",
    [
        "살려줘",
        "살려주면 안 되겠니",
        "불이야",
        "숨을 못 쉬겠어",
        "도와주세요",
        "넘어졌는데 못 일어나겠어",
        "가슴이 아파. 숨이 차",
        "죽고 싶어",
    ],
)
def test_who_calls_or_states_two_things_is_not_asked(text: str) -> None:
    assert understand(text).urgency is Urgency.IMMEDIATE


@pytest.mark.parametrize("result", ["ok", "not_ok", "unclear", "silence", "offline"])
def test_the_speakers_own_verdict_stands(result: str) -> None:
    assert judge(Answer("ask-1", result, "괜찮아")) == result


def test_a_verdict_nobody_knows_is_unclear() -> None:
    assert judge(Answer("ask-1", "splendid", "괜찮아")) == "unclear"


@pytest.mark.parametrize(
    "text",
    [
        "괜찮아 근데 말이 잘 안 나와",
        "괜찮아. 하지만 바닥에 있어",
        "잘 있어요 다들 미안해요",
        "나 잘 있어 나 간다 미안해",
        "괜찮다고 할 수 없어",
        "i don't think i'm ok",
        "not all good",
        "i'm fine but there's blood",
        "괜찮아 손이 저려",
        "안 아픈 데가 없어",
        "do you think i'm fine",
        "everything is fine, goodbye everyone",
    ],
)
@pytest.mark.parametrize("result", [None, "ok"])
def test_good_words_beside_a_limit_clear_nothing(text: str, result: str | None) -> None:
    assert judge(Answer("ask-1", result, text)) != "ok"


@pytest.mark.parametrize(
    "text",
    [
        "살려줘 어디 있어",
        "숨을 못 쉬겠어 어떻게 해",
        "남편이 쓰러졌는데 어떻게 해야 돼",
        "도와줘 장난 아니야",
        "살\u200b려\u200b줘",
        "살-려-줘",
        "“help me”",
        "ＨＥＬＰ ＭＥ",
        "help me 엄마",
        "please help me — I fell",
        "119",
        "살려",
        "할머니가 안 일어나",
        "my husband isn't breathing",
        "help me i didn't take my medicine",
    ],
)
def test_what_stands_beside_a_cry_does_not_hide_it(text: str) -> None:
    assert understand(text).urgency is Urgency.IMMEDIATE


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_cry_at_either_end_of_a_long_text_is_heard(before: str, after: str) -> None:
    noise = "오늘은 날씨가 맑았다. " * 2000
    assert understand(f"{noise}{before}. 살려줘").intent != "none"
    assert understand(f"살려줘. {after}{noise}").intent != "none"
