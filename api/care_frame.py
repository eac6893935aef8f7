"""The plain pages of the care chain: what they are made of, and how a form becomes a program's request."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from api.care_shapes import Number
from api.city import City
from api.pages import Language, page
from api.shapes import STORABLE
from core.words import WORDS, say

PAGE = 50
NUMBER: TypeAdapter[int] = TypeAdapter(Number)
KEY: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=STORABLE)])
"""As the Idempotency-Key's header."""
ROOMS = (
    ("chain.room.intake", "/care/apply"),
    ("chain.room.episodes", "/care/episodes"),
    ("chain.room.visits", "/care/visits"),
    ("chain.room.providers", "/care/providers"),
    ("chain.room.claims", "/care/claims"),
    ("chain.room.reports", "/care/reports"),
)


@dataclass(frozen=True)
class Cell:
    """One thing to read; `href` makes it a way to somewhere else."""

    text: str
    href: str = ""
    late: bool = False
    number: bool = False


@dataclass(frozen=True)
class Facts:
    lines: Sequence[tuple[str, Cell]]
    title: str = ""
    kind: str = "facts"


@dataclass(frozen=True)
class Table:
    """`newer` and `older` are the addresses of the pages beside this one; "": there is none."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    newer: str = ""
    older: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Field:
    """One field of a form. `type`: an HTML input's, or select, checks, textarea, hidden."""

    name: str
    label: str = ""
    type: str = "text"
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    chosen: Sequence[str] = ()
    required: bool = False


@dataclass(frozen=True)
class Form:
    title: str
    action: str
    fields: Sequence[Field]
    button: str
    method: str = "post"
    kind: str = "form"


Block = Facts | Table | Form


@dataclass(frozen=True)
class Reader:
    """Who looks: their language and the city's wall clock."""

    city: City
    lang: Language
    now: datetime

    def t(self, key: str, **numbers: str | int | float) -> str:
        return say(key, self.lang, numbers)

    def word(self, head: str, value: Any) -> str:
        """A code in words; one that has none is shown as it is."""
        key = f"{head}.{value}"
        return say(key, self.lang) if key in WORDS else str(value or "")

    def at(self, moment: datetime | None) -> str:
        """A moment on the wall, to the minute."""
        return "" if moment is None else f"{moment.astimezone(self.city.timezone):%Y-%m-%d %H:%M}"

    def due(self, moment: datetime | None) -> Cell:
        """A deadline; late ones are marked in words, too."""
        if moment is None:
            return Cell("")
        late = moment < self.now
        return Cell(f"{self.at(moment)}{' · ' + self.t('chain.late') if late else ''}", late=late)

    def won(self, amount: int) -> Cell:
        return Cell(self.t("chain.won", amount=f"{amount:,}"), number=True)

    def link(self, path: str, **more: str | int) -> str:
        """An address of these pages in the same language."""
        return f"{path}?{urlencode({**more, 'lang': self.lang})}"


def show(
    reader: Reader, heading: str, blocks: Sequence[Block], request: Request, *, status: int = 200, refused: str = ""
) -> Response:
    """One page."""
    here = request.url.path
    rooms = [
        {"text": reader.t(key), "href": reader.link(path), "here": here == path or here.startswith(f"{path}/")}
        for key, path in ROOMS
    ]
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("lang", "done")]
    return page(
        "care.html",
        reader.lang,
        status,
        heading=heading,
        blocks=blocks,
        rooms=rooms,
        refused=refused,
        done="done" in request.query_params,
        query=f"&{urlencode(kept)}" if kept else "",
        line=None,
        guarded=reader.city.token is not None,
    )


def pages(reader: Reader, path: str, offset: int, found: int, **kept: str) -> dict[str, str]:
    """The addresses of the pages beside this one, for a list that was asked for one row more than it shows."""
    around = {}
    if offset:
        around["newer"] = reader.link(path, **kept, offset=max(0, offset - PAGE))
    if found > PAGE:
        around["older"] = reader.link(path, **kept, offset=offset + PAGE)
    return around


