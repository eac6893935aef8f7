"""Draws the pages: templates, words and times as a person on the board reads them. Everything is escaped."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.words import say

Language = Literal["ko", "en"]
OUTCOMES = ("safe", "true_emergency", "care", "technical", "exercise")
CONTACTS = ("phone", "visit", "speaker")
CALLED = "case.log.called"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["capital"] = lambda text: text[:1].upper() + text[1:]


def page(name: str, language: Language, status: int = 200, **values: Any) -> HTMLResponse:
    """The template `name` with `values`; in it `t(key, …)` says a sentence in `language`."""

    def t(key: str, **numbers: str | int | float) -> str:
        return say(key, language, numbers)

    other = "en" if language == "ko" else "ko"
    return HTMLResponse(
        _templates.get_template(name).render(t=t, language=language, other=other, **values), status_code=status
    )


def when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A time on the wall: the day only where it is another one."""
    local = at.astimezone(zone)
    return local.strftime("%H:%M:%S" if local.date() == now.astimezone(zone).date() else "%m-%d %H:%M")


def countdown(due: datetime, now: datetime) -> str:
    """Time from `now` to `due`, or since it, as minutes and seconds, or hours, minutes and seconds."""
    minutes, seconds = divmod(int(abs((due - now).total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
