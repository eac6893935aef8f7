"""What a gateway notes is on its home's page, in both languages, the newest first, and nobody is called for it."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from core.events import Event, Motion, Note
from store.database import Database
from store.log import Entry, append, notes
from tests.serving import HOME, T0, City


def test_the_newest_twenty_notes_are_on_a_homes_page(db: Database) -> None:
    city = City(db)
    said = [
        Event(f"n-{n}", HOME.gateway, "button", "note", T0 + timedelta(minutes=n), Note("sos_at_pairing"), "b1", n)
        for n in range(25)
    ]
    said += [Event("m-1", HOME.gateway, "pir", "motion", T0, Motion("hall"), "b1", 99)]
    other = Event("o-1", "gw-0002", "button", "note", T0, Note("sos_at_pairing"), "b1", 1)
    with db.write() as tx:
        append(tx, [*(Entry(event, HOME.id, T0) for event in said), Entry(other, "home-0002", T0)])
    with db.read() as tx:
        assert [row.event_id for row in notes(tx, HOME.id, 30)] == [f"n-{n}" for n in range(24, -1, -1)]
    with city.serve() as door:
        home = door.get(f"/api/homes/{HOME.id}").json()
        assert [note["at"] for note in home["notes"]] == [
            f"2026-11-21T05:{minute:02}:00Z" for minute in range(24, 4, -1)
        ]
        first = home["notes"][0]
        assert (first["device"], first["key"]) == ("button", "note.sos_at_pairing")
        assert "joining" in first["what"]["en"]
        assert "등록" in first["what"]["ko"]
        assert home["cases"] == []


def test_a_note_of_a_later_version_reads_as_its_word(db: Database) -> None:
    city = City(db)
    later = Event("n-1", HOME.gateway, "button", "note", T0, Note("of_a_later_version"), "b1", 1)
    with db.write() as tx:
        append(tx, [Entry(later, HOME.id, T0)])
    with city.serve() as door:
        (note,) = door.get(f"/api/homes/{HOME.id}").json()["notes"]
    assert (note["key"], note["what"]["en"]) == ("note.other", "button: of_a_later_version")


def test_notes_are_found_by_an_index_of_their_own(db: Database) -> None:
    if db.backend != "sqlite":
        return
    with db.read() as tx:
        plan = tx.execute(
            sa.text(
                "EXPLAIN QUERY PLAN SELECT id FROM events WHERE home = 'home-0001' AND kind = 'note' "
                "ORDER BY id DESC LIMIT 20"
            )
        ).all()
    assert "ix_events_notes" in str(plan)
