"""Between a route and the database: who may not is turned away; what is shown is written down as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
from fastapi import Depends, HTTPException, Request
from sqlalchemy.engine import Connection

from access import audit, visible
from access.actor import Actor
from access.looks import Look, Looks
from access.visible import Found, Kind
from api.policy import OPEN, Rule, rule_of
from api.shapes import fault_body
from core.clock import wall_now
from store.database import Database

MISSING = {
    Kind.CASE: ("api.no_case", "id"),
    Kind.HOME: ("api.no_home", "home"),
    Kind.GATEWAY: ("api.no_gateway", "id"),
    Kind.PLAN_ITEM: ("care.refused.unknown_item", "id"),
    Kind.GRANT: ("access.refused.unknown_grant", "id"),
}


class Unseen(Exception):
    """Something that is not there, or not for this actor: they can't tell which."""

    def __init__(self, kind: Kind, id: int | str) -> None:
        self.kind, self.id = kind, id
        super().__init__(f"{kind} {id}")

    def fault(self) -> HTTPException:
        key, name = MISSING.get(self.kind, (f"care.refused.unknown_{self.kind}", "id"))
        return HTTPException(404, fault_body(key, **{name: self.id})["detail"])


class Pass(msgspec.Struct, frozen=True):
    """What one request was let in with. `actor` None: a route that is open to everybody."""

    actor: Actor | None
    rule: Rule
    object: int | str | None
    request: str


def let_in(request: Request) -> Pass:
    """The dependency of every route. 401: nobody is known; 403: they may not at all."""
    rule = rule_of(request.method, request.scope.get("route"))
    if rule is None:  # `policy.check` keeps such a city from starting
        raise RuntimeError(f"no rule for {request.method} {request.url.path}")
    said = f"{request.method} {request.url.path}"
    if rule.permission == OPEN:
        return Pass(None, rule, None, said)
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        raise HTTPException(401, fault_body("api.token")["detail"], {"WWW-Authenticate": "Bearer"})
    if not actor.may(rule.permission):
        with request.app.state.db.write() as tx:
            audit.note(tx, actor, "denied", request=said, reason=rule.permission, now=wall_now())
        raise HTTPException(403, fault_body("api.not_allowed")["detail"])
    return Pass(actor, rule, _named(request, rule), said)


def _named(request: Request, rule: Rule) -> int | str | None:
    if rule.kind is None:
        return None
    value = request.path_params[rule.param]
    numbered = rule.kind in (Kind.CASE, Kind.EPISODE, Kind.ORDER, Kind.CLAIM, Kind.GRANT)
    if not numbered:
        return str(value)
    # What is no number is told by the route itself.
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


Passed = Annotated[Pass, Depends(let_in)]


class Watched:
    """The database, as one request may use it. Where people's data is shown a read writes, too: its audit record."""

    def __init__(self, db: Database, looks: Looks, given: Pass) -> None:
        self._db, self._looks, self._given = db, looks, given
        self._looked = self._noted = False

    @property
    def backend(self) -> str:
        """As the database's."""
        return self._db.backend

    @property
    def trouble(self) -> str | None:
        """As the database's."""
        return self._db.trouble

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A look. Its record is written before anything is read, as `access.looks` says: readers hold no writer up, and
        no writer holds them up for long. Raises HTTPException 404, looks.TooMany.
        """
        if self._given.rule.personal and not (self._looked or self._noted) and self._given.actor is not None:
            with self._kept(), self._db.read() as tx:
                found = self._admit(tx)
            rule, object = self._given.rule, self._given.object
            self._looks.note(
                Look(
                    self._given.actor,
                    rule.permission,
                    rule.kind or "",
                    "" if object is None else str(object),
                    found.about,
                    self._given.request,
                    found.reason,
                    wall_now(),
                )
            )
            self._looked = True
        with self._kept(), self._db.read() as tx:
            self._admit(tx)
            yield tx

    @contextmanager
    def write(self, *, synced: bool = True) -> Iterator[Connection]:
        """A change, with its record in one transaction. Raises HTTPException 404."""
        with self._kept(), self._db.write(synced=synced) as tx:
            found = self._admit(tx)
            if not self._noted and self._given.actor is not None:
                rule, object = self._given.rule, self._given.object
                audit.note(
                    tx,
                    self._given.actor,
                    rule.permission,
                    rule.kind or "",
                    "" if object is None else str(object),
                    found.about,
                    self._given.request,
                    found.reason,
                    now=wall_now(),
                )
            yield tx
        self._noted = True

    def _admit(self, tx: Connection) -> Found:
        actor, kind, object = self._given.actor, self._given.rule.kind, self._given.object
        if actor is None or kind is None or object is None:
            # A list, or an id in a body: what is lent may be in it.
            lent = actor.reasons if actor is not None and self._given.rule.personal else ()
            return Found("", "; ".join(dict.fromkeys(lent)))
        return must_see(tx, actor, kind, object)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except Unseen as unseen:
            with self._db.write() as tx:
                audit.note(
                    tx,
                    self._given.actor,
                    "denied",
                    unseen.kind,
                    str(unseen.id),
                    request=self._given.request,
                    reason="unseen",
                    now=wall_now(),
                )
            raise unseen.fault() from None


def must_see(tx: Connection, actor: Actor, kind: Kind, id: int | str) -> Found:
    """The thing, and whom it is about. Raises Unseen; a program is told by the route itself what is not there."""
    found = visible.find(tx, actor, kind, id)
    if found is None:
        if actor.system:
            return Found("")
        raise Unseen(kind, id)
    return found
