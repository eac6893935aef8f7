"""Recall of cries, clean and misheard, and alarms in everyday talk; and what it costs beside only reading the text."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from anomaly.speech import understand
from app.bench.speech.noise import noisy
from app.bench.speech.phrases import Family, Half, everyday, families, half_of
from core.clock import stopwatch_s
from core.signals import Urgency

SEED = 7
ROUNDS = 3
ALARMS = ("distress", "despair")
QUESTION = "question"
"""Words like a cry: the resident is asked first."""


def measure(folder: Path, half: Half, rounds: int = ROUNDS) -> dict[str, Any]:
    """The figures of one half, of which nothing but sums leaves this function. `folder`: the everyday sentences."""
    talk = [line for line in everyday(folder) if half_of(line) == half]
    alarms = Counter(map(_alarm, talk))
    return {
        "half": half,
        "cries": _recall(_of("cries", "distress", half)),
        "despair": _recall(_of("despair", "despair", half)),
        "english": _found(_of("english", "distress", half)),
        "harmless": _alarms(_of("harmless", "none", half)),
        "answers": _answers(_of("answers", "", half)),
        "everyday": {"sentences": len(talk), **{kind: alarms[kind] for kind in (*ALARMS, QUESTION)}},
        "speed": _speed(talk, rounds),
    }


def _alarm(text: str) -> str:
    found = understand(text)
    if found.intent in ALARMS:
        return found.intent if found.urgency is Urgency.IMMEDIATE else QUESTION
    return ""


def heard_alarms(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(intent, reason, sentence) of the everyday talk for tuning that alarms."""
    for line in everyday(folder):
        if half_of(line) == "tune" and (kind := _alarm(line)):
            yield kind, understand(line).reason, line


def _of(file: str, intent: str, half: Half) -> list[Family]:
    return [family for family in families(file, intent) if family.half == half]


def _means(family: Family, text: str) -> bool:
    """Whether a phrase means what its family does; who is taken for desperate is visited as well."""
    intent = understand(text).intent
    return intent == family.intent or (family.intent == "distress" and intent == "despair")


def _recall(chosen: Sequence[Family]) -> dict[str, Any]:
    kinds: defaultdict[str, list[bool]] = defaultdict(list)
    for family in chosen:
        for phrase in family.phrases:
            for kind, text in noisy(phrase, SEED):
                kinds[kind].append(_means(family, text))
    every = [hit for hits in kinds.values() for hit in hits]
    return {
        **_found(chosen),
        "noisy": _share(every),
        "noisy_phrases": len(every),
        "kinds": {kind: _share(hits) for kind, hits in kinds.items()},
    }


def _found(chosen: Sequence[Family]) -> dict[str, Any]:
    hits = [_means(family, phrase) for family in chosen for phrase in family.phrases]
    called = [_alarm(phrase) in ALARMS for family in chosen for phrase in family.phrases]
    return {"families": len(chosen), "phrases": len(hits), "clean": _share(hits), "at_once": _share(called)}


def _alarms(chosen: Sequence[Family]) -> dict[str, Any]:
    phrases = [phrase for family in chosen for phrase in family.phrases]
    heard = [_alarm(phrase) for phrase in phrases]
    questions = heard.count(QUESTION)
    return {"phrases": len(phrases), "alarms": len(heard) - heard.count("") - questions, "questions": questions}


def _answers(chosen: Sequence[Family]) -> dict[str, Any]:
    right, cleared, phrases = 0, 0, 0
    for family in chosen:
        for phrase in family.phrases:
            intent = understand(phrase, asked=True).intent
            phrases += 1
            right += intent == family.intent or (family.intent == "not_ok" and intent in ALARMS)
            cleared += intent == "ok" and family.intent != "ok"
    return {"phrases": phrases, "right": right, "cleared_wrongly": cleared}


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 4) if hits else 0.0


def _speed(talk: Sequence[str], rounds: int) -> dict[str, float]:
    """Sentences a second, the best round of each; the baseline only brings text into one form and splits it."""

    def best(step: Callable[[str], object]) -> float:
        taken = []
        for _ in range(rounds):
            began = stopwatch_s()
            for line in talk:
                step(line)
            taken.append(stopwatch_s() - began)
        return len(talk) / min(taken)

    judged = best(understand)
    read = best(lambda line: unicodedata.normalize("NFC", line).lower().split())
    return {"a_second": round(judged), "baseline_a_second": round(read), "ratio": round(judged / read, 4)}


def table(figures: dict[str, Any]) -> Table:
    """The figures for a screen."""
    shown = Table(title=f"Speech, the half to {figures['half']}", title_justify="left")
    shown.add_column("what")
    shown.add_column("figure", justify="right")
    for name in ("cries", "despair"):
        it = figures[name]
        shown.add_row(f"{name}: {it['phrases']} phrases of {it['families']} families", f"{it['clean']:.3f}")
        shown.add_row("  people are called at once, nobody is asked", f"{it['at_once']:.3f}")
        shown.add_row(f"  misheard, {it['noisy_phrases']} phrases", f"{it['noisy']:.3f}")
        for kind, share in it["kinds"].items():
            shown.add_row(f"    {kind.replace('_', ' ')}", f"{share:.3f}")
    shown.add_row(f"English: {figures['english']['phrases']} phrases", f"{figures['english']['clean']:.3f}")
    harmless, answers, talk = figures["harmless"], figures["answers"], figures["everyday"]
    shown.add_row(f"harmless: alarms in {harmless['phrases']} phrases", str(harmless["alarms"]))
    shown.add_row("  questions", str(harmless["questions"]))
    shown.add_row(f"answers: right of {answers['phrases']}", str(answers["right"]))
    shown.add_row("  taken for well though not", str(answers["cleared_wrongly"]))
    for kind in (*ALARMS, QUESTION):
        each = f", 1 in {talk['sentences'] // talk[kind]}" if talk[kind] else ""
        shown.add_row(f"everyday: {kind} in {talk['sentences']} sentences", f"{talk[kind]}{each}")
    speed = figures["speed"]
    shown.add_row("sentences a second", f"{speed['a_second']}")
    shown.add_row("  as a share of only reading them", f"{speed['ratio']:.3f}")
    return shown
