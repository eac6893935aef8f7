"""Laws of recordings: whatever homes and rooms are called, in whatever order their rows stand."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from anomaly import gaps
from anomaly.life import exit_door
from app.bench.detection.report import measure
from app.bench.detection.streams import load, rows_of
from app.cli.everything import app
from core.events import Contact
from core.people import ID
from gateway.recorded import RecordingError, gateway_of, home_of, read, tidy

BEGAN = datetime(2020, 1, 6, tzinfo=UTC)
ROOMS = ("bedroom", "kitchen", "bathroom", "lounge")
Row = tuple[datetime, str, str]


def lived(home: str, hours: int) -> list[Row]:
    """Somebody who is seen at the first and the last of these hours and at each by day."""
    awake = [n for n in range(hours + 1) if n in (0, hours) or 7 <= n % 24 < 23]
    return [(BEGAN + timedelta(hours=n), home, ROOMS[n % 4]) for n in awake]


def written(path: Path, rows: list[Row], encoding: str = "utf-8") -> Path:
    text = "\n".join(["time,home,location", *(f"{at},{home},{place}" for at, home, place in rows)])
    body = text.encode(encoding)
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200", "TERM": "dumb"})
    return done.exit_code, f"{done.output}{done.exception or ''}"


def test_rows_in_any_order_are_the_same_home(tmp_path: Path) -> None:
    rows = lived("h1", 96)
    mixed = [rows[k] for k in np.random.default_rng(1).permutation(len(rows))]
    (whole,) = load([written(tmp_path / "a.csv", rows)], "Europe/London").values()
    (found,) = load([written(tmp_path / "b.csv", mixed)], "Europe/London").values()
    for name in ("t", "local", "place", "exit", "door"):
        assert getattr(found, name).tolist() == getattr(whole, name).tolist()
    code, said = run("bench", "overdue", "--data", tmp_path / "b.csv")
    assert code == 0, said


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Seoul"])
def test_rows_of_another_age_are_left_out_and_told(tmp_path: Path, zone: str) -> None:
    rows = lived("h1", 96)
    far = [(datetime(year, 1, 1, 12), "h1", "kitchen") for year in (1, 1970, 2100)]  # noqa: DTZ001 - as files have it
    file = written(tmp_path / "a.csv", [*rows, *far])
    (found,) = load([file], zone).values()
    (whole,) = load([written(tmp_path / "b.csv", rows)], zone).values()
    assert found.t.tolist() == whole.t.tolist()
    assert (found.left_out, whole.left_out) == (3, 0)
    code, said = run("bench", "overdue", "--data", file)
    assert code == 0, said
    assert "3 rows of 1 homes" in said


def test_a_time_beyond_the_calendar_is_an_error_of_its_line(tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", [(datetime(1, 1, 1), "h1", "kitchen")])  # noqa: DTZ001 - as files have it
    with pytest.raises(RecordingError, match=":2:"):
        load([file], "Asia/Seoul")


NAMES = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60),
    st.text("aA-_ 0김", min_size=1, max_size=4),
).filter(lambda name: bool(tidy(name)))


@given(NAMES, NAMES)
def test_two_names_are_two_homes_with_ids_fit_to_be_enrolled(one: str, other: str) -> None:
    one, other = tidy(one), tidy(other)
    homes = [home_of(name, "Asia/Seoul") for name in (one, other)]
    assert all(ID.fullmatch(text) for home in homes for text in (home.id, home.gateway))
    assert (homes[0].id == homes[1].id) == (homes[0].gateway == homes[1].gateway) == (one == other)


def test_a_plain_name_is_its_own_id() -> None:
    assert (gateway_of("8a835"), home_of("home-1", "UTC").id) == ("gw-8a835", "rec-home-1")
    for merged in ("Home-1", "home 1", "home-1-", "home_1"):
        assert gateway_of(merged).startswith("gw-home-1-")
    assert gateway_of("h0") != gateway_of("h00")


def test_rooms_in_hangul_keep_their_meaning(tmp_path: Path) -> None:
    decomposed = normalize("NFD", "침실")
    rows = [
        (BEGAN + timedelta(minutes=10 * n), home, place)
        for home in ("김순자", "박영수")
        for n, place in enumerate(["주방", decomposed, "현관", "화장실"])
    ]
    streams = load([written(tmp_path / "a.csv", rows)], "Asia/Seoul")
    assert list(streams) == ["김순자", "박영수"]
    home = streams["김순자"]
    assert home.place.tolist() == ["주방", "침실", "현관", "화장실"]
    assert home.door.tolist() == [False, False, True, False]
    contexts = [gaps.context_of(str(place), bool(door)) for place, door in zip(home.place, home.door, strict=True)]
    assert contexts == [gaps.OTHER, gaps.BED, gaps.EXIT, gaps.BATH]
    assert [exit_door(row) for row in rows_of([home], -np.inf, np.inf)] == home.door.tolist()
    events = list(read([tmp_path / "a.csv"], "Asia/Seoul"))
    assert len({event.device for event in events}) == 4
    assert all(event.device.isascii() for event in events)


@pytest.mark.parametrize(
    ("place", "opens", "leads_out"),
    [
        ("front-door", True, True),
        ("Back Door", True, True),
        ("fridge-door", True, False),
        ("냉장고문", True, False),
        ("출입문", True, True),
        ("outdoor", False, False),
        ("back bedroom", False, False),
    ],
)
def test_a_door_is_known_by_its_name(tmp_path: Path, place: str, opens: bool, leads_out: bool) -> None:
    (event,) = read([written(tmp_path / "a.csv", [(BEGAN, "h1", place)])], "UTC")
    assert (event.kind == "contact", isinstance(event.data, Contact)) == (opens, opens)
    (home,) = load([tmp_path / "a.csv"], "UTC").values()
    assert home.door.tolist() == [leads_out]


def test_homes_are_judged_under_the_names_of_the_file(tmp_path: Path) -> None:
    names = ("h0", "Kim  Sunja", "김순자")
    data = written(tmp_path / "a.csv", [row for name in names for row in lived(name, 72)])
    words = ("bench", "detection", "--data", data, "--json", tmp_path / "found.json")
    code, said = run(*words, "--test-homes", f" h0 , Kim  Sunja,{normalize('NFD', '김순자')}")
    assert code == 0, said
    found = json.loads((tmp_path / "found.json").read_text())
    assert [home["home"] for home in found["per_home"]] == sorted(names)
    for bench in ("detection", "overdue", "mute"):
        code, said = run("bench", bench, "--data", data, "--test-homes", "h9")
        assert code != 0
        assert "no such home" in said
        assert "h9" in said


def test_three_days_are_enough_and_less_is_not(tmp_path: Path) -> None:
    data = written(tmp_path / "a.csv", [*lived("three", 72), *lived("less", 71)])
    found = measure(load([data], "UTC"), (), "UTC", lambda _: None)
    assert [home["home"] for home in found["per_home"]] == ["three"]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, name: str) -> None:
    (event,) = read([written(tmp_path / name, [(BEGAN, "김순자", "주방")], "utf-8-sig")], "UTC")
    assert event.gateway == gateway_of("김순자")


@pytest.mark.parametrize("zone", ["Mars/X", "../etc", "Europe", ""])
def test_an_unknown_time_zone_is_said_in_one_line(tmp_path: Path, zone: str) -> None:
    data = written(tmp_path / "a.csv", [(BEGAN, "h1", "kitchen")])
    with pytest.raises(RecordingError, match="there is no time zone") as shown:
        load([data], zone)
    assert "\n" not in str(shown.value)


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("cases", "--state", "bogus"), "verifying, alerting, acknowledged, arrived, closed, open, all"),
        (("cases", "--language", "fr"), "ko, en"),
        (("why", "1", "--language", "fr"), "ko, en"),
        (("what-if", "--home", "home-1", "--language", "fr"), "ko, en"),
        (("tunings", "--language", "fr"), "ko, en"),
    ],
)
def test_a_value_that_nobody_knows_is_answered_with_those_that_are(words: tuple[str, ...], known: str) -> None:
    code, said = run(*words)
    assert code == 2
    assert f"is none of {known}" in said
