"""Who lives where and who answers for them: the SQL of homes, devices, members, cover and absence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from core.people import AbsenceNote, AskBy, Cover, Home, Member, Risk, Role
from core.signals import Evidence
from store import check_ins
from store.database import Transactions, insert_new, upsert
from store.enrol import Line, fault
from store.tables import absences, areas, covers, devices, homes, members, of_people, residents

TOGETHER = 100
_LISTS = ("kinds", "can", "unproved")


class Device(msgspec.Struct, frozen=True):
    """One thing in a home that sends events; `kinds` is what it has sent so far, sorted.

    What its gateway said of it at `told_at`: the kinds that it `can` say, and those that are `unproved`, which is to
    say that nobody has seen them arrive. None: nothing.
    """

    gateway: str
    device: str
    kinds: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    battery_pct: float | None = None
    can: tuple[str, ...] | None = None
    unproved: tuple[str, ...] | None = None
    told_at: datetime | None = None

    @property
    def proved(self) -> bool | None:
        """Whether all that it can say has been seen to arrive; None: nobody knows."""
        return None if self.unproved is None else not self.unproved


# --- homes

RESIDENT = (
    sa.select(residents.c.name)
    .where(residents.c.home == homes.c.id)
    .order_by(residents.c.id)
    .limit(1)
    .scalar_subquery()
    .label("resident")
)
_HOMES = sa.select(homes, RESIDENT)
_CHANGED = _HOMES.where(homes.c.revision > sa.bindparam("since")).order_by(homes.c.revision)
_HOME_VALUES = [c.name for c in homes.c if c.name not in ("id", "created_at", "budget_factor")]


def _home(row: Mapping[Any, Any]) -> Home:
    known = {name: row[name] for name in Home.__struct_fields__}
    ask_by = AskBy(row["ask_by"]) if row["ask_by"] else None
    texts = {name: row[name] or "" for name in ("resident", "wording", "cloud")}
    return Home(**known | texts | {"risk": Risk(row["risk"]), "ask_by": ask_by})


def _homes(tx: Connection, query: sa.Select[Any]) -> list[Home]:
    return [_home(row) for row in tx.execute(query).mappings()]


def home(tx: Connection, home_id: str) -> Home | None:
    return next(iter(_homes(tx, _HOMES.where(homes.c.id == home_id))), None)


def home_of_gateway(tx: Connection, gateway: str) -> Home | None:
    return next(iter(_homes(tx, _HOMES.where(homes.c.gateway == gateway))), None)


def all_homes(tx: Connection) -> list[Home]:
    """The homes where people live."""
    return _homes(tx, _HOMES.where(of_people(homes.c.id)).order_by(homes.c.id))


def homes_changed_since(tx: Connection, revision: int) -> tuple[list[Home], int]:
    """The homes changed after `revision`, and the revision to ask with next time; begin with 0."""
    changed = tx.execute(_CHANGED, {"since": revision}).mappings().all()
    return [_home(row) for row in changed], changed[-1]["revision"] if changed else revision


def put_home(tx: Connection, backend: str, home: Home, now: datetime) -> Evidence | None:
    """Insert or update `home`; its area and resident come with it. Not None: nothing was stored, and why.

    Its `budget_factor` stays as it is stored: `store.tunings` sets it.
    """
    refused = fault(home)
    if refused is not None:
        return refused
    other = tx.scalar(sa.select(homes.c.id).where(homes.c.gateway == home.gateway, homes.c.id != home.id))
    if other is not None:
        return Evidence("homes.gateway_taken", {"gateway": home.gateway, "home": other})
    store_home(tx, backend, home, now)
    return None


def store_home(tx: Connection, backend: str, home: Home, now: datetime) -> None:
    """Insert or update a home that is known to be right."""
    stood = tx.scalar(sa.select(homes.c.timezone).where(homes.c.id == home.id))
    last = tx.scalar(sa.select(sa.func.max(homes.c.revision))) or 0
    row = {"revision": last + 1, "created_at": now, **msgspec.structs.asdict(home), "risk": home.risk.value}
    name = row.pop("resident")
    del row["budget_factor"]
    tx.execute(upsert(homes, backend, ["id"], _HOME_VALUES).values(row))
    if stood is not None and stood != home.timezone:
        check_ins.move_agenda(tx, home.id, home.timezone, now)
    tx.execute(sa.delete(residents).where(residents.c.home == home.id))
    if name:
        tx.execute(sa.insert(residents).values(home=home.id, name=name))
    for code in _with_ancestors(home.area):
        tx.execute(insert_new(areas, backend).values(code=code, name_ko=code, name_en=code))


def take_in(
    db: Transactions,
    lines: Iterable[Line],
    now: datetime,
    refuse: Callable[[Connection, Home], Evidence | None] = lambda tx, home: None,
) -> Iterator[Line]:
    """Store the homes of a file; yields each line with what became of it, its home or why not.

    It writes in small transactions: an SOS never waits behind a file of homes. `refuse` may have a further reason.
    """
    rest = iter(lines)
    while chunk := list(islice(rest, TOGETHER)):
        done: list[Line] = []
        with db.write() as tx:
            for line in chunk:
                refused = None
                if isinstance(line.read, Home):
                    refused = refuse(tx, line.read) or put_home(tx, db.backend, line.read, now)
                done.append(line if refused is None else Line(line.number, refused))
        yield from done


# --- areas and devices


def _with_ancestors(area: str) -> Iterator[str]:
    steps = area.split("/")
    return ("/".join(steps[: depth + 1]) for depth in range(len(steps)))


def put_area(tx: Connection, backend: str, code: str, name_ko: str, name_en: str) -> None:
    """Name an area, known or not yet."""
    names = {"code": code, "name_ko": name_ko, "name_en": name_en}
    tx.execute(upsert(areas, backend, ["code"], ["name_ko", "name_en"]).values(names))


def area_names(tx: Connection) -> dict[str, tuple[str, str]]:
    """Code -> (Korean, English); an area nobody has named yet is called by its code."""
    return {row.code: (row.name_ko, row.name_en) for row in tx.execute(sa.select(areas))}


def put_devices(tx: Connection, backend: str, known: Iterable[Device]) -> None:
    """Insert devices, or bring everything but their `first_seen` up to date."""
    rows = [
        msgspec.structs.asdict(device) | {name: _words(getattr(device, name)) for name in _LISTS} for device in known
    ]
    if rows:
        tx.execute(
            upsert(devices, backend, ["gateway", "device"], [*_LISTS, "told_at", "last_seen", "battery_pct"]), rows
        )


def _names(words: str | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(words.split())


def _words(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else " ".join(sorted(names))


def devices_of(tx: Connection, *gateways: str) -> list[Device]:
    """The devices of these gateways, by gateway and name."""
    query = sa.select(devices).where(devices.c.gateway.in_(gateways)).order_by(devices.c.gateway, devices.c.device)
    return [Device(**{**row, **{name: _names(row[name]) for name in _LISTS}}) for row in tx.execute(query).mappings()]


def uncommissioned(tx: Connection, gateways: Collection[str]) -> set[str]:
    """Which of these have announced a device that is not proved."""
    mine = sa.and_(devices.c.unproved != "", devices.c.gateway.in_(gateways))
    return set(tx.scalars(sa.select(devices.c.gateway).distinct().where(mine)))


def unproved_devices(tx: Connection, of: Collection[str]) -> dict[str, list[str]]:
    """Home -> its devices that are announced and not proved; of these homes those alone that have some."""
    theirs = sa.select(homes.c.id, devices.c.device).join(devices, devices.c.gateway == homes.c.gateway)
    theirs = theirs.where(devices.c.unproved != "", homes.c.id.in_(set(of))).order_by(devices.c.device)
    found: dict[str, list[str]] = {}
    for row in tx.execute(theirs) if of else ():
        found.setdefault(row.id, []).append(row.device)
    return found


def announced(tx: Connection, of: Collection[str]) -> set[str]:
    """Of these homes those whose gateway has said of a device whether it is proved."""
    theirs = sa.select(homes.c.id).distinct().join(devices, devices.c.gateway == homes.c.gateway)
    return set(tx.scalars(theirs.where(devices.c.unproved.is_not(None), homes.c.id.in_(set(of))))) if of else set()


def count_uncommissioned(tx: Connection, *, only: sa.ColumnElement[bool] | None = None) -> int:
    """How many homes have announced a device that is not proved. `only`: a further clause on the table of homes."""
    clause = sa.true() if only is None else only
    theirs = sa.select(homes.c.id).where(homes.c.gateway == devices.c.gateway, clause).exists()
    query = sa.select(sa.func.count(devices.c.gateway.distinct())).where(devices.c.unproved != "", theirs)
    return tx.scalar(query) or 0


def last_event_at(tx: Connection, gateway: str) -> datetime | None:
    """When the newest event of any of a gateway's devices happened."""
    newest: datetime | None = tx.scalar(sa.select(sa.func.max(devices.c.last_seen)).where(devices.c.gateway == gateway))
    return newest


