"""Devices that fall silent are lost once and in time, and those of which nothing is known never are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.said import CLASSES_S, Heard, State
from gateway.mains import on_mains
from gateway.roll import Roll

DEVICES = st.sampled_from(["speaker", "door", "pendant"])
STEPS = st.tuples(DEVICES, st.sampled_from([0.0, 30.0, 95.0, 200.0, 20_000.0, 95_000.0]), st.booleans(), st.booleans())


@given(st.lists(STEPS, max_size=40))
def test_a_device_is_lost_once_when_its_time_is_over(steps: list[tuple[str, float, bool, bool]]) -> None:
    states: dict[tuple[str, str], State] = {}
    roll, now_s = Roll(states, 0.0), 0.0
    within_s = {"speaker": CLASSES_S[0], "door": CLASSES_S[3]}
    deaf_s = 0.0  # while nobody listened
    heard_s: dict[str, float] = {}
    lost: set[str] = set()
    for device, passed_s, listening, restarted in steps:
        now_s += passed_s
        gone, more = roll.silent(now_s, listening)
        states |= more
        deaf_s += 0.0 if listening else passed_s
        due = {name for name, at_s in heard_s.items() if name in within_s and now_s - deaf_s - at_s >= within_s[name]}
        assert set(gone) == (due - lost if listening else set())
        lost |= set(gone)
        if restarted:
            roll = Roll(states, now_s)
            heard_s = dict.fromkeys(heard_s, now_s - deaf_s)
        turned, more = roll.hear(
            Heard(device=device, every_s=30.0 if device == "speaker" else None, within_s=within_s.get(device)), now_s
        )
        states |= more
        assert turned == (device in lost)
        lost.discard(device)
        heard_s[device] = now_s - deaf_s


def test_what_the_device_says_of_itself_goes_before_what_such_devices_do() -> None:
    roll = Roll({}, 0.0)
    roll.hear(Heard(device="air-1", every_s=30.0), 0.0)
    roll.hear(Heard(device="air-1", within_s=CLASSES_S[2]), 0.0)
    assert roll.silent(90.0, True)[0] == ["air-1"]
    roll.hear(Heard(device="air-1", every_s=60.0), 90.0)
    assert roll.silent(269.0, True)[0] == []
    assert roll.silent(270.0, True)[0] == ["air-1"]


def test_somebody_else_may_say_that_a_device_is_gone() -> None:
    roll = Roll({}, 0.0)
    assert [roll.hear(Heard(device="door", gone=True), 1.0)[0] for _ in range(2)] == [True, False]
    assert [roll.hear(Heard(device="door"), 2.0)[0] for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("supplies", "on"),
    [
        ({}, None),
        ({"BAT0": ("Battery", "0")}, None),
        ({"AC": ("Mains", "1"), "BAT0": ("Battery", None)}, True),
        ({"AC": ("Mains", "0"), "usb": ("USB", "0")}, False),
        ({"AC": ("Mains", "0"), "usb": ("USB_PD", "1")}, True),
    ],
)
def test_the_box_knows_its_mains(tmp_path: Path, supplies: dict[str, tuple[str, str | None]], on: bool | None) -> None:
    for name, (kind, online) in supplies.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "type").write_text(f"{kind}\n")
        if online is not None:
            (tmp_path / name / "online").write_text(f"{online}\n")
    assert on_mains(tmp_path) is on
