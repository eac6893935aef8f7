"""How a home stands, as its city tells it: said for a while only, so that nobody believes it for ever."""

from __future__ import annotations

import msgspec


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """`case`: a Care Call of the home is open. `watched`: somebody would notice; `why` names what keeps the city from
    it. `for_s`: how long it may be believed.
    """

    case: bool
    watched: bool
    for_s: float
    why: str = ""


_decoder = msgspec.json.Decoder(Standing)


def encode_standing(standing: Standing) -> bytes:
    """The JSON of `down/state`."""
    return msgspec.json.encode(standing)


def decode_standing(payload: bytes) -> Standing | None:
    """How a home stands, or None where the bytes do not say it."""
    try:
        return _decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
