"""A backup is restored: what came after it is sent again by the homes, and becomes one case, not two and not none."""

from __future__ import annotations

from pathlib import Path

from app.restore import restore
from core.events import Event
from core.people import Role
from store.backup import backup
from tests.stories.town import Gateway, Town
from tests.waiting import wait_until


def resend(city: Town, home: Gateway, kept: list[Event]) -> None:
    """What a home does at a receipt of another epoch than before: all that it still keeps goes out once more."""
    for event in kept:
        home.send(event)
    city.settle()
    wait_until(lambda: home.hear() or all(home.receipted(event) for event in kept))


def test_an_sos_after_the_backup_is_one_case_again(city: Town, tmp_path: Path) -> None:
    home, other = city.home("home-1"), city.home("home-2")
    city.member("kim")
    city.member("lee", Role.SUPERVISOR)
    first = home.say("sos", "button")
    taken = city.the_case()["id"]
    city.act(taken, "ack", by="kim")
    backup(city.settings.database, tmp_path / "city.backup")
    city.forward(1)
    second = other.say("sos", "pendant")
    epochs = {receipt.epoch for receipt in (*home.receipts, *other.receipts)}
    assert len(epochs) == 1
    assert len(city.cases()) == 2
    keys = {body["key"] for _, body in city.phones.rang}
    city.end()
    city.jump(4)
    assert restore(city.settings, tmp_path / "city.backup").kept is not None
    city.begin()
    assert [case["id"] for case in city.cases()] == [taken], "the backup does not know of the second"
    assert city.the_case()["owner"] == "kim"
    home.receipts.clear()
    other.receipts.clear()
    other.say("heartbeat", "gateway")
    (now,) = {receipt.epoch for receipt in other.receipts}
    assert now not in epochs, "and the home is told so"
    city.phones.rang.clear()
    for _ in range(3):
        resend(city, home, [first])
        resend(city, other, [second])
    again = next(case for case in city.cases() if case["home"] == "home-2")
    assert (again["state"], again["concern"]) == ("alerting", "sos")
    assert city.timeline(again["id"]).count("case.log.opened") == 1
    assert len(city.cases()) == 2, "the first is known"
    assert city.phones.calls() == ["kim"]
    assert not keys & {body["key"] for _, body in city.phones.rang}, "no provider takes it for what it has sent before"


def test_deadlines_that_have_passed_since_the_backup_ring_once(city: Town, tmp_path: Path) -> None:
    home = city.home()
    city.member("kim")
    city.member("lee", Role.SUPERVISOR)
    home.say("sos", "button")
    backup(city.settings.database, tmp_path / "city.backup")
    city.end()
    city.jump(60)
    restore(city.settings, tmp_path / "city.backup")
    city.begin()
    city.settle()
    assert city.phones.calls() == ["kim", "lee"], "the overdue rung is climbed once, not all of them at once"
