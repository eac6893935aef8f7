"""A body that two programs sign with a secret they share: HMAC-SHA256 over the time and the body, in one header."""

from __future__ import annotations

import hmac
import re
from datetime import datetime

HEADER = "Anbu-Signature"
TOLERANCE_S = 300
"""What was signed longer ago than this, or so far ahead, is not believed."""
_FORM = re.compile(r"t=([0-9]{1,11}),v1=([0-9a-f]{64})")


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """The value of `HEADER`: `t=SECONDS,v1=HEX`, HEX being the HMAC of `SECONDS.BODY`; SECONDS count since 1970."""
    digest = hmac.new(secret, f"{seconds}.".encode() + body, "sha256").hexdigest()
    return f"t={seconds},v1={digest}"


def holds(given: str, secret: bytes, body: bytes, now: datetime) -> bool:
    """Whether `given` is the body's signature and not too old, told in a time that says nothing of where it differs."""
    found = _FORM.fullmatch(given)
    if found is None or abs(int(now.timestamp()) - int(found[1])) > TOLERANCE_S:
        return False
    return hmac.compare_digest(signature(secret, int(found[1]), body), given)
