"""What would have been: a home's own rows of the log replayed as it is configured and as it might be, and compared.

What a replay can't know: how a resident would have answered questions that were never asked, and what befell the area.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np

from anomaly.engine import Engine
from core.events import LogRow
from core.people import Home
from core.signals import Concern, Group, Sense, Signal, group_of
from core.words import LANGUAGES, say

CUT_S = 1800.0
"""A collapse is imagined so often, at every moment at which somebody may be in."""
UNANSWERED = 0.1
"""Of ten questions one is taken to reach a person."""
MONTH_DAYS = 30.44
ENOUGH_DAYS = 7
"""Fewer days than a week's say nothing of a month."""
LEARN_DAYS = 60
"""So many days of the log before those that are judged are enough to learn from."""

Asks = Callable[[Home, Signal], bool]
"""Whether the city's policy lets the speaker ask before people are called."""


class Alarm(msgspec.Struct, frozen=True):
    """A case that would have opened. `about` names the silence (or what else it is), whichever detector has told it;
    `asks`: the speaker asks first; `why` by language.
    """

    about: str
    at: datetime
    concern: Concern
    source: str
    asks: bool
    why: dict[str, str]


class Side(msgspec.Struct, frozen=True):
    """One configuration. Questions, calls (people called at once) and visits (cases that reach a person) are a month's;
    None where less than `ENOUGH_DAYS` could be judged.

    Delays are hours until somebody is asked if the person collapses; None where nobody was ever seen to be in. At
    `told_share` of those moments somebody had been asked already: they are not among the delays.
    """

    alarms: int
    questions: float | None
    calls: float | None
    visits: float | None
    delay_p50_h: float | None
    delay_p95_h: float | None
    told_share: float


class Comparison(msgspec.Struct, frozen=True):
    """`since` to `until` (UTC) is judged, `learned_days` of the log before it were learned from.

    `sooner`, `later`: alarms on both sides that come at another time.
    """

    home: str
    since: datetime
    until: datetime
    learned_days: float
    before: Side
    after: Side
    added: tuple[Alarm, ...]
    removed: tuple[Alarm, ...]
    sooner: int
    later: int

    @property
    def days(self) -> float:
        return (self.until - self.since).total_seconds() / 86400


class _Replayed(msgspec.Struct, frozen=True):
    alarms: dict[str, Alarm]
    delays_h: list[float]
    told: int


def what_if(
    rows: Sequence[LogRow],
    home: Home,
    changed: Home,
    since: datetime,
    until: datetime,
    asks: Asks,
    progress: Callable[[float], None] = lambda share: None,
) -> Comparison:
    """Compare a home as it is configured with itself `changed`, by its rows (in log order, at least one).

    Rows before `since` are learned from and not judged. Where the log begins later, so does the judging. `progress`
    hears the share that is done.
    """
    first = rows[0].seen_at
    since = min(max(since, first), until)
    days = max((until - since).total_seconds() / 86400, 1 / 24)
    before = _replay(rows, home, since, until, asks, lambda share: progress(share / 2))
    after = _replay(rows, changed, since, until, asks, lambda share: progress((1 + share) / 2))
    both = before.alarms.keys() & after.alarms.keys()
    shifts = [after.alarms[about].at - before.alarms[about].at for about in both]
    return Comparison(
        home=home.id,
        since=since,
        until=until,
        learned_days=(since - first).total_seconds() / 86400,
        before=_side(before, days),
        after=_side(after, days),
        added=tuple(alarm for about, alarm in after.alarms.items() if about not in both),
        removed=tuple(alarm for about, alarm in before.alarms.items() if about not in both),
        sooner=sum(shift < timedelta(0) for shift in shifts),
        later=sum(shift > timedelta(0) for shift in shifts),
    )


def _replay(
    rows: Sequence[LogRow], home: Home, since: datetime, until: datetime, asks: Asks, progress: Callable[[float], None]
) -> _Replayed:
    engine = Engine([home])
    late, step = timedelta(seconds=engine.lateness_s), timedelta(seconds=CUT_S)
    alarms: dict[str, Alarm] = {}
    delays_h: list[float] = []
    standing: set[str] = set()
    fed = told = 0
    span_s = max((until - rows[0].seen_at).total_seconds(), 1.0)
    # On the engine's own grid, so that nothing is due that it has not looked at.
    cut = rows[0].seen_at.replace(minute=0, second=0, microsecond=0)
    while cut + late < until:
        cut += step
        upto = min(cut + late, until)
        end = fed
        while end < len(rows) and rows[end].seen_at <= upto:
            end += 1
        for signal in (*engine.feed(rows[fed:end]), *engine.advance(upto)):
            opens = _opens(signal, standing)
            if opens and signal.at >= since:
                alarm = _alarm(signal, asks(home, signal))
                alarms[alarm.about] = alarm
        fed = end
        progress((upto - rows[0].seen_at).total_seconds() / span_s)
        if upto < cut + late or cut < since:
            continue
        view = engine.view(home.id)
        due = view["next_alarm_at"]
        if view["away_until"] or view["dark"]:
            continue
        if standing:
            told += 1
        elif isinstance(due, datetime):
            delays_h.append(max((due - cut).total_seconds(), 0.0) / 3600)
    return _Replayed(alarms, delays_h, told)


def _opens(signal: Signal, standing: set[str]) -> bool:
    """Whether a signal about the person opens a case; `standing` keeps the silences that were told and go on."""
    if group_of(signal.concern) is not Group.PERSON:
        return False
    if signal.sense is Sense.CLEAR:
        standing.discard(signal.key.removesuffix("/clear"))
        return False
    joins = bool(standing)
    if signal.concern is Concern.INACTIVITY:
        standing.add(signal.key)
        return not joins
    return True


def _alarm(signal: Signal, asks: bool) -> Alarm:
    return Alarm(
        about=f"{signal.concern}/{signal.key.rpartition('/')[2]}",
        at=signal.at,
        concern=signal.concern,
        source=signal.source,
        asks=asks,
        why={la: " ".join(say(reason.key, la, reason.numbers) for reason in signal.evidence) for la in LANGUAGES},
    )


def _side(replayed: _Replayed, days: float) -> Side:
    alarms, months = replayed.alarms.values(), days / MONTH_DAYS if days >= ENOUGH_DAYS else None
    questions = sum(alarm.asks for alarm in alarms)
    calls = len(alarms) - questions
    delays = np.array(replayed.delays_h)
    p50, p95 = np.quantile(delays, (0.5, 0.95)) if delays.size else (math.nan, math.nan)
    cuts = delays.size + replayed.told
    return Side(
        alarms=len(alarms),
        questions=months and questions / months,
        calls=months and calls / months,
        visits=months and (calls + UNANSWERED * questions) / months,
        delay_p50_h=float(p50) if delays.size else None,
        delay_p95_h=float(p95) if delays.size else None,
        told_share=replayed.told / cuts if cuts else 0.0,
    )
