"""What a home must be before it is taken in, from a CSV file or over HTTP: the one place that says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from core.people import AREA, CANARY, MAX_WORDING, AskBy, Home, Risk, is_canary, valid_id
from core.signals import Evidence
from core.words import LANGUAGES

COLUMNS = ("home", "gateway", "area", "resident", "risk", "language", "timezone", "residents")
EXTRA_COLUMNS = ("consent", "speaker", "wandering", "silence_ceiling_h", "alarm_budget", "ask_by", "wording", "cloud")
MAX_RESIDENTS = 50
MAX_CEILING_H = 72
LEAST_BUDGET, MAX_BUDGET = 0.1, 20.0
MAX_NAME = 100
_TRUE, _FALSE = {"1", "true", "yes", "y"}, {"0", "false", "no", "n"}


class Line(msgspec.Struct, frozen=True):
    """One line of a homes file (the header is line 1): the home it holds, or why it can't be taken."""

    number: int
    read: Home | Evidence


def fault(home: Home) -> Evidence | None:
    """The first thing wrong with a home; None: it can be taken in."""
    if not valid_id(home.id):
        return Evidence("homes.bad_id", {"column": "home", "value": _shown(home.id)})
    if not valid_id(home.gateway):
        return Evidence("homes.bad_id", {"column": "gateway", "value": _shown(home.gateway)})
    if is_canary(home.id) or is_canary(home.gateway):
        return Evidence("homes.reserved", {"prefix": CANARY})
    if len(home.area) > MAX_NAME or AREA.fullmatch(home.area) is None:
        return Evidence("homes.bad_area", {"value": _shown(home.area)})
    if len(home.resident) > MAX_NAME or not (home.resident == "" or home.resident.isprintable()):
        return Evidence("homes.bad_name", {"most": MAX_NAME})
    if home.language not in LANGUAGES:
        return Evidence("homes.bad_language", {"value": _shown(home.language)})
    if not _is_zone(home.timezone):
        return Evidence("homes.bad_timezone", {"value": _shown(home.timezone)})
    if not 1 <= home.residents <= MAX_RESIDENTS:
        return Evidence("homes.bad_residents", {"value": home.residents, "most": MAX_RESIDENTS})
    if home.silence_ceiling_s is not None and not 0 < home.silence_ceiling_s <= MAX_CEILING_H * 3600:
        return Evidence("homes.bad_ceiling", {"most": MAX_CEILING_H})
    if home.alarm_budget is not None and not LEAST_BUDGET <= home.alarm_budget <= MAX_BUDGET:
        return _bad_budget(home.alarm_budget)
    if home.ask_by is AskBy.VOICE and not home.speaker:
        return Evidence("homes.no_speaker")
    if len(home.wording) > MAX_WORDING or not (home.wording == "" or home.wording.isprintable()):
        return Evidence("homes.bad_wording", {"most": MAX_WORDING})
    if home.cloud and not valid_id(home.cloud):
        return Evidence("homes.bad_id", {"column": "cloud", "value": _shown(home.cloud)})
    return None


def _bad_budget(value: float | str) -> Evidence:
    return Evidence("homes.bad_budget", {"value": _shown(str(value)), "least": LEAST_BUDGET, "most": MAX_BUDGET})


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # each of them, as the name is odd, a folder, or unknown
        return False
    return True


class _BadCell(Exception):
    def __init__(self, why: Evidence) -> None:
        self.why = why


def _yes(column: str) -> Callable[[str], bool]:
    def read(text: str) -> bool:
        if text.lower() not in _TRUE | _FALSE:
            raise _BadCell(Evidence("homes.bad_yes", {"column": column, "value": _shown(text)}))
        return text.lower() in _TRUE

    return read


def _risk(text: str) -> Risk:
    try:
        return Risk(text.lower())
    except ValueError:
        raise _BadCell(Evidence("homes.bad_risk", {"value": _shown(text)})) from None


