"""Makes the scheduled check-in calls: each appointment is a row, asked in the home's own way, passed on if missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from alerts.channels import Answer, Channel, Failed, Message, Question, Retry
from alerts.check_in import Call, State, answered, ring
from alerts.desk import Desk
from alerts.happenings import Ask, Result
from alerts.letters import to_home
from core.clock import Clock, sleep_s
from core.people import Home
from core.signals import Concern, Evidence, Signal, Urgency
from store import check_ins, people
from store.database import Database

BATCH = 100
WORKERS = 16
AGAIN_S = (1.0, 2.0, 4.0)
FIRST, AGAIN = "ask.check_in", "ask.again"


class _Question(msgspec.Struct, frozen=True):
    """One question that is to leave, of the call `id`."""

    id: int
    home: str
    until: datetime
    channel: str
    message: Message


def _threads(channel: str) -> Executor:
    return ThreadPoolExecutor(WORKERS, f"ask-{channel}")


class Caller:
    """The worker of check-in calls: `step` again and again, from one thread.

    A question leaves once, after the commit that says so: what is lost on the way counts as silence, and is asked anew
    under another id. `workers` makes a channel's threads, so that one that hangs delays no other.
    """

    def __init__(
        self,
        db: Database,
        desk: Desk,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        workers: Callable[[str], Executor] = _threads,
    ) -> None:
        self._db, self._desk, self._channels, self._clock = db, desk, channels, clock
        self._pools = {name: workers(name) for name in channels}
        self._flying: dict[Future[Answer], _Question] = {}

    @property
    def idle(self) -> bool:
        """Whether no question is on its way."""
        return not self._flying

    def step(self) -> int:
        """Do what is due: how many calls have changed. 0: nothing to do now."""
        settled = self._settle()
        with self._db.read() as tx:
            if not check_ins.due(tx, self._clock.now()):
                return settled
        questions: list[_Question] = []
        with self._db.write() as tx:
            now = self._clock.now()
            planned = check_ins.plan(tx, now, BATCH)
            rows = check_ins.overdue(tx, now, BATCH)
            for row in rows:
                questions += self._ring(tx, row, now)
        for question in questions:
            self._flying[self._pools[question.channel].submit(self._send, question)] = question
        return settled + planned + len(rows)

    def close(self) -> None:
        """Stop; a question that is lost by it counts as silence."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def _ring(self, tx: Connection, row: Any, now: datetime) -> list[_Question]:
        home = people.home(tx, row.home)
        assert home is not None  # its calls go with it
        was = call_of(row)
        call = ring(was, self._desk.policy.check_in, hindrance(tx, home, now), now)
        keep(tx, self._desk, home, row, was, call, now)
        if call is was or call.state is not State.ASKING or call.due_at is None:
            return []
        ask = Ask(call.ask, FIRST if call.asks == 1 else AGAIN, "check_in", self._desk.policy.check_in.wait.seconds)
        letter = to_home(ask, call.asks, home)
        message = Message(
            key=f"{home.id}/{call.ask}",
            address=letter.reach[0].address,
            case=0,
            purpose="check_in",
            concern=Concern.MISSED_CHECK_IN,
            urgency=Urgency.ROUTINE.name.lower(),
            member=None,
            language=letter.language,
            text=letter.text,
            url="",
            ask=Question(ask.ask, ask.kind, ask.wait_s, letter.ways, call.due_at),
        )
        return [_Question(row.id, home.id, call.due_at, letter.reach[0].channel, message)]

    def _send(self, question: _Question) -> Answer:
        """Until it is taken, refused, or too late. The same question under the same id each time."""
        channel = self._channels[question.channel]
        for wait_s in (*AGAIN_S, 0.0):
            if self._clock.now() >= question.until:
                return Failed("too late")
            answer = channel.send(question.message)
            if not isinstance(answer, Retry):
                return answer
            sleep_s(wait_s)
        return answer

    def _settle(self) -> int:
        ended = [future for future in self._flying if future.done()]
        for future in ended:
            question = self._flying.pop(future)
            if not isinstance(future.result(), Failed | Retry):
                continue
            assert question.message.ask is not None
            with self._db.write() as tx:
                home = people.home(tx, question.home)
                if home is not None:
                    hear(tx, self._desk, home, question.message.ask.id, Result.OFFLINE, self._clock.now())
        return len(ended)


def hear(tx: Connection, desk: Desk, home: Home, ask: str, result: str, now: datetime) -> None:
    """An answer from a home, to whatever question. A call for help is the desk's matter too: it is not told here."""
    for row in check_ins.living(tx, home.id):
        was = call_of(row)
        keep(tx, desk, home, row, was, answered(was, ask, Result(result), desk.policy.check_in, now), now)


def keep(tx: Connection, desk: Desk, home: Home, row: Any, was: Call, call: Call, now: datetime) -> None:
    """Write a call down as it is now; a missed one becomes a case, or joins the one that lives."""
    if call is was:
        return
    case: int | None = None
    if call.state is State.MISSED:
        why = {"when": row.clock, "asks": call.asks, "result": call.reason}
        missed = Signal(
            key=f"check_in/{home.id}/{row.day}T{row.clock}",
            concern=Concern.MISSED_CHECK_IN,
            urgency=Urgency.ROUTINE,
            at=now,
            evidence=(Evidence("case.why.missed_check_in", why),),
            source="caller",
            home=home.id,
        )
        case = desk.signal(tx, missed, home, now)
    check_ins.change(tx, row.id, **msgspec.structs.asdict(call), case_id=case)


def hindrance(tx: Connection, home: Home, now: datetime) -> str:
    """Why a home cannot be asked now (`checkins.why.…`); "": it can."""
    if not home.consent:
        return "no_consent"
    if not home.can_be_asked:
        return "no_way"
    if people.absences_at(tx, now, home.id):
        return "absent"
    if not home.cloud and check_ins.is_dark(tx, home.id):  # a cloud says itself whom it cannot reach
        return "dark"
    # Two questions at once confuse; and people who are on their way to somebody will ask themselves.
    return "case" if check_ins.is_worried_about(tx, home.id) else ""


def call_of(row: Any) -> Call:
    """A row as the decision knows it."""
    known = {name: getattr(row, name) for name in Call.__struct_fields__}
    return Call(**known | {"state": State(row.state)})
