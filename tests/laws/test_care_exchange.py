"""Laws of data that leaves the house: a record stands for eleven people or does not leave, whatever the people are."""

from __future__ import annotations

import io
import random
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pandas  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given
from hypothesis import settings as settled
from hypothesis import strategies as st

from care import anonymous, cap, research_files
from care.anonymous import COARSER, QUASI, Levels, Row, Table, anonymised, band, coarse, steps
from core.care import Refused
from core.signals import Concern, Urgency

SEOUL = ZoneInfo("Asia/Seoul")
people = st.builds(
    Row,
    age=st.none() | st.integers(60, 110),
    gender=st.sampled_from(["female", "male", "unknown"]),
    gu=st.sampled_from(["gwangju/nam-gu", "gwangju/seo-gu", "daejeon/daedeok-gu"]),
    income=st.sampled_from(["low", "middle"]),
    quarter=st.sampled_from(["2025-Q4", "2026-Q1", "2026-Q2"]),
    level=st.sampled_from(["severe", "moderate", "slight"]),
    weeks=st.tuples(*[st.none() | st.integers(0, 52)] * 5),
    services=st.integers(0, 5),
    change=st.none() | st.integers(-20, 20).map(lambda fives: fives * 5),
)
LEVELS = ["severe", "moderate", "slight"]
groups = st.lists(
    st.tuples(people, st.sampled_from([1, 9, 10, 11, 12, 30]), st.sets(st.sampled_from(LEVELS), min_size=1)), max_size=6
)
"""Likenesses, each shared by about as many as the law is about; else chance would seldom come near to it."""


def together(found: list[tuple[Row, int, set[str]]]) -> list[Row]:
    return [
        msgspec.structs.replace(row, level=sorted(levels)[number % len(levels)], services=number % 6)
        for row, size, levels in found
        for number in range(size)
    ]


@settled(max_examples=60)
@given(groups.map(together) | st.lists(people, max_size=40), st.randoms(use_true_random=False))
def test_a_record_stands_for_eleven_people_and_two_levels_or_nothing_leaves(rows: list[Row], shuffler: object) -> None:
    made = anonymised(rows)
    if isinstance(made, Refused):
        assert made.code == ("too_few" if len(rows) < 11 else "not_anonymous")
        return
    classes = defaultdict(list)
    for record in made.records:
        classes[record.coarse].append(record.level)
    assert min(map(len, classes.values())) == made.k >= 11
    assert min(len(set(levels)) for levels in classes.values()) == made.l >= 2
    assert made.left_out + len(made.records) == len(rows)
    assert made.left_out <= 0.05 * len(rows)
    # Nobody is there who was not, and nobody twice.
    exact = Counter((coarse(row, made.levels), row.level, row.weeks, row.services, row.change) for row in rows)
    given_out = Counter((it.coarse, it.level, it.weeks, it.services, it.change) for it in made.records)
    assert not given_out - exact
    # With everybody's exact data at hand, a record still fits eleven people at least, and a person eleven records.
    fits = Counter(coarse(row, made.levels) for row in rows)
    assert all(fits[record.coarse] >= 11 for record in made.records)
    assert all(len(classes[like]) == 0 or len(classes[like]) >= 11 for like in fits if like in classes)
    # The order in which they came is not in it.
    mixed = list(rows)
    assert isinstance(shuffler, random.Random)
    shuffler.shuffle(mixed)
    assert anonymised(mixed) == made


def alike(gender: str, many: int, *levels: str) -> list[Row]:
    row = Row(70, gender, "gwangju/nam-gu", "low", "2026-Q1", "", (1,) * 5, 1, None)
    return [msgspec.structs.replace(row, level=levels[number % len(levels)]) for number in range(many)]


@pytest.mark.parametrize(
    ("rows", "finest", "left_out"),
    [
        (alike("male", 11, "a", "b") + alike("female", 11, "a", "b"), True, 0),
        (alike("male", 11, "a", "b") + alike("female", 10, "a", "b"), False, 0),
        (alike("male", 11, "a", "b") + alike("female", 11, "a"), False, 0),
        (alike("male", 190, "a", "b") + alike("female", 10, "a", "b"), True, 10),
        (alike("male", 189, "a", "b") + alike("female", 10, "a", "b"), False, 0),
        (alike("male", 209, "a", "b") + alike("female", 11, "a"), True, 11),
    ],
)
def test_the_limits_are_where_they_are_said_to_be(rows: list[Row], finest: bool, left_out: int) -> None:
    made = anonymised(rows)
    assert isinstance(made, Table)
    assert (made.levels == Levels(), made.left_out) == (finest, left_out)


