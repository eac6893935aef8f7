"""Whom a mute sensor troubles: the learned deadline and the ceiling on recordings with one sensor left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from anomaly.deadlines import QUESTIONS
from anomaly.detectors.ceiling import CEILING_S
from anomaly.gaps import Prior
from app.bench.detection.ours import learned
from app.bench.detection.streams import Array, Stream

MUTE_S = 3 * 86400.0
SHARES = (0.4, 0.7)
"""When in a recording the sensor falls silent."""


def troubled(streams: Sequence[Stream], priors: Sequence[Prior], usual: float = 3.0) -> dict[str, Any]:
    """Injections of three days, in how many of them somebody is asked, or a ceiling passed, more often than without."""
    asked, passed = [], []
    for stream, prior in zip(streams, priors, strict=True):
        whole = _alarms(stream, prior)
        for sensor in _usual(stream, usual):
            for share in SHARES:
                begin = float(stream.t[0] + share * (stream.t[-1] - stream.t[0]))
                some = _alarms(without(stream, sensor, begin), prior)
                more = [_within(some[k], begin) - _within(whole[k], begin) for k in (0, 1)]
                asked.append(more[0])
                passed.append(more[1])
    return {
        "injections": len(asked),
        "asked_more": sum(more > 0 for more in asked),
        "asked_less": sum(more < 0 for more in asked),
        "ceiling_more": sum(more > 0 for more in passed),
    }


def without(stream: Stream, sensor: str, begin: float) -> Stream:
    """The stream with one sensor mute for three days."""
    kept = ~((stream.place == sensor) & (stream.t >= begin) & (stream.t < begin + MUTE_S))
    return Stream(*(stream.home, *(getattr(stream, name)[kept] for name in Stream.__struct_fields__[1:])))


def _usual(stream: Stream, a_day: float) -> list[str]:
    names, counts = np.unique(stream.place, return_counts=True)
    return [str(name) for name, count in zip(names, counts, strict=True) if count / (stream.months * 30.44) >= a_day]


def _alarms(stream: Stream, prior: Prior) -> tuple[Array, Array]:
    """The silences that pass the learned deadline, and those that pass the ceiling, each by when it would pass that."""
    deadline_s = np.minimum(learned(stream, prior, (QUESTIONS,))[0], CEILING_S)[:-1]
    length_s, inside = np.diff(stream.t), ~stream.exit[:-1]
    begun = stream.t[:-1]
    return begun[inside & (length_s > deadline_s)] + CEILING_S, begun[inside & (length_s > CEILING_S)] + CEILING_S


def _within(alarms: Array, begin: float) -> int:
    return int(((alarms >= begin) & (alarms < begin + MUTE_S + CEILING_S)).sum())
