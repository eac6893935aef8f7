"""Who asks, for the routes of accounts: what each must be before it does anything, and what somebody is shown of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy.engine import Connection

from access.accounts import Account
from access.actor import Actor
from access.roles import PERMISSIONS, Role
from api.city import City
from api.shapes import fault_body
from core.care import Refused
from store import people

Done = TypeVar("Done")
_CONFLICTS = (
    "login_taken", "own_account", "passkey_many", "token_many", "grant_own", "grant_many", "grant_own_look",
)  # fmt: skip
_IN_A_BODY = ("unknown_area", "unknown_home", "unknown_member", "unknown_provider")


class Place(BaseModel):
    """An area by its code and its names."""

    code: str
    ko: str
    en: str


class Me(BaseModel):
    """Who is logged in, what they reach, and the city's clock."""

    account: str = Field(description="Empty: the city's own token, or this machine before the first account.")
    name: str
    role: Role
    language: str
    member: str | None = Field(description="Who they are on the ladder and in the chain.")
    provider: str | None
    areas: list[Place]
    homes: list[str]
    permissions: list[str]
    now: datetime = Field(description="The city's clock.")
    speed: float = Field(description="Seconds of the city's for a real one: 1, but in a demo.")
    timezone: str
    push_key: str | None = Field(description="The public key (VAPID) for pushed notices; null: there are none.")


class AccountOut(BaseModel):
    """An account, without anything by which somebody could come in."""

    id: str
    login: str
    name: str
    role: Role
    area: str
    member: str | None
    provider: str | None
    language: str
    homes: list[str]
    active: bool
    password: bool = Field(description="Whether it has one.")
    bound: bool = Field(description="Whether the organisation's own log-in leads to it.")
    created_at: datetime
    password_at: datetime | None

    @classmethod
    def of(cls, it: Account) -> AccountOut:
        kept = {name: getattr(it, name) for name in cls.model_fields if name not in ("password", "bound", "homes")}
        return cls(**kept, homes=list(it.homes), password=it.password is not None, bound=it.subject is not None)


def me(city: City, tx: Connection, actor: Actor) -> Me:
    """The actor as they see themselves."""
    names = people.area_names(tx)
    speed = 1.0 / city.clock.real_s(1.0)
    return Me(
        account=actor.account,
        name=actor.name,
        role=actor.role,
        language=actor.language,
        member=actor.member,
        provider=actor.provider,
        areas=[Place(code=area, ko=ko, en=en) for area in actor.areas for ko, en in [names.get(area, (area, area))]],
        homes=list(actor.homes),
        permissions=sorted(name for name in PERMISSIONS if actor.may(name)),
        now=city.clock.now(),
        speed=speed,
        timezone=str(city.timezone),
        push_key=city.push_key,
    )


def told(refused: Refused) -> HTTPException:
    """A refusal as an HTTP error: 404 for what nobody knows, 409 for what stands against it, else 400."""
    unknown = refused.code.startswith("unknown_") and refused.code not in _IN_A_BODY
    status = 404 if unknown else 409 if refused.code in _CONFLICTS else 400
    return HTTPException(status, fault_body(f"access.refused.{refused.code}", **refused.numbers)["detail"])


def must(done: Done | Refused) -> Done:
    """What was done, where it is no refusal; else the refusal as an HTTP error."""
    if isinstance(done, Refused):
        raise told(done)
    return done


def _anybody(request: Request) -> Actor:
    actor: Actor | None = request.state.actor
    if actor is None:
        raise HTTPException(401, fault_body("access.login_needed")["detail"], {"WWW-Authenticate": "Bearer"})
    return actor


def _in_person(request: Request) -> Actor:
    actor = _anybody(request)
    if actor.session is None:
        raise HTTPException(403, fault_body("access.session_needed")["detail"])
    return actor


Somebody = Annotated[Actor, Depends(_anybody)]
"""Whoever was let in."""
InPerson = Annotated[Actor, Depends(_in_person)]
"""Somebody who has logged in: no program with a token decides over an account's keys."""