def _ask_by(text: str) -> AskBy:
    try:
        return AskBy(text.lower())
    except ValueError:
        raise _BadCell(Evidence("homes.bad_ask_by", {"value": _shown(text)})) from None


def _residents(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise _BadCell(Evidence("homes.bad_residents", {"value": _shown(text), "most": MAX_RESIDENTS}))
    return int(text)


def _ceiling_s(text: str) -> float:
    try:
        return float(text) * 3600
    except ValueError:
        raise _BadCell(Evidence("homes.bad_ceiling", {"most": MAX_CEILING_H})) from None


def _budget(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _BadCell(_bad_budget(text)) from None


_CELLS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "home": ("id", str),
    "gateway": ("gateway", str),
    "area": ("area", str),
    "resident": ("resident", str),
    "risk": ("risk", _risk),
    "language": ("language", str.lower),
    "timezone": ("timezone", str),
    "residents": ("residents", _residents),
    "consent": ("consent", _yes("consent")),
    "speaker": ("speaker", _yes("speaker")),
    "wandering": ("wandering", _yes("wandering")),
    "silence_ceiling_h": ("silence_ceiling_s", _ceiling_s),
    "alarm_budget": ("alarm_budget", _budget),
    "ask_by": ("ask_by", _ask_by),
    "wording": ("wording", str),
    "cloud": ("cloud", str),
}


def with_cells(home: Home, cells: Mapping[str, str]) -> Home | Evidence:
    """The home with these columns read anew, each as a cell of the file; an empty one means the default."""
    fresh = Home(home.id, home.gateway, home.area)
    read: dict[str, Any] = {}
    try:
        for column, text in cells.items():
            field, reader = _CELLS[column]
            read[field] = reader(text) if text else getattr(fresh, field)
    except _BadCell as bad:
        return bad.why
    changed = msgspec.structs.replace(home, **read)
    return fault(changed) or changed


def read_homes_csv(text: str) -> list[Line]:
    """The lines of a CSV file of homes.

    The header must name `COLUMNS` and may name `EXTRA_COLUMNS`, in any order. A byte order mark, CRLF and blank lines
    are no matter. A home or gateway that stands twice is taken once: the first one counts, the later line is bad.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    lines: list[Line] = []
    seen: dict[str, int] = {}
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        wrong = _header_fault(header)
        if wrong is not None:
            return [Line(1, wrong)]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                read = _read_cells(header, [cell.strip() for cell in cells])
                lines.append(Line(reader.line_num, _only_once(read, reader.line_num, seen)))
    except csv.Error as error:  # a quote that never closes, a cell without end: the rest can't be told apart
        lines.append(Line(max(1, reader.line_num), Evidence("homes.bad_csv", {"error": str(error)})))
    return lines


def _header_fault(header: list[str]) -> Evidence | None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        return Evidence("homes.no_column", {"columns": ", ".join(missing)})
    odd = [_shown(name) for at, name in enumerate(header) if name not in _CELLS or name in header[:at]]
    return Evidence("homes.odd_column", {"columns": ", ".join(odd)}) if odd else None


def _read_cells(header: list[str], cells: list[str]) -> Home | Evidence:
    if len(cells) != len(header):
        return Evidence("homes.bad_width", {"cells": len(cells), "columns": len(header)})
    # An empty cell means the default, except for what tells homes apart: an empty id is a bad id.
    named = dict(zip(header, cells, strict=True))
    filled = {column: text for column, text in named.items() if text or column in ("home", "gateway", "area")}
    try:
        home = Home(**{_CELLS[column][0]: _CELLS[column][1](text) for column, text in filled.items()})
    except _BadCell as bad:
        return bad.why
    return fault(home) or home


def _only_once(read: Home | Evidence, number: int, seen: dict[str, int]) -> Home | Evidence:
    if isinstance(read, Home):
        for key in (f"home {read.id}", f"gateway {read.gateway}"):
            if key in seen:
                return Evidence("homes.twice", {"what": key, "line": seen[key]})
        seen[f"home {read.id}"] = seen[f"gateway {read.gateway}"] = number
    return read
