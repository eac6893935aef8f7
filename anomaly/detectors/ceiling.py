"""The hard limit of silence: whatever is learned about a home, nobody lies unnoticed longer than this.

High risk: 4 h of waking time (07:00-22:00 local); others 12 h of plain time; `Home.silence_ceiling_s` overrides with
plain seconds. The clock of silence stands while the home is away or can't be seen. One signal a silence, until a
person has closed its case: whoever made sure of the resident did so then, and from then on it is counted anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from anomaly import life
from anomaly.batch import KIND_CODES, Events, Positions
from anomaly.causes import circumstances
from anomaly.compiled import kernel
from anomaly.detector import Heard, because, signal
from anomaly.rounds import Round
from anomaly.rows import Column, Rows, Who, wake
from anomaly.time import wall
from core.people import Home, Risk
from core.signals import Concern, Evidence, Sense, Signal, Urgency

HIGH_RISK_S = 4 * 3600.0
CEILING_S = 12 * 3600.0
CHECKED = KIND_CODES["checked"]


def ceiling_of(home: Home) -> tuple[float, bool, str]:
    """The home's ceiling in seconds, whether it counts waking time only, and why: own, high or usual."""
    if home.silence_ceiling_s is not None:
        return home.silence_ceiling_s, False, "own"
    if home.risk is Risk.HIGH:
        return HIGH_RISK_S, True, "high"
    return CEILING_S, False, "usual"


def limit_s(home: Home) -> float:
    """The home's ceiling in seconds of whatever kind."""
    return ceiling_of(home)[0]


def plain(home: Home) -> bool:
    """Whether the home's ceiling counts all time, not waking time only."""
    return not ceiling_of(home)[1]


def deadline(rows: Rows, i: int) -> float | None:
    """When the ceiling is reached if nobody moves; None while it is not counted, or once told while its case lives."""
    if _spent(rows, i) or rows.col["life.away_until"][i]:
        return None
    limit_s, awake, _ = ceiling_of(rows.homes[i])
    return life.silent_until(rows, i, limit_s, awake=awake)


def _spent(rows: Rows, i: Any) -> Any:
    """Whether the silence of home `i` (or of n) has been told, and nobody has made sure of the resident since."""
    told = rows.col["ceiling.told"][i]
    return (told > 0) & (told >= rows.col["life.checked"][i])


class Ceiling:
    name, version = "ceiling", "2"
    fields: ClassVar[Mapping[str, str]] = {"told": "<f8"}  # the silence that has been told, by when it began
    kinds = None

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if heard.event.kind == "checked":
            return self._checked(rows, i, heard.t)
        told = rows.col["ceiling.told"]
        moved = heard.human and heard.t >= rows.col["life.human"][i]
        if moved or rows.due["ceiling"][i] == float("inf"):
            rows.wake(i, self.name, heard.t + limit_s(rows.homes[i]))
        if not (moved and told[i]) or self._still_silent(rows, i, heard):
            return ()
        home, episode, told[i] = rows.homes[i].id, str(int(told[i])), 0.0
        why = because("moved", place=rows.place(i))
        return [
            signal(
                self, Concern.INACTIVITY, Urgency.ROUTINE, heard.t, why, home=home, episode=episode, sense=Sense.CLEAR
            )
        ]

    def _checked(self, rows: Rows, i: int, t: float) -> Sequence[Signal]:
        if rows.col["ceiling.told"][i] and t > max(rows.col["life.human"][i], rows.col["life.checked"][i]):
            rows.col["life.checked"][i] = t
            life.restart(rows, i, t)
            rows.wake(i, self.name, t + limit_s(rows.homes[i]))
        return ()

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        human, told, limits = rows.col["life.human"], rows.col["ceiling.told"], rows.trait(limit_s, "<f8")
        left, soonest = _hear(some.events, human, told, limits, rows.due[self.name])
        rows.sooner(self.name, soonest)
        return left

    def look_many(self, rows: Rows, who: Who, now: float) -> Who:
        col = rows.col
        start = col["clock.start"][who]
        counts = ~_spent(rows, who) & (col["life.away_until"][who] == 0) & (start > 0)
        who, start = who[counts], start[counts]
        at = start + np.maximum(0.0, rows.trait(limit_s, "<f8")[who] - col["clock.used_s"][who])
        calm = rows.trait(plain, "?")[who] & (at > now)
        rows.wake_many(who[calm], self.name, at[calm])
        others: Who = who[~calm]
        return others

    def _still_silent(self, rows: Rows, i: int, heard: Heard) -> bool:
        """A person moved later than was known, but so long ago that the silence since is the one that has been told."""
        limit_s, awake, _ = ceiling_of(rows.homes[i])
        limit = life.silent_until(rows, i, limit_s, awake=awake)
        return heard.late and limit is not None and limit <= heard.seen

    def look(self, rows: Rows, i: int, now: float) -> Sequence[Signal]:
        at = deadline(rows, i)
        if at is None:
            return ()
        if at > now:
            rows.wake(i, self.name, at)
            return ()
        col, home = rows.col, rows.homes[i]
        moved = float(col["life.human"][i])
        col["ceiling.told"][i] = episode = max(moved, float(col["life.checked"][i])) or float(col["clock.start"][i])
        why = _why(rows, i, at, moved, home)
        return [signal(self, Concern.INACTIVITY, Urgency.URGENT, at, *why, home=home.id, episode=str(int(episode)))]


def _why(rows: Rows, i: int, at: float, moved: float, home: Home) -> list[Evidence]:
    limit_s, _, why = ceiling_of(home)
    if moved:
        place, when = rows.place(i), wall(moved, home.timezone)
        evidence = [because("silence", place=place, when=when, silent=at - moved)]
    else:
        since = float(rows.col["clock.start"][i])
        evidence = [because("silence.never", when=wall(since, home.timezone), silent=at - since)]
    if (checked := float(rows.col["life.checked"][i])) > moved:
        evidence.append(because("silence.checked", when=wall(checked, home.timezone)))
    evidence.append(because(f"ceiling.{why}", limit=limit_s))
    return [*evidence, *circumstances(rows, i, at)]


@kernel
def _hear(events: Events, human: Column, told: Column, limit_s: Column, due: Column) -> tuple[Positions, float]:
    """`hear`, but for who has been told of and for what the city says. Also gives the soonest time to look."""
    left, n, soonest = np.empty(len(events), np.intp), 0, np.inf
    for k in range(len(events)):
        i, t = events[k].home, events[k].t
        moved = events[k].human and t >= human[i]
        if (moved and told[i] > 0) or events[k].kind == CHECKED:
            left[n] = k
            n += 1
        elif moved or due[i] == np.inf:
            soonest = min(soonest, wake(due, i, t + limit_s[i]))
    return left[:n], soonest
