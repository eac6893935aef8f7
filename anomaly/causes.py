"""Why a home is still or can't be seen: a person, a sensor, the home's power, its network, our own server, or what its
gateway runs.

A verdict is a naive Bayes sum: each fact that holds adds to some causes and takes from others, in natural log odds. The
weights are judgements, not measurements: 2 is "seven times as likely", 4 "fifty times". A verdict explains; it never
takes an alarm back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from anomaly import firmware, life
from anomaly.detector import because
from anomaly.firmware import FEW, FEWEST, MANY
from anomaly.rows import FIRMWARE, Rows, Who, prefixes
from anomaly.sight import UNSUPERVISED_S, limit_s
from core.signals import Evidence

CAUSES = ("person", "sensor", "power", "network", "server", "firmware")
PRIOR = np.array([0.0, -1.5, -1.0, -0.5, -2.0, -4.0])
WEIGHTS: Mapping[str, Sequence[float]] = {
    # fact          person sensor power network server firmware
    "heard":        (2.0, 1.0, -3.0, -3.0, -3.0, -3.0),
    "unheard":      (-2.0, -2.0, 1.0, 1.5, 0.0, 1.0),
    "mains":        (-1.0, -1.0, 4.0, 0.0, -2.0, -2.0),
    "will":         (0.0, 0.0, 1.0, 1.0, -3.0, 0.0),
    "neighbours":   (-1.0, -1.0, 1.0, 2.0, 1.0, -2.0),
    "alone":        (0.0, 0.0, 0.5, 0.0, -4.0, 0.0),
    "firmware":     (-2.0, -2.0, -2.0, 0.0, 2.0, 7.0),
    "fleet":        (-2.0, -2.0, -2.0, 0.0, 5.0, -2.0),
    "mute":         (0.0, 2.5, 0.0, 0.0, 0.0, 0.0),
    "battery":      (0.0, 1.0, 0.0, 0.0, 0.0, 0.0),
    "lost":         (0.0, 2.0, 0.0, 0.0, 0.0, 0.0),
    "others":       (0.5, -1.0, 0.0, 0.0, 0.0, 0.0),
}  # fmt: skip
OTHERS_S = 86400.0
QUIET_BEATS = 1.5


class Fact(NamedTuple):
    """One thing that is known, and the numbers of its sentence."""

    name: str
    numbers: dict[str, str | int | float]


def circumstances(rows: Rows, i: int, at: float) -> list[Evidence]:
    """What belongs to every silence of home `i` that is told: what of it was not counted, who else lives there, and the
    likeliest cause.
    """
    found, residents = [], rows.homes[i].residents
    unseen = life.unseen_s(rows, i, at)
    if unseen >= 60:
        found.append(because("silence.uncounted", unseen=unseen))
    if residents > 1:
        found.append(because("residents", residents=residents))
    return [*found, *verdict(rows, i, at)]


def verdict(rows: Rows, i: int, at: float) -> list[Evidence]:
    """The likeliest cause of home `i`'s silence at `at` with its share in percent, the strongest fact for it, and the
    strongest against it, or that there is none; and whether nobody can tell if the home is heard.
    """
    known = facts(rows, i, at)
    weights = np.array([WEIGHTS[fact.name] for fact in known]).reshape(-1, len(CAUSES))
    score = PRIOR + weights.sum(0)
    share = np.exp(score - score.max())
    best = int(score.argmax())
    found = [because(f"cause.{CAUSES[best]}", share=round(100 * float(share[best] / share.sum())))]
    # A fact speaks for a cause by how much more it gives to it than to the others.
    tells = weights[:, best] - np.delete(weights, best, axis=1).mean(axis=1)
    most, least = (int(tells.argmax()), int(tells.argmin())) if known else (0, 0)
    if known and tells[most] > 0:
        found.append(because(f"cause.for.{known[most].name}", **known[most].numbers))
    if known and tells[least] < 0:
        found.append(because(f"cause.against.{known[least].name}", **known[least].numbers))
    else:
        found.append(because("cause.against.nothing"))
    if not rows.col["sight.beat_s"][i]:
        found.append(because("cause.unbeaten"))
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
        found += _around(rows, i, at)
    elif beat_s and heard > col["life.human"][i] and at - heard <= limit_s(beat_s):
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


def _around(rows: Rows, i: int, at: float) -> list[Fact]:
    """Whether the homes around are not heard either, in the smallest area with enough of them, and in the fleet."""
    for area in reversed(prefixes(rows.homes[i].area)):
        homes = rows.under(area)
        gone, known = _gone(rows, homes[homes != i], at)
        if known < FEWEST:
            continue
        if gone < MANY * known:
            if same := _same_firmware(rows, i, at):
                return same
            return [Fact("alone", {"homes": known - gone})] if gone <= FEW * known else []
        found = [Fact("neighbours", {"gone": gone, "homes": known})]
        all_gone, fleet = _gone(rows, rows.under(""), at)
        if fleet > known + 1 and all_gone >= MANY * fleet:
            found.append(Fact("fleet", {"homes": fleet}))
        return found
    return _same_firmware(rows, i, at)


def _same_firmware(rows: Rows, i: int, at: float) -> list[Fact]:
    """Whether most of the others with home `i`'s firmware are not heard, and those with another are."""
    code = int(rows.col[FIRMWARE][i])
    if not code:
        return []
    homes = firmware.homes(rows, code)
    gone, known = _gone(rows, homes[homes != i], at)
    all_gone, fleet = _gone(rows, rows.under("")[rows.under("") != i], at)
    if known < FEWEST - 1 or gone < MANY * known or all_gone - gone > FEW * (fleet - known) or fleet == known:
        return []
    return [Fact("firmware", {"gone": gone, "homes": known, "firmware": rows.firmwares.name(code)})]


def _gone(rows: Rows, homes: Who, at: float) -> tuple[int, int]:
    """How many homes were to be heard and are not, of how many. By what was heard, not by who has been told dark: that
    would be another number for the first home of a tick than for the last.
    """
    heard, beat_s = rows.col["life.any"][homes], rows.col["sight.beat_s"][homes]
    quiet_s = np.where(beat_s > 0, QUIET_BEATS * beat_s, UNSUPERVISED_S)
    return int(np.count_nonzero((heard > 0) & (at - heard > quiet_s))), int(np.count_nonzero(heard))


def _count(rows: Rows, field: str, i: int) -> int:
    return int(np.count_nonzero(rows.col[field][i])) if field in rows.col else 0
