"""Turns a part of a TOML file into its type, or into one sentence that says where it is wrong and what is expected."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from alerts.rota import Hours
from alerts.routing import Span

T = TypeVar("T")


class Misread(ValueError):
    """What is wrong, as `key: expected …`."""


def read(key: str, value: Any, kind: type[T]) -> T:
    """`value` as a `kind`; raises `Misread`. `key` is where the value stands in its file."""
    try:
        return msgspec.convert(value, kind, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        path = where.rstrip("`")
        choices = _choices(kind, path) if what.startswith("Invalid enum value") else ()
        said = what[0].lower() + what[1:]
        sentence = f"expected {', '.join(choices)}, not {what.rpartition(' ')[2]}" if choices else said
        raise Misread(f"{key}{path}: {sentence}") from None


def _from_text(kind: type[Any], value: Any) -> Any:
    if kind not in (Hours, Span):
        raise NotImplementedError(kind)
    if not isinstance(value, str):
        raise ValueError(f"expected text, not {value!r}")
    return kind(value)


def _choices(kind: type[Any], path: str) -> tuple[str, ...]:
    """What may stand at `path` (`.when.risk`, `[0].days[1]`) of a `kind` where a choice is to be made."""
    here = inspect.type_info(kind)
    for step in re.findall(r"[^.\[\]]+", path):
        here = _without_none(here)
        if isinstance(here, inspect.StructType):
            here = next(field.type for field in here.fields if field.encode_name == step)
        elif isinstance(here, inspect.VarTupleType):
            here = here.item_type
    here = _without_none(here)
    if isinstance(here, inspect.EnumType):
        return tuple(str(member.value) for member in here.cls)
    return tuple(str(v) for v in here.values) if isinstance(here, inspect.LiteralType) else ()


def _without_none(kind: inspect.Type) -> inspect.Type:
    if not isinstance(kind, inspect.UnionType):
        return kind
    return next(option for option in kind.types if not isinstance(option, inspect.NoneType))
