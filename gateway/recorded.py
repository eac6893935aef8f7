"""The dialect of recorded homes (`time,home,location`), turned into the care events their gateways would have sent."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from core.events import Contact, Event, Motion, Payload
from core.people import Home, Risk

BOOT = "recorded"
_EXITS = frozenset({"front-door", "back-door"})
_UNFIT = re.compile(r"[^a-z0-9-]+")


class RecordingError(ValueError):
    """A recording cannot be read; the text names file, line and what is expected."""


def gateway_of(home: str) -> str:
    """The gateway id that stands for a recorded home."""
    return f"gw-{_slug(home)}"


def home_of(name: str, timezone: str) -> Home:
    """A recorded home as it is enrolled: nobody said how many live there, whether a speaker stands there: none does."""
    return Home(
        id=f"rec-{_slug(name)}", gateway=gateway_of(name), area="recorded", risk=Risk.NORMAL, language="en",
        timezone=timezone, speaker=False,
    )  # fmt: skip


def read(paths: Iterable[Path], timezone: str) -> Iterator[Event]:
    """Every event of the files in order, `boot` and `seq` as each home's gateway counts them. Raises RecordingError.

    Times without an offset are wall clock in `timezone`.
    """
    zone = ZoneInfo(timezone)
    seqs: dict[str, int] = {}
    for path in paths:
        for line, row in _rows(path):
            try:
                at = datetime.fromisoformat(row["time"])
            except ValueError as error:
                raise RecordingError(f"{path}:{line}: a time reads YYYY-MM-DD HH:MM:SS, not {row['time']!r}") from error
            gateway = gateway_of(row["home"])
            seq = seqs[gateway] = seqs.get(gateway, 0) + 1
            place = _slug(row["location"])
            kind, data = _said(place)
            yield Event(
                id=f"{BOOT}-{seq:07d}", gateway=gateway, device=place, kind=kind,
                at=(at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC), data=data, boot=BOOT, seq=seq,
            )  # fmt: skip


def homes(paths: Iterable[Path]) -> list[str]:
    """The names of the homes in the files, in order of appearance."""
    return list(dict.fromkeys(row["home"] for path in paths for _, row in _rows(path)))


def _said(place: str) -> tuple[str, Payload]:
    if place.endswith("-door"):
        return "contact", Contact(place=place, open=True, exit=place in _EXITS)
    return "motion", Motion(room=place)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
            table = csv.DictReader(file)
            if not {"time", "home", "location"} <= set(table.fieldnames or ()):
                raise RecordingError(f"{path}: the first line names the columns time,home,location")
            for line, row in enumerate(table, start=2):
                if not row["home"] or not row["location"] or row["time"] is None:
                    raise RecordingError(f"{path}:{line}: time, home and location are all needed")
                yield line, row
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: {error}") from error


def _slug(text: str) -> str:
    fit = _UNFIT.sub("-", text.strip().lower()).strip("-")
    return (fit or "x").ljust(3, "0")[:48]
