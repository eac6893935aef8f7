"""What a city's pack says about deadlines, visits and money, and what a district may say otherwise: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from core.care import Origin, Priority, Stage
from core.people import Risk


class Stages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours until each stage should be over; `urgent_intake`: where the priority is urgent."""

    intake: int = 24
    urgent_intake: int = 4
    assessment: int = 72
    plan: int = 72
    linkage: int = 14 * 24
    evaluation: int = 120 * 24


class Deadlines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours for each open item until somebody must have done something."""

    consent: int = 14 * 24
    order: int = 24
    urgent_order: int = 2
    task_grace: int = 2
    back_at_gu: int = 24
    verify: int = 10 * 24
    approve: int = 5 * 24
    pay: int = 10 * 24
    correct: int = 7 * 24


class Visits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Compulsory visits: the days that may pass without a contact, by risk; and after how many silences in how many
    days somebody must go, within how many."""

    high_days: int = 30
    normal_days: int = 90
    low_days: int = 180
    lead_days: int = 7
    silences: int = 3
    silence_days: int = 30
    within_days: int = 3

    def interval(self, risk: Risk) -> timedelta:
        return timedelta(days={Risk.HIGH: self.high_days, Risk.NORMAL: self.normal_days}.get(risk, self.low_days))


class FollowUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An instrument, and after how many days of the plan it is due the first time and again."""

    instrument: str
    first_days: int
    again_days: int | None = None


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one area: its city's, with its district's own where the city allows it."""

    city: str = ""
    timezone: str = "Asia/Seoul"
    care_level: str = "care-level"
    stages: Stages = Stages()
    deadlines: Deadlines = Deadlines()
    visits: Visits = Visits()
    follow_ups: tuple[FollowUp, ...] = (FollowUp("satisfaction", 30), FollowUp("quality-of-life", 7, 90))
    city_percent: int = 75
    floor: int = 11
    overridable: tuple[str, ...] = ()

    def stage_within(self, stage: Stage, priority: Priority, origin: Origin) -> timedelta:
        """How long an episode may stand in a stage."""
        if stage is Stage.INTAKE and priority is Priority.URGENT:
            return timedelta(hours=self.stages.urgent_intake)
        return timedelta(hours=getattr(self.stages, stage.value))


def merged(body: Mapping[str, Any], own: Mapping[str, Any]) -> Rules:
    """A pack's rules with a district's own, whose keys ("deadlines.order") the pack must mark as overridable.

    Raises msgspec.ValidationError where a value is of the wrong kind.
    """
    said = {name: dict(value) if isinstance(value, dict) else value for name, value in body.items()}
    allowed = set(said.get("overridable", ()))
    for key, value in own.items():
        section, _, name = key.partition(".")
        if key in allowed:
            said.setdefault(section, {})[name] = value
    return msgspec.convert(said, Rules)
