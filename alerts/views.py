"""Cases as people see them: SQL that only reads, and the sentences in Korean and in English."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from alerts.case import NEEDS_CONTACT, Case
from alerts.rota import Post
from alerts.salvage import legible, salvaged
from core.signals import Evidence
from core.words import LANGUAGES, WORDS, say
from store.tables import case_log, cases, members, of_people

# These numbers of our own sentences are codes with words of their own, or names to look up.
_CODES = {"concern", "urgency", "outcome", "result", "contact"}
_NAMES = {"who", "member", "rung"}
_OURS = ("case.", "rota.", "route.")

_EVER = datetime(1970, 1, 1, tzinfo=UTC)

Sentence = dict[str, str]
"""Language -> sentence."""


class Which(TypedDict, total=False):
    """Which cases: also those of homes where nobody lives; those alone that a further clause on their table leaves."""

    synthetic: bool
    only: sa.ColumnElement[bool] | None


class CaseView(msgspec.Struct, frozen=True):
    """One case. `rung` is its index on the ladder and `rung_name` who that is; `why` and `next_action` by language."""

    id: int
    home: str | None
    area: str
    concern: str
    urgency: str
    state: str
    opened_at: datetime
    due_at: datetime | None
    next_action: Sentence | None
    rung: int
    rung_name: Sentence
    round: int
    rungs: int
    owner: str | None
    owner_name: str | None
    why: list[Sentence]
    outcome: str | None
    contact: str | None
    acknowledged_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    called: list[str]
    needs_contact: bool
    """Closed as safe only once somebody has reached the person."""


class TimelineEntry(msgspec.Struct, frozen=True):
    """One line of a case's history, in one language; `key` names the sentence in any."""

    id: int
    at: datetime
    what: str
    key: str
    who: str | None
    channel: str | None


class LogEntry(msgspec.Struct, frozen=True):
    """One line of the log of all cases, as the live stream carries it."""

    id: int
    case: int
    at: datetime
    key: str
    numbers: dict[str, Any]
    who: str | None
    channel: str | None


