"""Who may do what: the one table of roles and permissions. What of it they may do it to, `access.visible` says."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an account is. `SYSTEM` is no account's: the city's own token, or this machine before the first account."""

    MANAGER = "manager"  # of a dong
    SUPERVISOR = "supervisor"  # of a gu
    ADMIN = "admin"  # of the city
    DUTY = "duty"
    WORKER = "worker"  # a provider's
    OPERATOR = "operator"  # devices, and no personal data
    AUDITOR = "auditor"
    RESEARCHER = "researcher"
    FAMILY = "family"  # the resident or a relative: their own home
    SYSTEM = "system"


class Purpose(StrEnum):
    """What for a viewer may see something of a person, by that person's own word."""

    WATCH = "watch"  # how their home stands, and its Care Calls


class By(StrEnum):
    """By what a role's reach is drawn."""

    AREA = "area"
    PROVIDER = "provider"
    HOME = "home"
    ALL = "all"


REACH: dict[Role, By] = {
    Role.MANAGER: By.AREA,
    Role.SUPERVISOR: By.AREA,
    Role.ADMIN: By.AREA,
    Role.DUTY: By.AREA,
    Role.WORKER: By.PROVIDER,
    Role.OPERATOR: By.AREA,
    Role.AUDITOR: By.AREA,
    Role.RESEARCHER: By.AREA,
    Role.FAMILY: By.HOME,
    Role.SYSTEM: By.ALL,
}

_LETTERS = {
    "m": Role.MANAGER,
    "s": Role.SUPERVISOR,
    "a": Role.ADMIN,
    "d": Role.DUTY,
    "w": Role.WORKER,
    "o": Role.OPERATOR,
    "u": Role.AUDITOR,
    "r": Role.RESEARCHER,
    "f": Role.FAMILY,
}

_TABLE = {
    # Care Calls and homes
    "case.read": "msdf",
    "case.act": "msd",
    "case.hand_over": "msd",
    "home.read": "msdf",
    "home.enrol": "sa",
    "home.set": "ms",
    "absence.write": "msdf",
    "unheard.read": "msd",
    "check_in.read": "msd",
    "check_in.write": "ms",
    "rota.read": "msda",
    "rota.write": "sa",
    # devices
    "device.read": "msdo",
    "gateway.read": "ao",
    "gateway.write": "o",
    "quarantine.read": "o",
    "simulation.run": "o",
    # the care chain
    "person.read": "msdw",
    "person.write": "msd",
    "fact.read": "msdw",
    "fact.write": "ms",
    "consent.write": "ms",
    "application.write": "msd",
    "episode.read": "msd",
    "episode.act": "msd",
    "assessment.read": "ms",
    "assessment.write": "ms",
    "plan.read": "ms",
    "plan.write": "ms",
    "visit.read": "msd",
    "visit.write": "msd",
    "order.read": "msw",
    "order.place": "ms",
    "order.answer": "w",
    "order.end": "msw",
    "task.read": "msw",
    "task.assign": "w",
    "record.read": "msw",
    "record.write": "w",
    "evaluation.read": "ms",
    "evaluation.write": "ms",
    "calendar.read": "msdw",
    "export.read": "ms",
    # money
    "claim.read": "saw",
    "claim.submit": "w",
    "claim.judge": "s",
    "budget.read": "sau",
    "budget.decide": "sa",
    "ledger.read": "au",
    # the city
    "catalogue.read": "msadwour",
    "rule.write": "sa",
    "staff.read": "saw",
    "staff.write": "sa",
    "hook.write": "a",
    "report.read": "msadur",
    "research.read": "sar",
    "research.ask": "r",
    "research.decide": "sa",
    # accounts
    "self": "msadwourf",
    "account.read": "sa",
    "account.write": "a",
    "viewer.write": "ms",
    "grant.ask": "msd",
    "grant.read": "sau",
    "grant.see": "s",
    "audit.read": "u",
    "metrics.read": "o",
    # what programs alone do
    "delivery.report": "",
}

PERMISSIONS: dict[str, frozenset[Role]] = {
    name: frozenset({_LETTERS[letter] for letter in letters} | {Role.SYSTEM}) for name, letters in _TABLE.items()
}
"""The roles that have each permission."""


def may(role: Role, permission: str) -> bool:
    """Whether a role has a permission. Raises KeyError for one that nobody knows."""
    return role in PERMISSIONS[permission]
