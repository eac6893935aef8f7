"""The page about devices is the table that the adapters read."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.adapters.capabilities import IGNORED, TABLE, names_of
from gateway.adapters.table import page

PAGE = (Path(__file__).parents[2] / "docs" / "devices.md").read_text(encoding="utf-8")
SEEN = "\n## What real states were made of\n"


def test_the_page_is_the_table() -> None:
    assert PAGE.partition(SEEN)[0] == page()


def test_what_real_states_were_made_of_is_the_commands_answer(device_states: Path) -> None:
    assert page(device_states.read_text(encoding="utf-8").splitlines()) == PAGE


def test_no_value_of_a_state_is_on_the_page() -> None:
    members = re.findall(r"^\| `(\w+)` \| \d+ \|", PAGE.partition(SEEN)[2], re.M)
    assert len(members) > 30
    assert not re.search(r"\d{4}-\d{2}-\d{2}|device-\d|587\d{6}", PAGE)


def test_no_member_is_understood_and_ignored() -> None:
    assert not names_of("zigbee2mqtt").keys() & IGNORED.keys()
    assert len({one.name for one in TABLE}) == len(TABLE)
