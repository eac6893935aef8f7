"""`anbu gateway pair`: a terminal in the home, in which each device is ticked off when the gateway has heard it."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from app.cli.options import Language
from app.settings import load
from core.clock import stopwatch_s
from core.events import PRESS
from core.words import say
from gateway.commissioning import ORDERS, REPORTS, Report, Seen
from gateway.pairing import Order
from wire.session import Session
from wire.url import BrokerUrl

SAY_S, PATIENCE_S = 5.0, 20.0
_decoder = msgspec.json.Decoder(Report)


def pair(
    local: Annotated[str, typer.Option(help="The home's own broker; default: ANBU_GATEWAY_LOCAL.")] = "",
    minutes: Annotated[int, typer.Option(min=1, max=60, help="When it ends by itself.")] = 15,
    forget: Annotated[str, typer.Option(help="A device that was taken out of the home; nothing else is done.")] = "",
    remote: Annotated[str, typer.Option(help="A button that is meant to call nobody; nothing else is done.")] = "",
    language: Language = "ko",
) -> None:
    """Set a home up beside the running `anbu gateway`: each device has to prove itself. 0: all have.

    A button's first press is its proof meanwhile; every other press is a real SOS.
    """
    console = Console(soft_wrap=True)
    broker = BrokerUrl.parse(local or load().gateway_local)
    terminal = Terminal(broker, minutes, language, console)
    stop: list[bool] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))
    try:
        if forget:
            done = terminal.forget(forget)
        else:
            done = terminal.confirm(remote) if remote else terminal.run(lambda: bool(stop))
    finally:
        terminal.leave()
    raise typer.Exit(0 if done else 1)


class Terminal:
    """One commissioning, as who does it sees it."""

    def __init__(self, broker: BrokerUrl, minutes: int, language: str, console: Console) -> None:
        self._broker, self._minutes, self._language, self._console = broker, minutes, language, console
        self._name = secrets.token_hex(8)
        self._session = Session(broker, f"anbu-pair-{self._name}", subscribe=[REPORTS], persistent=False)
        self._proved: set[str] = set()
        self._cried: set[str] = set()

    def run(self, stop: Callable[[], bool]) -> bool:
        """Until all are proved, it is over, or somebody has had enough; whether all are proved."""
        first = self._report(self._order(), stop)
        if first is None:
            return False
        if first.pair != self._name:
            self._print("pair.other")
            return False
        self._print("pair.begins", minutes=self._minutes)
        report, said_s = first, stopwatch_s()
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            while True:
                self._tick(report, live)
                if stop() or report.pair != self._name or (report.devices and not any(map(_todo, report.devices))):
                    break
                for heard in self._session.poll(0.2):
                    report = _decoder.decode(heard.payload)
                if stopwatch_s() - said_s >= SAY_S:
                    said_s = stopwatch_s()
                    self._say(self._order())
        return self._end(report)

    def forget(self, device: str) -> bool:
        """Take a device out of the home; whether the gateway has done so."""
        if self._report(Order(forget=device), lambda: False) is None:
            return False
        self._print("pair.forgotten", device=device)
        return True

    def confirm(self, device: str) -> bool:
        """Say of a button that it is meant to call nobody; whether the gateway takes it for such a one."""
        report = self._report(Order(remote=device), lambda: False)
        if report is None:
            return False
        done = any(seen.device == device and _is_mute(seen) and not _todo(seen) for seen in report.devices)
        self._print("pair.remote" if done else "pair.not_remote", device=device)
        return done

    def leave(self) -> None:
        """End it, if it is on."""
        if self._session.connected:
            self._say(Order(self._name, on=False))
            until_s = stopwatch_s() + 1.0
            while stopwatch_s() < until_s and not any(True for _ in self._session.poll(0.1)):
                pass
        self._session.disconnect()

    def _order(self) -> Order:
        return Order(self._name, for_s=self._minutes * 60.0)

    def _say(self, order: Order) -> None:
        self._session.publish(ORDERS, msgspec.json.encode(order), 1)

    def _report(self, order: Order, stop: Callable[[], bool]) -> Report | None:
        """The answer to an order; None: there is no gateway."""
        until_s, said = stopwatch_s() + PATIENCE_S, False
        while stopwatch_s() < until_s and not stop():
            for heard in self._session.poll(0.1):
                report = _decoder.decode(heard.payload)
                if report.pair or order.forget or order.remote:  # else it is the end of another's
                    return report
            if self._session.connected and not said:
                said = True
                self._say(order)
        self._print("pair.no_gateway", broker=str(self._broker))
        return None

    def _tick(self, report: Report, live: Live) -> None:
        """What is new is a line of its own, what is not done stands below."""
        for seen in report.devices:
            if (_is_mute(seen) or not _todo(seen)) and seen.device not in self._proved:
                self._proved.add(seen.device)
                self._print("pair.calls_nobody" if _is_mute(seen) else "pair.ticked", device=seen.device)
        for device in report.cried:
            if device not in self._cried:
                self._cried.add(device)
                self._print("pair.cried", device=device)
        if self._console.is_terminal:
            live.update(self._table(report), refresh=True)

    def _table(self, report: Report) -> Table:
        left = self._words("pair.left", left=report.left_s)
        table = Table(self._words("pair.device"), self._words("pair.todo"), title=left, title_justify="left")
        for seen in report.devices:
            if _todo(seen):
                table.add_row(seen.device, self._what(seen))
        if not report.devices:
            table.add_row("", self._words("pair.nothing"))
        return table

    def _end(self, report: Report) -> bool:
        left = [seen for seen in report.devices if _todo(seen)]
        for seen in left:
            self._print("pair.unproved", device=seen.device, what=self._what(seen))
        if left or not report.devices:
            self._print("pair.over", devices=len(left))
            return False
        self._print("pair.done", devices=sum(not _is_mute(seen) for seen in report.devices))
        return True

    def _what(self, seen: Seen) -> str:
        return "; ".join(self._words(f"pair.do.{kind}") for kind in seen.unproved)

    def _words(self, key: str, **numbers: str | float) -> str:
        return say(key, self._language, numbers)

    def _print(self, key: str, **numbers: str | float) -> None:
        self._console.print(self._words(key, **numbers), markup=False, highlight=False)


def _is_mute(seen: Seen) -> bool:
    return PRESS in seen.can


def _todo(seen: Seen) -> bool:
    return bool(seen.unproved)
