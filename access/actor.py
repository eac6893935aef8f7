"""Who is asking, for one request: an account as it stands, with what it reaches."""

from __future__ import annotations

from datetime import datetime

import msgspec

from access.roles import Role, may


class Actor(msgspec.Struct, frozen=True):
    """`areas`: prefixes that are theirs, by the account and by whom they cover for. `homes`: a resident's or a
    relative's own, as consent stands; `since`: of those where somebody else lived before, when that one left. `grants`:
    (kind, object) lent for a reason, `reasons` theirs, in the same order. `only`: what a token was cut down to; None:
    everything that the role may. `member`: who they are on the ladder and in the chain.
    """

    account: str
    name: str
    role: Role
    areas: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    since: tuple[tuple[str, datetime], ...] = ()
    provider: str | None = None
    member: str | None = None
    language: str = "ko"
    grants: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    only: frozenset[str] | None = None
    session: str | None = None
    """The session's id, where they came in by one."""
    login: str = ""
    own_alone: bool = False
    """They came by a calendar's address: of calendars, their own alone."""

    @property
    def system(self) -> bool:
        """Whether this is a program of ours, or this machine before the first account."""
        return self.role is Role.SYSTEM

    @property
    def who(self) -> str:
        """What stands in a history for them. Nobody can take a name that is another member's id, or another's."""
        return self.member or (f"{self.name} ({self.login})" if self.login else self.name)

    @property
    def reach(self) -> tuple[object, ...]:
        """What they reach, to see whether it is another than before."""
        return self.role, self.areas, self.homes, self.since, self.provider, self.grants, self.only

    def may(self, permission: str) -> bool:
        """Whether they have it at all; what they have it for, `access.visible` says."""
        return may(self.role, permission) and (self.only is None or permission in self.only)


SYSTEM = Actor(account="", name="operator", role=Role.SYSTEM)
"""Who has the city's own token, or sits at this machine before the first account."""
