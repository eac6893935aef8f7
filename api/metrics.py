"""The city's numbers for Prometheus, read from the database at each scrape so that every process is counted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.engine import Connection

from core.clock import Clock
from store.canary import Trial
from store.database import Database
from store.figures import case_figures, events_by_kind, outbox_figures
from store.log import counts
from store.unheard import count_unheard


class CityFigures(Collector):
    """Every metric of the city; docs/metrics.md names them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        lanes: Callable[[Connection], Mapping[str, float]],
        canaries: Callable[[Connection], Sequence[Trial]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._lanes, self._canaries = lanes, canaries
        # The log only grows: each scrape counts what came since the last one.
        self._events: Counter[str] = Counter()
        self._position = 0
        self._counting = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        now = self._clock.now()
        with self._db.read() as tx:
            events, counted = self._count_events(tx), counts(tx)
            cases, outbox, lanes = case_figures(tx, now), outbox_figures(tx, now), self._lanes(tx)
            trials, (lost, never) = self._canaries(tx), count_unheard(tx)
        yield _counter("anbu_events", "Events in the log.", "kind", events)
        rejected = {label: amount for (name, label), amount in counted.items() if name == "rejected"}
        yield _counter("anbu_rejected", "Messages that could not be read, in quarantine.", "reason", rejected)
        aside = {label: amount for (name, label), amount in counted.items() if name == "set_aside"}
        yield _counter("anbu_set_aside", "Events of gateways that flood, not receipted.", "gateway", aside)
        for name, help in (
            ("duplicates", "Events that came again and changed nothing."),
            ("refused_consent", "Events not stored for want of the resident's consent."),
        ):
            total = sum(amount for (counter, _), amount in counted.items() if counter == name)
            yield CounterMetricFamily(f"anbu_{name}", help, value=total)
        standing = GaugeMetricFamily("anbu_cases", "Cases by state and concern.", labels=["state", "concern"])
        for (state, concern), amount in cases.by_state.items():
            standing.add_metric([state, concern], amount)
        yield standing
        yield GaugeMetricFamily("anbu_cases_overdue", "Living cases whose deadline has passed.", value=cases.overdue)
        yield _gauge("anbu_outbox", "Messages to people by state.", "state", outbox.by_state)
        yield GaugeMetricFamily(
            "anbu_outbox_oldest_unsent_seconds",
            "How long the oldest message that should be out has waited.",
            value=outbox.oldest_unsent_s,
        )
        yield _gauge("anbu_homes_unheard", "Homes whose words do not arrive.", "state", {"lost": lost, "never": never})
        yield _gauge("anbu_lane_age_seconds", "Since each worker's last round.", "lane", lanes)
        failing = {trial.area: float(trial.failing_since is not None) for trial in trials}
        yield _gauge("anbu_canary_failing", "Whether an area's test SOS comes too late or not at all.", "area", failing)
        took_s = {trial.area: trial.took_s for trial in trials if trial.took_s is not None}
        yield _gauge("anbu_canary_took_seconds", "From an area's test SOS to its member's call.", "area", took_s)
        age_s = {trial.area: (now - trial.arrived_at).total_seconds() for trial in trials if trial.arrived_at}
        yield _gauge("anbu_canary_age_seconds", "Since an area's test SOS last arrived.", "area", age_s)

    def _count_events(self, tx: Connection) -> Mapping[str, int]:
        with self._counting:
            fresh, self._position = events_by_kind(tx, self._position)
            self._events.update(fresh)
            return dict(self._events)


def _counter(name: str, help: str, label: str, amounts: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, help, labels=[label])
    for value, amount in amounts.items():
        family.add_metric([value], amount)
    return family


def _gauge(name: str, help: str, label: str, amounts: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help, labels=[label])
    for value, amount in amounts.items():
        family.add_metric([value], amount)
    return family
