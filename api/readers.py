"""As what somebody who asks reads what is known of a person."""

from __future__ import annotations

from access.actor import Actor
from access.roles import Role as AccessRole
from core.people import Role

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
