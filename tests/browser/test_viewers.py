"""A daughter and the console: she sees how her mother's home stands as long as her mother lets her."""

from __future__ import annotations

from playwright.sync_api import expect

from access.roles import Role
from care import persons
from tests.accounts import account
from tests.browser.conftest import PHONE, Enter, Place
from tests.serving import HOME


def test_a_relative_sees_the_home_from_yes_to_no(town: Place, enter: Enter) -> None:
    with town.db.write() as tx:
        mother = persons.of_home(tx, HOME, town.clock.now())
    account(town.db, "daughter", Role.FAMILY, homes=(HOME.id,), name="김막내")
    case = town.press()
    hers = enter("daughter", size=PHONE, path=f"/cases/{case}")
    expect(hers.get_by_role("alert").filter(has_text=f"#{case}")).to_be_visible()

    page = enter("kim", path=f"/persons/{mother.id}")
    viewers = page.get_by_test_id("viewers")
    expect(viewers).to_contain_text("김막내: 아직")
    viewers.get_by_role("button", name="동의하셨습니다").click()
    expect(viewers).to_contain_text("김막내: 동의함")
    hers.reload()
    expect(hers.get_by_role("heading", level=1)).to_contain_text("SOS 호출")
    hers.goto(f"{town.url}/")
    shown = hers.locator(f"[data-testid=card][data-case='{case}']")
    expect(shown).to_be_visible()

    viewers.get_by_test_id("seen-by").click()
    seen = viewers.get_by_test_id("seen")
    expect(seen).to_contain_text("김막내")
    expect(seen).to_contain_text("김지민")
    viewers.get_by_role("button", name="동의 철회").click()
    expect(viewers).to_contain_text("김막내: 철회함")
    expect(shown).to_have_count(0, timeout=60_000)  # her open board, too
    hers.goto(f"{town.url}/cases/{case}")
    expect(hers.get_by_role("alert").filter(has_text=f"#{case}")).to_be_visible()
