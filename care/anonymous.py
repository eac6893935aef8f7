"""Makes rows about people so coarse that none of them stands for fewer than k people, or gives nothing: pure."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from core.care import Refused, city_of

LEAST_K = 11
"""People behind each record, at least."""
LEAST_L = 2
"""Care levels in each class of records, at least."""
MOST_LEFT_OUT = 0.05
"""The share of rows that may be left out before nothing is given."""
ANY, UNKNOWN = "any", "unknown"


class Row(msgspec.Struct, frozen=True):
    """One person, as exact as the chain knows them.

    The first five could be known of somebody from elsewhere: `age` in years when the episode closed, `quarter` as
    "2026-Q4". `level` is what nobody is to learn of one person. The measures are rounded already: weeks in each stage,
    services that were delivered, points by which quality of life has changed (to the nearest 5); None: not known.
    """

    age: int | None
    gender: str
    gu: str
    income: str
    quarter: str
    level: str
    weeks: tuple[int | None, ...]
    services: int
    change: int | None


QUASI = ("age", "gender", "area", "income", "quarter")


class Levels(msgspec.Struct, frozen=True):
    """How coarse each column is; 0 is the finest, and the last of each is "any"."""

    age: int = 0
    gender: int = 0
    area: int = 0
    income: int = 0
    quarter: int = 0


class Record(msgspec.Struct, frozen=True):
    """One row as it leaves the house: the five coarse columns, and what was measured."""

    coarse: tuple[str, ...]
    level: str
    weeks: tuple[int | None, ...]
    services: int
    change: int | None


class Table(msgspec.Struct, frozen=True):
    """What may leave: records in an order that says nothing, and how they were made so."""

    records: tuple[Record, ...]
    levels: Levels
    k: int
    l: int  # noqa: E741 - the measure has this name everywhere
    left_out: int


def band(age: int, width: int) -> str:
    """The ages that one can't be told from: "70-79"; 90 and older are one."""
    start = min(age - age % width, 90 - 90 % width)
    return f"{start}+" if start + width > 90 else f"{start}-{start + width - 1}"


def _age(row: Row, level: int) -> str:
    if row.age is None or not 0 <= row.age <= 130:
        return ANY if level == 2 else UNKNOWN
    return ANY if level == 2 else band(row.age, (10, 20)[level])


def _area(row: Row, level: int) -> str:
    return (row.gu, city_of(row.gu), ANY)[level]


def _quarter(row: Row, level: int) -> str:
    return (row.quarter, row.quarter[:4], ANY)[level]


COARSER: dict[str, tuple[int, Callable[[Row, int], str]]] = {
    "age": (2, _age),
    "gender": (1, lambda row, level: (row.gender, ANY)[level]),
    "area": (2, _area),
    "income": (1, lambda row, level: (row.income, ANY)[level]),
    "quarter": (2, _quarter),
}
"""For each column its coarsest level, and what a row says at a level."""
_LOSS = {"age": 3, "gender": 4, "area": 2, "income": 3, "quarter": 1}


def coarse(row: Row, levels: Levels) -> tuple[str, ...]:
    """The columns of QUASI as they read at these levels."""
    return tuple(COARSER[name][1](row, getattr(levels, name)) for name in QUASI)


@cache
def steps() -> tuple[Levels, ...]:
    """Every way of being coarse, what loses least first; the order never depends on the data."""
    every = itertools.product(*(range(COARSER[name][0] + 1) for name in QUASI))
    ways = [Levels(**dict(zip(QUASI, way, strict=True))) for way in every]
    return tuple(sorted(ways, key=lambda way: sum(_LOSS[name] * getattr(way, name) for name in QUASI)))


def anonymised(rows: Sequence[Row], *, k: int = LEAST_K, l: int = LEAST_L) -> Table | Refused:  # noqa: E741 - as above
    """The finest table in which each class of like records has k people and l care levels.

    Rows of smaller classes are left out, 5 % at most. Refused: `too_few` people, or `not_anonymous` however coarse.
    One row for each person: who were in it twice would hide nobody. Measures are not looked at.
    """
    if len(rows) < k:
        return Refused("too_few", {"floor": k})
    most = int(len(rows) * MOST_LEFT_OUT)
    finest = defaultdict(list)
    for row in rows:
        finest[coarse(row, Levels())].append(row)
    for levels in steps():
        classes: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
        for alike in finest.values():
            # Whoever can't be told apart can't be at any coarser level.
            classes[coarse(alike[0], levels)] += alike
        large = {like: of for like, of in classes.items() if len(of) >= k and len({row.level for row in of}) >= l}
        left_out = len(rows) - sum(len(of) for of in large.values())
        if large and left_out <= most:
            return _table(large, levels, left_out)
    return Refused("not_anonymous", {"k": k, "l": l})


def measured(records: Sequence[Record]) -> tuple[int, int]:
    """k and l of records, counted anew; (0, 0) of none."""
    sizes = Counter(record.coarse for record in records)
    levels = defaultdict(set)
    for record in records:
        levels[record.coarse].add(record.level)
    return min(sizes.values(), default=0), min((len(of) for of in levels.values()), default=0)


def _table(classes: dict[tuple[str, ...], list[Row]], levels: Levels, left_out: int) -> Table:
    records = [
        Record(like, row.level, row.weeks, row.services, row.change) for like, of in classes.items() for row in of
    ]
    # The order of episodes would say who came first.
    records.sort(key=lambda it: (it.coarse, it.level, [-1 if week is None else week for week in it.weeks], _rest(it)))
    k, l = measured(records)  # noqa: E741 - as above
    return Table(tuple(records), levels, k, l, left_out)


def _rest(record: Record) -> tuple[int, bool, int]:
    return record.services, record.change is None, record.change or 0


def quarter_of(at: datetime, zone: ZoneInfo) -> str:
    """The quarter of the calendar, as "2026-Q4"."""
    local = at.astimezone(zone)
    return f"{local.year}-Q{(local.month + 2) // 3}"


def quarter_begins(at: datetime, zone: ZoneInfo) -> bool:
    """Whether a quarter of the calendar begins just then."""
    local = at.astimezone(zone)
    first = datetime(local.year, local.month - (local.month - 1) % 3, 1, tzinfo=zone)
    return at.astimezone(UTC) == first.astimezone(UTC)
