"""Receipts: what the city has committed of a gateway's events, so that the home may forget them and nothing else."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import msgspec

Range = tuple[int, int]
# Gaps beyond this are not remembered: their events are sent and refused as duplicates once more, which loses nothing.
MAX_RANGES = 64


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True, rename={"from_": "from"}):
    """`boot`'s events `from_` to `seq` are committed, every one; so are the closed ranges in `also`.

    A publisher without counters is answered by `ids`.
    """

    boot: str | None = None
    from_: int | None = None
    seq: int | None = None
    also: tuple[Range, ...] = ()
    ids: tuple[str, ...] = ()

    def covers(self, boot: str, seq: int) -> bool:
        """Whether the home may forget this event."""
        if boot != self.boot or self.from_ is None or self.seq is None:
            return False
        return self.from_ <= seq <= self.seq or any(low <= seq <= high for low, high in self.also)


_decoder = msgspec.json.Decoder(Receipt)


def encode_receipt(receipt: Receipt) -> bytes:
    """The JSON of `down/receipt`."""
    return msgspec.json.encode(receipt)


def decode_receipt(payload: bytes) -> Receipt | None:
    """A receipt, or None where the bytes are none."""
    try:
        return _decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def merge(ranges: Sequence[Range], seqs: Iterable[int]) -> list[Range]:
    """`ranges` (sorted, disjoint, not touching) with `seqs` put in; at most `MAX_RANGES`, the highest dropped first.

    Law: the union never holds a number that neither side held.
    """
    merged = list(ranges)
    for seq in seqs:
        if merged and merged[-1][0] <= seq <= merged[-1][1] + 1:  # the usual case: one more at the end
            low, high = merged[-1]
            merged[-1] = (low, max(high, seq))
            continue
        i = bisect_left(merged, (seq, seq))
        if i > 0 and merged[i - 1][1] >= seq:
            continue
        low = high = seq
        if i < len(merged) and merged[i][0] <= seq + 1:
            high = merged.pop(i)[1]
        if i > 0 and merged[i - 1][1] == seq - 1:
            i -= 1
            low = merged.pop(i)[0]
        merged.insert(i, (low, high))
    return merged[:MAX_RANGES]


def receipt_of(boot: str, ranges: Sequence[Range]) -> Receipt:
    """The receipt that says `ranges`; the first is the one a simple gateway reads."""
    low, high = ranges[0]
    return Receipt(boot=boot, from_=low, seq=high, also=tuple(ranges[1:]))
