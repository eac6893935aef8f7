"""Who asks, as the door has found out, and as what they read what is known of a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from access.actor import SYSTEM, Actor
from access.roles import Role as AccessRole
from core.people import Role


def _asking(request: Request) -> Actor:
    actor: Actor = getattr(request.state, "actor", SYSTEM)
    return actor


Asking = Annotated[Actor, Depends(_asking)]

_READERS = {
    AccessRole.MANAGER: Role.MANAGER,
    AccessRole.SUPERVISOR: Role.SUPERVISOR,
    AccessRole.DUTY: Role.DUTY,
    AccessRole.WORKER: Role.WORKER,
    AccessRole.SYSTEM: Role.MANAGER,
}


def reader(actor: Actor) -> Role | None:
    """As what they read facts of a person (`care.profile`); None: they read none."""
    return _READERS.get(actor.role)
