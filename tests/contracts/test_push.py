"""Pushed notices, at a push service of our own that decrypts them: beside every other way, and never instead of it."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from access import push
from alerts.channels import Failed
from alerts.channels.webpush import WebPush, new_key, public_key
from app.place import Place
from app.settings import Settings
from core.clock import wall_now
from core.signals import Concern
from store.account_tables import accounts, push_subscriptions
from store.database import Database
from store.tables import outbox
from tests.contracts.city import City

PEM = new_key()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Browser:
    """One browser: its keys, and the push service that it has subscribed at."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        self.answers: list[int] = []
        self.received: list[tuple[dict[str, str], dict[str, Any]]] = []
        browser = self

        class Service(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                plain = http_ece.decrypt(body, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm")
                browser.received.append((dict(self.headers), json.loads(plain)))
                self.send_response(browser.answers.pop(0) if browser.answers else 201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/push/abc"

    def subscribe(self, db: Database, account: str) -> None:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        with db.write() as tx:
            push.put(tx, db.backend, account, self.endpoint, b64(point), b64(self.auth), wall_now())


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def city(db: Database) -> Iterator[City]:
    channel = WebPush(db, PEM, "mailto:duty@city.example", wall_now)
    made = City(db, more={"push": channel})
    for name in ("kim", "lee"):
        row = {
            "id": f"a-{name}", "login": name, "name": name, "role": "manager", "area": "gwangju", "member": name,
            "language": "ko", "active": True, "created_at": wall_now(),
        }  # fmt: skip
        with db.write() as tx:
            tx.execute(sa.insert(accounts).values(row))
    yield made
    made.outbox.close()
    channel.close()


def pushed(city: City) -> list[str]:
    return [row.state for row in city.rows(sa.select(outbox.c.state).where(outbox.c.channel == "push"))]


def test_a_call_is_pushed_beside_the_telephone_encrypted_and_signed(city: City, browser: Browser) -> None:
    browser.subscribe(city.db, "a-kim")
    case = city.say(Concern.SOS)
    city.settle()
    assert city.lines["phone"].told() == ["kim:call"]
    ((headers, said),) = browser.received
    assert said == {
        "text": f"돌봄콜 #{case} 긴급 확인 필요",
        "url": f"/cases/{case}",
        "case": case,
        "urgency": "immediate",
    }
    assert (headers["TTL"], headers["Urgency"], headers["Topic"]) == ("600", "high", f"case-{case}")
    assert headers["Content-Encoding"] == "aes128gcm"
    assert Vapid02.verify(headers["Authorization"])
    assert headers["Authorization"].endswith(f"k={public_key(PEM)}")
    claims = json.loads(base64.urlsafe_b64decode(headers["Authorization"].split(".")[1] + "=="))
    assert claims["aud"] == browser.endpoint.removesuffix("/push/abc")
    assert claims["sub"] == "mailto:duty@city.example"
    assert pushed(city) == ["accepted"]


def test_a_push_is_no_telephone_who_cannot_be_called_is_passed_over(city: City, browser: Browser) -> None:
    browser.subscribe(city.db, "a-kim")
    city.lines["phone"].answers["tel"] = Failed("no such number")
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    assert len(browser.received) == 1
    assert city.view(case).rung == 1, "the browser's service has taken it, and that reaches nobody"
    assert "unreachable" in city.keys(case)


@pytest.mark.parametrize("answer", [404, 410, 400])
def test_a_browser_that_is_gone_makes_nobody_unreachable(city: City, browser: Browser, answer: int) -> None:
    browser.subscribe(city.db, "a-kim")
    browser.answers = [answer]
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    assert city.view(case).rung == 0
    assert "unreachable" not in city.keys(case)
    assert pushed(city) == ["failed"]
    with city.db.read() as tx:
        ended = tx.scalar(sa.select(push_subscriptions.c.ended_at))
    assert (ended is not None) is (answer != 400)


def test_who_was_called_hears_by_telephone_that_it_is_over_and_by_push_too(city: City, browser: Browser) -> None:
    browser.subscribe(city.db, "a-kim")
    case = city.say(Concern.SOS)
    assert case is not None
    city.settle()
    city.act(case, "ack", "lee")
    city.settle()
    assert city.lines["phone"].told() == ["kim:call", "kim:stand_down"]
    assert [said["text"] for _, said in browser.received][1:] == [f"돌봄콜 #{case} 다른 분이 맡았습니다"]


def test_a_busy_service_is_tried_again_and_a_dead_one_holds_nothing_up(city: City, browser: Browser) -> None:
    browser.subscribe(city.db, "a-kim")
    browser.answers = [503]
    case = city.say(Concern.SOS)
    assert case is not None
    city.run(3)
    assert [len(browser.received), *pushed(city)] == [2, "accepted"]
    browser.server.shutdown()
    browser.server.server_close()
    city.act(case, "close", "lee", outcome="exercise")
    city.run(20)
    assert city.lines["phone"].told()[-1] == "kim:closed"
    assert pushed(city)[-1] == "failed"


def test_keys_that_are_none_end_the_subscription(city: City) -> None:
    with city.db.write() as tx:
        push.put(tx, city.db.backend, "a-kim", "https://push.example/x", "not-a-key", "short", wall_now())
    city.say(Concern.SOS)
    city.settle()
    assert pushed(city) == ["failed"]
    with city.db.read() as tx:
        assert tx.scalar(sa.select(push_subscriptions.c.ended_at)) is not None


def test_the_key_is_made_once_or_read_where_it_is_said(tmp_path: Any) -> None:
    first, again = (Place(Settings(data_dir=str(tmp_path))).vapid_key for _ in range(2))
    assert first == again
    assert len(base64.urlsafe_b64decode(public_key(first) + "=")) == 65
    (tmp_path / "own.pem").write_bytes(PEM)
    assert Place(Settings(data_dir=str(tmp_path), vapid_key=str(tmp_path / "own.pem"))).vapid_key == PEM
