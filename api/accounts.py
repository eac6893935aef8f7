"""Accounts over HTTP: who may come in, as what, and for which area, provider or home."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.engine import Connection

from access import accounts, passwords, sessions
from access.accounts import Account, Wanted
from access.actor import Actor
from access.roles import Role
from api.asking import AccountOut, Somebody, must
from api.care_shapes import In
from api.city import Here
from api.me import noted
from api.shapes import STORABLE, fault_body
from core.care import Refused
from core.clock import wall_now

router = APIRouter(prefix="/api/accounts", tags=["accounts"])
Id = Annotated[str, Path(max_length=100, pattern=STORABLE)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=STORABLE)]
Secret = Annotated[str, StringConstraints(max_length=1000)]


class AccountIn(In):
    login: Word = Field(description="3 to 100 of a-z, 0-9 and . _ @ + -; an e-mail address is one.")
    name: Word
    role: Role
    area: Word = Field("", description="What lies below it is theirs; of roles that reach by area.")
    member: Word | None = Field(None, description="Who they are on the ladder and in the chain.")
    provider: Word | None = None
    language: Word = "ko"
    homes: Annotated[list[Word], Field(max_length=100, default_factory=list)]
    password: Secret | None = Field(
        None, description="Null: they come in by the organisation's own log-in, until one is set."
    )


class AccountChange(In):
    """What is left out stays."""

    name: Word | None = None
    role: Role | None = None
    area: Word | None = None
    member: Word | None = Field(None, description="Empty: nobody.")
    provider: Word | None = Field(None, description="Empty: none.")
    language: Word | None = None
    homes: Annotated[list[Word], Field(max_length=100)] | None = None


class PasswordOf(In):
    password: Secret | None = Field(None, description="Null: one is made and shown once.")


class PasswordMade(BaseModel):
    password: str | None = Field(description="Shown this once; null: it was given.")


class EndedOut(BaseModel):
    ended: int = Field(description="How many sessions that were.")


@router.get("")
def list_accounts(
    city: Here,
    actor: Somebody,
    after: Annotated[str, Query(max_length=200, pattern=STORABLE, description="The last log-in of a page.")] = "",
    most: Annotated[int, Query(ge=1, le=200)] = 100,
    text: Annotated[str, Query(max_length=100, pattern=STORABLE, description="Of a log-in or a name.")] = "",
) -> list[AccountOut]:
    """The accounts of one's area by log-in, those that are disabled too."""
    _may(actor, "account.read")
    which = accounts.reached_by(actor) & accounts.named(text)
    with city.db.read() as tx:
        return [AccountOut.of(one) for one in accounts.select(tx, which, most, after)]


@router.get("/{id}")
def read_account(city: Here, actor: Somebody, id: Id) -> AccountOut:
    """One account."""
    _may(actor, "account.read")
    with city.db.read() as tx:
        return AccountOut.of(_theirs(tx, actor, id))


@router.post("", status_code=201, response_model=AccountOut)
def add_account(request: Request, city: Here, actor: Somebody, given: AccountIn) -> Response:
    """Make an account."""
    _may(actor, "account.write")
    wanted = Wanted(
        **given.model_dump(exclude={"password", "homes", "member", "provider"}), homes=tuple(given.homes),
        member=given.member or None, provider=given.provider or None,
    )  # fmt: skip
    kept: str | None = None
    if given.password is not None:
        kept = must(passwords.fresh(given.password, wanted.login, wanted.name))
    with city.db.write() as tx:
        made = must(accounts.add(tx, wanted, kept, wall_now()))
        if accounts.beyond(tx, wanted, actor):
            must(Refused("beyond_you"))
        noted(tx, actor, "account_new", made.id, request)
    return JSONResponse(AccountOut.of(made).model_dump(mode="json"), 201)


@router.patch("/{id}")
def change_account(request: Request, city: Here, actor: Somebody, id: Id, given: AccountChange) -> AccountOut:
    """Change an account. One that gets another role logs in anew."""
    _may(actor, "account.write")
    new = {name: value for name, value in given.model_dump(exclude_unset=True).items() if value is not None}
    for name in ("member", "provider"):
        if name in new:
            new[name] = new[name] or None
    if "homes" in new:
        new["homes"] = tuple(new["homes"])
    with city.db.write() as tx:
        it = _theirs(tx, actor, id)
        wanted = msgspec.structs.replace(it.wanted, **new)
        if it.id == actor.account and new.keys() - {"name", "language"}:
            must(Refused("own_account"))
        done = must(accounts.change(tx, it, wanted, wall_now()))
        if accounts.beyond(tx, wanted, actor):
            must(Refused("beyond_you"))
        noted(tx, actor, "account_change", id, request)
    return AccountOut.of(done)


@router.post("/{id}/disable")
def disable_account(request: Request, city: Here, actor: Somebody, id: Id) -> AccountOut:
    """Nobody comes in by it any more, from the next request on."""
    _may(actor, "account.write")
    with city.db.write() as tx:
        it = _theirs(tx, actor, id)
        if it.id == actor.account:
            must(Refused("own_account"))
        accounts.disable(tx, id, wall_now())
        noted(tx, actor, "account_disable", id, request)
    return AccountOut.of(msgspec.structs.replace(it, active=False))


@router.post("/{id}/enable")
def enable_account(request: Request, city: Here, actor: Somebody, id: Id) -> AccountOut:
    """Let it in again; its old sessions and tokens stay ended."""
    _may(actor, "account.write")
    with city.db.write() as tx:
        it = _theirs(tx, actor, id)
        accounts.enable(tx, id)
        noted(tx, actor, "account_enable", id, request)
    return AccountOut.of(msgspec.structs.replace(it, active=True))


@router.post("/{id}/end-sessions")
def end_sessions(request: Request, city: Here, actor: Somebody, id: Id) -> EndedOut:
    """Log an account out everywhere."""
    _may(actor, "account.write")
    with city.db.write() as tx:
        it = _theirs(tx, actor, id)
        ended = sessions.end_all(tx, it.id, wall_now())
        noted(tx, actor, "session_end", id, request)
    return EndedOut(ended=ended)


@router.post("/{id}/password")
def put_password(request: Request, city: Here, actor: Somebody, id: Id, given: PasswordOf) -> PasswordMade:
    """A new password for somebody who has lost theirs; they are logged out everywhere."""
    _may(actor, "account.write")
    with city.db.read() as tx:
        it = _theirs(tx, actor, id)
    if it.id == actor.account:
        must(Refused("own_account"))  # whoever changes their own says the old one
    word = given.password if given.password is not None else passwords.generated()
    kept = must(passwords.fresh(word, it.login, it.name))
    with city.db.write() as tx:
        accounts.put_password(tx, id, kept, wall_now())
        noted(tx, actor, "password", id, request)
    return PasswordMade(password=word if given.password is None else None)


def _may(actor: Actor, permission: str) -> None:
    if not actor.may(permission):
        raise HTTPException(403, fault_body("access.denied")["detail"])


def _theirs(tx: Connection, actor: Actor, id: str) -> Account:
    found = accounts.select(tx, accounts.reached_by(actor, id), 1)
    return must(found[0] if found else Refused("unknown_account"))
