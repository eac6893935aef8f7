"""The engine's whole state as bytes: the same state gives the same bytes, and foreign bytes are refused by name."""

from __future__ import annotations

from typing import Any

import msgspec

from core.events import LOG_KINDS, LogRow
from core.people import Home

FORMAT = 4


class SnapshotMismatch(ValueError):
    """The bytes are of another version, another set of detectors, or damaged; fold the log again from its start."""


class Snapshot(msgspec.Struct, frozen=True):
    """`shape` names the format, the detectors with their versions, and the fields; only an equal one is read.

    `columns` are the fields, each the bytes of an array in the order of `homes`; `names` those that a field
    counts. `waiting` are the rows that the watermark has not passed yet, in the order of their time, each with its
    payload as plain members, the time it is given (UTC seconds) and the time it was seen.
    """

    shape: list[str]
    lateness_s: float
    tick_s: float
    watermark: float
    counts: dict[str, int]
    homes: list[Home]
    columns: dict[str, bytes]
    names: dict[str, list[str]]
    areas: dict[str, dict[str, float]]
    waiting: list[tuple[dict[str, Any], float, float]]


def write(snapshot: Snapshot) -> bytes:
    """The snapshot as bytes."""
    return msgspec.msgpack.encode(snapshot, order="deterministic")


def read(data: bytes, shape: list[str]) -> Snapshot:
    """The snapshot in `data`. Raises SnapshotMismatch if it is not one of `shape`."""
    try:
        snapshot = msgspec.msgpack.decode(data, type=Snapshot)
    except msgspec.DecodeError as problem:
        raise SnapshotMismatch(f"not a snapshot of this engine: {problem}") from problem
    if snapshot.shape != shape:
        changed = sorted(set(snapshot.shape) ^ set(shape)) or ["their order"]
        raise SnapshotMismatch(f"a snapshot of other detectors or another version; different: {', '.join(changed)}")
    return snapshot


def plain(row: LogRow) -> dict[str, Any]:
    """A log row as plain members."""
    return {name: getattr(row, name) for name in LogRow.__struct_fields__}


def log_row(members: dict[str, Any]) -> LogRow:
    """The row that `plain` took apart, as msgpack brought it back. Raises SnapshotMismatch if it is none."""
    try:
        return LogRow(**members | {"data": msgspec.convert(members["data"], LOG_KINDS[members["kind"]])})
    except (KeyError, TypeError, msgspec.ValidationError) as problem:
        raise SnapshotMismatch(f"a waiting row that cannot be read: {problem}") from problem
