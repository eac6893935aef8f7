"""Coming in with a real browser: Chromium's own authenticator, its own cookies, and the organisation's journey."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from access.oidc import Oidc
from store.database import Database
from tests.accounts import PASSWORD, account
from tests.organisation import CLIENT, SECRET, organisation
from tests.serving import City

MAKE = """async (password) => {
  const post = (path, body) => fetch(path, {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify(body ?? {})}).then(async a => ({status: a.status, body: await a.json()}));
  const me = await post("/api/session", {login: "kim@city.example", password});
  const begun = (await post("/api/me/passkeys/options")).body;
  const made = await navigator.credentials.create(
    {publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(begun.options)});
  const kept = await post("/api/me/passkeys", {id: begun.id, credential: made.toJSON(), name: "chromium"});
  const left = await fetch("/api/session", {method: "DELETE"});
  const after = await fetch("/api/session");
  const login = (await post("/api/session/passkey/options")).body;
  const used = await navigator.credentials.get(
    {publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(login.options)});
  const back = await post("/api/session/passkey", {id: login.id, credential: used.toJSON()});
  return [me.status, kept.status, left.status, after.status, back.status, back.body.name, document.cookie];
}"""


@pytest.fixture
def sqlite(tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """What a browser does, does not depend on the database."""
    db = Database(f"sqlite:///{shutil.copy(migrated, tmp_path)}")
    yield db
    db.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_a_passkey_of_chromium(sqlite: Database, page: Page) -> None:
    account(sqlite, "kim@city.example", area="gwangju/nam-gu", name="김지민")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": key | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    with City(sqlite).serve() as door:
        page.goto(str(door.base_url).replace("127.0.0.1", "localhost") + "/login")
        assert page.evaluate(MAKE, PASSWORD) == [200, 201, 204, 401, 200, "김지민", ""]


def test_the_organisations_journey_ends_logged_in(sqlite: Database, page: Page) -> None:
    """The session's cookie is SameSite=Strict: after a journey over another site's pages it must still come along."""
    account(sqlite, "kim@city.example", area="gwangju/nam-gu")
    with organisation() as there, City(sqlite, oidc=Oidc(there.issuer, CLIENT, SECRET, "시청")).serve() as door:
        # Another site, as browsers see it: localhost is one, and 127.0.0.1 another.
        home = str(door.base_url).replace("127.0.0.1", "localhost")
        page.goto(home + "/api/session/oidc?next=/episodes%3Flang=en")
        page.get_by_role("button", name="Yes").click()
        # A page behind the door: without the cookie it would be the log-in.
        page.wait_for_url(home + "/episodes?lang=en")
        assert page.evaluate("fetch('/api/session').then(a => a.status)") == 200
        cookies = {one["name"]: one for one in page.context.cookies(home)}
        assert (cookies["anbu"]["sameSite"], cookies["anbu"]["httpOnly"]) == ("Strict", True)
        assert "anbu-oidc" not in cookies
