"""Learns which pairs of syllables hint at a cry: from the templates, misheard, and everyday talk of the tuning half."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import scipy.sparse as sparse  # type: ignore[import-untyped]  # it ships no types
from scipy.optimize import minimize  # type: ignore[import-untyped]  # it ships no types

from anomaly.speech import korean
from anomaly.speech.cries import GATE, templates
from anomaly.speech.misheard import pairs, sound
from app.bench.speech import noise
from app.bench.speech.phrases import everyday, half_of

CRIES = 24000
LEAST = 0.05
_NOISES = (noise.dropped, noise.misheard, noise.several, None)


def learn(folder: Path, seed: int = 11) -> bytes:
    """The weights as JSON: a logistic regression whose weights are held at zero or above. Some seconds."""
    chance = random.Random(seed)
    readings = [found for _, _, template in templates() if (found := korean.expanded(template))]
    cries = [_one(readings, chance) for _ in range(CRIES)]
    talk = [re.sub("[^가-힣0-9]", "", line) for line in everyday(folder) if half_of(line) == "tune"]
    known = sorted({pair for each in readings for reading in each for pair in pairs(sound(reading))})
    number = {pair: i for i, pair in enumerate(known)}
    weights = _fit(_matrix(cries + talk, number), np.r_[np.ones(len(cries)), np.zeros(len(talk))])
    kept = {pair: round(float(weights[i]), 2) for pair, i in number.items() if weights[i] > LEAST}
    _lift(kept, Counter(pair for each in talk for pair in set(pairs(sound(each)))))
    return msgspec.json.format(msgspec.json.encode(kept), indent=0) + b"\n"


def _lift(weights: dict[str, float], everyday_pairs: Counter[str]) -> None:
    """Let every cry that is heard rightly pass: of one that would not, the pair rarest in everyday talk shall do."""
    readings = {sound(reading) for _, _, each in templates() for reading in korean.expanded(each, every=True)}
    for reading in sorted(readings):
        if sum(weights.get(pair, 0.0) for pair in pairs(reading)) < GATE:
            weights[min(pairs(reading), key=lambda pair: (everyday_pairs[pair], pair))] = GATE


def _one(readings: Sequence[Sequence[str]], chance: random.Random) -> str:
    text = chance.choice(chance.choice(readings))
    kind = chance.choice(_NOISES)
    return kind(text, chance) if kind and len(text) > 1 else text


def _matrix(texts: Sequence[str], number: dict[str, int]) -> sparse.csr_matrix:
    starts, columns = [0], []
    for text in texts:
        columns += [number[pair] for pair in set(pairs(sound(text))) if pair in number]
        starts.append(len(columns))
    return sparse.csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(texts), len(number)))


def _fit(x: sparse.csr_matrix, y: np.ndarray) -> np.ndarray:
    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w[:-1] + w[-1]
        off = 1 / (1 + np.exp(-z)) - y
        value = (np.logaddexp(0, z) - y * z).sum() + 0.5 * (w[:-1] @ w[:-1]) + 0.5 * w[:-1].sum()
        return float(value), np.r_[x.T @ off + w[:-1] + 0.5, off.sum()]

    n = x.shape[1]
    bounds = [(0, None)] * n + [(None, None)]
    fitted = minimize(
        loss, np.r_[np.zeros(n), -3.0], jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 80}
    )
    return np.asarray(fitted.x[:-1])
