"""A city in a network of its own, and homes in another one, joined by a line that can be made as bad as one likes.

`python -m tests.faults.lines FOLDER full|sample` (as root) goes into a private network namespace first: nothing of the
machine's own network is touched, and all of it is gone with the process.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from core.clock import sleep_s, wall_now
from store.tables import cases
from tests.faults.city import City, city
from tests.faults.nursery import GATEWAY, Nursery
from tests.faults.outside import DEPLOYED, Button, expect, homes_broker
from tests.faults.table import quantile
from wire.broker import free_port
from wire.mosquitto import Mosquitto
from wire.url import BrokerUrl

CITY, HOMES = "10.77.0.1", "10.77.0.2"
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
T = TypeVar("T")
LATE_S = 10.0
CUT_S = 60.0
SEEN_S = (90.0, 100.0)


def command(*words: str) -> None:
    """Run one of Linux's own tools."""
    subprocess.run(words, check=True, capture_output=True)


def go_into(namespace: str) -> None:
    """This thread's new sockets belong there from now on."""
    libc = ctypes.CDLL(None, use_errno=True)
    file = os.open(namespace, os.O_RDONLY)
    try:
        if libc.setns(file, _NEW_NETWORK):
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    finally:
        os.close(file)


class Line:
    """The line between them; `up` is what homes send, `down` what the city does."""

    def __init__(self) -> None:
        self._homes = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        self.namespace = f"/proc/{self._homes.pid}/ns/net"
        while os.readlink(self.namespace) == os.readlink("/proc/self/ns/net"):
            sleep_s(0.01)
        self._into = ["nsenter", f"--net={self.namespace}"]
        command("ip", "link", "set", "lo", "up")
        command(*self._into, "ip", "link", "set", "lo", "up")
        command("ip", "link", "add", "city", "type", "veth", "peer", "name", "homes", "netns", str(self._homes.pid))
        command("ip", "addr", "add", f"{CITY}/24", "dev", "city")
        command("ip", "link", "set", "city", "up")
        command(*self._into, "ip", "addr", "add", f"{HOMES}/24", "dev", "homes")
        command(*self._into, "ip", "link", "set", "homes", "up")

    def shape(self, up_loss: int = 0, down_loss: int = 0, rate: str = "") -> None:
        """Of a hundred packets so many are lost each way; both ways have this rate. Not every kernel has netem."""
        for into, device, loss in (([], "city", up_loss), (self._into, "homes", down_loss)):
            script = "flush ruleset\n"
            if loss:
                lot = f"numgen random mod 100 < {loss}" if loss < 100 else ""
                script += "add table inet line\nadd chain inet line in { type filter hook input priority 0; }\n"
                script += f"add rule inet line in iifname {device} {lot} drop\n"
            subprocess.run([*into, "nft", "-f", "-"], input=script, check=True, capture_output=True, text=True)
            subprocess.run([*into, "tc", "qdisc", "del", "dev", device, "root"], check=False, capture_output=True)
            if rate:
                limits = ("tbf", "rate", rate, "burst", "1600", "latency", "2s")
                command(*into, "tc", "qdisc", "add", "dev", device, "root", *limits)

    def close(self) -> None:
        self._homes.kill()
        self._homes.wait()


@contextmanager
def town(folder: Path, homes: int) -> Iterator[tuple[City, Line]]:
    """A city whose homes are behind the line."""
    line, port = Line(), free_port()
    (folder / "broker").mkdir(parents=True)
    broker = Mosquitto(folder / "broker", more=f"{DEPLOYED}listener {port} {CITY}\nallow_anonymous true\n")
    try:
        there, enter = BrokerUrl(CITY, port), lambda: go_into(line.namespace)
        with city(folder, homes, broker=broker, homes_at=lambda _: there, enter=enter) as place:
            place.start_all()
            yield place, line
    finally:
        line.close()


