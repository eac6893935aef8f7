"""The Care Calls of the simulated year: the desk's own decisions about an application, without its messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from alerts.case import Case, Decision, Outcome, decide
from alerts.happenings import Acknowledged, Arrived, Closed, Happening, Log, Rang, SignalSeen
from alerts.policy import Policy
from app.bench.year_rows import Row, Rows
from core.signals import Concern, Signal, Urgency
from store.tables import case_log, cases, signals


class Call:
    """One Care Call about a person, as far as it has come."""

    def __init__(
        self, policy: Policy, person: str, area: str, application: str, urgency: Urgency, at: datetime
    ) -> None:
        key = f"application/{application}"
        self._signal = Signal(key, Concern.APPLICATION, urgency, at, (), "intake", area=area)
        plan = policy.plan(None, Concern.APPLICATION, urgency, at, area)
        self._lines: list[tuple[datetime, Log]] = []
        self._case: Case | None = None
        self._hear(SignalSeen(self._signal, plan, f"person:{person}", area), at)

    def answered(self, by: str, at: datetime, arrived: datetime | None) -> None:
        """Somebody took it, and went there."""
        self._hear(Rang(0, (by,)), at)
        self._hear(Acknowledged(by), at)
        if arrived is not None:
            self._hear(Arrived(by), arrived)

    def shut(self, by: str, at: datetime, exercise: bool) -> None:
        """Its episode has gone on."""
        self._hear(Closed(by, Outcome.EXERCISE if exercise else Outcome.CARE), at)

    def put(self, rows: Rows, id: int) -> None:
        """The case, its log and its signal."""
        case = self._case
        assert case is not None
        fields = ("subject", "home", "area", "state", "opened_at", "set_at", "due_at", "owner", "outcome")
        row: Row = {"id": id, **{name: getattr(case, name) for name in fields}}
        row |= {"group": case.group, "concern": case.concern, "urgency": int(case.urgency)}
        row |= {"acknowledged_at": case.acknowledged_at, "closed_at": case.closed_at}
        rows.add(cases, row | {"exercise": case.outcome is Outcome.EXERCISE, "body": msgspec.to_builtins(case)})
        for at, line in self._lines:
            rows.add(case_log, {"case_id": id, "at": at, **msgspec.to_builtins(line)})
        rows.add(signals, self._told(id))

    def _told(self, case: int) -> Row:
        it = self._signal
        row: Row = {"key": it.key, "home": None, "area": it.area, "concern": it.concern, "sense": it.sense, "at": it.at}
        return row | {"body": msgspec.to_builtins(it), "case_id": case}

    def _hear(self, happening: Happening, at: datetime) -> None:
        verdict: Any = decide(self._case, happening, at)
        assert isinstance(verdict, Decision), (happening, verdict)
        self._case = verdict.case
        self._lines += [(at, effect) for effect in verdict.effects if isinstance(effect, Log)]
