"""The laws of who sees what, on the real tables: lists and things agree, and nobody reaches beyond what is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, product
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from access.actor import Actor
from access.roles import REACH, By, Role
from access.visible import SIGHTS, Kind, find, only, shows_case
from core.people import within
from store.account_tables import accounts, grants
from store.care_tables import claims, consents, episodes, orders, persons, plan_items, plans, records, tasks, visits
from store.database import Database
from store.migrate import migrate
from store.pack_tables import providers
from store.tables import cases, gateways, homes, members
from tests.effort import tried

T0 = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
H = timedelta(hours=1)
# The last of the gwangju ones begins with the letters of another, and is no part of it.
AREAS = ("gwangju/nam/a", "gwangju/nam/b", "gwangju/buk/a", "gwangju/nam-2/a", "busan/jung/a")
PREFIXES = ("gwangju", "gwangju/nam", "gwangju/nam-2", "busan", *AREAS)
HOMES = tuple(f"home-{n}" for n in range(len(AREAS)))
PROVIDERS = ("prov-0", "prov-1", "prov-2")
_NUMBERS = count()
STATES = ("offered", "accepted", "finished")


def put(tx: Connection, table: sa.Table, **said: Any) -> None:
    """A row with something in each column that must not be empty."""
    for column in table.c:
        if column.name in said or column.nullable or (column.primary_key and isinstance(column.type, sa.Integer)):
            continue
        match column.type:
            case sa.Boolean():
                said[column.name] = False
            case sa.Integer() | sa.Float():
                said[column.name] = 1
            case sa.JSON():
                said[column.name] = []
            case sa.Text():
                said[column.name] = f"x{next(_NUMBERS)}"
            case _:
                said[column.name] = T0
    tx.execute(sa.insert(table).values(**said))


def people_of(n: int, area: str) -> list[tuple[str, str | None, datetime | None]]:
    """Who is known of an area: who lived in its home before, who lives there, and somebody of no watched home."""
    return [(f"h-{HOMES[n]}", HOMES[n], T0), (f"h-{HOMES[n]}.2", HOMES[n], None), (f"p-out-{n}", None, None)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('visible') / 'anbu.db'}")
    migrate(db)
    with db.write() as tx:
        for n, id in enumerate(PROVIDERS):
            put(tx, providers, id=id, city="gwangju" if n < 2 else "busan")
        for n, area in enumerate(AREAS):
            put(tx, gateways, id=f"gw-{n}")
            put(tx, homes, id=HOMES[n], gateway=f"gw-{n}", area=area)
            put(tx, members, id=f"m-{n}", area=area)
            put(tx, accounts, id=f"u-{n}", login=f"u-{n}", role="manager", area=area)
            put(tx, grants, account=f"u-{n}", kind="home", object=HOMES[-1 - n], area=AREAS[-1 - n])
            for at in (T0 - H, T0 + H):
                put(tx, cases, subject=f"home:{HOMES[n]}", home=HOMES[n], area=area, state="closed", opened_at=at)
            put(tx, cases, subject=f"person:p-out-{n}", area=area, state="closed", opened_at=T0 + H)
            put(tx, cases, subject=f"area:{area}", area=area, state="closed", opened_at=T0)
            for id, home, gone in people_of(n, area):
                put(tx, persons, id=id, home=home, area=area, gone_at=gone)
        put(tx, gateways, id="gw-spare")
        _care(tx)
    yield db
    db.close()


def _care(tx: Connection) -> None:
    """An episode for everybody, and orders of every state and consent of every kind."""
    everybody = [(id, area) for n, area in enumerate(AREAS) for id, _, _ in people_of(n, area)]
    words = ([], ["given"], ["given", "withdrawn"], ["refused", "given"], ["given", "asked"])
    for n, (id, area) in enumerate(everybody, start=1):
        put(tx, cases, id=100 + n, subject=f"area:{n}", area="busan", state="closed", group=str(n))
        put(tx, episodes, id=n, person=id, area=area, case_id=100 + n, application=f"a-{n}")
        put(tx, visits, id=f"v-{n}", person=id, area=area)
        put(tx, plans, id=n, episode=n)
        put(tx, plan_items, id=n, plan=n)
        for state in words[n % len(words)]:
            put(tx, consents, person=id, purpose="sharing", state=state)
        provider, state = PROVIDERS[n % 2], STATES[n % 3]
        put(tx, orders, id=n, episode=n, item=n, person=id, area=area, provider=provider, state=state)
        put(tx, tasks, order=n, key=f"t-{n}")
        put(tx, records, id=f"r-{n}", order=n)
        put(tx, claims, provider=provider, gu="/".join(area.split("/")[:2]))


def some(of: tuple[Any, ...], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(of), unique=True, max_size=most).map(tuple)


LENT = tuple(("home", home) for home in HOMES) + tuple(
    ("person", id) for n, area in enumerate(AREAS) for id, _, _ in people_of(n, area)
)


@st.composite
def actors(draw: st.DrawFn, roles: tuple[Role, ...] = tuple(Role)) -> Actor:
    """Somebody, as `access.find` could make them."""
    role = draw(st.sampled_from(roles))
    by, n = REACH[role], draw(st.integers(0, len(AREAS) - 1))
    lent = draw(some(LENT)) if by is By.AREA else ()
    mine = draw(some(HOMES)) if by is By.HOME else ()
    return Actor(
        account=f"u-{n}",
        name="x",
        role=role,
        areas=draw(some(PREFIXES)) if by is By.AREA else (),
        homes=mine,
        since=tuple((home, T0) for home in mine),
        provider=draw(st.sampled_from(PROVIDERS)) if by is By.PROVIDER else None,
        member=draw(st.sampled_from([None, f"m-{n}"])),
        grants=lent,
        reasons=tuple(f"why {n}" for n in range(len(lent))),
    )


def listed(tx: Connection, actor: Actor, kind: Kind) -> set[Any]:
    id = SIGHTS[kind].id
    return set(tx.scalars(sa.select(id).where(only(actor, kind, id))))


def everything(tx: Connection, kind: Kind) -> dict[Any, Any]:
    """Every row of a kind by its id, with what is known of where it belongs."""
    of = SIGHTS[kind]
    columns = {"area": of.area, "home": of.home, "person": of.person, "provider": of.provider}
    known = [(sa.null() if column is None else column).label(name) for name, column in columns.items()]
    return {row.id: row for row in tx.execute(sa.select(of.id.label("id"), *known).select_from(of.rows))}


@tried(20)
@given(actors())
def test_a_list_holds_what_can_be_opened_and_nothing_else(town: Database, actor: Actor) -> None:
    with town.read() as tx:
        for kind in Kind:
            opened = {id for id in everything(tx, kind) if find(tx, actor, kind, id) is not None}
            assert listed(tx, actor, kind) == opened, kind
        theirs = tx.scalars(sa.select(visits.c.person).where(only(actor, Kind.PERSON, visits.c.person)))
        assert set(theirs) == listed(tx, actor, Kind.PERSON), "also by another table's column"


@tried(20)
@given(actors())
def test_the_stream_shows_the_cases_that_can_be_opened(town: Database, actor: Actor) -> None:
    with town.read() as tx:
        opened = dict(tx.execute(sa.select(cases.c.id, cases.c.opened_at)).all())
        for id, row in everything(tx, Kind.CASE).items():
            shown = shows_case(actor, row.area, row.home, row.person, opened[id])
            assert shown == (find(tx, actor, Kind.CASE, id) is not None), (id, row)


@tried(20)
@given(actors(tuple(role for role in Role if REACH[role] is By.AREA)))
def test_nobody_sees_beyond_their_areas_and_what_is_lent(town: Database, actor: Actor) -> None:
    with town.read() as tx:
        for kind in Kind:
            if kind in (Kind.PROVIDER, Kind.GRANT, Kind.MEMBER):
                continue
            rows = everything(tx, kind)
            for id in listed(tx, actor, kind):
                row = rows[id]
                own = row.area is not None and any(within(row.area, area) for area in actor.areas)
                lent = ("person", row.person) in actor.grants
                # A home is lent with its calls; a person's things come with the person alone.
                lent |= kind in (Kind.HOME, Kind.CASE, Kind.GATEWAY) and ("home", row.home) in actor.grants
                spare = kind is Kind.GATEWAY and actor.role is Role.OPERATOR and row.area is None
                assert own or lent or spare, (kind, row)
            inside = {id for id, row in rows.items() if row.area and any(within(row.area, one) for one in actor.areas)}
            assert inside <= listed(tx, actor, kind), "all that is theirs is theirs"


@tried(20)
@given(actors((Role.MANAGER, Role.SUPERVISOR, Role.DUTY)))
def test_what_is_lent_has_its_reason_and_what_is_own_has_none(town: Database, actor: Actor) -> None:
    with town.read() as tx:
        for kind, id in product((Kind.HOME, Kind.PERSON), LENT):
            found = find(tx, actor, kind, id[1])
            if found is None or str(kind) != id[0]:
                continue
            row = everything(tx, kind)[id[1]]
            own = any(within(row.area, area) for area in actor.areas)
            assert found.about == id[1]
            assert found.reason == ("" if own else actor.reasons[actor.grants.index(id)])


@given(actors((Role.WORKER,)))
def test_a_provider_sees_whom_it_serves_and_who_lets_it(town: Database, actor: Actor) -> None:
    with town.read() as tx:
        served = set(tx.scalars(
            sa.select(orders.c.person).where(orders.c.provider == actor.provider, orders.c.state == "accepted")
        ))  # fmt: skip
        last = dict(tx.execute(sa.select(consents.c.person, consents.c.state).order_by(consents.c.id)).all())
        wanted = {id for id in served if last.get(id) == "given"}
        assert listed(tx, actor, Kind.PERSON) == wanted
        theirs = set(tx.scalars(sa.select(orders.c.id).where(orders.c.provider == actor.provider)))
        assert listed(tx, actor, Kind.ORDER) == theirs
        for kind in (Kind.CASE, Kind.HOME, Kind.EPISODE, Kind.VISIT, Kind.PLAN_ITEM, Kind.GATEWAY, Kind.GRANT):
            assert listed(tx, actor, kind) == set(), kind


@given(actors((Role.FAMILY,)))
def test_kin_see_their_homes_and_only_what_was_since_they_moved_in(town: Database, actor: Actor) -> None:
    with town.read() as tx:
        assert listed(tx, actor, Kind.HOME) == set(actor.homes)
        mine = sa.and_(cases.c.home.in_(actor.homes), cases.c.opened_at > T0)
        assert listed(tx, actor, Kind.CASE) == set(tx.scalars(sa.select(cases.c.id).where(mine)))
        for kind in (Kind.CLAIM, Kind.PROVIDER, Kind.MEMBER, Kind.GRANT):
            assert listed(tx, actor, kind) == set(), kind


@given(actors())
def test_a_grant_is_seen_by_who_asked_and_by_who_watches_there(town: Database, actor: Actor) -> None:
    watches = actor.role in (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
    with town.read() as tx:
        rows = tx.execute(sa.select(grants)).all()
        wanted = {
            row.id
            for row in rows
            if actor.system
            or (REACH[actor.role] is By.AREA and row.account == actor.account)
            or (watches and any(within(row.area, area) for area in actor.areas))
        }
        assert listed(tx, actor, Kind.GRANT) == wanted