class Street:
    """Homes at the other end of the line: each has its own broker, the program, and a button."""

    def __init__(self, place: City, line: Line, many: int) -> None:
        self._place, self._stack = place, ExitStack()
        # What this thread opens or starts is in the homes' network.
        self._thread = self._stack.enter_context(ThreadPoolExecutor(1, initializer=go_into, initargs=(line.namespace,)))
        self._nursery = self._there(Nursery, place.folder / "street")
        self._stack.callback(self._nursery.close)
        self._buttons = dict(self._home() for _ in range(many))
        log = self._nursery.log(GATEWAY)
        expect(lambda: log.read_text().count(" speaks MQTT ") == 2 * many, 60, "each program is at both brokers")
        self.pressed = 0

    def _there(self, what: Callable[..., T], *about: object) -> T:
        return self._thread.submit(what, *about).result()

    def _home(self) -> tuple[str, Button]:
        home = self._place.fresh_home()
        local = self._there(self._stack.enter_context, homes_broker(self._place.folder / home.id))
        self._place.gateway(local.url, home.gateway, nursery=self._nursery)
        button = self._there(Button, local.url)
        self._stack.callback(self._there, button.leave)
        return home.id, button

    def press(self) -> list[float]:
        """Somebody presses in each home, one after the other; seconds until each one's case, which is closed then."""
        at: dict[str, datetime] = {}
        for home, button in self._buttons.items():
            at[home] = wall_now()
            self._there(button.press)
            sleep_s(0.3)
        self.pressed += 1
        expect(lambda: len(self._place.of(list(at))) == self.pressed * len(at), 120, "a case for each press")
        took_s = []
        for case in self._place.of(list(at)):
            if case.state != "closed":
                took_s.append((case.opened_at - at[case.home]).total_seconds())
                self._place.acknowledge(case.id)
                self._place.close_case(case.id)
        return took_s

    def close(self) -> None:
        self._stack.close()


def p99(street: Street, rounds: int) -> float:
    """SOS p99 over the line as it is."""
    took_s = [one for _ in range(rounds) for one in street.press()]
    assert quantile(took_s, 0.99) <= LATE_S, f"SOS p99 {quantile(took_s, 0.99):.1f} s"
    return quantile(took_s, 0.99)


def lost_after(place: City, line: Line, home: str) -> float:
    """The line is cut until the city says that it no longer hears a home whose heartbeats come every 30 s; seconds from
    its last word to that."""
    line.shape(up_loss=100, down_loss=100)
    while (said := place.api.get(f"/api/homes/{home}").json())["heard"]:
        sleep_s(0.1)
    after_s = (wall_now() - datetime.fromisoformat(said["unheard_since"])).total_seconds()
    line.shape()
    assert SEEN_S[0] <= after_s <= SEEN_S[1], f"seen as lost after {after_s:.1f} s"
    expect(lambda: place.api.get(f"/api/homes/{home}").json()["heard"] is True, 30, f"{home} is heard again")
    return after_s


def bad_lines(folder: Path, homes: int, rounds: int) -> list[str]:
    """What comes of presses over bad lines, by `anbu gateway` without its other way."""
    told = []
    with town(folder, homes) as (place, line), closing(Street(place, line, homes)) as street:
        for name, bad_line in (
            ("20 % loss", {"up_loss": 20, "down_loss": 20}),
            ("32 kbit/s", {"rate": "32kbit"}),
            ("both", {"up_loss": 20, "down_loss": 20, "rate": "32kbit"}),
        ):
            line.shape(**bad_line)
            told.append(f"{name} {p99(street, rounds):.1f} s")
        line.shape()
        sleep_s(3.0)
        with place.db.read() as tx:
            count = tx.execute(sa.select(sa.func.count()).select_from(cases)).scalar()
        assert count == 3 * rounds * homes, f"{3 * rounds * homes} presses, {count} cases"
    return told


def cuts(folder: Path, full: bool) -> list[str]:
    """What comes of presses before and in a cut, and when the city sees that it hears a home no longer."""
    told = []
    with town(folder, 20) as (place, line):
        beating = place.fresh_home()
        place.homes.beat(beating.gateway)
        for name, cut in (
            ("homes cannot send", {"up_loss": 100}),
            ("homes cannot hear", {"down_loss": 100}),
            ("neither", {"up_loss": 100, "down_loss": 100}),
        ):
            line.shape()
            sleep_s(3.0)  # who has nothing more to say has left, and is not taken for lost
            homes = place.press(1)
            line.shape(**cut)
            homes += place.press(2)
            sleep_s(CUT_S if full else 3.0)
            line.shape()
            place.expect_cases(homes, 30)
            place.expect_receipts(60)
            for case in place.of(homes):
                place.acknowledge(case.id)
            told.append(f"{name}: {len(homes)} of {len(homes)} arrive")
        if full:
            lost_s = [lost_after(place, line, beating.id) for _ in range(3)]
            told.append(f"90 s class seen as lost after {min(lost_s):.1f} to {max(lost_s):.1f} s")
            place.expect_receipts(60)
        said = place.verdict()
        assert said["cases"] == said["pressed"]
    return told


def main(folder: Path, full: bool) -> dict[str, object]:
    """Play it; runs and figure."""
    homes, rounds = (10, 15) if full else (2, 1)
    told = [*bad_lines(folder / "lines", homes, rounds), *cuts(folder / "cuts", full)]
    return {"runs": 3 * homes * rounds + 3, "text": f"SOS p99: {'; '.join(told)}"}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2] == "full")))
