"""The program in the home in a process of its own, which kills itself with SIGKILL at a chosen moment.

`python -m tests.doomed_gateway FOLDER HOME_PORT CITY_PORT MOMENT TIMES`
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.clock import SystemClock
from core.events import Lane
from gateway.outbox import Numbered, Outbox
from gateway.program import HomeGateway
from gateway.uplink import Uplink
from wire.receipt import Receipt
from wire.session import Session
from wire.url import BrokerUrl

GATEWAY = "gw-0001"
MOMENTS = ("heard", "kept", "acknowledged", "numbered", "sent", "receipted", "forgotten")
"""In the order of a message's life."""


class Fate:
    """Kills this process when it comes to a moment for the n-th time."""

    def __init__(self, moment: str, times: int) -> None:
        self._moment, self._times, self._seen = moment, times, Counter[str]()

    def at(self, moment: str) -> None:
        self._seen[moment] += 1
        if moment == self._moment and self._seen[moment] == self._times:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedOutbox(Outbox):
    """An outbox before and after whose commits the process may die."""

    fate: Fate

    def keep(self, said: Any, arrived: Any, **more: Any) -> None:
        self.fate.at("heard")
        super().keep(said, arrived, **more)
        self.fate.at("kept")

    def number(self, lane: Lane, most: int, most_bytes: int, but: Sequence[str] = ()) -> list[Numbered]:
        found = super().number(lane, most, most_bytes, but)
        if found:
            self.fate.at("numbered")
        return found

    def forget(self, receipt: Receipt) -> None:
        self.fate.at("receipted")
        super().forget(receipt)
        self.fate.at("forgotten")


def main() -> None:
    """Run until killed, from within or without."""
    folder, home, city, moment, times = sys.argv[1:]
    fate = Fate(moment, int(times))
    outbox = DoomedOutbox(Path(folder) / "gateway.db", GATEWAY)
    outbox.fate = fate
    ack, publish = Session.ack, Uplink._publish

    def doomed_ack(session: Session, deliveries: Any) -> None:
        ack(session, deliveries)
        if deliveries and session.client_id == f"{GATEWAY}-local":
            fate.at("acknowledged")

    def doomed_publish(uplink: Uplink, *what: Any) -> None:
        publish(uplink, *what)
        fate.at("sent")

    Session.ack, Uplink._publish = doomed_ack, doomed_publish  # type: ignore[method-assign]  # to die just behind them
    urls = BrokerUrl("127.0.0.1", int(home)), BrokerUrl("127.0.0.1", int(city))
    gateway = HomeGateway(GATEWAY, *urls, outbox, SystemClock(), version="anbu-gateway test", resend_s=1.0)
    while True:
        gateway.step(0.01)


if __name__ == "__main__":
    main()