# --- members, cover, absence


def put_member(tx: Connection, backend: str, member: Member) -> None:
    row = msgspec.to_builtins(member)
    tx.execute(upsert(members, backend, ["id"], [name for name in row if name != "id"]).values(row))


def all_members(tx: Connection) -> list[Member]:
    """The people who answer."""
    rows = tx.execute(sa.select(members).where(members.c.role != Role.CANARY).order_by(members.c.id)).mappings()
    return [msgspec.convert({str(name): row[name] for name in row}, Member) for row in rows]


def member(tx: Connection, id: str) -> Member | None:
    """One of the people who answer."""
    row = tx.execute(sa.select(members).where(members.c.id == id, members.c.role != Role.CANARY)).mappings().first()
    return None if row is None else msgspec.convert({str(name): row[name] for name in row}, Member)


def member_names(tx: Connection, ids: Collection[str]) -> dict[str, str]:
    """What members of these ids are called."""
    rows = tx.execute(sa.select(members.c.id, members.c.name).where(members.c.id.in_(set(ids)))) if ids else ()
    return {row.id: row.name for row in rows}


def put_cover(tx: Connection, cover: Cover) -> None:
    tx.execute(sa.insert(covers).values(msgspec.structs.asdict(cover)))


def all_covers(tx: Connection) -> list[Cover]:
    """In the order they were made: where two overlap, the later one is what people agreed last."""
    query = sa.select(covers.c.member, covers.c.start, covers.c.end, covers.c.by).order_by(covers.c.id)
    return [Cover(**row) for row in tx.execute(query).mappings()]


