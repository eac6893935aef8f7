"""How often somebody may knock. Counted in the memory of one api process: with several, each counts for itself."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from math import ceil

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from core.care import who
from core.clock import wall_now

HERE = (RateLimitItemPerMinute(10, 1, "login-here"), RateLimitItemPerHour(50, 1, "login-here"))
"""For one log-in from one address: who mistypes waits a minute."""
ANYWHERE = (RateLimitItemPerMinute(60, 1, "login"),)
"""For one log-in from wherever it was not used before: guessing from many addresses, which locks nobody out who has
come in from theirs."""
ADDRESS = (RateLimitItemPerMinute(60, 1, "address"), RateLimitItemPerHour(1000, 1, "address"))
"""For one address: an office has one for all its people."""
STARTS = (RateLimitItemPerMinute(60, 1, "starts"),)
"""Passkeys and the organisation's log-in that are begun, for one address."""
GUESSES = (RateLimitItemPerMinute(60, 1, "guesses"), RateLimitItemPerHour(600, 1, "guesses"))
"""Words in a calendar's address that nobody has, from one address: old ones go on asking."""
CALLS = (RateLimitItemPerMinute(1200, 1, "calls"),)
"""What one session or token asks for: 20 a second, for a minute."""
_MOST_KNOWN = 50_000


class TooOften(Exception):
    """Not now; in `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"again in {wait_s} s")
        self.wait_s = wait_s


class Limits:
    """Moving windows. What is asked for again too soon raises TooOften."""

    def __init__(self) -> None:
        self._rates = MovingWindowRateLimiter(MemoryStorage())
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, login: str, address: str | None) -> None:
        """Somebody tries to log in. Nobody is locked out where they have come in before, whatever others try."""
        place, name = block(address), who(login)[:100]
        with self._lock:
            known = (name, place) in self._known
        self._hit(ADDRESS, place)
        self._hit(HERE, name, place)
        if not known:
            self._hit(ANYWHERE, name)

    def came_in(self, login: str, address: str | None) -> None:
        """It was the right password: mistakes before it no longer count."""
        place, name = block(address), who(login)[:100]
        for rate in HERE:
            self._rates.clear(rate, name, place)
        with self._lock:
            self._known[name, place] = None
            self._known.move_to_end((name, place))
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)

    def start(self, address: str | None) -> None:
        """Somebody begins to log in by other ways than a password."""
        self._hit(STARTS, block(address))

    def may_guess(self, address: str | None) -> None:
        """Whether an address is listened to, after the wrong words that came from it."""
        for rate in GUESSES:
            if not self._rates.test(rate, block(address)):
                raise TooOften(self._wait_s(rate, block(address)))

    def guessed(self, address: str | None) -> None:
        """A wrong word came from there."""
        for rate in GUESSES:
            self._rates.hit(rate, block(address))

    def call(self, key: str) -> None:
        """A session or token asks for something."""
        self._hit(CALLS, key)

    def _hit(self, rates: tuple[RateLimitItem, ...], *names: str) -> None:
        for rate in rates:
            if not self._rates.hit(rate, *names):
                raise TooOften(self._wait_s(rate, *names))

    def _wait_s(self, rate: RateLimitItem, *names: str) -> int:
        reset = self._rates.get_window_stats(rate, *names).reset_time
        return max(1, ceil(reset - wall_now().timestamp()))


def block(address: str | None) -> str:
    """The address as it is counted: of IPv6 the network, for one machine has many."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    return str(known) if known.version == 4 else str(ipaddress.ip_network((known, 64), strict=False))
