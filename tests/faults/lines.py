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
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from core.clock import sleep_s, wall_now
from tests.faults.city import City, city
from tests.faults.outside import WRITES_DOWN, expect
from tests.faults.table import quantile
from wire.broker import free_port
from wire.mosquitto import Mosquitto
from wire.url import BrokerUrl

CITY, HOMES = "10.77.0.1", "10.77.0.2"
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
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
    (folder / "city" / "broker").mkdir(parents=True)
    broker = Mosquitto(folder / "city" / "broker", more=f"{WRITES_DOWN}listener {port} {CITY}\nallow_anonymous true\n")
    try:
        there, enter = BrokerUrl(CITY, port), lambda: go_into(line.namespace)
        with city(folder / "city", homes, broker=broker, homes_at=lambda _: there, enter=enter) as place:
            place.start_all()
            yield place, line
    finally:
        line.close()


def p99(place: City, many: int, worsen: Callable[[], None]) -> float:
    """SOS p99 over a line that has become bad, a home after the other; their programs have been connected before."""
    chosen = [place.fresh_home() for _ in range(many)]
    place.homes.meet([home.gateway for home in chosen])
    worsen()
    for home in chosen:
        place.homes.press(home.gateway)
        sleep_s(0.3)
    homes = [home.id for home in chosen]
    place.expect_cases(homes, 120)
    place.expect_receipts(120)
    took_s = place.latencies(homes)
    for case in place.of(homes):
        place.acknowledge(case.id)
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


def main(folder: Path, full: bool) -> dict[str, object]:
    """Play it; runs and figure."""
    many = 150 if full else 2
    told = []
    with town(folder, 8 * many) as (place, line):
        beating = place.fresh_home()
        place.homes.beat(beating.gateway)
        for name, bad_line in (
            ("20 % loss", {"up_loss": 20, "down_loss": 20}),
            ("32 kbit/s", {"rate": "32kbit"}),
            ("both", {"up_loss": 20, "down_loss": 20, "rate": "32kbit"}),
        ):
            line.shape()
            worse_s = p99(place, many, partial(line.shape, **bad_line))
            told.append(f"{name} {worse_s:.1f} s")
        for name, cut in (
            ("homes cannot send", {"up_loss": 100}),
            ("homes cannot hear", {"down_loss": 100}),
            ("neither", {"up_loss": 100, "down_loss": 100}),
        ):
            line.shape()
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
    return {"runs": 3 * many + 3, "text": "SOS p99: " + "; ".join(told)}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2] == "full")))