def add_absence(tx: Connection, home: str, start: datetime, end: datetime, by: str) -> None:
    tx.execute(sa.insert(absences).values(home=home, start=start, end=end, by=by))


def end_absence(tx: Connection, home: str, at: datetime) -> None:
    """Somebody is back."""
    there = sa.and_(absences.c.home == home, absences.c.start <= at, absences.c.end > at)
    tx.execute(sa.update(absences).where(there).values(end=at))


def absences_of(tx: Connection, home: str, since: datetime, until: datetime) -> list[AbsenceNote]:
    """A home's absences that touch [since, until), in the order they were noted."""
    query = sa.select(absences.c.home, absences.c.start, absences.c.end, absences.c.by).order_by(absences.c.id)
    query = query.where(absences.c.home == home, absences.c.start < until, absences.c.end > since)
    return [AbsenceNote(**row) for row in tx.execute(query).mappings()]


def absences_at(tx: Connection, now: datetime, home: str | None = None) -> list[AbsenceNote]:
    """The absences that cover `now`, of one home or of all; the one noted last comes last."""
    query = sa.select(absences.c.home, absences.c.start, absences.c.end, absences.c.by).order_by(absences.c.id)
    query = query.where(absences.c.start <= now, absences.c.end > now)
    if home is not None:
        query = query.where(absences.c.home == home)
    return [AbsenceNote(**row) for row in tx.execute(query).mappings()]
