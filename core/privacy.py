"""What somebody said at home is nobody's to keep: how long a cry's words stay, and how words are taken out of input."""

from __future__ import annotations

import re
from datetime import timedelta

KEEP_WORDS = timedelta(days=30)
"""A cry for help or of despair keeps its words so long; all else that is said is never written down."""

# Input may be cut short or be no JSON at all: what follows goes, up to the closing quote if there is one.
_TEXT = re.compile(r'("text"\s*:\s*")(?:[^"\\]|\\.)*', re.DOTALL)


def unspoken(text: str) -> str:
    """Input as it came, whole or cut or broken, without what was said in it."""
    return _TEXT.sub(r"\1", text)
