"""An operator's own pages in a real browser: a scenario is played, a claim code is photographed, a calendar is given an
address."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import segno
from playwright.sync_api import expect

from api.runs import Progress, Run, RunState
from app.runs import PROGRESS, RUN, WORDS, Runs, write
from core.clock import wall_now
from tests.browser.conftest import PHONE, TABLET, Enter, Place, serious

SMOKE = {"ko": "부엌의 연기", "en": "Smoke in a kitchen"}
DIFFERS = (
    {
        "ko": "nongseong-01 댁의 연기 돌봄콜: duty-city에게 연락하지 않았습니다.",
        "en": "In the smoke case of nongseong-01, duty-city was never asked.",
    },
    {"ko": "돌봄콜이 2건입니다. 많아도 1건이어야 합니다.", "en": "There are 2 cases; 1 are the most that should be."},
)


@pytest.fixture
def folder(place: Place, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "simulations"
    place.simulations = Runs(folder, nice=0)
    yield folder
    for one in Path("/proc").glob("[0-9]*"):
        try:
            mine = f"{folder}/".encode() in (one / "cmdline").read_bytes()
        except OSError:
            continue
        if mine and int(one.name) != os.getpid():
            os.kill(int(one.name), signal.SIGKILL)


def left(folder: Path, hours: int, state: RunState, share: float, **told: object) -> None:
    """A run as its process has left it."""
    at = wall_now() - timedelta(hours=hours)
    id = f"{at:%Y%m%d-%H%M%S}-{hours:06x}"
    run = Run(
        id=id, scenario="smoke", title=SMOKE, speed=200, minutes=60, by="운영자 (oper)", started_at=at,
        ended_at=at + timedelta(minutes=1), state=state, **told,
    )  # type: ignore[arg-type] # fmt: skip
    (folder / id).mkdir(parents=True)
    write(folder / id / RUN, run)
    write(folder / id / PROGRESS, Progress(share, at, 1))
    (folder / id / WORDS).write_text("RuntimeError: the city does not start")


def test_a_scenario_is_begun_watched_and_stopped(folder: Path, town: Place, enter: Enter) -> None:
    page = enter("oper", path="/simulations")
    begin = page.get_by_test_id("begin")
    begin.get_by_label("시나리오").select_option(label="부엌의 연기")
    expect(begin).to_contain_text("가정 2곳, 담당자 3명, 이야기 속 60분")
    begin.get_by_label("속도(몇 배)").fill("200")
    begin.get_by_role("button", name="실행하기").click()
    running = page.get_by_test_id("running")
    expect(running).to_contain_text("부엌의 연기")
    expect(running.get_by_role("progressbar")).to_have_attribute("value", "0")
    expect(begin.get_by_role("button", name="실행하기")).to_have_attribute("aria-disabled", "true")
    assert serious(page) == []
    (run,) = town.simulations.all()
    # What the process writes is what is seen, without anybody's reloading.
    (folder / run.id / PROGRESS).write_bytes(b'{"share": 0.42, "at": "2026-11-19T09:35:00Z", "cases": 3}')
    expect(running.get_by_role("progressbar")).to_have_attribute("value", "42")
    expect(running).to_contain_text("42% · 이야기 속 18:35 · 돌봄콜 3건")
    running.get_by_role("button", name="멈추기").click()
    expect(page.get_by_test_id("runs")).to_contain_text("운영자 (oper) 님이 멈췄습니다.", timeout=60_000)
    expect(running).to_have_count(0)


@pytest.mark.parametrize(("language", "size"), [("ko", PHONE), ("en", TABLET)])
def test_what_came_of_it_is_told_line_by_line(
    folder: Path, town: Place, enter: Enter, language: str, size: dict[str, int]
) -> None:
    figures = {"cases": 2, "taken": 1, "closed": 1, "sos_pressed": 0, "sos_cases": 0}
    left(folder, 1, RunState.OTHERWISE, 1.0, differences=DIFFERS, figures=figures)
    left(folder, 2, RunState.AS_EXPECTED, 1.0, figures={**figures, "cases": 1})
    left(folder, 3, RunState.RUNNING, 0.5)
    left(folder, 4, RunState.BROKEN_OFF, 0.0, why="failed")
    page = enter("oper", language, size, path="/simulations")
    rows = page.get_by_test_id("runs").locator("tbody tr")
    expect(rows).to_have_count(4)
    words = {
        "ko": ("기대와 다름", "기대대로", "갑자기 끝났습니다", "시작하지 못했거나"),
        "en": ("otherwise than expected", "as expected", "ended suddenly", "did not start"),
    }[language]
    for number, said in enumerate(words):
        expect(rows.nth(number)).to_contain_text(said)
    for one in DIFFERS:
        expect(rows.nth(0).get_by_text(one[language])).to_be_visible()
    rows.nth(3).locator("summary").click()
    expect(rows.nth(3)).to_contain_text("the city does not start")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_claim_code_is_large_enough_to_be_photographed(town: Place, enter: Enter) -> None:
    page = enter("oper", size=TABLET, path="/gateways")
    page.get_by_role("button", name="게이트웨이 등록").click()
    page.get_by_label("게이트웨이 번호").fill("gw-qr-01")
    with page.expect_response(lambda it: it.request.method == "POST" and it.url.endswith("/api/gateways")) as answer:
        page.get_by_role("dialog").get_by_role("button", name="게이트웨이 등록").click()
    code = answer.value.json()
    picture = page.get_by_test_id("qr")
    expect(picture).to_be_visible()
    expect(page.get_by_test_id("secret")).to_have_text(code["code"])
    assert code["code"] in code["link"]
    matrix = segno.make(code["link"], micro=False).matrix
    box = picture.bounding_box()
    assert box is not None
    side = box["width"] / (len(matrix) + 8)
    assert side >= 5, "its dots are too small for a camera"
    # What is drawn is the code, dot by dot, with a white border of four around it.
    drawn = page.evaluate(
        """async (n) => {
          const svg = document.querySelector("[data-testid=qr]");
          const image = new Image();
          image.src = "data:image/svg+xml," + encodeURIComponent(new XMLSerializer().serializeToString(svg));
          await image.decode();
          const canvas = Object.assign(document.createElement("canvas"), { width: n * 4, height: n * 4 });
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0, n * 4, n * 4);
          const dark = (x, y) => pen.getImageData(x * 4 + 2, y * 4 + 2, 1, 1).data[0] < 128 ? "1" : "0";
          return [...Array(n).keys()].map((y) => [...Array(n).keys()].map((x) => dark(x, y)).join(""));
        }""",
        len(matrix) + 8,
    )
    blank = "0" * (len(matrix) + 8)
    rows = ["0000" + "".join("1" if dot else "0" for dot in row) + "0000" for row in matrix]
    assert drawn == [blank] * 4 + rows + [blank] * 4
    assert serious(page) == []


def test_a_calendar_is_given_an_address_and_loses_it(town: Place, enter: Enter) -> None:
    page = enter("kim", path="/me", permissions=["clipboard-read", "clipboard-write"])
    section = page.get_by_test_id("calendars")
    section.get_by_label("어디에 쓰나요?").fill("내 휴대전화")
    section.get_by_role("button", name="달력 주소 만들기").click()
    shown = page.get_by_test_id("calendar-url")
    expect(shown).to_contain_text("/api/care/calendar/kim.ics?key=anbucal_")
    url = shown.inner_text()
    assert serious(page) == []
    page.get_by_role("button", name="주소 복사").click()
    expect(page.get_by_text("복사했습니다.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == url
    page.get_by_role("button", name="붙여 넣었습니다").click()
    assert url not in page.content()
    assert httpx.get(url).text.startswith("BEGIN:VCALENDAR")
    assert serious(page) == []
    section.get_by_role("button", name="내 휴대전화 주소 지우기").click()
    expect(section.get_by_text("내 휴대전화", exact=True)).to_have_count(0)
    assert httpx.get(url).status_code == 401
