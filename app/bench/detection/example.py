"""A home that nobody lives in, for pictures: recorded people's days are not shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

from anomaly.deadlines import QUESTIONS
from anomaly.prior import shipped
from app.bench.detection.ours import learned
from app.bench.detection.streams import Array, Stream, stream
from core.events import Event
from simulators.home import Dwelling, life
from simulators.routine import Habits

SINCE = datetime(2026, 1, 5, tzinfo=UTC)
ZONE = "Asia/Seoul"


def simulated(days: int, seed: int) -> tuple[Stream, Array]:
    """Some weeks of a simulated resident, and the deadline (s) after each movement."""
    until = SINCE + timedelta(days=days)
    said = takewhile(lambda one: one.at < until, life(Dwelling("simulated", ZONE, (Habits(),)), seed, SINCE, SINCE))
    events = [Event(str(n), "gw", one.device, one.kind, one.at, one.data) for n, one in enumerate(said)]
    lived = stream("simulated", events, ZONE)
    return lived, learned(lived, shipped(), (QUESTIONS,))[0]
