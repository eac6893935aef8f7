"""Carries out what `alerts.case` decides: cases, their log and their messages, in the caller's one transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Unpack

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from alerts import closings, directory, pushes
from alerts.case import Case, Decision, Outcome, Refused, State, decide
from alerts.happenings import (
    Acknowledged,
    Answered,
    Arrived,
    Ask,
    AskFailed,
    CallOwner,
    CallRung,
    Cleared,
    Closed,
    Due,
    Happening,
    Log,
    NobodyOnCall,
    Noted,
    Rang,
    Released,
    Result,
    SignalSeen,
    StandDown,
    Unreachable,
)
from alerts.letters import Letter, notices, rows, to_home, to_member
from alerts.moves import rings
from alerts.policy import Policy
from alerts.salvage import legible, once_more, salvaged
from alerts.views import CaseView, LogEntry, TimelineEntry, Views, Which
from core.people import Home
from core.signals import Concern, Evidence, Group, Sense, Signal, Urgency, group_of
from store import people
from store.database import insert_new
from store.log import set_aside
from store.tables import case_log, cases, outbox, signals

# Built once: an SOS passes through each of these, and building a statement costs as much as running it.
_KNOWN_SIGNAL = sa.select(signals.c.case_id).where(signals.c.key == sa.bindparam("known"))
_TAKEN = sa.update(signals).where(signals.c.id == sa.bindparam("signal")).values(case_id=sa.bindparam("taken_by"))
# The state stands in the text as it does in the partial index: a database can't prove it of a parameter.
_LIVE = sa.select(cases.c.id, cases.c.body).where(
    cases.c.subject == sa.bindparam("about"),
    cases.c.group == sa.bindparam("worry"),
    cases.c.state != sa.literal_column("'closed'"),
)
# Closed cases have no deadline: each half stays within the index of the living ones.
_LATE = sa.select(cases.c.due_at, cases.c.id, cases.c.set_at).where(
    sa.or_(
        cases.c.due_at <= sa.bindparam("now"),
        sa.and_(cases.c.due_at > sa.bindparam("now"), cases.c.set_at > sa.bindparam("now")),
    )
)
_CHANGE = sa.update(cases).where(cases.c.id == sa.bindparam("changed"))


@cache
def _new(table: sa.Table, backend: str) -> Any:
    statement = insert_new(table, backend)
    return statement if table is outbox else statement.returning(table.c.id)


STRANGER = "gateway:"
# A duty desk can look into so many at a time; a malicious neighbour can invent any number.
STRANGERS = 20


class Desk:
    """The Care Call desk of one city. Every method works in the caller's transaction and takes the time.

    Writing and reading share nothing but the tables: what people read is `alerts.views`.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.views = Views(policy.rota.posts)

    # --- what homes and detectors say

    def signal(
        self, tx: Connection, signal: Signal, home: Home | None, now: datetime, *, gateway: str = "", about: str = ""
    ) -> int | None:
        """Take a signal in: open the one live case of its subject and group, join it, or do nothing. The case's id.

        A signal whose key was seen before changes nothing. The subject is the home; without one the signal's area; and
        without either the `gateway` nobody enrolled, whose cry goes to the city's duty desk. `about` names another
        subject within the area: a person of no watched home.
        """
        row = {
            "key": signal.key,
            "home": home.id if home else signal.home,
            "area": signal.area,
            "concern": signal.concern,
            "sense": signal.sense,
            "at": signal.at,
            "body": msgspec.to_builtins(signal),
        }
        signal_id = tx.scalar(_new(signals, tx.dialect.name), row)
        if signal_id is None:
            known: int | None = tx.scalar(_KNOWN_SIGNAL, {"known": signal.key})
            return known
        subject, area = _subject(signal, home, gateway)
        if about and home is None:
            subject = about
        if subject.startswith(STRANGER):
            subject = self._stranger(tx, subject)
        if signal.sense is Sense.CLEAR:
            live = self._live(tx, subject, group_of(signal.concern), now)
            if live is None:
                return None
            case_id, case = live
            self._happen(tx, case_id, case, Cleared(signal), now, home)
        else:
            plan = self.policy.plan(home, signal.concern, signal.urgency, now, signal.area)
            seen = SignalSeen(signal, plan, subject, area, home.id if home else None)
            case_id = self._open_or_join(tx, seen, now, home)
        tx.execute(_TAKEN, {"signal": signal_id, "taken_by": case_id})
        return case_id

    def answered(self, tx: Connection, home_id: str, ask: str, result: str, now: datetime) -> int | None:
        """A resident answered the question `ask`. The id of the case that took it in; None: it belongs to no case.

        "Not ok" is a call for help even where its case is closed or unknown: it opens one.
        """
        home = people.home(tx, home_id)
        recent = sa.select(cases.c.id, cases.c.body).where(cases.c.home == home_id).order_by(cases.c.id.desc()).limit(8)
        found = [(int(row.id), case) for row in tx.execute(recent) if (case := legible(row.body))]
        asking = next((it for it in found if ask.startswith(it[1].asking)), None)
        heard = Result(result)
        if asking is not None:
            case_id, case = asking
            plan = self.policy.plan(home, Concern.DISTRESS, Urgency.IMMEDIATE, now, case.area)
            self._happen(tx, case_id, case, Answered(ask, heard, plan), now, home)
            if case.state is not State.CLOSED:
                return case_id
        if heard is Result.NOT_OK:
            cry = Signal(
                key=f"answer/{home_id}/{ask}",
                concern=Concern.DISTRESS,
                urgency=Urgency.IMMEDIATE,
                at=now,
                evidence=(Evidence("case.why.answered_not_ok"),),
                source="desk",
                home=home_id,
            )
            return self.signal(tx, cry, home, now)
        return asking[0] if asking else None

    # --- what people do

    def act(
        self,
        tx: Connection,
        case_id: int,
        verb: str,
        by: str,
        now: datetime,
        *,
        outcome: str = "",
        contact: str | None = None,
        note: str = "",
    ) -> CaseView | Refused | None:
        """A person's `ack`, `arrive`, `release`, `close` or `note`. None: no such case. Other verbs raise `ValueError`.

        `close` takes an `outcome`, a `contact` (None: the resident was not reached) and perhaps a `note`. Taking,
        arriving or giving back twice changes nothing.
        """
        case = self._read(tx, case_id, now)
        if case is None:
            return None
        happenings: dict[str, Happening] = {
            "ack": Acknowledged(by),
            "arrive": Arrived(by),
            "release": Released(by),
            "close": Closed(by, outcome, contact, note),
            "note": Noted(by, note),
        }
        if verb not in happenings:
            raise ValueError(f"ack, arrive, release, close or note, not {verb!r}")
        after = self._happen(tx, case_id, case, happenings[verb], now)
        if isinstance(after, Refused):
            return after
        if verb == "close":
            closings.write_down(tx, case_id, case, now)
        if verb not in ("note", "release"):
            theirs = sa.and_(outbox.c.case_id == case_id, outbox.c.member == by, outbox.c.state.in_(directory.REACHED))
            tx.execute(sa.update(outbox).where(theirs).values(state="acknowledged"))
        return self.views.view(tx, case_id)

    # --- what the bell and the outbox find

    def overdue(self, tx: Connection, now: datetime) -> Sequence[int]:
        """Cases whose bell should ring, the most overdue first; among them those that a clock set back would forget."""
        found = tx.execute(_LATE, {"now": now}).all()
        return [row.id for row in sorted(found) if rings(row.set_at, row.due_at, now)]

    def ring(self, tx: Connection, case_id: int, now: datetime) -> bool:
        """Ring one case's bell. False: it had been answered meanwhile, or it is too early."""
        return self._hear(tx, case_id, Due(), now)

    def unreachable(self, tx: Connection, case_id: int, member: str, now: datetime) -> None:
        """Every channel of `member` failed."""
        self._hear(tx, case_id, Unreachable(member), now)

    def ask_failed(self, tx: Connection, case_id: int, ask: str, now: datetime) -> None:
        """The speaker did not take the question `ask`."""
        self._hear(tx, case_id, AskFailed(ask), now)

    def log(self, tx: Connection, case_id: int, lines: Sequence[Log], now: datetime) -> None:
        """Append to a case's log, in order."""
        if lines:
            here = {"case_id": case_id, "at": now}
            tx.execute(sa.insert(case_log), [here | msgspec.to_builtins(line) for line in lines])

    def tell(self, tx: Connection, case_id: int, member: str, what: str, thread: str, url: str, now: datetime) -> bool:
        """Put `notice.WHAT` on a member's phone, by the outbox and with its proof, once for each `thread`.

        False: no such case, no such active member, or none that anything reaches.
        """
        case = self._read(tx, case_id, now)
        found = [one for one in directory.named(tx, [member]) if one.active and one.reach]
        if case is None or not found:
            return False
        if queued := pushes.beside(tx, notices(case_id, case, found, what, thread, url, now)):
            tx.execute(_new(outbox, tx.dialect.name), queued)
        return bool(queued)

    # --- what people read

    def view(self, tx: Connection, case_id: int) -> CaseView | None:
        return self.views.view(tx, case_id)

    def list(self, tx: Connection, state: str | None = None, **which: Unpack[Which]) -> Sequence[CaseView]:
        return self.views.list(tx, state, **which)

    def timeline(self, tx: Connection, case_id: int, language: str = "ko") -> Sequence[TimelineEntry]:
        return self.views.timeline(tx, case_id, language)

    def log_since(self, tx: Connection, after: int, limit: int = 500) -> Sequence[LogEntry]:
        return self.views.log_since(tx, after, limit)

    # --- how it is done

    def _open_or_join(self, tx: Connection, seen: SignalSeen, now: datetime, home: Home | None) -> int:
        group = group_of(seen.signal.concern)
        live = self._live(tx, seen.subject, group, now)
        if live is None:
            opened = decide(None, seen, now)
            assert isinstance(opened, Decision)
            case, lines, letters = self._settle(tx, opened, now, home)
            case_id = tx.scalar(_new(cases, tx.dialect.name), _row(case))
            if case_id is not None:
                self.log(tx, case_id, lines, now)
                self._send(tx, case_id, case, letters, now)
                return int(case_id)
            live = self._live(tx, seen.subject, group, now)  # somebody else's transaction opened it first: join theirs
            assert live is not None
        self._happen(tx, *live, seen, now, home)
        return live[0]

    def _hear(self, tx: Connection, case_id: int, happening: Happening, now: datetime) -> bool:
        case = self._read(tx, case_id, now)
        if case is None:
            return False
        return self._happen(tx, case_id, case, happening, now) is not case

    def _happen(
        self, tx: Connection, case_id: int, case: Case, happening: Happening, now: datetime, home: Home | None = None
    ) -> Case | Refused:
        """Decide and carry out. The case as it is then: the very same object, if it didn't change."""
        verdict = decide(case, happening, now)
        if isinstance(verdict, Refused):
            return verdict
        after, lines, letters = self._settle(tx, verdict, now, home, case_id)
        if after is not case:
            tx.execute(_CHANGE, {"changed": case_id, **_row(after)})
        self.log(tx, case_id, lines, now)
        self._send(tx, case_id, after, letters, now)
        return after

    def _settle(
        self, tx: Connection, decision: Decision, now: datetime, home: Home | None, case_id: int | None = None
    ) -> tuple[Case, Sequence[Log], Sequence[Letter]]:
        """Follow a decision's effects to their end. A rung with nobody on it is a happening too, so this may climb."""
        case, todo = decision.case, deque(decision.effects)
        lines: deque[Log] = deque()
        letters: deque[Letter] = deque()
        while todo:
            match todo.popleft():
                case Log() as line:
                    lines.append(line)
                case CallRung(rung, _, call, _, but):
                    how = case.plan.rungs[rung].how
                    roster = directory.roster(tx, case.plan.rungs[rung], case.area, self.policy.rota, now)
                    on = [member for member in roster.on if member.id != but]
                    lines += [Log(reason.key, reason.numbers) for reason in roster.off if on]
                    letters += [to_member("call", call, member, how) for member in on]
                    rang = Rang(rung, tuple(member.id for member in on)) if on else NobodyOnCall(rung, roster.off)
                    following = decide(case, rang, now)
                    assert isinstance(following, Decision)
                    case = following.case
                    todo.extendleft(reversed(following.effects))
                case CallOwner(member, call) if member not in case.calling:
                    letters += [to_member("owner", call, owner) for owner in directory.named(tx, [member])]
                case Ask() as ask if case.home is not None and (home := home or people.home(tx, case.home)):
                    letters.append(to_home(ask, case.calls, home))
                case StandDown(by, closed) if case_id is not None:
                    purpose = "closed" if closed else "stand_down"
                    letters += directory.reached(tx, case_id, by, purpose, case.calls, now)
        return case, lines, letters

    def _send(self, tx: Connection, case_id: int, case: Case, letters: Sequence[Letter], now: datetime) -> None:
        if queued := pushes.beside(tx, rows(case_id, case, letters, now)):
            tx.execute(_new(outbox, tx.dialect.name), queued)

    def _live(self, tx: Connection, subject: str, group: Group, now: datetime) -> tuple[int, Case] | None:
        if (row := tx.execute(_LIVE, {"about": subject, "worry": group}).first()) is None:
            return None
        case = legible(row.body)
        if case is None:
            self._set_aside(tx, row.id, now)  # the caller's signal opens another one
            return None
        return row.id, case

    def _stranger(self, tx: Connection, subject: str) -> str:
        """A gateway nobody enrolled has a case of its own; where very many cry, the further ones share one."""
        crying = sa.select(cases.c.subject).where(cases.c.subject.startswith(STRANGER), cases.c.state != State.CLOSED)
        living = set(tx.scalars(crying.limit(STRANGERS + 1)))
        return subject if subject in living or len(living) < STRANGERS else f"{STRANGER}others"

    def _read(self, tx: Connection, case_id: int, now: datetime) -> Case | None:
        """A case; None: there is none of that number, or it could not be read, and another one stands in its place."""
        row = tx.execute(sa.select(cases.c.body).where(cases.c.id == case_id)).first()
        if row is None:
            return None
        case = legible(row.body)
        if case is None:
            lost = self._set_aside(tx, case_id, now)
            if lost.state is not State.CLOSED:
                home = people.home(tx, lost.home) if lost.home else None
                self.signal(tx, once_more(case_id, lost), home, now, gateway=lost.subject.removeprefix(STRANGER))
        return case

    def _set_aside(self, tx: Connection, case_id: int, now: datetime) -> Case:
        """Close a case that cannot be read, and keep what it held for an operator. The case as it was."""
        body = tx.scalar(sa.select(sa.cast(cases.c.body, sa.Text)).where(cases.c.id == case_id))
        set_aside(tx, "case", str(case_id), str(body), now)
        lost = salvaged(tx, case_id)
        closed = msgspec.structs.replace(
            lost, state=State.CLOSED, due_at=None, closed_at=lost.closed_at or now, outcome=Outcome.TECHNICAL
        )
        tx.execute(_CHANGE, {"changed": case_id, **_row(closed)})
        self.log(tx, case_id, [Log("case.log.unreadable")], now)
        return lost


def _subject(signal: Signal, home: Home | None, gateway: str) -> tuple[str, str]:
    """Whom a case is about, and the area whose people answer for it."""
    if home is not None:
        return f"home:{home.id}", home.area
    if signal.area is not None:
        return f"area:{signal.area}", signal.area
    return f"{STRANGER}{gateway or signal.home or 'unknown'}", ""


def _row(case: Case) -> dict[str, Any]:
    return {
        "subject": case.subject,
        "home": case.home,
        "area": case.area,
        "group": case.group,
        "concern": case.concern,
        "urgency": int(case.urgency),
        "state": case.state,
        "opened_at": case.opened_at,
        "set_at": case.set_at,
        "due_at": case.due_at,
        "owner": case.owner,
        "outcome": case.outcome,
        "acknowledged_at": case.acknowledged_at,
        "closed_at": case.closed_at,
        "exercise": case.outcome is Outcome.EXERCISE,
        "body": msgspec.to_builtins(case),
    }
