"""What the API says of homes that cannot be heard, asked over HTTP of a real server on both databases."""

from __future__ import annotations

from store.database import Database
from store.unheard import put_unheard
from tests.serving import HOME, T0, City


def test_a_home_that_cannot_be_heard_is_told_everywhere(db: Database) -> None:
    city = City(db)
    with city.serve() as door:
        more = {"home": "home-0002", "gateway": "gw-0002", "area": "gwangju", "resident": "박"}
        assert door.post("/api/homes", json=more).json()["imported"] == 1
        with city.db.write() as tx:
            put_unheard(tx, city.db.backend, {"home-0002": None, HOME.id: T0}, [])
        lost = door.get(f"/api/homes/{HOME.id}").json()
        assert (lost["heard"], lost["unheard_since"]) == (False, "2026-11-21T05:00:00Z")
        told = [(each["home"], each["resident"], each["since"]) for each in door.get("/api/unheard").json()]
        assert told == [(HOME.id, HOME.resident, "2026-11-21T05:00:00Z"), ("home-0002", "박", None)]
        board = door.get("/api/board").json()
        assert [each["home"] for each in board["unheard"]] == [HOME.id, "home-0002"]
        assert board["unheard_total"] == 2
        assert 'anbu_homes_unheard{state="lost"} 1.0' in door.get("/metrics").text
        with city.db.write() as tx:
            put_unheard(tx, city.db.backend, {}, ["home-0002", HOME.id])
        found = door.get(f"/api/homes/{HOME.id}").json()
        assert (found["heard"], found["unheard_since"], door.get("/api/unheard").json()) == (True, None, [])
        assert door.get("/api/board").json()["unheard"] == []
