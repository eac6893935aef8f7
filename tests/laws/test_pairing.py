"""While a home is set up a button's first press is its proof; every other press, then and at any time, is a cry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.events import Bed, Climate, DeviceKnown, Motion, Note, Payload, Smoke, SosPressed
from gateway.adapters.said import CAN, Heard, Said, State
from gateway.pairing import AGAIN_S, LONGEST_S, RENEWED_S, SHORTEST_S, Order, Pairing, order_of
from gateway.proofs import PRACTISED, Proofs
from gateway.standing import LONGEST_S as BELIEVED_S
from gateway.standing import Told
from wire.standing import Standing, encode_standing

T0 = datetime(2026, 11, 22, tzinfo=UTC)
BUTTONS = st.sampled_from(["button", "pendant"])
ORDERS = st.tuples(st.just("order"), st.sampled_from(["one", "two"]), st.booleans(), st.sampled_from([0.0, 300.0, 1e9]))
STEPS = st.one_of(
    ORDERS,
    st.tuples(st.just("press"), BUTTONS, st.sampled_from([None, -3600.0, 0.0])),
    st.tuples(st.just("leave"), BUTTONS),
    st.tuples(st.just("wait"), st.sampled_from([1.0, RENEWED_S, AGAIN_S, 400.0, LONGEST_S])),
    st.tuples(st.just("restart")),
)


@given(st.lists(STEPS, max_size=60))
def test_a_press_is_a_proof_only_where_it_is_safe(steps: list[tuple[str, ...]]) -> None:
    states: dict[tuple[str, str], State] = {}
    pairing, proofs, now_s = Pairing(), Proofs(states), 1000.0
    renewed_s, began_s, notes, last_s = -1e9, 0.0, dict.fromkeys(("button", "pendant"), 0), dict[str, float]()

    def moment() -> datetime:
        return T0 + timedelta(seconds=now_s)

    for what, *rest in steps:
        pairing.turn(now_s)
        was_on = bool(pairing.name)
        match what:
            case "order":
                name, on, for_s = rest
                before = pairing.name
                pairing.hear(Order(str(name), bool(on), float(for_s)), moment(), now_s)
                if pairing.name and pairing.name != before:
                    began_s = now_s
                if pairing.name == name:
                    renewed_s = now_s
            case "wait":
                now_s += float(rest[0])
            case "restart":
                pairing, proofs = Pairing(), Proofs(states)
                last_s.clear()
                assert not pairing.name, "a program that starts anew takes every press for a cry"
            case "leave":
                states |= proofs.leave(str(rest[0]))
            case _:
                device, off_s = str(rest[0]), rest[1]
                at = None if off_s is None else T0 + timedelta(seconds=now_s + float(off_s))
                proved = proofs.proved(device, "sos")
                proof = pairing.proves(device, proved, at, now_s)
                if proof:
                    assert was_on
                    assert not proved
                    assert now_s - renewed_s < RENEWED_S, "a terminal that is gone ends it"
                    assert now_s - began_s < LONGEST_S, "and its limit does, whatever it says"
                    assert at is None or at >= T0 + timedelta(seconds=began_s), "who pressed before was not asked to"
                    assert now_s - last_s.get(device, -1e9) >= AGAIN_S
                    notes[device] += 1
                if was_on:
                    last_s[device] = now_s
                said = Said(device, "note", Note(PRACTISED)) if proof else Said(device, "sos", SosPressed())
                states |= proofs.hear(Heard(device=device), [said])
                assert proofs.proved(device, "sos"), "either way it has been heard"
    if not any(step[0] == "leave" for step in steps):
        assert max(notes.values()) <= 1, "of one button at most one press is ever taken for a proof"


def test_it_ends_by_itself_and_never_goes_on() -> None:
    pairing = Pairing()
    for second in range(0, 200, 10):
        pairing.hear(Order("one", for_s=120.0), T0, float(second))
        assert bool(pairing.name) == (second < 120)
    pairing.hear(Order("two", for_s=0.0), T0, 300.0)
    assert pairing.left_s(300.0) == SHORTEST_S
    pairing.hear(Order("three"), T0, 310.0)
    assert pairing.name == "two", "one at a time"
    pairing.hear(Order("three", on=False), T0, 311.0)
    assert pairing.name == "two", "and nobody else ends it"
    pairing.hear(Order("two", on=False), T0, 312.0)
    pairing.hear(Order("two"), T0, 313.0)
    assert not pairing.name


@given(st.binary(max_size=60))
def test_any_bytes_may_stand_where_an_order_should(payload: bytes) -> None:
    assert order_of(payload) is None or payload
    assert order_of(b'{"pair":"x","for_s":1e999}') is None or True
    assert order_of(b"[]") is None


# --- proofs


def hear(proofs: Proofs, states: dict[tuple[str, str], State], device: str, *data: tuple[str, Payload]) -> None:
    states |= proofs.hear(Heard(device=device), [Said(device, kind, body) for kind, body in data])


def news(proofs: Proofs, states: dict[tuple[str, str], State]) -> dict[str, tuple[str, str]]:
    said, more = proofs.news()
    states |= more
    told = {one.device: one.data for one in said}
    return {
        device: (" ".join(data.can), " ".join(data.unproved))
        for device, data in told.items()
        if isinstance(data, DeviceKnown)
    }


def test_what_was_announced_is_not_proved_until_it_is_heard() -> None:
    states: dict[tuple[str, str], State] = {}
    proofs = Proofs(states)
    said: dict[tuple[str, str], State] = {("pir", CAN): "motion climate", ("remote", CAN): "", ("lamp", "class"): "x"}
    states |= said | proofs.hear(Heard(states=said), [])
    assert news(proofs, states) == {"pir": ("climate motion", "climate motion")}, "a remote has nothing to prove"
    hear(proofs, states, "pir", ("motion", Motion("hall", False)), ("climate", Climate("hall", 20.0)))
    assert news(proofs, states) == {"pir": ("climate motion", "motion")}, "a sensor's return to rest is no proof"
    proofs = Proofs(states)
    assert news(proofs, states) == {}, "what was told is remembered"
    hear(proofs, states, "pir", ("motion", Motion("hall")))
    assert news(proofs, states) == {"pir": ("climate motion", "")}
    assert Proofs(states).proved("pir", "motion"), "proofs survive a restart"


def test_of_who_only_lives_nobody_knows_what_it_can_do() -> None:
    states: dict[tuple[str, str], State] = {}
    proofs = Proofs(states)
    hear(proofs, states, "pendant")
    hear(proofs, states, "gateway")
    assert news(proofs, states) == {"pendant": ("any", "any")}
    hear(proofs, states, "pendant", ("note", Note("sos_at_pairing")))
    assert not proofs.proved("pendant", "sos"), "its joining is no proof"
    hear(proofs, states, "pendant", ("sos", SosPressed()))
    hear(proofs, states, "mat", ("bed", Bed(False)))
    assert news(proofs, states) == {"pendant": ("sos", ""), "mat": ("bed", "bed")}


def test_a_smoke_detector_needs_no_smoke() -> None:
    states: dict[tuple[str, str], State] = {}
    proofs = Proofs(states)
    calm: dict[tuple[str, str], State] = {("kitchen", "smoke"): False, ("bath", "occupancy"): False}
    states |= calm | proofs.hear(Heard(states=calm, device="kitchen"), [])
    assert news(proofs, states) == {"kitchen": ("smoke", ""), "bath": ("motion", "motion")}
    hear(proofs, states, "hall", ("smoke", Smoke("hall")))
    assert news(proofs, states) == {"hall": ("smoke", "")}
    assert news(Proofs({("old", "smoke"): False}), {}) == {"old": ("smoke", "")}, "heard by the version before"


def test_who_has_left_proves_nothing_any_more() -> None:
    states: dict[tuple[str, str], State] = {}
    proofs = Proofs(states)
    hear(proofs, states, "button", ("sos", SosPressed()))
    assert news(proofs, states) == {"button": ("sos", "")}
    states |= proofs.hear(Heard(left="button"), [])
    assert news(proofs, states) == {"button": ("", "")}
    assert not Proofs(states).devices()
    hear(proofs, states, "button")
    assert news(proofs, states) == {"button": ("any", "any")}, "another one, perhaps, under the same name"
    assert [one.device for one in Proofs(states).devices()] == ["button"]


# --- what the city says


@given(st.lists(st.tuples(st.sampled_from(["hear", "wait", "cut"]), st.sampled_from([0.0, 1.0, 90.0, 180.0, 1e6]))))
def test_the_city_is_believed_as_long_as_it_said_and_no_longer_than_it_is_there(
    steps: list[tuple[str, float]],
) -> None:
    told, now_s, until_s = Told(), 0.0, 0.0
    for what, amount in steps:
        match what:
            case "hear":
                told.hear(encode_standing(Standing(True, True, amount)), now_s)
                until_s = now_s + min(amount, BELIEVED_S)
            case "wait":
                now_s += amount
            case _:
                assert told.now(now_s, False) is None
                until_s = 0.0
        assert (told.now(now_s, True) is not None) == (now_s < until_s)


def test_nonsense_of_the_city_changes_nothing() -> None:
    told = Told()
    told.hear(encode_standing(Standing(False, True, 60.0)), 0.0)
    told.hear(b'{"case":"yes"}', 1.0)
    assert told.now(59.0, True) == Standing(False, True, 60.0)
