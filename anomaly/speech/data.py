"""Reads the words that this package goes by; they stand in TOML files beside it, for people who write no programs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any


def read(name: str) -> dict[str, Any]:
    """One file of this package."""
    return tomllib.loads(files("anomaly.speech").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def either(alternatives: Iterable[str]) -> re.Pattern[str]:
    """A pattern of any of these patterns."""
    return re.compile("|".join(alternatives))
