"""The benchmark's own phrases, by family; a family is wholly in the half that is tuned on, or in the other."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

Half = Literal["tune", "test"]


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of saying something. `intent`: what it means, where the file alone does not tell."""

    name: str
    language: Literal["ko", "en"]
    phrases: tuple[str, ...]
    intent: str = ""

    @property
    def half(self) -> Half:
        return half_of(f"{self.language}/{self.name}")


def half_of(text: str) -> Half:
    """Which half a text is in: by its hash, the same everywhere and for ever."""
    return "tune" if sha256(text.encode()).digest()[0] % 2 == 0 else "test"


def families(file: str, intent: str) -> Sequence[Family]:
    """The families of one file beside this one; `intent` for those that name none."""
    read = tomllib.loads((Path(__file__).parent / f"{file}.toml").read_text(encoding="utf-8"))["family"]
    found = msgspec.convert(read, tuple[Family, ...])
    return [msgspec.structs.replace(family, intent=family.intent or intent) for family in found]


def everyday(folder: Path) -> Sequence[str]:
    """Sentences said to chatbots and assistants (Songys, 3i4K), as recorded in `folder`, each once."""
    lines = (folder / "songys-chatbot-questions.txt").read_text(encoding="utf-8").splitlines()
    rows = (folder / "3i4k-part.tsv").read_text(encoding="utf-8").splitlines()
    lines += [text for _, _, text in (row.partition("\t") for row in rows)]
    return [line.strip() for line in lines if line.strip()]
