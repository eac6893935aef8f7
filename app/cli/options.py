"""Options that several commands have, and what they say to a value that nobody knows."""

from __future__ import annotations

from typing import Annotated

import typer

from core.words import LANGUAGES


def one_of(value: str, known: tuple[str, ...]) -> str:
    """The value, if it is known. Raises BadParameter, which names those that are."""
    if value not in known:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}")
    return value


Language = Annotated[
    str, typer.Option(help=f"{' or '.join(LANGUAGES)}.", callback=lambda value: one_of(value, LANGUAGES))
]
