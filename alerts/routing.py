"""Which part of the policy a case falls under: a tree whose branches inherit what they don't say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec.structs import asdict

from core.people import Risk, within
from core.signals import Concern, Evidence, Group, group_of

Level = Literal["routine", "soon", "urgent", "immediate"]


class Span:
    """A length of time in the policy: `45s`, `5m`, `2h`."""

    def __init__(self, text: str) -> None:
        number, unit = text[:-1], text[-1:]
        if not (number.isdigit() and unit in ("s", "m", "h") and int(number) > 0):
            raise ValueError(f"expected a length of time such as 45s, 5m or 2h, not {text!r}")
        self.seconds = float(int(number) * {"s": 1, "m": 60, "h": 3600}[unit])


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the resident is asked before people are called."""

    asks: Literal[0, 1, 2, 3]
    wait: Span


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a concern or a branch may say. What it doesn't say is inherited."""

    urgency: Level | None = None
    verify: Verify | None = None
    act_within: Span | None = None
    close_within: Span | None = None
    ladder: str | None = None

    def over(self, inherited: Settings) -> Settings:
        """These settings, where they say something, over the inherited ones."""
        said = {name: getattr(self, name) for name in asdict(inherited) if getattr(self, name) is not None}
        return Settings(**{**asdict(inherited), **said})


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a branch is for; what it leaves out matches everything. `enrolled` False: a home nobody enrolled."""

    area: str | None = None
    risk: Risk | None = None
    concern: tuple[Concern, ...] | None = None
    group: Group | None = None
    night: bool | None = None
    enrolled: bool | None = None


class Route(Settings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One branch. Of several that match on one level, the first is taken, and its own branches are looked at."""

    name: str
    when: Match = Match()
    routes: tuple[Route, ...] = ()


class Matter(msgspec.Struct, frozen=True):
    """What is to be routed. `risk` None: of no single home; `night` by the city's hours."""

    concern: Concern
    area: str
    risk: Risk | None
    night: bool
    enrolled: bool


def matches(when: Match, it: Matter) -> bool:
    """Whether a branch is for `it`."""
    return (
        (when.area is None or within(it.area, when.area))
        and (when.risk is None or when.risk == it.risk)
        and (when.concern is None or it.concern in when.concern)
        and (when.group is None or when.group == group_of(it.concern))
        and (when.night is None or when.night == it.night)
        and (when.enrolled is None or when.enrolled == it.enrolled)
    )


def walk(settings: Settings, routes: Sequence[Route], it: Matter) -> tuple[Settings, tuple[Evidence, ...]]:
    """What the policy says about `it`, and the branches taken, outermost first."""
    taken = next((route for route in routes if matches(route.when, it)), None)
    if taken is None:
        return settings, ()
    inner, reasons = walk(taken.over(settings), taken.routes, it)
    return inner, (Evidence("route.branch", {"branch": taken.name}), *reasons)
