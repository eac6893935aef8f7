"""`anbu bench …`: how fast, measured, as ratios in one run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from app.bench import load as city_load
from app.theatre import write_json
from gateway.recorded import tidy

if TYPE_CHECKING:
    from app.bench.detection.streams import Stream

benches = typer.Typer(help="Benchmarks; compare their ratios, machines are noisy.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(benches, name="bench")


@benches.command()
def load(
    events: Annotated[int, typer.Option(help="Single-event messages a round.", min=1000)] = 40_000,
    presses: Annotated[int, typer.Option(help="SOS presses a round, idle and again under load.", min=20)] = 300,
    rounds: Annotated[int, typer.Option(help="Rounds, bare and whole in turn; the median counts.", min=1)] = 3,
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Events a second through the whole path beside paho's bare rate, and SOS to committed case, idle and loaded.

    Starts a Mosquitto of its own, and a city on SQLite in a folder of its own.
    """
    screen = Console()
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("bench", total=4 * rounds)
        figures = city_load.measure(
            events, presses, rounds, step=lambda what: progress.update(task, advance=1, description=what)
        )
    screen.print(city_load.table(figures))
    if file is not None:
        write_json(file, figures)


@benches.command()
def engine(
    homes: Annotated[list[int] | None, typer.Option(help="How many homes; may be given again.", min=20)] = None,
    warm_h: Annotated[
        int, typer.Option(help="Hours, from eight in the morning, before anything is measured.", min=1)
    ] = 12,
    seed: Annotated[int, typer.Option(help="What the homes' days are drawn from.")] = 7,
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Events a second on one core through all detectors, bytes a home, and the time to restore a snapshot.

    Made-up homes with the rates of recorded ones; river's trees, one a home, are measured in the same run.
    """
    from app.bench import engine as bench  # its libraries take seconds to load

    screen = Console()
    sizes = homes or [1_000, 10_000, 100_000]
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("bench", total=len(sizes) * (warm_h + 5))
        figures = [
            bench.measure(size, warm_h, seed, lambda what: progress.update(task, advance=1, description=what))
            for size in sizes
        ]
    screen.print(bench.table(figures))
    if file is not None:
        write_json(file, figures)


Recorded = Annotated[
    list[Path],
    typer.Option(
        "--data", help="Folders with an activity.csv or activity.csv.gz of time,home,location, or such files."
    ),
]
Zone = Annotated[str, typer.Option(help="The wall clock of times without an offset.")]
Names = Annotated[str, typer.Option(help="Homes to judge, by commas; the others are learned from. None: each in turn.")]


def _named(homes: str) -> list[str]:
    """Names as the file has them; spaces within a name are its own."""
    return [name for name in map(tidy, homes.split(",")) if name]


def _recorded(data: list[Path], timezone: str) -> dict[str, Stream]:
    """The recorded homes by name; what of them is left out is told."""
    from app.bench.detection.streams import APART_S, load, recordings  # its libraries take seconds to load

    streams = load(recordings(data), timezone)
    far = {name: stream.left_out for name, stream in streams.items() if stream.left_out}
    if far:
        days = round(APART_S / 86400)
        Console(stderr=True, soft_wrap=True).print(
            f"Left out, over {days} days from the rest of their home: {sum(far.values())} rows of {len(far)} homes."
        )
    return streams


@benches.command()
def detection(
    data: Recorded,
    test_homes: Names = "",
    timezone: Zone = "Europe/London",
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Draw them into this folder, PNG and SVG.")] = None,
) -> None:
    """How soon each detector notices that nobody moves any more, at how many false alarms, on recorded homes."""
    from app.bench.detection import plots as drawing  # its libraries take seconds to load
    from app.bench.detection.baselines import ALL
    from app.bench.detection.report import OURS, example, measure, shown

    screen = Console(soft_wrap=True)
    streams = _recorded(data, timezone)
    tests = _named(test_homes)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("bench", total=len(ALL) + 2)
        figures = measure(streams, tests, timezone, lambda what: progress.update(task, advance=1, description=what))
    screen.print(shown(figures))
    screen.print(f"{figures['homes']} homes, {figures['home_months']} home-months; ours is {OURS.name}.")
    if file is not None:
        write_json(file, figures)
    if plots is not None:
        plots.mkdir(parents=True, exist_ok=True)
        for kind in ("png", "svg"):
            drawing.delay_against_fa(figures, plots / f"delay-fa.{kind}")
            drawing.a_day(*example(streams, tests), plots / f"day.{kind}")


@benches.command()
def day(
    out: Annotated[Path, typer.Option(help="The picture, PNG or SVG.")],
    days: Annotated[int, typer.Option(min=3, help="How long the resident has been watched.")] = 30,
    seed: int = 7,
) -> None:
    """A simulated resident's day: how long it was silent, and after how long the speaker would have asked."""
    from app.bench.detection import plots as drawing
    from app.bench.detection.example import simulated

    out.parent.mkdir(parents=True, exist_ok=True)
    drawing.a_day(*simulated(days, seed), out)
    Console().print(f"{out}: a day of {days}, seed {seed}")


@benches.command()
def prior(
    data: Recorded,
    without: Annotated[str, typer.Option(help="Homes to leave out, by commas: those that are judged later.")] = "",
    timezone: Zone = "Europe/London",
    source: Annotated[str, typer.Option(help="What the file says of where it comes from.")] = "",
    file: Annotated[Path, typer.Option("--out", help="Where the prior goes.")] = Path("anomaly/prior.json"),
) -> None:
    """Make the prior that a home has on its first day, from recorded homes: sums over all, nothing of any one."""
    from anomaly.prior import encode
    from app.bench.detection.ours import prior_of

    left_out = set(_named(without))
    streams = _recorded(data, timezone)
    kept = [stream for name, stream in streams.items() if name not in left_out]
    if unknown := left_out - set(streams):
        raise typer.BadParameter(f"no such home: {', '.join(sorted(unknown))}", param_hint="--without")
    file.write_bytes(encode(prior_of(kept), source, len(kept), sum(s.months for s in kept) * 30.44))
    Console().print(f"{file}: {len(kept)} homes")


@benches.command()
def drift(
    data: Recorded,
    timezone: Zone = "Europe/London",
    seed: Annotated[int, typer.Option(help="Where steps are put, and the order of chance.")] = 7,
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """How many changes of daily life are found within two weeks, and how many are imagined, on recorded homes."""
    from app.bench.detection.drift import measure, table

    figures = measure(_recorded(data, timezone), seed)
    Console(soft_wrap=True).print(table(figures), highlight=False)
    if file is not None:
        write_json(file, figures)


@benches.command()
def mute(
    data: Recorded,
    test_homes: Annotated[str, typer.Option(help="Homes to judge, by commas. None: all.")] = "",
    timezone: Zone = "Europe/London",
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """How soon a sensor that has fallen silent is found, and how often a healthy one is suspected."""
    from app.bench.detection.mute import measure, table

    tests = _named(test_homes)
    figures = measure(_recorded(data, timezone), tests, timezone)
    Console(soft_wrap=True).print(table(figures), highlight=False)
    if file is not None:
        write_json(file, figures)


@benches.command()
def overdue(
    data: Recorded,
    test_homes: Annotated[str, typer.Option(help="Homes to judge, by commas. None: all.")] = "",
    timezone: Zone = "Europe/London",
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """How soon somebody who does not come back is missed, and how often one who does, on recorded homes."""
    from app.bench.detection.overdue import measure, table

    tests = _named(test_homes)
    figures = measure(_recorded(data, timezone), tests, timezone)
    Console(soft_wrap=True).print(table(figures), highlight=False)
    if file is not None:
        write_json(file, figures)


@benches.command()
def speech(
    data: Annotated[Path, typer.Option(help="The folder of everyday sentences (Songys, 3i4K) that must not alarm.")],
    test: Annotated[bool, typer.Option("--test", help="Read the half that nothing is tuned on. Seldom.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print what alarms of the everyday half for tuning.")] = False,
    learn: Annotated[Path | None, typer.Option(help="Learn the hints anew, and write them here.")] = None,
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """How many cries for help are understood, clean and misheard, and how often everyday talk is taken for one."""
    from app.bench.speech import learn as learning
    from app.bench.speech.measure import heard_alarms, measure, table

    screen = Console(soft_wrap=True)
    if learn is not None:
        learn.write_bytes(learning.learn(data))
        screen.print(f"{learn}: learned")
        return
    figures = measure(data, "test" if test else "tune")
    screen.print(table(figures), highlight=False)
    for intent, reason, sentence in heard_alarms(data) if show else ():
        screen.print(f"{intent} ({reason}): {sentence}", markup=False, highlight=False)
    if file is not None:
        write_json(file, figures)


@benches.command()
def year(
    scale: Annotated[float, typer.Option(help="Of 7,114 people.", min=0.002, max=10)] = 1.0,
    seed: Annotated[int, typer.Option(help="What the lives are drawn from.")] = 7,
    times: Annotated[int, typer.Option(help="How often each report is read.", min=1)] = 5,
    url: Annotated[str | None, typer.Option(help="An empty database; without it an SQLite of its own.")] = None,
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """A simulated year of a whole city's care: how long it takes to build, and each report of it over HTTP.

    Exit code 1: longer than 60 s in all, or 300 ms for a report.
    """
    from app.bench import year as bench  # the people's door takes a second to load

    screen = Console(soft_wrap=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("bench", total=15)
        figures = bench.measure(
            url, scale, seed, times, lambda what: progress.update(task, advance=1, description=what)
        )
    screen.print(bench.table(figures), highlight=False)
    if file is not None:
        write_json(file, figures)
    if not figures["within"]:
        screen.print(f"Over budget: {', '.join(figures['slow']) or 'the whole'}.")
        raise typer.Exit(1)


@benches.command()
def boards(
    count: Annotated[int, typer.Option("--boards", help="Boards open at once, each by its own account.", min=1)] = 320,
    cases: Annotated[int, typer.Option(help="Care Calls that open and close in a minute.", min=1)] = 100,
    minutes: Annotated[float, typer.Option(help="How long.", min=0.05)] = 2.0,
    file: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """From the button in a home to every open board, and what the API's process uses meanwhile.

    Exit code 1: a board has missed a case, or p99 is 1.5 s or more.
    """
    from app.bench import boards as bench

    screen = Console(soft_wrap=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("bench", total=3)
        figures = bench.measure(count, cases, minutes, lambda what: progress.update(task, advance=1, description=what))
    screen.print(bench.table(figures), highlight=False)
    if file is not None:
        write_json(file, figures)
    if figures["seen"] < figures["expected"] or figures["p99_s"] >= 1.5:
        raise typer.Exit(1)
