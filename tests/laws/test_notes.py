"""A note is kept for people to read, and the engine goes on as if it had never been said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anomaly.life import human, traffic
from core.events import LogRow, Note
from tests.checks import at, log, row, run
from tests.laws.test_engine import HOMES, LAW, logs


@LAW
@given(logs(), st.lists(st.tuples(st.sampled_from(HOMES), st.floats(0, 50)), max_size=8))
def test_notes_change_nothing(rows: list[LogRow], when: list[tuple[object, float]]) -> None:
    last = max(one.seen_at for one in rows)
    notes = [row(home.id, hour, Note("sos_at_pairing"), device="button") for home, hour in when]  # type: ignore[attr-defined]
    notes = [one for one in notes if one.seen_at <= last]
    without, with_notes = run(rows, 60, homes=HOMES), run(log(rows, notes), 60, homes=HOMES)
    assert with_notes[0] == without[0]
    for name, column in without[1].rows.col.items():
        if name.startswith("due."):
            continue  # who is looked at sooner is found as they are
        assert (with_notes[1].rows.col[name] == column).all(), name


def test_a_note_is_no_sign_of_anybody() -> None:
    note = row("home-1", 1, Note("sos_at_pairing"), device="button")
    assert not human(note)
    assert not traffic(note)
    assert note.at == at(1)
