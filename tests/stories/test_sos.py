"""An SOS becomes one Care Call that climbs until somebody answers."""

from __future__ import annotations

from msgspec.structs import replace

from core.events import Lane
from core.people import Home, Role
from store import log
from tests.stories.town import Gateway, Town
from tests.waiting import wait_until
from wire.codec import encode


def test_it_climbs_until_somebody_acknowledges(city: Town) -> None:
    home = city.home()
    city.member("kim", Role.MANAGER)
    city.member("lee", Role.SUPERVISOR)
    home.say("sos", "button")
    assert city.the_case()["state"] == "alerting"
    assert city.phones.calls() == ["kim"]
    assert home.receipts[-1].covers("b1", 1)
    assert [ask["kind"] for ask in home.asked] == ["reassure"]
    city.forward(2.5)
    assert city.phones.calls() == ["kim"], "a rung is given its time"
    city.forward(1)
    assert city.phones.calls() == ["kim", "lee"]
    case = city.the_case()
    assert city.act(case["id"], "ack", by="lee").status_code == 200
    assert city.the_case()["owner"] == "lee"
    assert city.phones.calls("stand_down") == ["kim"]
    city.forward(5)
    assert city.phones.calls() == ["kim", "lee"], "an acknowledgement stops the ladder"
    assert city.act(case["id"], "arrive", by="lee").status_code == 200
    assert city.act(case["id"], "close", by="lee", outcome="true_emergency").status_code == 200
    closed = city.the_case()
    assert (closed["state"], closed["outcome"], closed["due_at"]) == ("closed", "true_emergency", None)
    city.forward(60)
    assert city.the_case() == closed, "a closed case never changes"


def test_the_last_rung_repeats_until_a_person_answers(city: Town) -> None:
    home = city.home()
    home.say("sos", "button")
    city.forward(60)
    case = city.the_case()
    assert case["state"] == "alerting"
    assert case["rung"] == case["rungs"] - 1
    assert case["round"] > 5
    assert city.act(case["id"], "ack").status_code == 200
    assert city.the_case()["state"] == "acknowledged"


def test_ten_times_the_same_message_is_one_case(city: Town) -> None:
    home = city.home()
    event = home.event("sos", "button")
    for _ in range(10):
        home.send(event)
    city.settle()
    case = city.the_case()
    assert city.timeline(case["id"]).count("case.log.opened") == 1
    assert home.receipts[-1].covers("b1", 1)


def test_a_second_press_joins_and_a_press_after_the_acknowledgement_is_heard(city: Town) -> None:
    home = city.home()
    city.member("kim")
    home.say("sos", "button")
    home.say("sos", "pendant")
    case = city.the_case()
    assert city.phones.calls() == ["kim"]
    city.act(case["id"], "ack", by="kim")
    city.forward(2)
    home.say("sos", "button")
    assert city.the_case()["id"] == case["id"]
    assert city.phones.calls("owner") == ["kim"]


def test_who_takes_a_case_keeps_it_though_the_call_to_them_fails_afterwards(city: Town) -> None:
    home = city.home()
    city.member("kim")
    city.member("lee", Role.SUPERVISOR)
    city.phones.answers["kim"] = 404
    city.phones.meanwhile["kim"] = lambda: city.api.post("/api/cases/1/ack", json={"by": "kim"})
    home.say("sos", "button")
    city.forward(4)
    case = city.the_case()
    assert (case["state"], case["owner"]) == ("acknowledged", "kim")
    assert city.phones.calls() == []


def test_an_sos_on_a_wrong_lane_is_an_sos_from_whomever(village: Town) -> None:
    homes = [village.home("home-1"), village.home("home-2", consent=False)]
    homes.append(Gateway(village, Home(id="x", gateway="gw-stranger", area="")))
    for home in homes:
        home.send_bytes(Lane.BULK, encode(home.event("sos", "button")))
    village.settle()
    assert [case["concern"] for case in village.cases()] == ["sos"] * 3
    assert any("gw-stranger" in case["why"]["en"] for case in village.cases()), "somebody has to find it"


def test_a_gateway_that_has_forgotten_its_counters_is_still_heard(city: Town) -> None:
    home = city.home()
    first = home.say("motion", room="kitchen")
    again = type(home)(city, home.home)
    cry = again.event("sos", "button")
    assert (cry.boot, cry.seq) == (first.boot, first.seq)
    again.send(replace(cry, id="another"))
    city.settle()
    assert city.the_case()["concern"] == "sos"


def test_a_topic_that_is_none_of_the_contract_is_kept_and_an_sos_heard(village: Town) -> None:
    home = village.home()
    for topic in ("care/v1/GW-HOME-1/up/event", "care/v1/GW-HOME-1/up/sos"):
        sent = home.session.publish(topic, encode(home.event("sos", "button")), 1)
        wait_until(lambda: home.hear() or sent.is_published())  # noqa: B023 - awaited within its turn
    village.expected += 2
    village.settle()
    assert village.the_case()["concern"] == "unreadable_sos"
    assert 'reason="topic"} 2.0' in village.api.get("/metrics").text


def test_an_unreadable_sos_still_opens_a_case(city: Town) -> None:
    home = city.home()
    home.send_bytes(Lane.SOS, b'{"specversion": "1.0", "type": "care.sos", "bro')
    city.settle()
    case = city.the_case()
    assert (case["concern"], case["home"], case["state"]) == ("unreadable_sos", "home-1", "alerting")


def test_a_strangers_sos_goes_to_the_duty_desk_and_the_rest_to_quarantine(city: Town) -> None:
    other = Gateway(city, Home(id="x", gateway="gw-stranger", area=""))
    city.gateways.append(other)
    other.say("motion", room="kitchen")
    assert city.cases() == []
    other.say("sos", "button")
    case = city.the_case()
    assert (case["home"], case["concern"], case["rungs"]) == (None, "sos", 1)
    metrics = city.api.get("/metrics").text
    assert 'reason="unknown_gateway"' in metrics


def test_a_neighbour_who_invents_gateways_cannot_bury_the_desk(village: Town) -> None:
    home = village.home()
    for number in range(40):
        liar = Gateway(village, Home(id="x", gateway=f"gw-liar-{number:03d}", area=""))
        liar.send(liar.event("sos", "button"))
        liar.session.disconnect()
    home.say("sos", "button")
    cases = village.cases()
    assert len(cases) == 22, "twenty of their own, one for all the others, and the home's"
    assert [case["home"] for case in cases].count("home-1") == 1


def test_without_consent_only_an_sos_is_kept(city: Town) -> None:
    home = city.home(consent=False)
    home.say("motion", room="kitchen")
    refused = home.say("climate", room="kitchen", temp_c=20.5)
    assert home.receipted(refused), "the gateway may forget what the city must not have"
    with city.city.db.read() as tx:
        assert log.read(tx, 0, 10) == []
        assert log.counts(tx) == {("refused_consent", "home-1"): 2}
    home.say("sos", "button")
    assert city.the_case()["concern"] == "sos"


def test_an_sos_is_not_kept_waiting_by_the_bulk_in_front_of_it(city: Town) -> None:
    home = city.home()
    for _ in range(300):
        home.session.publish("care/v1/gw-home-1/up/bulk", encode(home.event("climate", room="kitchen", temp_c=20.5)), 1)
    press = home.event("sos", "button")
    home.send(press)
    city.expected -= 1
    while not city.sos.step(0.05):
        home.hear()
    assert city.the_case()["concern"] == "sos"
    assert city.events.committed == 0, "the bulk has not even been looked at"
