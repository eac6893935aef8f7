"""The house rules that no linter knows; `make check` runs them."""

from __future__ import annotations

import ast
import re
import string
import subprocess
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from access.roles import PERMISSIONS
from anomaly.detectors import ALL
from app.settings import Settings
from core.events import Lane
from core.words import WORDS
from wire.topics import Down

ROOT = Path(__file__).parents[2]
ROOMS = (
    "core",
    "wire",
    "store",
    "anomaly",
    "alerts",
    "care",
    "access",
    "ingest",
    "api",
    "app",
    "simulators",
    "gateway",
)
CODE = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
MOST_LINES = 400


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_has_two_jobs() -> None:
    ends = {".py", ".js", ".css", ".html", ".sh"}
    long = {names(p): n for p in tracked() if p.suffix in ends and (n := len(read(p).splitlines())) > MOST_LINES}
    assert not long


def test_every_module_says_why_it_exists() -> None:
    silent = [
        names(path) for path in CODE if "versions" not in path.parts and not ast.get_docstring(ast.parse(read(path)))
    ]
    assert not silent


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("paho", {"wire/session.py", "wire/client.py"}),
        ("amqtt", {"wire/broker.py"}),
        ("apprise", {"alerts/channels/apprise.py"}),
    ],
)
def test_a_library_at_the_edge_is_imported_there_alone(library: str, home: set[str]) -> None:
    users = {names(path) for path in CODE if any(name.split(".")[0] == library for name in imports(path))}
    assert users == home


def test_one_clock() -> None:
    # ruff bans the functions; this bans the way around it.
    users = {names(path) for path in CODE if "time" in imports(path)}
    assert users == {"core/clock.py"}
    reads = re.compile(r"\.(now|utcnow|today)\(\s*(UTC|timezone\.utc|tz)?\s*\)")
    odd = [
        f"{names(path)}: {line.strip()}"
        for path in CODE
        if path.name != "clock.py"
        for line in read(path).splitlines()
        if reads.search(line) and "datetime" in line.split(".now")[0][-9:]
    ]
    assert not odd


def test_everything_is_caught_in_three_places_at_most() -> None:
    broad = []
    for path in CODE:
        for node in ast.walk(ast.parse(read(path))):
            if isinstance(node, ast.ExceptHandler):
                caught = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
                if any(
                    c is None or (isinstance(c, ast.Name) and c.id in ("Exception", "BaseException")) for c in caught
                ):
                    broad.append(f"{names(path)}:{node.lineno}")
    assert len(broad) <= 3, broad


def test_an_ignored_check_has_its_reason_beside_it() -> None:
    silenced = re.compile(r"#\s*(type: ignore|noqa)[^#\n]*$")
    bare = [
        f"{names(path)}:{number}"
        for path in CODE
        for number, line in enumerate(read(path).splitlines(), 1)
        if silenced.search(line) and " - " not in line.partition("noqa")[2]
    ]
    assert not bare


def test_mypy_exempts_no_package() -> None:
    text = read(ROOT / "pyproject.toml")
    assert "strict = true" in text
    assert "tool.mypy.overrides" not in text


# --- words


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_sentence_exists_in_korean_and_english() -> None:
    for key, (korean, english) in WORDS.items():
        assert korean.strip(), key
        assert english.strip(), key
        assert fields(korean) == fields(english), key
        letters = re.sub(r"{[^}]*}", "", english)
        assert not re.search("[가-힣]", letters) or key.startswith("board.language"), key


def test_no_sentence_is_said_in_two_ways() -> None:
    rooms = [import_module(f"core.words.{file.stem}").WORDS for file in (ROOT / "core" / "words").glob("[a-z]*.py")]
    counted = Counter(key for room in rooms for key in room)
    assert not [key for key, times in counted.items() if times > 1]


def test_every_sentence_that_is_asked_for_exists() -> None:
    heads = {key.partition(".")[0] for key in WORDS}
    spoken = re.compile(r'"((?:' + "|".join(sorted(heads)) + r')\.[a-z0-9_]+(?:\.[a-z0-9_]+)*)"')
    missing = {
        f"{names(path)}: {key}"
        for path in CODE
        if "words" not in path.parts
        for key in spoken.findall(read(path))
        if key not in WORDS and not any(known.startswith(key + ".") for known in WORDS)
        if key not in PERMISSIONS and key.rpartition(".")[2] != "id"  # what somebody may do, a column
    }
    assert not missing


# --- documents


@pytest.mark.parametrize("field", Settings.__struct_fields__)
def test_every_setting_is_documented(field: str) -> None:
    assert f"`ANBU_{field.upper()}`" in read(ROOT / "docs" / "settings.md")


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {f"ANBU_{field.upper()}" for field in Settings.__struct_fields__} | {"ANBU_CONFIG"}
    documents = [ROOT / "README.md", ROOT / "docs" / "settings.md"]
    named = {name for path in documents for name in re.findall(r"\bANBU_[A-Z_]+\b", read(path))}
    assert named - known - {"ANBU_TEST_DATA"} == set()


def test_every_picture_that_a_page_shows_is_there() -> None:
    shown = re.compile(r"\]\(([^)#:\s]+\.(?:png|svg|jpg))\)")
    named = [(p, name) for p in tracked() if p.suffix == ".md" for name in shown.findall(read(p))]
    assert named, "the pattern finds the pictures"
    assert not [f"{names(page)}: {name}" for page, name in named if not (page.parent / name).is_file()]


@pytest.mark.parametrize("detector", [detector.name for detector in ALL])
def test_every_detector_is_documented(detector: str) -> None:
    assert f"`{detector}`" in read(ROOT / "docs" / "detectors.md")


@pytest.mark.parametrize("part", [*Lane, *Down])
def test_every_topic_is_documented(part: str) -> None:
    assert re.search(rf"address: care/v1/{{gateway}}/(up|down)/{part}$", read(ROOT / "docs" / "asyncapi.yaml"), re.M)


def test_every_metric_is_documented() -> None:
    made = set(re.findall(r'"(anbu_[a-z_]+)"', "".join(read(path) for path in (ROOT / "api").glob("*.py"))))
    documented = set(re.findall(r"`(anbu_[a-z_]+)`", read(ROOT / "docs" / "metrics.md")))
    assert made, "the pattern finds the metrics"
    # The client library writes a counter's `_total` itself.
    assert {name.removesuffix("_total") for name in made if name != "anbu_session"} <= {
        name.removesuffix("_total") for name in documented
    }


def test_every_scenario_is_documented() -> None:
    page = read(ROOT / "docs" / "scenarios.md")
    for path in (ROOT / "simulators" / "scenarios").glob("*.toml"):
        assert f"`{path.stem}`" in page or path.stem in page


def test_nothing_points_to_where_it_was_written() -> None:
    telling = re.compile(r"/(work|root|tmp/w)/[a-z]|pypi\.org|registry\.npmjs|deb\.debian\.org")
    told = {
        f"{names(path)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".html", ".js", ".sh", ""}
        and path.name != Path(__file__).name
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if telling.search(line)
    }
    assert not told
