"""Every channel against the real thing at its far end: servers that answer, refuse, hang and hang up."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from alerts.channels import Failed, Message, Question, Retry, Sent
from alerts.channels.apprise import Apprise
from alerts.channels.console import Console
from alerts.channels.speaker import Speaker
from alerts.channels.webhook import Webhook
from core.clock import stopwatch_s
from core.signed import signature

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
SECRET = "a secret of two"


class Provider(ThreadingHTTPServer):
    """A notification service on this machine; the path says how it behaves."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.released = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Desk(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        match self.path.strip("/").split("/"):
            case ["hang"]:
                self.server.released.wait(30)
            case ["drop"]:
                self.connection.shutdown(socket.SHUT_RDWR)
            case [status, *retry_after]:
                self.send_response(int(status))
                for after in retry_after:
                    self.send_header("Retry-After", after)
                self.send_header("Location", self.server.url("/200"))
                self.send_header("Content-Length", "0")
                self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    channel = Webhook(SECRET, lambda: NOW, timeout_s=0.5)
    yield channel
    channel.close()


def message(address: str, ask: Question | None = None) -> Message:
    return Message(
        key="case-12/call-1/kim/webhook",
        address=address,
        case=12,
        purpose="check_in" if ask else "call",
        concern="sos",
        urgency="immediate",
        member=None if ask else "kim",
        language="ko",
        text="돌봄콜 #12 긴급 확인 필요",
        url="/cases/12",
        ask=ask,
    )


def test_a_webhook_is_a_signed_post_that_can_be_told_from_a_repetition(webhook: Webhook, provider: Provider) -> None:
    assert webhook.send(message(provider.url("/200"))) == Sent()
    ((_, headers, body),) = provider.requests
    assert headers["idempotency-key"] == "case-12/call-1/kim/webhook"
    assert headers["anbu-signature"] == signature(SECRET.encode(), int(NOW.timestamp()), body)
    assert headers["anbu-signature"] != signature(b"another", int(NOW.timestamp()), body)
    assert headers["anbu-signature"] != signature(SECRET.encode(), int(NOW.timestamp()) + 1, body)
    told = json.loads(body)
    assert (told["case"], told["member"], told["purpose"]) == (12, "kim", "call")
    assert told["text"] == "돌봄콜 #12 긴급 확인 필요"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/204", Sent()),
        ("/500", Retry("HTTP 500")),
        ("/503/7", Retry("HTTP 503", 7)),
        ("/429/30", Retry("HTTP 429", 30)),
        ("/429/Sat, 21 Nov 2026 05:00:30 GMT", Retry("HTTP 429")),
        ("/404", Failed("HTTP 404")),
        ("/401", Failed("HTTP 401")),
        ("/307", Failed("HTTP 307")),
        ("/hang", Retry("ReadTimeout")),
        ("/drop", Retry("RemoteProtocolError")),
    ],
)
def test_what_a_provider_does_becomes_a_value(webhook: Webhook, provider: Provider, path: str, answer: object) -> None:
    began = stopwatch_s()
    assert webhook.send(message(provider.url(path))) == answer
    assert stopwatch_s() - began < 3
    assert len(provider.requests) == 1, "one attempt, and no redirect followed"


def test_a_closed_port_is_worth_another_try_and_nonsense_is_not(webhook: Webhook) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        answer = webhook.send(message(f"http://127.0.0.1:{unused.getsockname()[1]}/"))
    assert answer == Retry("ConnectError")
    for address in ("ftp://example.org/x", "", "http://", "kim's telephone"):
        assert isinstance(webhook.send(message(address)), Failed), address


def test_the_console_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "anbu.call"):
        assert Console().send(message("desk")) == Sent(delivered=True)
    assert caplog.messages == ["kim: 돌봄콜 #12 긴급 확인 필요 /cases/12"]


def test_the_speaker_says_the_question_on_its_gateways_topic() -> None:
    said: list[tuple[str, dict[str, object]]] = []
    up = True

    def publish(topic: str, body: bytes) -> bool:
        said.append((topic, msgspec.json.decode(body)))
        return up

    def topic(gateway: str) -> str:
        if not gateway.startswith("gw-"):
            raise ValueError(f"no gateway: {gateway}")
        return f"care/v1/{gateway}/down/ask"

    speaker = Speaker(publish, topic)
    question = message("gw-0001", Question("person-1", "check_in", 300.0))
    assert speaker.send(question) == Sent()
    expected = {"ask": "person-1", "language": "ko", "text": question.text, "wait_s": 300.0, "kind": "check_in"}
    expected["ways"] = ["voice"]
    assert said == [("care/v1/gw-0001/down/ask", expected)]
    up = False
    assert isinstance(speaker.send(question), Retry)
    assert speaker.send(message("home", Question("q", "check_in", 1))) == Failed("no gateway: home")
    assert isinstance(speaker.send(message("gw-0001")), Failed)


def test_apprise_reaches_a_service_by_its_url(provider: Provider) -> None:
    base = provider.url("").removeprefix("http://")
    assert Apprise("https://care.example").send(message(f"json://{base}/200")) == Sent()
    told = json.loads(provider.requests[0][2])
    assert told["title"] == "돌봄콜 #12 긴급 확인 필요"
    assert told["message"] == "https://care.example/cases/12"
    assert Apprise().send(message(f"json://{base}/200")) == Sent()
    assert json.loads(provider.requests[1][2])["message"] == "돌봄콜 #12 긴급 확인 필요"


@pytest.mark.parametrize("path", ["500", "404", "hang", "drop"])
def test_apprise_says_only_that_it_did_not_work(provider: Provider, path: str) -> None:
    base = provider.url("").removeprefix("http://")
    assert isinstance(Apprise(timeout_s=0.5).send(message(f"json://{base}/{path}")), Retry)


@pytest.mark.parametrize("address", ["", "kim", "nosuch://x", "json://"])
def test_apprise_refuses_what_is_no_address_of_its(address: str) -> None:
    assert isinstance(Apprise().send(message(address)), Failed)
