"""A city's rules in one readable TOML file: read, checked, and asked for the plan of a case."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar

import msgspec

from alerts.check_in import WITHIN, Rule
from alerts.plan import SYNTHETIC, Plan, Rung
from alerts.reading import Misread, read
from alerts.rota import Calendar, Hours, Post, Roster, Rota, Shift, on_call
from alerts.routing import Matter, Route, Settings, Span, walk
from core.people import CALLED, AskBy, Cover, Home, Member, Role
from core.signals import Concern, Evidence, Signal, Urgency

PACKS = Path(__file__).parent / "packs"
DEFAULT = PACKS / "gwangju.toml"
ROLES = frozenset(Role)
TABLES = ("city", "calendar", "quiet", "check_in", "defaults", "concerns", "ladders", "posts", "shifts", "routes")
T = TypeVar("T")


class PolicyError(ValueError):
    """A policy file that can't be used: its name, the key, and what is expected there, in one sentence."""


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pack's own names and hours. `office`: when matters that can wait are looked at."""

    code: str
    ko: str
    en: str
    office: Hours
    night: Hours


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What waits for office hours. Urgent matters can't be named here."""

    urgencies: tuple[Literal["routine", "soon"], ...] = ()


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rung as the file writes it: `who` is a role or a post."""

    who: str
    wait: Span
    how: tuple[str, ...] = ()


class Policy(msgspec.Struct, frozen=True):
    """The rules of one city. Cases carry their plan with them, so that another policy changes only new ones."""

    file: str
    city: City
    rota: Rota
    quiet: Quiet
    defaults: Settings
    concerns: Mapping[str, Settings]
    ladders: Mapping[str, tuple[Rung, ...]]
    routes: tuple[Route, ...]
    check_in: Rule = Rule()

    def plan(
        self, home: Home | None, concern: Concern, urgency: Urgency, now: datetime, area: str | None = None
    ) -> Plan:
        """What is promised to a case that opens at `now`.

        Without a home it is about an `area` (the empty one: everywhere), or, with None, about a home nobody enrolled.
        A signal may be more urgent than the policy says for its concern, never less. A home where nobody lives has one
        plan only.
        """
        if home is not None and home.synthetic:
            return SYNTHETIC
        it = Matter(
            concern=concern,
            area=home.area if home else area or "",
            risk=home.risk if home else None,
            night=self.city.night.started(self.rota.calendar.local(now)) is not None,
            enrolled=home is not None or area is not None,
        )
        said = self.concerns.get(concern, Settings()).over(self.defaults)
        settings, branches = walk(said, self.routes, it)
        assert settings.ladder is not None  # `load` has seen to these
        assert settings.act_within is not None
        assert settings.close_within is not None
        level = max(urgency, Urgency[(settings.urgency or "routine").upper()])
        speaker = home is not None and home.can_be_asked
        asks = settings.verify.asks if settings.verify and speaker and level < Urgency.IMMEDIATE else 0
        hold = self._office_opens(now) if level.name.lower() in self.quiet.urgencies else None
        reasons = [
            Evidence("route.concern", {"concern": concern, "urgency": level.name.lower()}),
            *branches,
            Evidence("route.ladder", {"ladder": settings.ladder}),
            Evidence("route.asks", {"asks": asks}) if asks else Evidence("route.no_asks"),
        ]
        if hold is not None:
            reasons.append(Evidence("route.hold", {"until": f"{self.rota.calendar.local(hold):%Y-%m-%d %H:%M}"}))
        return Plan(
            urgency=level,
            ladder=settings.ladder,
            rungs=self.ladders[settings.ladder],
            act_within_s=settings.act_within.seconds,
            close_within_s=settings.close_within.seconds,
            asks=asks,
            ask_wait_s=settings.verify.wait.seconds if settings.verify else 300.0,
            speaker=speaker,
            ask_by=home.asked_by if home is not None and speaker else AskBy.VOICE,
            hold_until=hold,
            reasons=tuple(reasons),
        )

    def asks_first(self, home: Home, signal: Signal) -> bool:
        """Whether the speaker asks before people are called, when `signal` opens a case."""
        return self.plan(home, signal.concern, signal.urgency, signal.at).asks > 0

    def off_hours(self, at: datetime) -> bool:
        """Whether the office is closed: at night, at weekends, on public holidays."""
        return self._office_opens(at) is not None

    def _office_opens(self, now: datetime) -> datetime | None:
        """When the office next opens; None: it is open."""
        calendar, office = self.rota.calendar, self.city.office
        local = calendar.local(now)
        if (began := office.started(local)) is not None and calendar.is_workday(began):
            return None
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        opens = (midnight + timedelta(days=d, minutes=office.start_min) for d in range(31))
        first = next(t for t in opens if t > local and calendar.is_workday(t.date()))
        return first.astimezone(now.tzinfo)


class RungReport(msgspec.Struct, frozen=True):
    """A rung, when its turn would come, and whom it would find then."""

    rung: Rung
    at: datetime
    roster: Roster


def route_report(
    policy: Policy,
    home: Home,
    concern: Concern,
    urgency: Urgency,
    now: datetime,
    members: Sequence[Member],
    covers: Sequence[Cover],
) -> tuple[Plan, tuple[RungReport, ...]]:
    """What would happen to a case of this home that opens at `now`, with nobody answering, and why."""
    plan = policy.plan(home, concern, urgency, now)
    at = (plan.hold_until or now) + timedelta(seconds=plan.ask_wait_s if plan.asks else 0)
    reports = []
    for rung in plan.rungs:
        roster = on_call(rung, home.area, members, covers, policy.rota, at)
        reports.append(RungReport(rung, at, roster))
        at += timedelta(seconds=rung.wait_s if roster.on else 0)  # an empty rung is not waited for
    return plan, tuple(reports)


# --- reading


def load(path: Path | None = None) -> Policy:
    """The policy in `path`, or the shipped one. Anything wrong with it raises `PolicyError`."""
    path = path or DEFAULT
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise PolicyError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path}: is not TOML: {error}") from error
    return _File(path.name, data).policy()


class _File:
    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name, self.data = name, data

    def policy(self) -> Policy:
        for key in self.data:
            if key not in TABLES:
                self.fail(key, f"expected one of {', '.join(TABLES)}")
        posts = self.table("posts", Post)
        for name in posts.keys() & ROLES:
            self.fail(f"posts.{name}", "expected another name: this one is a role's")
        steps = self.table("ladders", tuple[Step, ...])
        ladders = {name: self.ladder(name, rungs, posts) for name, rungs in steps.items()}
        concerns = self.table("concerns", Settings)
        for name in concerns:
            if name not in frozenset(Concern):
                self.fail(f"concerns.{name}", f"expected a concern: {', '.join(Concern)}")
        shifts = self.read("shifts", tuple[Shift, ...], [])
        policy = Policy(
            file=self.name,
            city=self.read("city", City),
            rota=Rota(self.read("calendar", Calendar, {}), shifts, posts),
            quiet=self.read("quiet", Quiet, {}),
            defaults=self.read("defaults", Settings),
            concerns=concerns,
            ladders=ladders,
            routes=self.read("routes", tuple[Route, ...], []),
            check_in=self.read("check_in", Rule, {}),
        )
        rule = policy.check_in
        if rule.apart.seconds < rule.wait.seconds:
            self.fail("check_in.apart", "expected no less than wait: one question ends before the next")
        if rule.longest_s > WITHIN.total_seconds():
            self.fail("check_in", "expected that all questions and their waits fit into 2h")
        for name in ("ladder", "act_within", "close_within"):
            if getattr(policy.defaults, name) is None:
                self.fail(f"defaults.{name}", "expected: what holds where nothing else is said")
        for key, said in _said(policy):
            if said.ladder is not None and said.ladder not in ladders:
                self.fail(f"{key}.ladder", f"expected one of {', '.join(ladders)}, not {said.ladder!r}")
        return policy

    def ladder(self, name: str, steps: tuple[Step, ...], posts: Mapping[str, Post]) -> tuple[Rung, ...]:
        key = f"ladders.{name}"
        for number, step in enumerate(steps):
            if step.who not in CALLED and step.who not in posts:
                self.fail(f"{key}[{number}].who", f"expected a role ({', '.join(CALLED)}) or a post, not {step.who!r}")
        if not steps or steps[-1].who not in posts:
            self.fail(key, "expected a post as the last rung: somebody who is always there")
        return tuple(Rung(s.who, s.wait.seconds, s.who in posts, s.how) for s in steps)

    def table(self, section: str, kind: type[T]) -> dict[str, T]:
        found = self.data.get(section, {})
        if not isinstance(found, dict):
            self.fail(section, "expected a table of names")
        return {name: self.convert(f"{section}.{name}", value, kind) for name, value in found.items()}

    def read(self, section: str, kind: type[T], missing: Any = None) -> T:
        if section not in self.data and missing is None:
            self.fail(section, "expected this table")
        return self.convert(section, self.data.get(section, missing), kind)

    def convert(self, key: str, value: Any, kind: type[T]) -> T:
        try:
            return read(key, value, kind)
        except Misread as wrong:
            raise PolicyError(f"{self.name}: {wrong}") from None

    def fail(self, key: str, expected: str) -> NoReturn:
        raise PolicyError(f"{self.name}: {key}: {expected}")


def _said(policy: Policy) -> list[tuple[str, Settings]]:
    """Everything in the file that may name a ladder, with its key."""
    found: list[tuple[str, Settings]] = [("defaults", policy.defaults)]
    found += [(f"concerns.{name}", said) for name, said in policy.concerns.items()]
    routes = [(f"routes[{i}]", route) for i, route in enumerate(policy.routes)]
    while routes:
        key, route = routes.pop(0)
        found.append((key, route))
        routes += [(f"{key}.routes[{i}]", inner) for i, inner in enumerate(route.routes)]
    return found
