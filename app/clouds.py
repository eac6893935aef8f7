"""The speakers' clouds that an operator has set up, in one TOML file: it holds secrets, and is nobody else's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from alerts.channels.cloud import Address
from app.settings import SettingsError
from core.people import valid_id
from ingest.cloud import Source, Translate, care

SHORTEST = 32
DIALECTS: dict[str, Translate] = {"care": care}
"""How a cloud's requests are read: another vendor's words are one pure function more."""


class CloudSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file: `url` takes questions, `secret` (32 characters at least) is shared, `dialect` is spoken."""

    url: str
    secret: str
    dialect: Literal["care"] = "care"


def load_clouds(path: str) -> dict[str, CloudSpec]:
    """Name -> cloud; none without a file. Raises SettingsError."""
    if not path:
        return {}
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        clouds = msgspec.convert(told, dict[str, CloudSpec])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"ANBU_CLOUDS: {path}: {error}") from error
    for name, cloud in clouds.items():
        if not valid_id(name):
            raise SettingsError(f"ANBU_CLOUDS: {path}: {name!r} is not 3 to 64 of a-z, 0-9 and -")
        if not cloud.url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise SettingsError(f"ANBU_CLOUDS: {path}: {name}.url begins with https://")
        if len(cloud.secret) < SHORTEST:
            raise SettingsError(f"ANBU_CLOUDS: {path}: {name}.secret has {SHORTEST} characters at least")
    return clouds


def addresses(clouds: Mapping[str, CloudSpec]) -> dict[str, Address]:
    """Where questions go."""
    return {name: Address(cloud.url, cloud.secret) for name, cloud in clouds.items()}


def sources(clouds: Mapping[str, CloudSpec]) -> dict[str, Source]:
    """Who may say what was heard."""
    return {name: Source(cloud.secret, DIALECTS[cloud.dialect]) for name, cloud in clouds.items()}
