"""The city's time: a jump of the system's clock moves nothing, whoever is started when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.anchor import FILE, anchor, steady_clock
from core.clock import Anchor, since_boot_s, wall_anchor

T0 = datetime(2026, 11, 21, tzinfo=UTC)
Jumps = st.lists(st.tuples(st.floats(0, 10_000), st.floats(-1e8, 1e8)), max_size=8)


@given(Jumps)
def test_every_process_counts_on_from_the_same_moment(tmp_path_factory: pytest.TempPathFactory, jumps: Jumps) -> None:
    folder = tmp_path_factory.mktemp("city")
    first = anchor(folder, Anchor("boot", 100.0, T0, trusted=True))
    for later_s, jump_s in jumps:
        wall = T0 + timedelta(seconds=later_s + jump_s)
        assert anchor(folder, Anchor("boot", 100.0 + later_s, wall, trusted=True)) == first


def test_a_clock_that_nobody_had_set_is_believed_once_it_is_synchronised(tmp_path: Path) -> None:
    unset, right = (
        Anchor("b", 5.0, datetime(1970, 1, 1, tzinfo=UTC), trusted=False),
        Anchor("b", 65.0, T0, trusted=True),
    )
    assert anchor(tmp_path, unset) == unset
    assert anchor(tmp_path, Anchor("b", 30.0, T0, trusted=False)) == unset, "set by hand, or by a guess"
    assert anchor(tmp_path, right) == right
    assert anchor(tmp_path, Anchor("b", 99.0, T0 + timedelta(hours=2), trusted=True)) == right


def test_a_machine_that_was_started_anew_has_no_count_to_go_on_with(tmp_path: Path) -> None:
    anchor(tmp_path, Anchor("monday", 5.0, T0, trusted=True))
    tuesday = Anchor("tuesday", 3.0, T0 + timedelta(days=1), trusted=True)
    assert anchor(tmp_path, tuesday) == tuesday


@pytest.mark.parametrize("broken", [b"", b"{", b"[1]", b'["b", 1.0, "yesterday", true]'])
def test_an_anchor_that_cannot_be_read_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / FILE).write_bytes(broken)
    now = Anchor("b", 1.0, T0, trusted=False)
    assert anchor(tmp_path, now) == now
    assert anchor(tmp_path, Anchor("b", 2.0, T0, trusted=False)) == now


def test_it_is_the_system_s_time_where_nothing_jumps(tmp_path: Path) -> None:
    clock, wall = steady_clock(tmp_path), wall_anchor()
    assert abs((clock.now() - wall.utc).total_seconds()) < 1.0
    assert abs(since_boot_s() - wall.since_boot_s) < 1.0
