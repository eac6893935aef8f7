"""What the plain pages call things: services, areas and levels by their names, and what was typed kept in a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import sqlalchemy as sa
from fastapi import Request, Response

from api import assess
from api.care_frame import Block, Field, Form, Reader, show
from care import persons
from core.care import city_of
from store import people as people_sql
from store.pack_tables import services


@dataclass(frozen=True)
class Names:
    """Names in the reader's language; what has none is called by its code."""

    offered: Mapping[tuple[str, str], str]
    areas: Mapping[str, str]

    def service(self, area: str, code: str) -> str:
        return self.offered.get((city_of(area), code), code)

    def services(self, area: str, codes: Sequence[str]) -> str:
        return ", ".join(self.service(area, code) for code in codes)

    def area(self, code: str) -> str:
        return self.areas.get(code, code)


def names_of(reader: Reader) -> Names:
    """Those of every city, also of services that are offered no more."""
    english = reader.lang == "en"
    with reader.city.db.read() as tx:
        rows = tx.execute(sa.select(services.c.city, services.c.code, services.c.name_ko, services.c.name_en)).all()
        areas = people_sql.area_names(tx)
    offered = {(row.city, row.code): row.name_en if english else row.name_ko for row in rows}
    return Names(offered, {code: name[english] for code, name in areas.items()})


def called(reader: Reader, ids: Sequence[str]) -> dict[str, str]:
    """What people of these ids are called; who has no name is called by the id."""
    with reader.city.db.read() as tx:
        known = persons.names(tx, ids)
    return {id: known.get(id) or id for id in ids}


def level_name(reader: Reader, code: str | None) -> str:
    if not code:
        return ""
    for one in assess.list_instruments(reader.city, "care_level", limit=50, offset=0):
        for level in one.levels:
            if level.code == code:
                return str(getattr(level.name, reader.lang))
    return code


# --- what was typed


async def remember(request: Request) -> None:
    """Keep what a form says beside its request, for the page that refuses it."""
    body = (await request.body()).decode("utf-8", "replace") if request.method == "POST" else ""
    request.state.said = parse_qsl(body)


def draw(
    reader: Reader, heading: str, blocks: Sequence[Block], request: Request, *, status: int = 200, refused: str = ""
) -> Response:
    """One page; where a form was refused, that form with all that was typed into it."""
    if refused:
        blocks = [_filled(block, request.state.said) if isinstance(block, Form) else block for block in blocks]
    return show(reader, heading, blocks, request, status=status, refused=refused)


def _filled(form: Form, said: Sequence[tuple[str, str]]) -> Form:
    typed: dict[str, list[str]] = {}
    for name, value in said:
        typed.setdefault(name, []).append(value)
    # An id of the page's own is another one each time.
    fixed = [one for one in form.fields if one.type == "hidden" and one.name != "key" and "page-" not in one.value]
    sent = form.method == "post" and all(typed.get(one.name) == [one.value] for one in fixed)
    return replace(form, fields=[_kept(one, typed) for one in form.fields]) if sent else form


def _kept(field: Field, typed: Mapping[str, Any]) -> Field:
    if field.type == "hidden":
        return field
    if field.type == "checks":
        return replace(field, chosen=typed.get(field.name, ()))
    return replace(field, value=typed[field.name][-1]) if field.name in typed else field
