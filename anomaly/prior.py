"""The habits of a fleet, shipped with the engine: what is known of a home on its first day."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
import numpy as np

from anomaly.gaps import STARTS, Prior


class PriorError(ValueError):
    """The file is no prior, or one of another shape."""


class _Plain(msgspec.Struct, frozen=True):
    source: str
    homes: int
    home_days: float
    hazard: list[list[list[float]]]
    starts: list[list[float]]


@cache
def shipped() -> Prior:
    """The prior in this package, made by `anbu bench prior`; its file names its source."""
    return decode(files("anomaly").joinpath("prior.json").read_bytes())


def encode(prior: Prior, source: str, homes: int, home_days: float) -> bytes:
    """The prior as a small JSON file. It holds sums over all homes and nothing of any one."""
    hazard = np.array([[[float(f"{x:.3g}") for x in hour] for hour in context] for context in prior.hazard])
    starts = np.array([[float(f"{x:.3g}") for x in context] for context in prior.starts])
    plain = _Plain(source, homes, round(home_days, 1), hazard.tolist(), starts.tolist())
    return msgspec.json.encode(plain) + b"\n"


def decode(data: bytes) -> Prior:
    """The inverse of `encode`. Raises PriorError."""
    try:
        plain = msgspec.json.decode(data, type=_Plain)
        prior = Prior(np.array(plain.hazard), np.array(plain.starts))
    except (msgspec.MsgspecError, ValueError) as problem:
        raise PriorError(f"not a prior: {problem}") from problem
    if prior.hazard.shape != (3, 24, 22) or prior.starts.shape != (3, STARTS):
        raise PriorError(f"a prior of another shape: {prior.hazard.shape}, {prior.starts.shape}")
    if not ((prior.hazard > 0) & (prior.hazard < 1)).all() or not (prior.starts >= 0).all():
        raise PriorError("a prior's hazards lie between 0 and 1, its starts are not negative")
    return prior
