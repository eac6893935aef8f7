"""Sentences are put together as they are said."""

from __future__ import annotations

import pytest

from core.words import particle, say


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1870, "31분 10초는"), (1860, "31분은"), (7200, "2시간은"), (0, "0초는"), (90000, "1일 1시간은")],
)
def test_a_particle_is_as_it_sounds_after_the_duration(seconds: float, said: str) -> None:
    assert said + " 세지" in say("evidence.silence.uncounted", "ko", {"unseen": seconds})
    assert "dur" not in say("evidence.silence.uncounted", "en", {"unseen": seconds})


def test_particles_by_the_last_syllable() -> None:
    assert [particle("초", one) for one in ("은", "을", "이", "과", "이었", "")] == ["는", "를", "가", "와", "였", ""]
    assert [particle("분", one) for one in ("은", "을", "이", "과", "이었", "")] == ["은", "을", "이", "과", "이었", ""]
