"""A city's pack, one readable TOML file: read and checked, or one sentence that says where it is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from care.rules import Rules
from core.care import MOST_WON, who
from core.people import AREA, ID, within

PACKS = Path(__file__).parent / "packs"
TABLES = ("city", "simulated", "budgets", "services", "providers", "areas", "rules")
SECTIONS = ("stages", "deadlines", "visits")
"""Of the rules: only what stands in these can be overridable, one whole number each."""
MOST_HOURS, MOST_DAYS, MOST_COUNT = 366 * 24, 366, 100
CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,63}")
T = TypeVar("T")

Unit = Literal["visit", "hour", "meal", "day", "trip"]
By = Literal["private", "public"]
When = Literal["any", "office", "off_hours"]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Won = Annotated[int, Meta(ge=1, le=MOST_WON)]


class PackError(ValueError):
    """A pack that can't be used: its file, the key, and what is expected there, in one sentence."""


class City(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code` is the first step of every area; `version` is the pack's own."""

    code: str
    version: Name


class Simulated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is made up where somebody asks for it, and never otherwise."""

    managers: Annotated[int, Meta(ge=0, le=10_000)] = 0


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is offered: `price_won` for one `unit`, `most_units` in one plan, `by` which kind of institution."""

    ko: Name
    en: Name
    unit: Unit
    price_won: Won
    by: By
    hours: When
    most_units: Annotated[int, Meta(ge=1, le=100_000)]


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who delivers which services, everywhere below which areas."""

    ko: Name
    en: Name
    kind: By
    areas: Annotated[tuple[str, ...], Meta(min_length=1)]
    services: Annotated[tuple[str, ...], Meta(min_length=1)]


class Pack(msgspec.Struct, frozen=True):
    """One city, checked: services by code, providers by id, areas by code path (Korean, English), won by year.

    `body` is what `care.rules.merged` reads.
    """

    file: str
    city: City
    simulated: Simulated
    budgets: Mapping[int, int]
    services: Mapping[str, Service]
    providers: Mapping[str, Provider]
    areas: Mapping[str, tuple[str, str]]
    body: Mapping[str, Any]

    @property
    def dongs(self) -> tuple[str, ...]:
        """The areas of three steps, in the file's order."""
        return tuple(area for area in self.areas if area.count("/") == 2)

    @property
    def gus(self) -> tuple[str, ...]:
        """The areas of two steps, in the file's order."""
        return tuple(area for area in self.areas if area.count("/") == 1)

    def uncovered(self) -> Iterator[tuple[str, str]]:
        """Each dong with a service that nobody delivers there."""
        for dong in self.dongs:
            there = [one for one in self.providers.values() if any(within(dong, area) for area in one.areas)]
            offered = {service for one in there for service in one.services}
            yield from ((dong, service) for service in self.services if service not in offered)


def shipped() -> tuple[str, ...]:
    """The names of the packs that come with the program."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.toml")))


def load_pack(name: str) -> Pack:
    """A shipped pack by its name, or the one in a file. Anything wrong with it raises `PackError`."""
    path = PACKS / f"{name}.toml" if name in shipped() else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        known = f"; shipped are {', '.join(shipped())}"
        raise PackError(f"{path}: can't be read: {error.strerror}{known}") from error
    except UnicodeDecodeError:
        raise PackError(f"{path}: is not UTF-8 text") from None
    return read_pack(path.name, text)


def read_pack(file: str, text: str) -> Pack:
    """The pack that `text` says; `file` names it in a `PackError`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{file}: is not TOML: {error}") from error
    return check_pack(file, data)


def check_pack(file: str, data: dict[str, Any]) -> Pack:
    """The pack that a file's tables say. Anything wrong with them raises `PackError`."""
    return _File(file, data).pack()


def unreasonable(rules: Rules) -> tuple[str, int] | None:
    """The first number of the rules that nobody can mean, and the most that may stand there; None: all are sane.

    Each is 1 at least; a visit is announced in less time than lies between two of them.
    """
    for section in SECTIONS:
        for name, value in msgspec.structs.asdict(getattr(rules, section)).items():
            most = most_of(f"{section}.{name}")
            if not 1 <= value <= most:
                return f"{section}.{name}", most
    visits = rules.visits
    shortest = min(visits.high_days, visits.normal_days, visits.low_days)
    if visits.lead_days >= shortest:
        return "visits.lead_days", shortest - 1
    return None


def most_of(key: str) -> int:
    """The largest number that may stand under a key of the rules' sections."""
    if not key.startswith("visits."):
        return MOST_HOURS
    return MOST_COUNT if key == "visits.silences" else MOST_DAYS


class _File:
    def __init__(self, name: str, data: dict[str, Any]) -> None:
        self.name, self.data = name, data

    def pack(self) -> Pack:
        for key in self.data:
            if key not in TABLES:
                self.fail(key, f"expected one of {', '.join(TABLES)}")
        city: City = self.convert("city", self.data.get("city", {}), City)
        if not CODE.fullmatch(city.code):
            self.fail("city.code", "expected a-z, 0-9 and -, such as gwangju")
        pack = Pack(
            file=self.name,
            city=city,
            simulated=self.convert("simulated", self.data.get("simulated", {}), Simulated),
            budgets=self.budgets(),
            services=self.table("services", Service),
            providers=self.table("providers", Provider),
            areas=self.table("areas", tuple[Name, Name]),
            body=self.rules(city.code),
        )
        self.check_areas(pack)
        self.check_names("services", pack.services, lambda one: (one.ko, one.en), CODE)
        self.check_names("providers", pack.providers, lambda one: (one.ko, one.en), ID)
        for id, provider in pack.providers.items():
            self.check_provider(pack, f"providers.{id}", id, provider)
        return pack

    def budgets(self) -> dict[int, int]:
        found = {}
        for year, won in self.section("budgets").items():
            if not re.fullmatch("2[01][0-9]{2}", year):
                self.fail(f"budgets.{year}", "expected a year from 2000 to 2199")
            found[int(year)] = self.convert(f"budgets.{year}", won, Won)
        return found

    def check_areas(self, pack: Pack) -> None:
        for area, names in pack.areas.items():
            key = f"areas.{area!r}"
            above = area.rpartition("/")[0]
            if not AREA.fullmatch(area) or area.count("/") > 2 or len(area) > 100:
                self.fail(key, "expected a code path of three steps at most, such as gwangju/nam-gu/bongseon-1-dong")
            if not within(area, pack.city.code):
                self.fail(key, f"expected an area of {pack.city.code}")
            if above and above not in pack.areas:
                self.fail(key, f"expected that {above} is named, too")
            self.check_name(key, *names)
        if not pack.dongs:
            self.fail("areas", "expected at least one dong")

    def check_names(
        self, section: str, rows: Mapping[str, T], names: Callable[[T], tuple[str, str]], form: re.Pattern[str]
    ) -> None:
        known: dict[str, str] = {}
        if not rows:
            self.fail(section, "expected at least one")
        for code, row in rows.items():
            if not form.fullmatch(code):
                self.fail(f"{section}.{code}", "expected a code of a-z, 0-9 and -")
            self.check_name(f"{section}.{code}", *names(row))
            for name in names(row):
                other = known.setdefault(who(name), code)
                if other != code:
                    self.fail(f"{section}.{code}", f"expected another name than that of {other}")

    def check_name(self, key: str, korean: str, english: str) -> None:
        for name in (korean, english):
            if not who(name) or not name.isprintable() or name != name.strip():
                self.fail(key, f"expected a name that can be seen, not {name!r}")
        if re.search("[ㄱ-ㅎㅏ-ㅣ가-힣]", english):
            self.fail(key, f"expected an English name, not {english!r}")

    def check_provider(self, pack: Pack, key: str, id: str, provider: Provider) -> None:
        if not id.startswith(f"{pack.city.code}-"):
            self.fail(key, f"expected an id that begins with {pack.city.code}-")
        for area in provider.areas:
            if area not in pack.areas:
                self.fail(f"{key}.areas", f"expected areas of this pack, not {area!r}")
        for service in provider.services:
            if service not in pack.services:
                self.fail(f"{key}.services", f"expected services of this pack, not {service!r}")
            if pack.services[service].by != provider.kind:
                self.fail(f"{key}.services", f"expected services by {provider.kind} institutions, not {service!r}")

    def rules(self, code: str) -> dict[str, Any]:
        body = {**self.section("rules"), "city": code}
        rules: Rules = self.convert("rules", body, Rules)
        wrong = unreasonable(rules)
        if wrong is not None:
            self.fail(f"rules.{wrong[0]}", f"expected 1 to {wrong[1]}")
        try:
            ZoneInfo(rules.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            self.fail("rules.timezone", f"expected an IANA name such as Asia/Seoul, not {rules.timezone!r}")
        if not 0 <= rules.city_percent <= 100:
            self.fail("rules.city_percent", "expected 0 to 100")
        if not 2 <= rules.floor <= 1000:
            self.fail("rules.floor", "expected 2 to 1000")
        for number, one in enumerate(rules.follow_ups):
            days = (one.first_days, one.first_days if one.again_days is None else one.again_days)
            if not CODE.fullmatch(one.instrument) or not all(1 <= day <= MOST_DAYS for day in days):
                self.fail(f"rules.follow_ups[{number}]", f"expected an instrument's code and 1 to {MOST_DAYS} days")
        for number, key in enumerate(rules.overridable):
            section, _, name = key.partition(".")
            if section not in SECTIONS or not hasattr(getattr(rules, section), name):
                self.fail(f"rules.overridable[{number}]", f"expected a key such as deadlines.order, not {key!r}")
        return body

    def section(self, name: str) -> dict[str, Any]:
        found = self.data.get(name, {})
        if not isinstance(found, dict):
            self.fail(name, "expected a table")
        return found

    def table(self, section: str, kind: Any) -> dict[str, Any]:
        return {name: self.convert(f"{section}.{name}", row, kind) for name, row in self.section(section).items()}

    def convert(self, key: str, value: Any, kind: Any) -> Any:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            what, _, where = str(error).partition(" - at `$")
            path = where.rstrip("`")
            said = what[0].lower() + what[1:]
            if what.startswith("Invalid enum value"):
                field = next(one for one in msgspec.structs.fields(kind) if f".{one.name}" == path)
                said = f"expected {', '.join(get_args(field.type))}, not {what.rpartition(' ')[2]}"
            raise PackError(f"{self.name}: {key}{path}: {said}") from None

    def fail(self, key: str, expected: str) -> NoReturn:
        raise PackError(f"{self.name}: {key}: {expected}")
