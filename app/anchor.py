"""From when on this city counts its time, kept in its folder: a jump of the system's clock moves no deadline."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from core.clock import Anchor, SteadyClock, wall_anchor

log = logging.getLogger(__name__)

FILE = "clock.json"
WORTH_TELLING_S = 2.0


def steady_clock(folder: Path, wall: Callable[[], Anchor] = wall_anchor) -> SteadyClock:
    """The clock of the city in `folder`: every process of it, now and later, reads the same time."""
    told_s = 0.0

    def ask() -> Anchor:
        nonlocal told_s
        now = wall()
        kept = anchor(folder, now)
        ahead_s = off_s(kept, now)
        if abs(ahead_s - told_s) > WORTH_TELLING_S:
            told_s = ahead_s
            log.error("the system's clock has jumped: it is %.1f s ahead of the city's, which counts on", ahead_s)
        return kept

    return SteadyClock(ask)


def anchor(folder: Path, now: Anchor) -> Anchor:
    """The anchor in the folder. It is made anew of `now` where there is none, where the machine was started since, and
    when the system's clock is synchronised for the first time since: until then it may have been wrong.
    """
    path = folder / FILE
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Anchor)
    except (OSError, msgspec.MsgspecError):
        kept = None
    if kept is not None and kept.boot == now.boot and (kept.trusted or not now.trusted):
        return kept
    if kept is not None and kept.boot == now.boot:
        log.warning("the system's clock is synchronised now: the city's moves by %.1f s", off_s(kept, now))
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(msgspec.json.encode(now))
    fresh.replace(path)
    return now


def off_s(kept: Anchor, now: Anchor) -> float:
    """Seconds by which the system's clock is ahead of the city's."""
    return (now.utc - kept.utc).total_seconds() - (now.since_boot_s - kept.since_boot_s)