class Views:
    """Reads cases; `posts` are the policy's, whose names stand in sentences."""

    def __init__(self, posts: Mapping[str, Post]) -> None:
        self._posts = posts

    def view(self, tx: Connection, case_id: int) -> CaseView | None:
        """One case; None: there is none of that number."""
        return next(iter(self._views(tx, sa.select(cases.c.id, cases.c.body).where(cases.c.id == case_id))), None)

    def some(self, tx: Connection, ids: Collection[int]) -> Sequence[CaseView]:
        """The cases of these numbers, in no order."""
        return self._views(tx, sa.select(cases.c.id, cases.c.body).where(cases.c.id.in_(set(ids)))) if ids else []

    def list(
        self,
        tx: Connection,
        state: str | None = None,
        limit: int = 20_000,
        *,
        synthetic: bool = False,
        only: sa.ColumnElement[bool] | None = None,
    ) -> Sequence[CaseView]:
        """Cases in `state` (`open`: every one not closed; None: all), what is due first on top, then the newest.

        Those of homes where nobody lives only if `synthetic`. `only`: a further clause on the table of cases.
        """
        query = sa.select(cases.c.id, cases.c.body).where(*_in_state(state, synthetic))
        if only is not None:
            query = query.where(only)
        due = () if state == "closed" else (cases.c.due_at.is_(None), cases.c.due_at)  # none of the closed has one
        return self._views(tx, query.order_by(*due, cases.c.id.desc()).limit(limit))

    def count(self, tx: Connection, state: str | None = None, *, only: sa.ColumnElement[bool] | None = None) -> int:
        """How many cases `list` has, without those of homes where nobody lives."""
        query = sa.select(sa.func.count()).select_from(cases).where(*_in_state(state, False))
        return tx.scalar(query if only is None else query.where(only)) or 0

    def timeline(self, tx: Connection, case_id: int, language: str) -> Sequence[TimelineEntry]:
        """Everything that happened to a case, oldest first."""
        rows = tx.execute(sa.select(case_log).where(case_log.c.case_id == case_id).order_by(case_log.c.id)).all()
        return self.told(tx, [_entry(row) for row in rows], language)

    def told(self, tx: Connection, lines: Sequence[LogEntry], language: str) -> Sequence[TimelineEntry]:
        """Lines of the log, in order, in words."""
        people = self._people(tx, (str(v) for line in lines for v in (line.who, *line.numbers.values())))
        return [
            TimelineEntry(
                id=line.id,
                at=line.at,
                what=self.sentence(Evidence(line.key, _with_who(line)), language, people),
                key=line.key,
                who=line.who,
                channel=line.channel,
            )
            for line in lines
        ]

    def log_since(self, tx: Connection, after: int, limit: int = 500) -> Sequence[LogEntry]:
        """The log of people's cases behind line `after`. Lines appear in the order of their ids, so none is missed."""
        query = sa.select(case_log).join(cases).where(of_people(cases.c.home), case_log.c.id > after)
        query = query.order_by(case_log.c.id).limit(limit)
        return [_entry(row) for row in tx.execute(query)]

    def _views(self, tx: Connection, query: sa.Select[Any]) -> Sequence[CaseView]:
        found = [(row.id, legible(row.body) or salvaged(tx, row.id)) for row in tx.execute(query).all()]
        people = self._people(tx, (name for _, case in found for name in (case.owner or "", *case.calling)))
        return [self._view(case_id, case, people) for case_id, case in found]

    def _view(self, case_id: int, case: Case, people: Mapping[str, str]) -> CaseView:
        rung = case.plan.rungs[case.rung].who
        return CaseView(
            id=case_id,
            home=case.home,
            area=case.area,
            concern=case.concern,
            urgency=case.urgency.name.lower(),
            state=case.state,
            opened_at=case.opened_at,
            due_at=case.due_at,
            next_action=self._both(case.next_action, people) if case.next_action else None,
            rung=case.rung,
            rung_name={language: self._name(rung, language, people) for language in LANGUAGES},
            round=case.round,
            rungs=len(case.plan.rungs),
            owner=case.owner,
            owner_name=people.get(case.owner, case.owner) if case.owner else None,
            why=[self._both(reason, people) for reason in case.why],
            outcome=case.outcome,
            contact=case.contact,
            acknowledged_at=case.acknowledged_at,
            arrived_at=case.arrived_at,
            closed_at=case.closed_at,
            called=[people.get(name, name) for name in case.calling],
            needs_contact=bool(NEEDS_CONTACT & case.standing.keys()),
        )

    def _people(self, tx: Connection, ids: Iterable[str]) -> dict[str, str]:
        wanted = set(ids) - {"", "None"}
        if not wanted:
            return {}
        query = sa.select(members.c.id, members.c.name).where(members.c.id.in_(sorted(wanted)))
        return {row.id: row.name for row in tx.execute(query)}

    def names(self, tx: Connection, ids: Collection[str]) -> dict[str, Sentence]:
        """What members and posts of these ids are called."""
        people = self._people(tx, ids)
        return {id: {language: self._name(id, language, people) for language in LANGUAGES} for id in ids}

    def _both(self, reason: Evidence, people: Mapping[str, str]) -> Sentence:
        return {language: self.sentence(reason, language, people) for language in LANGUAGES}

    def sentence(self, reason: Evidence, language: str, people: Mapping[str, str] | None = None) -> str:
        """A reason in words, and what it names by code (a concern, a role, a post) too; `people`: id -> name."""
        if not reason.key.startswith(_OURS):
            return say(reason.key, language, reason.numbers)
        said = dict(reason.numbers)
        for field, value in reason.numbers.items():
            if field in _CODES and f"{field}.{value}" in WORDS:
                said[field] = say(f"{field}.{value}", language)
            elif field in _NAMES:
                said[field] = self._name(str(value), language, people or {})
        return say(reason.key, language, said)

    def _name(self, name: str, language: str, people: Mapping[str, str]) -> str:
        if (post := self._posts.get(name)) is not None:
            return post.ko if language == "ko" else post.en
        if f"role.{name}" in WORDS:
            return say(f"role.{name}", language)
        return people.get(name, name)


def _in_state(state: str | None, synthetic: bool) -> list[sa.ColumnElement[bool]]:
    wanted = [] if synthetic else [of_people(cases.c.home)]
    if state == "open":
        wanted.append(cases.c.due_at > _EVER)  # every living case has a deadline, and an index finds it
    elif state is not None:
        wanted.append(cases.c.state == state)
    return wanted


def _entry(row: Any) -> LogEntry:
    return LogEntry(row.id, row.case_id, row.at, row.what, row.numbers, row.who, row.channel)


def _with_who(line: LogEntry) -> dict[str, Any]:
    return line.numbers if line.who is None else {**line.numbers, "who": line.who}
