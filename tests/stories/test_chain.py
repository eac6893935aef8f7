"""The three ways through the care chain: from a silent home, from the Care Call line, and from hospital at night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from care import journal
from core.people import Risk
from tests.conftest import on_sqlite_first
from tests.stories.carers import Chain
from tests.stories.town import AREA, Town, town
from wire.mosquitto import Mosquitto

STAGES = ["assessment", "plan", "linkage", "evaluation", "closed"]
DAEDEOK = "daejeon/daedeok-gu/songchon-dong"
CHRISTMAS_NIGHT = datetime(2026, 12, 25, 13, 0, tzinfo=UTC)  # a Friday, 22:00


def moved(chain: Chain, episode: int) -> list[str]:
    """The stages that an episode has gone through, by its own journal."""
    with chain.town.city.db.read() as tx:
        lines = journal.history(tx, episode=episode)
    return [line["numbers"]["to"] for line in lines if line["what"] in ("care.log.moved", "care.log.closed")]


@on_sqlite_first
def test_a_silent_home_becomes_a_service_that_is_received_paid_and_judged(city: Town) -> None:
    chain = Chain(city, "gwangju", AREA)
    home = city.home(risk=Risk.HIGH, silence_ceiling_s=1800.0)
    home.say("motion", room="kitchen", on=True)
    city.forward(5, lambda: None)
    city.forward(50)  # nobody moves, nobody answers
    case = city.the_case()
    assert case["concern"] == "inactivity"
    assert "kim" in city.phones.calls()
    city.act(case["id"], "ack", by="kim")
    city.act(case["id"], "arrive", by="kim")
    city.act(case["id"], "close", by="kim", outcome="true_emergency", contact="visit")
    city.keep()

    episode = chain.the_episode()
    assert (episode["case"], episode["origin"], episode["person"]) == (case["id"], "anomaly", "h-home-1")
    chain.visit(episode, well_being="bad", food=False)
    assert chain.episode(episode["id"])["stage"] == "assessment"
    chain.assess(episode["id"])
    assert chain.post(f"episodes/{episode['id']}/finish", 409, by="kim")["detail"]["code"]
    chain.consent(episode["person"])
    chain.plan(episode["id"], {"meals": 10, "medical-visit": 2})
    items = {item["service"]: item for item in chain.unplaced()}
    chain.offer(items["meals"])
    chain.deliver(chain.offer(items["medical-visit"]))
    city.pass_by(30)  # the meals' provider has forgotten it: it goes back to the gu-office
    (back,) = chain.unplaced()
    assert (back["service"], back["last"]) == ("meals", "lapsed")
    chain.deliver(chain.offer(back))
    paid = [chain.claim(order["provider"]) for order in chain.get("orders", state="done")]
    assert [claim["state"] for claim in paid] == ["paid", "paid"]
    chain.post(f"episodes/{episode['id']}/begin-evaluation", by="kim")
    chain.evaluate(episode["id"])
    done = chain.post(f"episodes/{episode['id']}/finish", by="kim")
    assert (done["stage"], done["ended"]) == ("closed", "completed")

    assert moved(chain, episode["id"]) == STAGES
    books = chain.books()
    assert books[f"city:{chain.city}"] + books[f"gu:{chain.gu}"] == -sum(claim["won"] for claim in paid)
    assert sum(claim["won"] for claim in paid) == 10 * 9_000 + 2 * 90_000
    told = city.api.get("/api/care/change", params={"instrument": "quality-of-life", "area": "gwangju"})
    assert told.status_code == 409  # one person's change would be that person's


def test_one_telephone_call_brings_five_services(city: Town) -> None:
    chain = Chain(city, "gwangju", AREA)
    wanted = {"meals": 3, "housekeeping": 2, "companion": 2, "pest-control": 1, "bathing-haircut": 1}
    asked = chain.apply(origin="operator", priority="soon", name="박순임", area=AREA, services=list(wanted))
    assert asked["stage"] == "intake"
    assert "kim" in city.phones.calls()  # by the same desk and ladder as an alarm
    case = city.the_case()
    assert (case["concern"], case["id"]) == ("application", asked["case"])
    more = city.api.post("/api/care/applications", json={
        "id": "application-six", "origin": "self", "by": "operator", "person": asked["person"],
        "services": ["home-repair"],
    })  # fmt: skip
    assert more.status_code == 409
    assert more.json()["detail"]["code"] == "too_many_services"

    chain.take(asked["id"])
    chain.visit(asked)
    assert city.the_case()["state"] == "closed"
    assert city.the_case()["outcome"] == "care"
    chain.assess(asked["id"])
    chain.plan(asked["id"], wanted)  # who has asked themselves has consented
    orders = [chain.offer(item) for item in chain.unplaced()]
    declined = next(order for order in orders if order["service"] == "housekeeping")
    orders.remove(declined)
    chain.post(f"orders/{declined['id']}/decline", by=chain.worker(declined["provider"]), reason="인력이 없습니다.")
    (back,) = chain.unplaced()
    orders.append(chain.offer(back, but=(declined["provider"],)))
    city.clock.advance(21 * 3600)  # office hours: the next morning
    city.keep()
    for order in orders:
        chain.deliver(order, at_min=10, done_min=20)
    paid = [chain.claim(provider) for provider in sorted({order["provider"] for order in orders})]
    worth = 3 * 9_000 + 2 * 18_000 + 2 * 17_000 + 80_000 + 55_000
    assert sum(claim["won"] for claim in paid) == worth
    chain.post(f"episodes/{asked['id']}/begin-evaluation", by="kim")
    chain.evaluate(asked["id"])
    assert chain.post(f"episodes/{asked['id']}/finish", by="kim")["ended"] == "completed"
    assert moved(chain, asked["id"]) == STAGES
    books = chain.books()
    assert -sum(won for account, won in books.items() if not account.startswith("provider:")) == worth
    budget = chain.get("budget", city="gwangju", year=chain.year)
    assert budget["paid"] == worth


@pytest.fixture
def night(mosquitto: Mosquitto, database_url: str, tmp_path: Path) -> Iterator[Town]:
    with town(mosquitto, database_url, tmp_path / "night", CHRISTMAS_NIGHT) as place:
        yield place


@on_sqlite_first
def test_a_discharge_at_night_on_a_holiday_is_cared_for_that_night(night: Town) -> None:
    chain = Chain(night, "daedeok", DAEDEOK, "han")
    home = night.home("home-9", area=DAEDEOK, risk=Risk.HIGH, resident="김말순")
    asked = chain.apply(
        origin="referral",
        priority="urgent",
        home="home-9",
        services=["after-hospital-care", "night-care", "smart-home-care"],
    )
    assert "han" in night.phones.calls()  # at ten in the evening, on Christmas: urgent waits for no office
    assert [one["state"] for one in asked["consents"] if one["purpose"] == "care"] == ["asked"]
    chain.take(asked["id"])
    night.pass_by(0.5)
    chain.post(f"episodes/{asked['id']}/move", to="assessment", contact="phone", by="han")
    chain.assess(asked["id"])
    span = {"start": chain.at(), "end": chain.at(3 * 1440)}
    wanted = {"night-care": 2, "after-hospital-care": 1}
    items = [{"service": service, "units": units, **span} for service, units in wanted.items()]
    draft = chain.post(f"episodes/{asked['id']}/plans", goals="", items=items, by="han")
    path = f"episodes/{asked['id']}/plans/{draft['id']}/agree"
    assert chain.post(path, 409, by="han")["detail"]["code"] == "no_consent"
    chain.consent(asked["person"])
    chain.post(path, by="han")
    orders = [chain.offer(item) for item in chain.unplaced()]
    for order in orders:
        assert (datetime.fromisoformat(order["due_at"]) - night.clock.now()).total_seconds() <= 2 * 3600
        chain.deliver(order, at_min=20, done_min=30)
    local = night.clock.now().astimezone(night.city.policy.rota.calendar.local(night.clock.now()).tzinfo)
    assert local.day in (25, 26)
    assert local.hour in (23, 0, 1, 2)
    paid = [chain.claim(provider) for provider in sorted({order["provider"] for order in orders})]
    assert {claim["state"] for claim in paid} == {"paid"}
    chain.post(f"episodes/{asked['id']}/begin-evaluation", by="han")
    chain.evaluate(asked["id"])
    assert chain.post(f"episodes/{asked['id']}/finish", by="han")["ended"] == "completed"
    assert moved(chain, asked["id"]) == STAGES
    chain.books()
    assert home.asked == []  # nobody was asked by the speaker about an application
