"""The console calls the codes of the care chain what the city calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.words import WORDS

FILE = Path(__file__).parents[2] / "web" / "src" / "words" / "chain_codes.ts"
HEADS = {
    "stages": "stage", "origins": "origin", "priorities": "priority", "endings": "ended", "consents": "consent",
    "purposes": "purpose", "ties": "tie", "claimStates": "bill", "units": "care.unit",
}  # fmt: skip
"""The groups that the city says, too; orders, records and risks are named in the console alone."""
LINE = re.compile(r'^  (\w+): \{ ko: ("(?:[^"\\]|\\.)*"), en: ("(?:[^"\\]|\\.)*") \},$', re.MULTILINE)


@pytest.mark.parametrize(("group", "head"), HEADS.items(), ids=HEADS)
def test_each_code_is_called_the_same(group: str, head: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    body = text.split(f"export const {group}: ", 1)[1].split("});", 1)[0]
    said = {key: (json.loads(ko), json.loads(en)) for key, ko, en in LINE.findall(body)}
    theirs = {key: words for key, words in WORDS.items() if key.startswith(f"{head}.")}
    known = {key.removeprefix(f"{head}."): words for key, words in theirs.items()}
    assert said
    assert said == {key: words for key, words in known.items() if "." not in key}
