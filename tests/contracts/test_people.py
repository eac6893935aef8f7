"""The people's tables on every database, and the homes file with all that people put into one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.people import AskBy, Cover, Home, Member, Reach, Risk, Role
from core.signals import Evidence
from core.words import say
from store import people
from store.database import Database
from store.enrol import COLUMNS, Line, fault, read_homes_csv, with_cells

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
HOME = Home(
    "home-1", "gw-0001", "gwangju/nam-gu/bongseon-1-dong", "김순자", Risk.HIGH, silence_ceiling_s=7200.0,
    alarm_budget=1.5, ask_by=AskBy.NONE, wording="Mum, it's me",
)  # fmt: skip
HEADER = ",".join(COLUMNS)


def put(db: Database, *homes: Home) -> None:
    with db.write() as tx:
        for home in homes:
            assert people.put_home(tx, db.backend, home, NOW) is None


def test_a_home_comes_back_as_it_went_in(db: Database) -> None:
    put(db, HOME)
    with db.read() as tx:
        assert people.home(tx, "home-1") == HOME
        assert people.home_of_gateway(tx, "gw-0001") == HOME
        assert people.home(tx, "home-2") is None
        assert people.home_of_gateway(tx, "gw-0002") is None


def test_a_change_replaces_the_home_and_its_resident(db: Database) -> None:
    moved = Home("home-1", "gw-0009", "gwangju/dong-gu", "이영희", residents=2, timezone="Europe/London")
    put(db, HOME, moved)
    with db.read() as tx:
        assert people.all_homes(tx) == [moved]
        assert people.home_of_gateway(tx, "gw-0001") is None


def test_who_asks_by_revision_sees_each_change_once(db: Database) -> None:
    other = Home("home-2", "gw-0002", "gwangju")
    put(db, HOME, other)
    with db.read() as tx:
        first, revision = people.homes_changed_since(tx, 0)
        assert first == [HOME, other]
        assert people.homes_changed_since(tx, revision) == ([], revision)
    put(db, HOME)
    with db.read() as tx:
        again, later = people.homes_changed_since(tx, revision)
    assert again == [HOME]
    assert later > revision


def test_a_gateway_stays_with_its_home(db: Database) -> None:
    put(db, HOME)
    with db.write() as tx:
        refused = people.put_home(tx, db.backend, Home("home-2", "gw-0001", "gwangju"), NOW)
        assert refused is not None
        assert "home-1" in say(refused.key, "en", refused.numbers)
        assert people.all_homes(tx) == [HOME]


def test_every_step_of_an_area_is_known_and_can_be_named(db: Database) -> None:
    with db.write() as tx:
        people.put_area(tx, db.backend, "gwangju", "광주", "Gwangju")
    put(db, HOME)
    with db.read() as tx:
        names = people.area_names(tx)
    assert names["gwangju"] == ("광주", "Gwangju")
    assert set(names) == {"gwangju", "gwangju/nam-gu", "gwangju/nam-gu/bongseon-1-dong"}


def test_members_devices_and_cover_come_back(db: Database) -> None:
    kim = Member("kim", "김", Role.MANAGER, "gwangju", reach=(Reach("webhook", "http://localhost/1"), Reach("console")))
    cover = Cover("kim", NOW, NOW + timedelta(days=1), None)
    pir = people.Device("gw-0001", "kitchen-pir", ("battery", "motion"), NOW, NOW, 80.0)
    later = NOW + timedelta(hours=1)
    newer = people.Device("gw-0001", "kitchen-pir", ("motion",), later, later, None)
    with db.write() as tx:
        people.put_member(tx, db.backend, Member("kim", "before", Role.DUTY, "seoul", active=False))
        people.put_member(tx, db.backend, kim)
        people.put_cover(tx, cover)
        people.put_devices(tx, db.backend, [pir])
        people.put_devices(tx, db.backend, [newer])
    with db.read() as tx:
        assert people.all_members(tx) == [kim]
        assert people.all_covers(tx) == [cover]
        assert people.last_event_at(tx, "gw-0001") == later
        assert people.devices_of(tx, "gw-0001") == [people.Device("gw-0001", "kitchen-pir", ("motion",), NOW, later)]


def test_an_absence_holds_from_its_start_until_its_end(db: Database) -> None:
    put(db, HOME, Home("home-2", "gw-0002", "gwangju"))
    end = NOW + timedelta(hours=5)
    with db.write() as tx:
        people.add_absence(tx, "home-1", NOW, end, "kim")
    with db.read() as tx:
        for at, away in ((NOW - timedelta(seconds=1), 0), (NOW, 1), (end - timedelta(seconds=1), 1), (end, 0)):
            assert len(people.absences_at(tx, at)) == away
        assert people.absences_at(tx, NOW, "home-2") == []
        assert people.absences_at(tx, NOW, "home-1")[0].by == "kim"


# --- the homes file


def test_a_homes_file_from_a_spreadsheet_is_read() -> None:
    text = (
        f"\ufeff{HEADER},consent,silence_ceiling_h,alarm_budget,ask_by,wording\r\n"
        'home-1,gw-0001,gwangju/nam-gu,"김, 순자",HIGH,ko,Asia/Seoul,1,no,2.5,0.7,Light,"언니, 나 미영이"\r\n'
        "\r\n"
        "home-2,gw-0002,gwangju,,,,,,,,,,\r\n"
    )
    first = Home(
        "home-1", "gw-0001", "gwangju/nam-gu", "김, 순자", Risk.HIGH, consent=False, silence_ceiling_s=9000.0,
        alarm_budget=0.7, ask_by=AskBy.LIGHT, wording="언니, 나 미영이",
    )  # fmt: skip
    assert read_homes_csv(text) == [Line(2, first), Line(4, Home("home-2", "gw-0002", "gwangju"))]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("Home,gw-1,gwangju,,normal,ko,Asia/Seoul,1", "homes.bad_id"),
        (",gw-1,gwangju,,normal,ko,Asia/Seoul,1", "homes.bad_id"),
        ("home-1,gw/1,gwangju,,normal,ko,Asia/Seoul,1", "homes.bad_id"),
        ("home-1,gw-1,Gwangju/Nam gu,,normal,ko,Asia/Seoul,1", "homes.bad_area"),
        ("home-1,gw-1,gwangju,a\x1b[2Jb,normal,ko,Asia/Seoul,1", "homes.bad_name"),
        ("home-1,gw-1,gwangju,,urgent,ko,Asia/Seoul,1", "homes.bad_risk"),
        ("home-1,gw-1,gwangju,,normal,fr,Asia/Seoul,1", "homes.bad_language"),
        ("home-1,gw-1,gwangju,,normal,ko,Asia/Gwangju,1", "homes.bad_timezone"),
        ("home-1,gw-1,gwangju,,normal,ko,../../etc/passwd,1", "homes.bad_timezone"),
        ("home-1,gw-1,gwangju,,normal,ko,Asia/Seoul,0", "homes.bad_residents"),
        ("home-1,gw-1,gwangju,,normal,ko,Asia/Seoul,51", "homes.bad_residents"),
        ("home-1,gw-1,gwangju,,normal,ko,Asia/Seoul,one", "homes.bad_residents"),
        ("home-1,gw-1,gwangju,,normal,ko,Asia/Seoul", "homes.bad_width"),
        ('home-1,gw-1,"gwangju,,normal,ko,Asia/Seoul,1', "homes.bad_csv"),
    ],
)
def test_a_bad_line_is_told_by_its_number_and_the_others_are_taken(line: str, key: str) -> None:
    found = read_homes_csv(f"{HEADER}\ngood-1,gw-good,gwangju,,normal,ko,Asia/Seoul,1\n{line}\n")
    assert found[0] == Line(2, Home("good-1", "gw-good", "gwangju"))
    assert found[1].number == 3
    bad = found[1].read
    assert isinstance(bad, Evidence)
    assert bad.key == key
    assert say(bad.key, "ko", bad.numbers) != say(bad.key, "en", bad.numbers)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("wandering", "maybe"),
        ("silence_ceiling_h", "nan"),
        ("speaker", "2"),
        ("ask_by", "smoke"),
        ("wording", "가" * 201),
    ]
    + [("wording", "가" * 201)]
    + [("alarm_budget", text) for text in ("0", "0.09", "20.1", "-1", "nan", "inf", "many")],
)
def test_extra_columns_are_checked_too(column: str, text: str) -> None:
    (bad,) = read_homes_csv(f"{HEADER},{column}\nhome-1,gw-0001,gwangju,,normal,ko,Asia/Seoul,1,{text}\n")
    assert isinstance(bad.read, Evidence)
    if column == "alarm_budget":
        assert all(text in say(bad.read.key, language, bad.read.numbers) for language in ("ko", "en"))


def test_a_home_is_tried_with_cells_of_the_file_and_an_empty_one_is_the_default() -> None:
    tried = with_cells(HOME, {"risk": "LOW", "alarm_budget": "", "silence_ceiling_h": "3", "speaker": "no"})
    assert tried == replace(HOME, risk=Risk.LOW, alarm_budget=None, silence_ceiling_s=10800.0, speaker=False)
    for cells in ({"residents": "0"}, {"risk": "huge"}, {"timezone": "Mars"}):
        assert isinstance(with_cells(HOME, cells), Evidence)


@pytest.mark.parametrize("header", ["", "home,gateway", f"{HEADER},favourite_colour", f"{HEADER},home"])
def test_a_wrong_header_is_the_one_fault_of_line_one(header: str) -> None:
    (bad,) = read_homes_csv(f"{header}\nhome-1,gw-0001,gwangju,,normal,ko,Asia/Seoul,1\n")
    assert isinstance(bad.read, Evidence)
    assert bad.number == 1


def test_the_first_of_two_lines_for_one_home_or_gateway_counts() -> None:
    rows = ["home-1,gw-0001,a,,,,,", "home-1,gw-0002,b,,,,,", "home-3,gw-0001,c,,,,,"]
    first, *rest = read_homes_csv("\n".join([HEADER, *rows]))
    assert first == Line(2, Home("home-1", "gw-0001", "a"))
    assert [(bad.number, bad.read.numbers["line"]) for bad in rest if isinstance(bad.read, Evidence)] == [
        (3, 2),
        (4, 2),
    ]


def test_a_file_is_taken_in_and_what_the_city_refuses_is_told_by_its_line(db: Database) -> None:
    put(db, HOME)
    rows = [f"h-{n:04},g-{n:04},gwangju,,,,," for n in range(250)]
    rows[120] = "h-0120,gw-0001,gwangju,,,,,"
    done = list(people.take_in(db, read_homes_csv("\n".join([HEADER, *rows])), NOW))
    assert [line.number for line in done if isinstance(line.read, Evidence)] == [122]
    with db.read() as tx:
        assert len(people.all_homes(tx)) == 1 + 249


@given(st.text(), st.lists(st.lists(st.text(max_size=20), max_size=12), max_size=5))
def test_no_text_breaks_the_reader_and_what_it_takes_has_no_fault(tail: str, rows: list[list[Any]]) -> None:
    text = "\n".join([HEADER, *(",".join(row) for row in rows), tail])
    for found in read_homes_csv(text):
        if isinstance(found.read, Home):
            assert fault(found.read) is None
        else:
            assert say(found.read.key, "ko", found.read.numbers)
            assert say(found.read.key, "en", found.read.numbers)
