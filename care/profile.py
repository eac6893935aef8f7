"""What may be known of a person: each fact with what it is for, who may read it, and which values it takes: pure."""

from __future__ import annotations

from typing import Any

import msgspec

from core.people import Role

MOST_LETTERS = 500
MOST_OF_A_LIST = 20
OFFICE = frozenset({Role.MANAGER, Role.SUPERVISOR})
CALLED = OFFICE | {Role.DUTY}
AT_THE_DOOR = CALLED | {Role.WORKER}


class Field(msgspec.Struct, frozen=True):
    """One fact. `purpose`: `purpose.PURPOSE` in words. `values`: the only ones; empty: any of its kind, numbers from
    `least` to `most`.
    """

    kind: type
    purpose: str
    readers: frozenset[Role]
    values: frozenset[str] = frozenset()
    least: int = 0
    most: int = 0


def _one(purpose: str, readers: frozenset[Role], *values: str) -> Field:
    return Field(str, purpose, readers, frozenset(values))


FIELDS: dict[str, Field] = {
    "birth_year": Field(int, "matching", OFFICE, least=1900, most=2200),
    "gender": _one("matching", OFFICE, "female", "male", "other"),
    "income_band": _one("money", frozenset({Role.MANAGER}), "basic_livelihood", "near_poverty", "median", "above"),
    "disability": _one("matching", OFFICE, "none", "mild", "severe"),
    "health": Field(str, "care", OFFICE),
    "family": Field(str, "care", OFFICE),
    "challenges": Field(
        list,
        "care",
        OFFICE | {Role.WORKER},
        frozenset({"hearing", "sight", "speech", "walking", "memory", "mood", "drinking", "hoarding", "violence"}),
    ),
    "language": _one("contact", AT_THE_DOOR, "ko", "en", "zh", "vi", "ru", "uz", "sign"),
    "key_safe": Field(str, "safety", AT_THE_DOOR),
    "contacts": Field(list, "safety", CALLED),
    "phone": Field(str, "contact", AT_THE_DOOR),
    "address": Field(str, "contact", AT_THE_DOOR),
    "pets": Field(bool, "safety", AT_THE_DOOR),
}
"""The profile. Nothing of it is asked for when somebody applies."""


def allowed(field: str, value: Any) -> bool:
    """Whether there is such a fact, and it may have this value."""
    known = FIELDS.get(field)
    if known is None or type(value) is not known.kind:
        return False
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return known.least <= value <= known.most
    if isinstance(value, list):
        return len(value) <= MOST_OF_A_LIST and all(_text(one, known.values) for one in value)
    return _text(value, known.values)


def _text(value: Any, values: frozenset[str]) -> bool:
    if not isinstance(value, str) or "\0" in value:
        return False
    return value in values if values else len(value.strip()) > 0 and len(value) <= MOST_LETTERS


def readable(field: str, role: Role) -> bool:
    """Whether a member of that role may read it. What the program no longer knows, nobody may."""
    return field in FIELDS and role in FIELDS[field].readers
