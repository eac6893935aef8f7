"""Real waiting, for what happens outside of a test's own process."""

from __future__ import annotations

from collections.abc import Callable

from core.clock import sleep_s, stopwatch_s


def wait_until(done: Callable[[], object], limit_s: float = 15.0) -> None:
    """Ask until `done()` is true; AssertionError after `limit_s`."""
    began_s = stopwatch_s()
    while not done():
        waited_s = stopwatch_s() - began_s
        assert waited_s < limit_s, "it does not come"
        # Who is asked without a pause has less time to become ready; a twentieth of the wait is not missed.
        sleep_s(min(max(waited_s / 20, 0.001), 0.05))
