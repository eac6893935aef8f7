"""Texts and homes as small numbers, so that what depends on a name is an array instead of a question for each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LONGEST = 32


class Names:
    """Names of places or of firmwares, cut to `longest` characters; code 0 is the unknown one.

    There is room for 65,535 of them. Whoever invents more only makes further ones unknown.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._names = [""]
        self._codes = {"": 0}
        self._along: dict[Callable[[str], Any], Array] = {}

    def code(self, name: str) -> int:
        """The number of a name."""
        code = self._codes.get(name)
        if code is None:
            code = self._add(name)
        return code

    def _add(self, name: str) -> int:
        short = name[: self._longest]
        if short != name:
            return self.code(short)
        if len(self._names) > np.iinfo(np.uint16).max:
            return 0
        self._codes[name] = code = len(self._names)
        self._names.append(name)
        return code

    def name(self, code: int) -> str:
        """The name of a number."""
        return self._names[code]

    def along(self, fact: Callable[[str], Any], dtype: str) -> Array:
        """`fact` of every name, by its number."""
        known = self._along.get(fact)
        if known is None or len(known) < len(self._names):
            known = self._along[fact] = np.array([fact(name) for name in self._names], dtype)
        return known

    def dump(self, codes: Array) -> tuple[list[str], Array]:
        """The names in use, sorted, and `codes` as numbers of that list: the same places give the same bytes."""
        used, where = np.unique(codes, return_inverse=True)
        names = [self._names[code] for code in used.tolist()]
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names), codes.dtype)
        rank[order] = np.arange(len(names), dtype=codes.dtype)
        return [names[k] for k in order], rank[where]

    def load(self, names: list[str], codes: Array) -> Array:
        """The codes that these numbers of that list have here."""
        ours = np.array([self.code(name) for name in names], codes.dtype)
        return ours[codes] if len(ours) else codes
