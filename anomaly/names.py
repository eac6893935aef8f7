"""Texts and homes as small numbers, so that what depends on a name is an array instead of a question for each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LONGEST = 32
ROOM = 65536
"""So many names are kept without asking whether anybody still uses them."""


class Names:
    """Names of places or of firmwares, cut to `longest` characters; code 0 is the unknown one.

    A name has a code as long as anybody holds it: whoever holds codes calls `keep` when it is `crowded`, and what is
    not kept gives its code to the next name. So no home can use up the names of the others.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._names = [""]
        self._codes = {"": 0}
        self._free: list[int] = []
        self._room = ROOM
        self._along: dict[Callable[[str], Any], Array] = {}

    def __len__(self) -> int:
        return len(self._codes)

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
        if self._free:
            code = self._free.pop()
            self._names[code] = name
            for fact, known in self._along.items():
                if code < len(known):
                    known[code] = fact(name)
        else:
            code = len(self._names)
            self._names.append(name)
        self._codes[name] = code
        return code

    def name(self, code: int) -> str:
        """The name of a number."""
        return self._names[code]

    @property
    def crowded(self) -> bool:
        """Whether many may be in here that nobody uses any more."""
        return len(self._codes) > self._room

    def keep(self, codes: Array) -> None:
        """Forget all names but these."""
        used = {0, *np.unique(codes).tolist()}
        self._free = [code for code in range(len(self._names)) if code not in used]
        self._codes = {self._names[code]: code for code in used}
        for code in self._free:
            self._names[code] = ""
        self._room = max(ROOM, 2 * len(used))

    def along(self, fact: Callable[[str], Any], dtype: str) -> Array:
        """`fact` of every name, by its number."""
        known = self._along.get(fact)
        if known is None or len(known) < len(self._names):
            known = np.empty(0, dtype) if known is None else known
            more = np.array([fact(name) for name in self._names[len(known) :]], dtype)
            known = self._along[fact] = np.concatenate([known, more])
        return known

    def dump(self, codes: Array) -> tuple[list[str], Array]:
        """The names in use, sorted, and `codes` as numbers of that list: the same places give the same bytes."""
        used, where = np.unique(codes, return_inverse=True)
        names = [self._names[code] for code in used.tolist()]
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names), codes.dtype)
        rank[order] = np.arange(len(names), dtype=codes.dtype)
        return [names[k] for k in order], rank[where].reshape(codes.shape)

    def load(self, names: list[str], codes: Array) -> Array:
        """The codes that these numbers of that list have here."""
        ours = np.array([self.code(name) for name in names], codes.dtype)
        return ours[codes] if len(ours) else codes
