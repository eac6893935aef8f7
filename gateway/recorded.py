"""The dialect of recorded homes (`time,home,location`), turned into the care events their gateways would have sent."""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from core.events import Contact, Event, Motion, Payload
from core.people import Home, Risk

BOOT = "recorded"
_COLUMNS = ("time", "home", "location")
_UNFIT = re.compile(r"[^a-z0-9-]+")
_DOOR = re.compile(r"(^|[^a-z0-9])door$|문$|현관|출입")
_ID_CHARS, _MARK_CHARS = 48, 10


class RecordingError(ValueError):
    """A recording cannot be read; the text names file, line and what is expected."""


def tidy(name: str) -> str:
    """A home's or a room's name as files and people may write it, in one way: Hangul composed, no space around it."""
    return unicodedata.normalize("NFC", name).strip()


def is_door(place: str) -> bool:
    """Whether a place of a recording is something that opens; any other is a room in which somebody moves."""
    return _DOOR.search(place.lower()) is not None


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
    zone = _zone(timezone)
    seqs: dict[str, int] = {}
    for path in paths:
        for line, row in _rows(path):
            try:
                at = datetime.fromisoformat(row["time"])
                at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
            except (ValueError, OverflowError) as error:
                raise RecordingError(f"{path}:{line}: a time reads YYYY-MM-DD HH:MM:SS, not {row['time']!r}") from error
            gateway = gateway_of(row["home"])
            seq = seqs[gateway] = seqs.get(gateway, 0) + 1
            kind, data = _said(row["location"])
            yield Event(
                id=f"{BOOT}-{seq:07d}", gateway=gateway, device=_slug(row["location"]), kind=kind,
                at=at, data=data, boot=BOOT, seq=seq,
            )  # fmt: skip


def homes(paths: Iterable[Path]) -> list[str]:
    """The names of the homes in the files, in order of appearance."""
    return list(dict.fromkeys(row["home"] for path in paths for _, row in _rows(path)))


def _said(place: str) -> tuple[str, Payload]:
    return ("contact", Contact(place, None)) if is_door(place) else ("motion", Motion(place))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise RecordingError(f"there is no time zone {name!r}; one reads Europe/London or Asia/Seoul") from None


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        # A spreadsheet puts a byte order mark before the first name.
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            if not set(_COLUMNS) <= set(table.fieldnames or ()):
                raise RecordingError(f"{path}: the first line names the columns time,home,location")
            for line, row in enumerate(table, start=2):
                said = {name: tidy(row[name] or "") for name in _COLUMNS}
                if not all(said.values()):
                    raise RecordingError(f"{path}:{line}: time, home and location are all needed")
                yield line, said
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path}: {error}") from error


def _slug(text: str) -> str:
    """The id of a name: the name itself if it is fit, else what is fit of it and a checksum, so that no two merge."""
    fit = _UNFIT.sub("-", text.lower()).strip("-")
    if fit == text and 3 <= len(text) <= _ID_CHARS:
        return text
    mark = sha256(text.encode()).hexdigest()[:_MARK_CHARS]
    return f"{fit[: _ID_CHARS - _MARK_CHARS - 1]}-{mark}".lstrip("-")
