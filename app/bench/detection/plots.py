"""What the benchmark's figures look like."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from app.bench.detection.streams import Array, Stream

mpl.rcParams["svg.hashsalt"] = "anbu"  # the same figures give the same file


def delay_against_fa(figures: dict[str, Any], path: Path) -> None:
    """Mean delay against false alarms, one line a detector; ours is the thick one."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    strong_then_light = [mpl.colormaps["tab20"](k) for k in (*range(0, 20, 2), *range(1, 20, 2))]
    colours = cycle(strong_then_light)
    for name, detector in figures["detectors"].items():
        points = sorted((p["fa"], p["mean"]) for p in detector["points"] if p["fa"] > 0)
        if points:
            look = (
                {"color": "black", "lw": 3, "zorder": 3}
                if name == figures["ours"]
                else {"color": next(colours), "lw": 1}
            )
            axes.plot(*zip(*points, strict=True), marker=".", label=name, **look)
    axes.set(xscale="log", xlabel="false alarms per home-month", ylabel="mean delay (h)", xlim=(0.1, 20), ylim=(0, 24))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def a_day(stream: Stream, deadline_s: Array, path: Path) -> None:
    """The day in the middle of a recording: how long it had been silent, and after how long somebody would be asked."""
    days = stream.local // 86400
    day = float(np.median(days))
    hours = (stream.local - day * 86400) / 3600
    shown = (hours[:-1] < 24) & (hours[1:] > 0)
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    for start, silent, limit in zip(
        hours[:-1][shown], np.diff(stream.t)[shown] / 3600, deadline_s[:-1][shown] / 3600, strict=True
    ):
        axes.plot([start, start + silent], [0, silent], color="tab:blue", lw=0.8)
        axes.plot([start, start + silent], [limit, limit], color="tab:red", lw=1.2)
    title = f"{stream.home}: silence (blue) and when somebody would be asked (red)"
    axes.set(xlim=(0, 24), ylim=(0, 14), xlabel="local hour", ylabel="hours", title=title)
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
