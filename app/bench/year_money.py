"""The claims of the simulated year: each provider's month, verified, approved and paid by three people, to the won."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

from app.bench.year_lives import DAY, END, YEAR, Work
from app.bench.year_person import SEOUL
from app.bench.year_place import CITY, Place
from app.bench.year_rows import Row, Rows
from store.care_tables import claim_items, claims, entries, postings

MOST_RECORDS = 500


def claim_all(rows: Rows, place: Place, done: list[Work], seed: int) -> None:
    """Claim everything that was done, month by month."""
    groups: dict[tuple[str, str, int, bool], list[Work]] = defaultdict(list)
    for work in done:
        groups[work.provider, work.gu, work.at.astimezone(SEOUL).month, work.exercise].append(work)
    for (provider, gu, month, exercise), works in sorted(groups.items()):
        pick = Random(f"{seed}/{provider}/{gu}/{month}/{exercise}")
        for first in range(0, len(works), MOST_RECORDS):
            _claim(rows, place, provider, gu, month, works[first : first + MOST_RECORDS], pick)


def _claim(rows: Rows, place: Place, provider: str, gu: str, month: int, works: list[Work], pick: Random) -> None:
    after = datetime(YEAR + month // 12, month % 12 + 1, 1, 9, tzinfo=SEOUL)
    steps = [after + DAY * pick.uniform(0, 3)]
    for longest in (9, 4.5, 9):
        steps.append(steps[-1] + DAY * pick.uniform(0.2, longest))
    if steps[0] >= END:
        return
    if month == 11 and pick.random() < 0.4:
        steps[pick.randint(1, 3) :] = [END] * 3  # still on somebody's desk when the year ends
    limits, exercise, chiefs = place.rules.deadlines, works[0].exercise, place.chiefs[gu]
    names = ("submitted", "verified", "approved", "paid")
    reached = sum(step < END for step in steps)
    state = names[reached - 1]
    if state == "verified" and pick.random() < 0.5:
        state, reached = "returned", 1
    hours = {"submitted": limits.verify, "verified": limits.approve, "approved": limits.pay, "returned": limits.correct}
    won, id = sum(work.won for work in works), rows.id(claims)
    row: Row = {"id": id, "key": f"year-claim-{id}", "provider": provider, "city": CITY, "gu": gu, "state": state}
    row |= {"won": won, "owner": f"provider:{provider}" if state == "returned" else f"office:{gu}"}
    row |= {"due_at": steps[reached - 1] + timedelta(hours=hours[state]) if state in hours else None}
    works_of = sorted(work.record for work in works)
    row |= {"sent": {"provider": provider, "records": works_of, "by": f"{provider}-office"}}
    row |= {"submitters": [f"{provider}-office"]}
    for n, (name, by) in enumerate(zip(names, (f"{provider}-office", *chiefs), strict=True)):
        row |= {f"{name}_by": by if n < reached else None, f"{name}_at": steps[n] if n < reached else None}
    rows.add(claims, row | {"reason": "sum" if state == "returned" else None, "exercise": exercise})
    for work in works:
        rows.add(claim_items, {"record": work.record, "claim": id, "won": work.won})
    if state == "paid" and not exercise:
        _post(rows, place.rules.city_percent, id, provider, gu, won, steps[3], chiefs[2])


def _post(rows: Rows, percent: int, claim: int, provider: str, gu: str, won: int, at: datetime, by: str) -> None:
    id, city = rows.id(entries), (won * percent + 50) // 100
    rows.add(entries, {"id": id, "claim": claim, "city": CITY, "year": YEAR, "at": at, "by": by})
    for account, amount in ((f"provider:{provider}", won), (f"city:{CITY}", -city), (f"gu:{gu}", city - won)):
        rows.add(postings, {"entry": id, "account": account, "won": amount})
