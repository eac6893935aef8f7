"""What care has changed for many people: pairs, exercises and the floor, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from care import outcomes
from care.change import paired
from core.care import Refused, Stage
from store import care_tables
from store.database import Database
from store.outcome_tables import evaluations
from store.pack_tables import packs
from tests.chain import Chain
from tests.serving import HOME, T0

LATER = T0 + timedelta(days=90)
FAR = T0 + timedelta(days=900)


def people(city: Chain, pairs: Sequence[tuple[float, float]], **about: Any) -> None:
    for before, after in pairs:
        it = city.open(Stage.LINKAGE, **about)
        city.say(it, "quality-of-life", "first", before, T0)
        city.say(it, "quality-of-life", "follow_up", after, LATER)


def ask(door: httpx.Client, **asked: str) -> tuple[int, dict[str, Any]]:
    reply = door.get("/api/care/change", params={"instrument": "quality-of-life", "area": "gwangju", **asked})
    return reply.status_code, reply.json() if reply.status_code == 200 else reply.json()["detail"]


def test_the_change_of_many(db: Database) -> None:
    city = Chain(db)
    changes = [4, -2, 6, 0, 2, 8, -4, 2, 0, 6]
    people(city, [(50, 50 + change) for change in changes])
    people(city, [(0, 100)] * 12, exercise=True)
    people(city, [(0, 100)], area="daejeon/daedeok-gu/1-dong")
    lone = city.open(Stage.LINKAGE)
    city.say(lone, "quality-of-life", "first", 0, T0)
    odd = city.open(Stage.LINKAGE)
    city.say(odd, "quality-of-life", "first", 0, T0)
    city.say(odd, "quality-of-life", "follow_up", 100, LATER, version="2")
    with city.serve() as door:
        status, why = ask(door)
        assert (status, why["code"], why["en"]) == (409, "too_few", "Fewer than 11 people: it is not shown.")
        assert ask(door, instrument="tea-leaves")[1]["code"] == "unknown_instrument"
        people(city, [(50, 48), (50, 50)])
        status, change = ask(door)
        # The same twelve changes as by hand in tests/laws: t(0.975, 11) = 2.200985.
        assert (status, change["n"], change["improved_percent"]) == (200, 12, 50)
        assert [round(change[name], 4) for name in ("mean", "low", "high")] == [1.6667, -0.6848, 4.0181]
        assert ask(door, area="gwangju/nam-gu")[0] == 200
        assert ask(door, area="gwangju/nam")[0] == 409
        assert ask(door, since=(LATER + timedelta(days=1)).isoformat())[0] == 409
        assert ask(door, until=LATER.isoformat())[0] == 409
        assert ask(door, since=LATER.isoformat())[0] == 200


def test_a_person_counts_once(db: Database) -> None:
    city = Chain(db)
    people(city, [(50, 60)] * 10)
    with db.write() as tx:
        someone = tx.scalar(sa.select(sa.func.min(evaluations.c.person)))
    again = city.open(Stage.LINKAGE)
    with db.write() as tx:
        tx.execute(sa.update(care_tables.episodes).where(care_tables.episodes.c.id == again.id).values(person=someone))
    for phase, score, at in (("first", 50, LATER), ("follow_up", 40, FAR - timedelta(days=1))):
        city.say(again, "quality-of-life", phase, score, at)
    with db.write() as tx:
        tx.execute(sa.update(evaluations).where(evaluations.c.episode == again.id).values(person=someone))
    with city.serve() as door:
        assert ask(door)[0] == 409, "eleven pairs of ten people"
        people(city, [(50, 60)])
        change = ask(door)[1]
        assert (change["n"], round(change["improved_percent"], 3)) == (11, round(1000 / 11, 3)), "the newest pair"


def test_who_is_satisfied_and_the_floor_of_the_rules(db: Database) -> None:
    city = Chain(db)
    with db.write() as tx:
        tx.execute(sa.insert(packs).values(city="gwangju", version="1", loaded_at=T0, body={"floor": 14}))
    for score in [25, 20, 20, 21, 22, 23, 24, 25, 20, 20, 20, 20, 19]:
        city.say(city.open(Stage.LINKAGE), "satisfaction", "first", score, T0)
    with city.serve() as door:
        path = "/api/care/satisfaction"
        assert door.get(path, params={"area": "gwangju"}).json()["detail"]["code"] == "too_few"
        it = city.open(Stage.LINKAGE)
        city.say(it, "satisfaction", "first", 5, T0)
        city.say(it, "satisfaction", "follow_up", 25, LATER)
        city.say(city.open(Stage.LINKAGE, exercise=True), "satisfaction", "first", 5, T0)
        said = door.get(path, params={"area": "gwangju"}).json()
        assert (said["n"], round(said["percent"], 3)) == (14, round(1300 / 14, 3))
        wrong = door.get(path, params={"area": "gwangju", "instrument": "care-level"})
        assert (wrong.status_code, wrong.json()["detail"]["code"]) == (409, "no_level")


PEOPLE = st.lists(
    st.tuples(st.sampled_from([0, 4, 50, 96]), st.sampled_from([0, 8, 50, 100]), st.booleans(), st.booleans()),
    max_size=30,
)


def test_it_is_the_change_of_the_real_people_of_the_area_and_of_nobody_else(db: Database) -> None:
    city = Chain(db)
    opened = [city.open(Stage.LINKAGE) for _ in range(30)]

    @settings(max_examples=15)
    @given(PEOPLE)
    def law(told: list[tuple[int, int, bool, bool]]) -> None:
        with db.write() as tx:
            tx.execute(sa.delete(evaluations))
            for it, (_, _, exercise, near) in zip(opened, told, strict=False):
                area = HOME.area if near else "gwangju-2/nam-gu/bongseon-1-dong"
                mine = sa.update(care_tables.episodes).where(care_tables.episodes.c.id == it.id)
                tx.execute(mine.values(exercise=exercise, area=area))
            for it, (before, after, _, _) in zip(opened, told, strict=False):
                city.say(it, "quality-of-life", "first", before, T0, tx=tx)
                city.say(it, "quality-of-life", "follow_up", after, LATER, tx=tx)
        counted = [(before, after) for before, after, exercise, near in told if near and not exercise]
        with db.read() as tx:
            come = outcomes.changed(tx, "gwangju", "quality-of-life", T0, FAR)
        # In another order the sums differ in their last digits.
        want = paired([one[0] for one in counted], [one[1] for one in counted], 11)
        if isinstance(want, Refused) or isinstance(come, Refused):
            assert come == want
        else:
            assert [round(x, 9) for x in msgspec.structs.astuple(come)] == [
                round(x, 9) for x in msgspec.structs.astuple(want)
            ]

    law()