@dataclass(frozen=True)
class Deed:
    """What a form does: the body that a program would send, and `call(city, where, body, key)`, the route for it.

    `where` are the fields that a program would put into the address, and what each must be; `held` are those of the
    body that the page stands for. `lists` are the body's lists of texts, `moments` its wall-clock times; a field that
    is left empty is not said.
    """

    body: type[BaseModel]
    call: Callable[[City, dict[str, Any], Any, str | None], JSONResponse]
    where: Mapping[str, TypeAdapter[Any]] = field(default_factory=dict)
    held: Sequence[str] = ()
    lists: Sequence[str] = ()
    moments: Sequence[str] = ()
    shape: Callable[[dict[str, Any]], dict[str, Any]] = lambda said: said


async def fields_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a plain form; an empty one says nothing."""
    return [(k, v) for k, v in parse_qsl((await request.body()).decode("utf-8", "replace")) if v.strip()]


class Strange(ValueError):
    """Fields that are none of this page's."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self.names = set(names)


class PageRoute(APIRoute):
    """A page's route: what a search leaves empty is not said."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def said_alone(request: Request) -> Response:
            said = [(k, v) for k, v in parse_qsl(request.scope["query_string"].decode("latin-1")) if v.strip()]
            return await handle(Request({**request.scope, "query_string": urlencode(said).encode()}, request.receive))

        return said_alone


Fields = Annotated[list[tuple[str, str]], Depends(fields_of)]
Again = Callable[[int, str], Response]
"""(status, sentence): the page once more, with what was wrong."""


def perform(
    reader: Reader,
    request: Request,
    said: Sequence[tuple[str, str]],
    deeds: Mapping[str, Deed],
    again: Again,
    fixed: Mapping[str, str] | None = None,
) -> Response:
    """Carry out the deed that a form names in `do`, once for each `key`, and lead back to the page it stands on.

    `fixed` is what the page stands for: the form may not say otherwise, and the deed's `call` finds it in `where`.
    """
    control = {name: value for name, value in said if name in ("do", "key")}
    deed = deeds.get(control.get("do", ""))
    if deed is None:
        return again(422, reader.t("chain.bad_form", fields="do"))
    body: dict[str, Any] = {}
    for name, value in said:
        if name in control or name in deed.where:
            continue
        if name in deed.lists:
            body.setdefault(name, []).append(value)
        else:
            body[name] = _moment(value, reader.city.timezone) if name in deed.moments else value
    try:
        where = {**(fixed or {}), **_where(said, deed, fixed or {})}
        key = _key(said, control.get("key"))
        reply = deed.call(reader.city, where, deed.body.model_validate(deed.shape(body)), key)
    except (ValidationError, ValueError) as error:
        return again(422, _wrong(error, reader))
    except HTTPException as error:
        return again(error.status_code, _sentence(error.detail, reader.lang))
    if reply.status_code >= 300:
        return again(reply.status_code, _sentence(json.loads(bytes(reply.body))["detail"], reader.lang))
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "done"]
    return RedirectResponse(f"{request.url.path}?{urlencode([*kept, ('done', '1')])}", 303)


def _where(said: Sequence[tuple[str, str]], deed: Deed, fixed: Mapping[str, str]) -> dict[str, Any]:
    """What a program would put into the address. Raises Strange."""
    bound = fixed.keys() & {*deed.where, *deed.held}
    wrong = {name for name, value in said if name in bound and value != fixed[name]}
    given, found = dict(said), {}
    for name, kind in deed.where.items():
        try:
            found[name] = kind.validate_python(given.get(name))
        except ValidationError:
            wrong.add(name)
    if wrong:
        raise Strange(*wrong)
    return found


def _key(said: Sequence[tuple[str, str]], key: str | None) -> str | None:
    """The form's key for just these words: corrected after a refusal, it is another request. Raises Strange."""
    if key is None:
        return None
    try:
        KEY.validate_python(key)
    except ValidationError:
        raise Strange("key") from None
    return hashlib.sha256(json.dumps([key, *sorted(said)]).encode()).hexdigest()


def _sentence(detail: Any, lang: Language) -> str:
    return str(detail[lang] if isinstance(detail, dict) else detail)


def _moment(text: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text  # the body's own check says what is wrong with it
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def _wrong(error: ValueError, reader: Reader) -> str:
    names = error.names if isinstance(error, Strange) else set()
    if isinstance(error, ValidationError):
        names = {str(one["loc"][-1]) for one in error.errors() if one["loc"]}
    return reader.t("chain.bad_form", fields=", ".join(sorted(names)))


def fresh() -> str:
    """An id that nobody has used: a form sent twice is one deed."""
    return secrets.token_hex(12)
