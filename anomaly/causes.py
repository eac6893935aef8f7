"""Why a home is still or can't be seen: a person, a sensor, the home's power, its network, or our own server.

A verdict is a naive Bayes sum: each fact that holds adds to some causes and takes from others, in natural log odds. The
weights are judgements, not measurements: 2 is "seven times as likely", 4 "fifty times". A verdict explains; it never
takes an alarm back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from anomaly.detector import because
from anomaly.rows import Rows, prefixes
from anomaly.sight import limit_s
from core.signals import Evidence

CAUSES = ("person", "sensor", "power", "network", "server")
PRIOR = np.array([0.0, -1.5, -1.0, -0.5, -2.0])
WEIGHTS: Mapping[str, Sequence[float]] = {
    # fact          person sensor power network server
    "heard":        (2.0, 1.0, -3.0, -3.0, -3.0),
    "unheard":      (-2.0, -2.0, 1.0, 1.5, 0.0),
    "mains":        (-1.0, -1.0, 4.0, 0.0, -2.0),
    "will":         (0.0, 0.0, 1.0, 1.0, -3.0),
    "neighbours":   (-1.0, -1.0, 1.0, 2.0, 1.0),
    "alone":        (0.0, 0.0, 0.5, 0.0, -4.0),
    "fleet":        (-2.0, -2.0, -2.0, 0.0, 5.0),
    "mute":         (0.0, 2.5, 0.0, 0.0, 0.0),
    "battery":      (0.0, 1.0, 0.0, 0.0, 0.0),
    "lost":         (0.0, 2.0, 0.0, 0.0, 0.0),
    "others":       (0.5, -1.0, 0.0, 0.0, 0.0),
}  # fmt: skip
FEWEST, MANY, FEW = 5, 0.6, 0.2
OTHERS_S = 86400.0


class Fact(NamedTuple):
    """One thing that is known, and the numbers of its sentence."""

    name: str
    numbers: dict[str, str | int | float]


def verdict(rows: Rows, i: int, at: float) -> list[Evidence]:
    """The likeliest cause of home `i`'s silence at `at` with its share in percent, the strongest fact for it, and the
    strongest against it.
    """
    known = facts(rows, i, at)
    weights = np.array([WEIGHTS[fact.name] for fact in known]).reshape(-1, len(CAUSES))
    score = PRIOR + weights.sum(0)
    share = np.exp(score - score.max())
    best = int(score.argmax())
    found = [because(f"cause.{CAUSES[best]}", share=round(100 * float(share[best] / share.sum())))]
    # A fact speaks for a cause by how much more it gives to it than to the others.
    tells = weights[:, best] - np.delete(weights, best, axis=1).mean(axis=1)
    for n in (int(tells.argmax()), int(tells.argmin())) if len(known) else ():
        side = "for" if tells[n] > 0 else "against"
        evidence = because(f"cause.{side}.{known[n].name}", **known[n].numbers)
        if evidence not in found:
            found.append(evidence)
    return found


def facts(rows: Rows, i: int, at: float) -> list[Fact]:
    """What is known at `at` that tells the causes apart."""
    col = rows.col
    found = []
    heard, beat_s = float(col["life.any"][i]), float(col["sight.beat_s"][i])
    dark = float(col["sight.dark"][i])
    if dark:
        found.append(Fact("unheard", {"silent": at - dark}))
        if col["sight.found"][i] == dark:
            found.append(Fact("will", {}))
        found += _around(rows, i, dark)
    elif heard and at - heard <= limit_s(beat_s):
        found.append(Fact("heard", {"ago": max(0.0, at - heard)}))
    if col["sight.mains_off"][i]:
        found.append(Fact("mains", {"silent": at - float(col["sight.mains_off"][i])}))
    if (mute := _count(rows, "mute.told", i)) > 0:
        found.append(Fact("mute", {"count": mute}))
    elif "mute.slot_at" in col and (others := int((at - col["mute.slot_at"][i] < OTHERS_S).sum())) > 1:
        found.append(Fact("others", {"count": others}))
    if (low := _count(rows, "device.battery", i)) > 0:
        found.append(Fact("battery", {"count": low}))
    if (lost := _count(rows, "device.lost", i)) > 0:
        found.append(Fact("lost", {"count": lost}))
    return found


def _around(rows: Rows, i: int, dark: float) -> list[Fact]:
    """Whether the homes around went dark too, in the smallest area with enough of them, and in the whole fleet."""
    col = rows.col
    for area in reversed(prefixes(rows.homes[i].area)):
        homes = rows.under(area)
        homes = homes[(homes != i) & (col["life.any"][homes] > 0)]
        if len(homes) < FEWEST:
            continue
        gone = int((col["sight.dark"][homes] > 0).sum())
        if gone <= FEW * len(homes):
            return [Fact("alone", {"homes": len(homes) - gone})]
        if gone < MANY * len(homes):
            return []
        found = [Fact("neighbours", {"gone": gone, "homes": len(homes)})]
        fleet = rows.under("")
        if len(fleet) > len(homes) + 1 and (col["sight.dark"][fleet] > 0).mean() >= MANY:
            found.append(Fact("fleet", {"homes": len(fleet)}))
        return found
    return []


def _count(rows: Rows, field: str, i: int) -> int:
    return int(np.count_nonzero(rows.col[field][i])) if field in rows.col else 0
