"""A scenario, read and judged: a wrong file is one sentence that says what to change, never a half-played story."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.people import AREA, Home, Member, Reach, valid_id, within
from simulators.home import Dwelling, Said, life
from simulators.incidents import Incident, says, silences, warmth
from simulators.ladder import Ledger, Sentence, differences
from simulators.script import Fault, FaultKind, HomeSpec, Script
from simulators.speaker import Manner
from simulators.staff import Person

SHIPPED = Path(__file__).parent / "scenarios"


class ScenarioError(Exception):
    """A scenario that cannot be played; its text is one sentence that says what to change."""


class Scenario:
    """One story with its people: what the city must be told before it starts, and what it must have done in the end."""

    def __init__(self, name: str, script: Script) -> None:
        self.name = name
        self.script = script
        self.specs: dict[str, HomeSpec] = {}
        for spec in (*script.home, *(one for many in script.population for one in many.homes(script.seed))):
            if spec.id in self.specs:
                raise ScenarioError(f"scenario {name}: the home {spec.id} is there twice.")
            self.specs[spec.id] = spec
        for complaint in _complaints(self):
            raise ScenarioError(f"scenario {name}: {complaint}")

    @property
    def title(self) -> Sentence:
        """What it is called, by language."""
        return {"ko": self.script.title_ko or self.script.title, "en": self.script.title}

    @property
    def start(self) -> datetime:
        """When the clock begins, UTC."""
        return self.script.start.replace(tzinfo=ZoneInfo(self.script.timezone)).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.script.minutes)

    @property
    def speed(self) -> float:
        """Simulated seconds for a real one, unless the operator says otherwise."""
        return self.script.speed

    @property
    def staff(self) -> tuple[Person, ...]:
        return self.script.member

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.script.fault

    def homes(self) -> list[Home]:
        """The homes as the city enrols them."""
        return [spec.home(self.script.timezone) for spec in self.specs.values()]

    def members(self, webhook_base: str) -> list[Member]:
        """The staff as the city enrols them, each reached by a webhook of their own."""
        return [
            Member(
                person.id, person.name, person.role, person.area, person.language,
                (Reach("webhook", f"{webhook_base.rstrip('/')}/{person.id}"),),
            )
            for person in self.staff
            if not person.watches
        ]  # fmt: skip

    def incidents(self, home: str) -> list[Incident]:
        """What happens in a home, in order of time."""
        return sorted((one for one in self.script.incident if one.home == home), key=lambda one: one.minute)

    def said(self, home: str) -> list[Iterator[Said]]:
        """Everything the devices of `home` say, as streams in order of time; the first of them never ends."""
        spec, script, incidents = self.specs[home], self.script, self.incidents(home)
        everyday = life(
            Dwelling(
                home,
                script.timezone,
                (spec.habits, *spec.others),
                script.telemetry_s,
                script.heartbeat_s,
                spec.firmware,
            ),
            script.seed,
            self.start - timedelta(hours=spec.warm_up_h if spec.warm_up_h is not None else script.warm_up_h),
            self.start,
            silences(incidents, self.start),
            warmth(incidents, self.start, spec.habits.indoor_c),
        )
        return [everyday, *(says(incident, self.start, spec.language) for incident in incidents)]

    def manner(self, home: str, now: datetime) -> Manner:
        """How the resident answers the speaker at `now`: the last incident with a say in it decides."""
        own = self.specs[home].speaker or Manner.OFFLINE
        if own is Manner.OFFLINE:
            return own
        given = [one.manner for one in self.incidents(home) if one.manner and one.rules(now, self.start)]
        return given[-1] if given else own

    def truth(self, home: str) -> str:
        """The outcome code that somebody finds who goes there; what is no home is an area without power."""
        if home not in self.specs:
            return "technical"
        incidents = self.incidents(home)
        if incidents:
            return incidents[-1].outcome
        return "technical" if any(fault.home == home for fault in self.faults) else "safe"

    def check(self, ledger: Ledger) -> list[Sentence]:
        """What the city did otherwise than expected, one sentence each."""
        return differences(ledger, self.script.expect, self.script.limits, self.start)


def shipped() -> list[str]:
    """The names of the scenarios that come with the project."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(name_or_path: str | Path) -> Scenario:
    """A shipped scenario by its name, or any by its file. Raises ScenarioError."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = SHIPPED / f"{name_or_path}.toml"
        if not path.exists():
            raise ScenarioError(f"there is no scenario {name_or_path}; there are {', '.join(shipped())}.")
    try:
        script = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Script)
    except OSError as error:
        raise ScenarioError(f"scenario {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"scenario {path.stem} is not TOML: {error}.") from error
    except msgspec.ValidationError as error:
        raise ScenarioError(f"scenario {path.stem}: {error}.") from error
    return Scenario(path.stem, script)


def _complaints(scenario: Scenario) -> Iterator[str]:
    script, homes = scenario.script, scenario.specs
    try:
        ZoneInfo(script.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"{script.timezone} is no time zone."
    if script.start.tzinfo is not None:
        yield "start is local time and has no offset."
    if not homes:
        yield "it has no homes."
    for field in ("minutes", "speed", "heartbeat_s", "telemetry_s"):
        if getattr(script, field) <= 0:
            yield f"{field} must be above 0."
    yield from _places(scenario)
    yield from _cast(scenario)
    for incident in script.incident:
        if incident.home not in homes:
            yield f"the incident {incident.kind} happens in {incident.home}, which is no home of it."
        elif not 1 <= incident.person <= 1 + len(homes[incident.home].others):
            yield f"the incident {incident.kind} in {incident.home} meets person {incident.person}, who is not there."
        if incident.minute >= script.minutes:
            yield f"the incident {incident.kind} in {incident.home} comes after the end."
    for fault in script.fault:
        if fault.kind in (FaultKind.BATTERY, FaultKind.GATEWAY_POWER) and fault.home not in homes:
            yield f"the fault {fault.kind} needs a home, and {fault.home or 'none'} is none of it."
        if fault.kind is FaultKind.POWER_CUT and not any(within(spec.area, fault.area) for spec in homes.values()):
            yield f"the power cut in {fault.area} meets no home."


def _places(scenario: Scenario) -> Iterator[str]:
    for spec in scenario.specs.values():
        if not valid_id(spec.id) or not valid_id(f"gw-{spec.id}"):
            yield f"{spec.id} is no id: 3 to 60 of a-z, 0-9 and -."
        if AREA.fullmatch(spec.area) is None:
            yield f"{spec.area!r} of home {spec.id} is no area such as gwangju/nam-gu/bongseon-1-dong."


def _cast(scenario: Scenario) -> Iterator[str]:
    twice = [name for name, count in Counter(person.id for person in scenario.staff).items() if count > 1]
    if twice:
        yield f"the member {twice[0]} is there twice."
    known = {person.id for person in scenario.staff}
    for one in scenario.script.expect:
        if one.home and one.home not in scenario.specs:
            yield f"a case is expected in {one.home}, which is no home of it."
        if one.acknowledged_by and one.acknowledged_by not in known:
            yield f"{one.acknowledged_by} is expected to answer and is no member of it."
    for home in scenario.script.limits.quiet_homes:
        if home not in scenario.specs:
            yield f"{home} is expected to stay quiet and is no home of it."
