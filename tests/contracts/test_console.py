"""The console's files at the door: what a browser gets, what nobody gets, and how much of it the board needs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api import console
from core.words import WORDS
from store.database import Database
from store.migrate import migrate
from tests.accounts import account
from tests.serving import City

PAGE = {"Accept": "text/html"}
WEB = Path(__file__).parents[2] / "web"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small build, so that these tests need none of the real one."""
    folder = tmp_path_factory.mktemp("dist")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>the shell</title>")
    (folder / "assets" / "main-abc.js").write_text("0")
    (folder / "assets" / "main-abc.js.gz").write_bytes(b"packed")
    (folder / "assets" / "main-abc.js.br").write_bytes(b"packed best")
    (folder / "sw.js").write_text("1")
    (folder / "secret").write_text("nobody's")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "DIST", folder)
        yield folder


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A city in which nobody has logged in; what is asked here does not depend on the database."""
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('city') / 'anbu.db'}")
    migrate(db)
    account(db, "kim", area="gwangju")
    with City(db).serve() as client:
        yield client
    db.close()


@pytest.mark.parametrize("path", ["/", "/login", "/cases/7", "/me", "/visits/3/form", "/?state=closed"])
def test_a_browser_gets_the_shell_at_every_address(door: httpx.Client, dist: Path, path: str) -> None:
    answer = door.get(path, headers=PAGE)
    assert (answer.status_code, "the shell" in answer.text) == (200, True)
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/api/cases", "/api/nothing", "/metrics"])
def test_what_is_not_the_consoles_is_not_answered_by_it(door: httpx.Client, dist: Path, path: str) -> None:
    answer = door.get(path, headers=PAGE, follow_redirects=False)
    assert answer.status_code in (303, 401, 404)
    assert "the shell" not in answer.text


def test_a_program_is_told_that_an_address_is_none(door: httpx.Client, dist: Path) -> None:
    assert door.get("/no/such/page").status_code == 401
    assert door.post("/me", headers=PAGE).status_code == 401


def test_files_are_kept_for_ever_but_for_those_that_say_what_is_new(door: httpx.Client, dist: Path) -> None:
    plain = door.get("/assets/main-abc.js", headers={"Accept-Encoding": "identity"})
    assert (plain.text, plain.headers["content-type"]) == ("0", "text/javascript; charset=utf-8")
    assert "immutable" in plain.headers["cache-control"]
    assert (plain.headers["vary"], "content-encoding" in plain.headers) == ("Accept-Encoding", False)
    assert door.get("/sw.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding", "sent"),
    [
        ("gzip", "gzip", b"packed"),
        ("gzip, deflate, br, zstd", "br", b"packed best"),
        ("GZIP;q=0.5, BR ; q=1", "br", b"packed best"),
        ("br;q=0, gzip", "gzip", b"packed"),
        ("br; q=0.000, gzip;q=0", None, b"0"),
        ("brotli", None, b"0"),
    ],
)
def test_files_come_packed_as_the_browser_can_unpack_them(
    door: httpx.Client, dist: Path, accepted: str, coding: str | None, sent: bytes
) -> None:
    with door.stream("GET", "/assets/main-abc.js", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers.get("content-encoding") == coding
        assert b"".join(answer.iter_raw()) == sent


@pytest.mark.parametrize(
    "path", ["/assets/nothing.js", "/assets/..%2Fsecret", "/assets/%2e%2e/secret", "/assets/.hidden", "/assets/a%00b"]
)
def test_nothing_else_of_the_disk_is_handed_out(door: httpx.Client, dist: Path, path: str) -> None:
    answer = door.get(path)
    assert answer.status_code in (401, 404)
    assert "nobody" not in answer.text


def test_an_unbuilt_console_says_what_to_do(door: httpx.Client, dist: Path) -> None:
    shell = (dist / "index.html").rename(dist / "elsewhere")
    try:
        answer = door.get("/", headers=PAGE)
    finally:
        shell.rename(dist / "index.html")
    assert answer.status_code == 503
    assert "make web" in answer.text


def test_the_consoles_words_are_the_citys() -> None:
    text = (WEB / "src" / "words" / "city.ts").read_text(encoding="utf-8")
    groups = {
        "concerns": "concern",
        "urgencies": "urgency",
        "states": "state",
        "outcomes": "outcome",
        "contacts": "contact",
    }
    for name, group in groups.items():
        block = re.search(rf"export const {name}.*?^}}\);", text, re.S | re.M)
        assert block is not None, name
        said = re.findall(r'^  (\w+): { ko: (".*?"), en: (".*?") },$', block.group(), re.M)
        ours = {key.partition(".")[2]: words for key, words in WORDS.items() if re.fullmatch(rf"{group}\.\w+", key)}
        assert {key: (json.loads(ko), json.loads(en)) for key, ko, en in said} == ours, name


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text(encoding="utf-8")


def test_the_board_is_light() -> None:
    node = shutil.which("node")
    if node is None or not (WEB / "dist" / "index.html").is_file():
        pytest.skip("the console has not been built (make web)")
    done = subprocess.run([node, "size.mjs"], cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