@settled(max_examples=8)
@given(groups.map(together))
def test_another_program_counts_the_same_in_the_bytes_that_leave(rows: list[Row]) -> None:
    made = anonymised(rows)
    if isinstance(made, Refused):
        return
    assert research_files.counted(made) == (made.k, made.l)
    read = pandas.read_csv(io.BytesIO(research_files.as_csv(made)), dtype=str, keep_default_na=False)
    parquet = pandas.read_parquet(io.BytesIO(research_files.as_parquet(made)))
    assert list(read.columns) == list(parquet.columns) == list(research_files.COLUMNS)
    for name in research_files.COLUMNS:
        shown = ["" if pandas.isna(one) else str(one if isinstance(one, str) else int(one)) for one in parquet[name]]
        assert shown == list(read[name])


def test_what_was_miscounted_does_not_leave() -> None:
    row = Row(70, "female", "gwangju/nam-gu", "low", "2026-Q1", "severe", (1,) * 5, 1, None)
    records = [anonymous.Record(coarse(row, Levels()), level, row.weeks, 1, None) for level in ("severe", "slight") * 5]
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    for k in (11, 10):
        table = Table(tuple(records), Levels(), k, 2, 0)
        with pytest.raises(research_files.Leak):
            research_files.manifest(table, since, until, "", "", "")


@given(people, people, st.sampled_from(list(steps())))
def test_coarser_never_tells_more(one: Row, other: Row, levels: Levels) -> None:
    """Two people who can't be told apart can't be told apart at any coarser level either."""
    for place, name in enumerate(QUASI):
        if coarse(one, levels)[place] != coarse(other, levels)[place]:
            continue
        most, read = COARSER[name]
        for level in range(getattr(levels, name), most + 1):
            assert read(one, level) == read(other, level)
        assert read(one, most) == read(other, most) == "any"


@given(st.integers(0, 130), st.sampled_from([10, 20]))
def test_an_age_lies_in_its_band(age: int, width: int) -> None:
    said = band(age, width)
    if said.endswith("+"):
        assert age >= int(said[:-1]) >= 80
    else:
        low, high = map(int, said.split("-"))
        assert low <= age <= high == low + width - 1


def test_the_finest_comes_first_and_every_way_once() -> None:
    ways = list(steps())
    assert ways[0] == Levels()
    assert len(set(map(tuple, (tuple(getattr(way, name) for name in QUASI) for way in ways)))) == len(ways) == 108


@pytest.mark.parametrize(
    ("at", "quarter", "begins"),
    [
        (datetime(2025, 12, 31, 15, tzinfo=UTC), "2026-Q1", True),
        (datetime(2025, 12, 31, 14, 59, 59, tzinfo=UTC), "2025-Q4", False),
        (datetime(2026, 3, 31, 15, tzinfo=UTC), "2026-Q2", True),
        (datetime(2026, 4, 30, 15, tzinfo=UTC), "2026-Q2", False),
        (datetime(2026, 9, 30, 15, 0, 0, 1, tzinfo=UTC), "2026-Q4", False),
    ],
)
def test_quarters_are_those_of_the_citys_calendar(at: datetime, quarter: str, begins: bool) -> None:
    assert anonymous.quarter_of(at, SEOUL) == quarter
    assert anonymous.quarter_begins(at, SEOUL) is begins


@settled(max_examples=60)
@given(st.text(), st.text(), st.sampled_from(list(Concern)), st.booleans(), st.booleans())
def test_no_text_breaks_a_message(name: str, place: str, concern: Concern, exercise: bool, over: bool) -> None:
    at = datetime(2026, 11, 21, 5, tzinfo=UTC)
    it = cap.Emergency(
        id=1,
        lines=[(1, at), (2, at)],
        concern=concern,
        urgency=Urgency.URGENT,
        opened_at=at,
        name=name,
        home="",
        area="",
        place={"ko": place, "en": place},
        why={"ko": name, "en": place},
        exercise=exercise,
        over=over,
    )
    read = ET.fromstring(cap.message(it, name, ZoneInfo("UTC")))
    ns = "{urn:oasis:names:tc:emergency:cap:1.2}"
    assert read.findtext(ns + "status") == ("Exercise" if exercise else "Actual")
    sender = read.findtext(ns + "sender") or ""
    assert sender
    assert not set(sender) & set(" ,<&")
    assert str(read.findtext(ns + "sent")).endswith("-00:00")
    texts = [element.text for element in read.iter() if len(element) == 0]
    assert all(text and text.strip() == text for text in texts)
    assert all(cap.legible(name) in (info.findtext(ns + "description") or "") for info in read.iter(ns + "info"))
