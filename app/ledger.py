"""What a city did, as one plain record: every case with its timeline, and the sums that must be zero."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from alerts.desk import Desk
from store.tables import cases, signals


def ledger(tx: Connection, desk: Desk, pressed: int) -> dict[str, Any]:
    """`pressed`: how often an SOS button was pressed, as those who pressed it say."""
    sos = sa.select(sa.func.count(sa.distinct(signals.c.case_id))).where(signals.c.concern == "sos")
    lost = sa.select(sa.func.count()).where(
        cases.c.state != "closed", sa.or_(cases.c.due_at.is_(None), cases.c.state == "")
    )
    found = list(tx.execute(sa.select(cases).order_by(cases.c.id)).mappings())
    return {
        "sos_pressed": pressed,
        "sos_cases": tx.scalar(sos),
        "duplicates": sum(_overlap(a, b) for a, b in combinations(found, 2)),
        "open_without_deadline": tx.scalar(lost),
        "cases": [_case(tx, desk, case) for case in found],
    }


def _overlap(a: Any, b: Any) -> bool:
    """Whether two cases of one worry lived at the same time."""
    if (a["subject"], a["group"]) != (b["subject"], b["group"]):
        return False
    return a["closed_at"] is None or a["closed_at"] > b["opened_at"]


def _case(tx: Connection, desk: Desk, case: Any) -> dict[str, Any]:
    korean = desk.timeline(tx, case["id"], "ko")
    english = desk.timeline(tx, case["id"], "en")
    return {
        "id": case["id"],
        "home": case["home"],
        "area": case["area"],
        "concern": case["concern"],
        "state": case["state"],
        "opened_at": _time(case["opened_at"]),
        "acknowledged_at": _time(case["acknowledged_at"]),
        "closed_at": _time(case["closed_at"]),
        "owner": case["owner"],
        "outcome": case["outcome"],
        "timeline": [
            {
                "at": _time(ko.at),
                "what": ko.key.removeprefix("case.log."),
                "who": ko.who,
                "channel": ko.channel,
                "says": {"ko": ko.what, "en": en.what},
            }
            for ko, en in zip(korean, english, strict=True)
        ],
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
