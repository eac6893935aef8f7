"""What a cry for help is in Korean: its templates, what may stand before them, and what makes a story of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product

from anomaly.speech.data import either, read

_WORDS = read("korean")


def _templates(section: str) -> Mapping[str, Sequence[str]]:
    parts = _WORDS["parts"].items()

    def filled(template: str) -> str:
        for name, part in parts:
            template = template.replace(f"{{{name}}}", part)
        return template

    return {name: [filled(template) for template in each] for name, each in _WORDS[section].items()}


PLAIN, STRONG, DESPAIR = _templates("plain"), _templates("strong"), _templates("despair")
ASKED = frozenset(_WORDS["asked"])
"""Names of statements after which the resident is asked first: they state, and do not call."""
BEFORE = sorted({word for words in _WORDS["before"].values() for word in words}, key=lambda word: (-len(word), word))
_AROUND = _WORDS["around"]
TOLD, NOW, DENIED, EVERYDAY = (
    either(_AROUND["told"]),
    either(_AROUND["now"]),
    either(_AROUND["denied"]),
    either(_AROUND["topic"] + _AROUND["everyday"]),
)
LAST = frozenset(_WORDS["last"])
"""Names of cries that count as last words, whatever stands before them; the resident is asked first."""
REPORTED = re.compile(f"^.?(?:{'|'.join(_AROUND['reported'])})")
TURNED, RETOLD = (re.compile(f"^[가-힣]{{0,4}}?(?:{'|'.join(_AROUND[name])})") for name in ("turned", "retold"))


def expanded(template: str, *, every: bool = False) -> list[str]:
    """Readings of a template without its lookarounds and anchors; of what may be left out a few, or `every` one."""
    return ["".join(parts) for parts in product(*_choices(_plain(template), every=every))]


def firsts(template: str) -> set[str]:
    """The syllables that a template begins with."""
    found: set[str] = set()
    for parts in _choices(_plain(template.replace(")*", "|)")), every=True):
        found |= {part[0] for part in parts if part}
        if "" not in parts:
            break
    return found


def _plain(template: str) -> str:
    return re.sub(r"\(\?[!=<](?:[^()]|\([^()]*\))*\)|[$^]|\(아야\|[^)]*\)\*|\([^)]*\)\*", "", template)


def _choices(template: str, *, every: bool = False) -> list[list[str]]:
    found: list[list[str]] = []
    i = 0
    while i < len(template):
        if template[i] != "(":
            j = template.find("(", i)
            j = len(template) if j < 0 else j
            found.append([template[i:j]])
            i = j
            continue
        depth, j = 0, i
        while True:
            depth += {"(": 1, ")": -1}.get(template[j], 0)
            j += 1
            if depth == 0:
                break
        inner, level, parts, last = template[i + 1 : j - 1], 0, [], 0
        for k, letter in enumerate(inner):
            level += {"(": 1, ")": -1}.get(letter, 0)
            if letter == "|" and level == 0:
                parts.append(inner[last:k])
                last = k + 1
        parts.append(inner[last:])
        if "" in parts and not every:  # what may be left out is left out, or said in its first form or as one syllable
            parts = ["", parts[0], *(part for part in parts[1:] if len(part) == 1)]
        found.append(["".join(each) for part in parts for each in product(*_choices(part, every=every))])
        i = j
    return found
