"""An area as people call it, from the city down to the quarter; English goes the other way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.shapes import Sentence

Names = Mapping[str, Sequence[str]]
"""Code -> (Korean, English), as `store.people.area_names` reads them."""


def place(area: str, names: Names) -> Sentence:
    """The whole way to `area` in words; an area nobody has named is called by its code."""
    steps = area.split("/")
    codes = ["/".join(steps[: depth + 1]) for depth in range(len(steps))]
    korean, english = (
        # Its last step is enough after the others.
        [found if (found := names.get(code, (code, code))[index]) != code else step
         for code, step in zip(codes, steps, strict=True)]
        for index in (0, 1)
    )  # fmt: skip
    return Sentence(ko=" ".join(korean), en=", ".join(reversed(english)))
