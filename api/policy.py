"""Which permission each route needs, on what, and whether it shows somebody's data. A route that stands here not, and a
line here without a route, keep the city from starting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from access.roles import PERMISSIONS
from access.visible import Kind

OPEN = "open"
"""The routes that ask for a key of their own, or for none."""


class Rule(msgspec.Struct, frozen=True):
    """`param`: the path's parameter that names a `kind`. `personal`: it shows or changes what is known of people."""

    permission: str
    kind: Kind | None = None
    param: str = "id"
    personal: bool = True


def _rules(text: str, *, personal: bool, kind: Kind | None = None, param: str = "id") -> dict[tuple[str, str], Rule]:
    """A line each: METHOD path permission; the object is the path's `param`, where the path has it."""
    rules = {}
    for line in text.strip().splitlines():
        method, path, permission = line.split()
        here = kind if f"{{{param}" in path else None
        rules[(method, path)] = Rule(permission, here, param, personal)
    return rules


RULES: dict[tuple[str, str], Rule] = {
    **_rules(
        """
        GET    /api/cases                      case.read
        GET    /api/cases/{id}                 case.read
        GET    /api/cases/{id}/console         case.read
        POST   /api/cases/{id}/{verb}          case.act
        GET    /api/board                      case.read
        GET    /api/care/cases/{id}/cap        case.hand_over
        GET    /api/stream                     case.read
        """,
        personal=True,
        kind=Kind.CASE,
    ),
    **_rules(
        """
        GET    /api/unheard                    unheard.read
        GET    /api/homes/{id}                 home.read
        GET    /api/homes                      home.read
        GET    /api/homes/{id}/card            home.read
        GET    /api/homes/{id}/day             home.read
        POST   /api/homes                      home.enrol
        POST   /api/homes/{id}/absence         absence.write
        DELETE /api/homes/{id}/absence         absence.write
        PUT    /api/homes/{id}/thresholds      home.set
        POST   /api/homes/{id}/what-if         home.set
        GET    /api/homes/{id}/check-ins       check_in.read
        PUT    /api/homes/{id}/check-ins       check_in.write
        GET    /api/check-ins                  check_in.read
        """,
        personal=True,
        kind=Kind.HOME,
    ),
    **_rules(
        """
        GET    /api/gateways                   gateway.read
        POST   /api/gateways                   gateway.write
        POST   /api/gateways/{id}/code         gateway.write
        DELETE /api/gateways/{id}              gateway.write
        """,
        personal=False,
        kind=Kind.GATEWAY,
    ),
    **_rules(
        """
        GET    /api/care/persons               person.read
        POST   /api/care/persons               person.write
        GET    /api/care/persons/{id}          person.read
        GET    /api/care/persons/{id}/facts    fact.read
        PUT    /api/care/persons/{id}/facts/{field} fact.write
        PUT    /api/care/persons/{id}/ties/{other}  fact.write
        POST   /api/care/persons/{id}/ties/{other}/end fact.write
        POST   /api/care/persons/{id}/consents consent.write
        POST   /api/care/persons/{id}/gone     person.write
        POST   /api/care/persons/{id}/back     person.write
        POST   /api/care/persons/{id}/contact  person.write
        GET    /api/care/persons/{id}/viewers  viewer.write
        GET    /api/care/persons/{id}/viewers/{account} viewer.write
        PUT    /api/care/persons/{id}/viewers/{account} viewer.write
        GET    /api/care/persons/{id}/seen-by  viewer.write
        """,
        personal=True,
        kind=Kind.PERSON,
    ),
    **_rules(
        """
        POST   /api/care/applications          application.write
        GET    /api/care/episodes              episode.read
        GET    /api/care/episodes/{id}         episode.read
        POST   /api/care/episodes/{id}/take    episode.act
        POST   /api/care/episodes/{id}/move    episode.act
        POST   /api/care/episodes/{id}/close   episode.act
        GET    /api/care/overdue               episode.read
        GET    /api/care/episodes/{id}/fhir    export.read
        GET    /api/care/episodes/{id}/assessments assessment.read
        POST   /api/care/episodes/{id}/assessments assessment.write
        GET    /api/care/episodes/{id}/plan    plan.read
        POST   /api/care/episodes/{id}/plans   plan.write
        POST   /api/care/episodes/{id}/plans/{plan}/agree plan.write
        GET    /api/care/episodes/{id}/services plan.read
        GET    /api/care/episodes/{id}/evaluations evaluation.read
        POST   /api/care/episodes/{id}/evaluations evaluation.write
        POST   /api/care/episodes/{id}/begin-evaluation evaluation.write
        POST   /api/care/episodes/{id}/finish  evaluation.write
        GET    /api/care/evaluations/due       evaluation.read
        GET    /api/care/unplaced              order.place
        """,
        personal=True,
        kind=Kind.EPISODE,
    ),
    **_rules(
        """
        GET    /api/care/day/visits            visit.read
        GET    /api/care/visits                visit.read
        POST   /api/care/visits                visit.write
        GET    /api/care/visits/{id}           visit.read
        POST   /api/care/visits/{id}/{verb}    visit.write
        PUT    /api/care/visits/{id}/forms/{form} visit.write
        """,
        personal=True,
        kind=Kind.VISIT,
    ),
    **_rules(
        """
        POST   /api/care/orders                order.place
        GET    /api/care/orders                order.read
        GET    /api/care/orders/{id}           order.read
        POST   /api/care/orders/{id}/accept    order.answer
        POST   /api/care/orders/{id}/decline   order.answer
        POST   /api/care/orders/{id}/cancel    order.end
        POST   /api/care/orders/{id}/finish    order.end
        POST   /api/care/orders/{id}/tasks     task.assign
        GET    /api/care/orders/{id}/kept      record.read
        GET    /api/care/day/tasks             task.read
        GET    /api/care/tasks                 task.read
        GET    /api/care/records               record.read
        """,
        personal=True,
        kind=Kind.ORDER,
    ),
    **_rules(
        """
        POST   /api/care/claims                claim.submit
        GET    /api/care/claims                claim.read
        GET    /api/care/claims/{id}           claim.read
        POST   /api/care/claims/{id}/return    claim.judge
        POST   /api/care/claims/{id}/resubmit  claim.submit
        POST   /api/care/claims/{id}/withdraw  claim.submit
        POST   /api/care/claims/{id}/{verb}    claim.judge
        GET    /api/care/claimable             claim.read
        """,
        personal=True,
        kind=Kind.CLAIM,
    ),
    **_rules(
        """
        GET    /api/care/calendar/{owner}.ics  calendar.read
        """,
        personal=True,
        kind=Kind.MEMBER,
        param="owner",
    ),
    **_rules(
        """
        GET    /api/grants                     grant.read
        POST   /api/grants                     grant.ask
        POST   /api/grants/{id}/seen           grant.see
        DELETE /api/grants/{id}                grant.ask
        """,
        personal=True,
        kind=Kind.GRANT,
    ),
    **_rules(
        """
        GET    /api/care/providers/{id}/staff  staff.read
        PUT    /api/care/providers/{id}/staff  staff.write
        PUT    /api/care/providers/{id}/hook   hook.write
        """,
        personal=False,
        kind=Kind.PROVIDER,
    ),
    **_rules(
        """
        PUT    /api/care/records/{id}          record.write
        POST   /api/deliveries/{key}           delivery.report
        GET    /api/quarantine                 quarantine.read
        GET    /api/devices                    device.read
        GET    /api/lanes                      gateway.read
        GET    /api/simulations                simulation.run
        POST   /api/simulations                simulation.run
        GET    /api/simulations/scenarios      simulation.run
        GET    /api/simulations/{id}           simulation.run
        DELETE /api/simulations/{id}           simulation.run
        GET    /api/care/instruments           catalogue.read
        GET    /api/care/profile               catalogue.read
        GET    /api/care/cities                catalogue.read
        GET    /api/care/services              catalogue.read
        GET    /api/care/providers             catalogue.read
        GET    /api/care/areas                 catalogue.read
        GET    /api/care/budgets               budget.read
        GET    /api/care/budget                budget.read
        POST   /api/care/budget/decisions      budget.decide
        GET    /api/care/ledger                ledger.read
        GET    /api/care/ledger.csv            ledger.read
        GET    /api/care/rules                 catalogue.read
        PUT    /api/care/rules                 rule.write
        GET    /api/care/change                report.read
        GET    /api/rota                       rota.read
        GET    /api/rota.ics                   rota.read
        POST   /api/rota/covers                rota.write
        DELETE /api/rota/covers/{id}           rota.write
        GET    /api/care/satisfaction          report.read
        GET    /api/care/reports/{name}.csv    report.read
        GET    /api/care/reports/{name}.parquet report.read
        GET    /api/care/reports/{name}        report.read
        GET    /api/care/research              research.read
        POST   /api/care/research              research.ask
        GET    /api/care/research/{id}         research.read
        POST   /api/care/research/{id}/allow   research.decide
        POST   /api/care/research/{id}/refuse  research.decide
        GET    /metrics                        metrics.read
        POST   /api/gateway/claim              open
        POST   /api/gateway/rotate             open
        POST   /api/gateway/contact            open
        POST   /api/gateway/events             open
        POST   /api/cloud/{name}/events        open
        GET    /api/session/ways               open
        POST   /api/session                    open
        GET    /api/session                    self
        DELETE /api/session                    self
        GET    /api/me/seal                    self
        GET    /api/me/sessions                self
        DELETE /api/me/sessions                self
        DELETE /api/me/sessions/{id}           self
        POST   /api/me/password                self
        GET    /api/me/tokens                  self
        POST   /api/me/tokens                  self
        DELETE /api/me/tokens/{id}             self
        POST   /api/me/calendars               self
        POST   /api/session/passkey/options    open
        POST   /api/session/passkey            open
        GET    /api/session/oidc               open
        GET    /api/session/oidc/back          open
        POST   /api/me/passkeys/options        self
        POST   /api/me/passkeys                self
        GET    /api/me/passkeys                self
        DELETE /api/me/passkeys/{id}           self
        GET    /api/me/grants                  self
        PUT    /api/me/push                    self
        DELETE /api/me/push                    self
        GET    /api/audit                      audit.read
        GET    /api/audit/report               audit.read
        GET    /api/audit/report.csv           audit.read
        GET    /api/audit/verify               audit.read
        GET    /api/accounts                   account.read
        POST   /api/accounts                   account.write
        GET    /api/accounts/{id}              account.read
        PATCH  /api/accounts/{id}              account.write
        POST   /api/accounts/{id}/disable      account.write
        POST   /api/accounts/{id}/enable       account.write
        POST   /api/accounts/{id}/end-sessions account.write
        POST   /api/accounts/{id}/password     account.write
        GET    /healthz                        open
        GET    /readyz                         open
        """,
        personal=False,
    ),
}


def rule_of(method: str, route: Any) -> Rule | None:
    """The rule of a route; None: it is no route of the API."""
    return RULES.get((method, _plain(getattr(route, "path", ""))))


def check(routes: Iterable[BaseRoute]) -> None:
    """Raise RuntimeError for a route without a rule, a rule without a route, or one whose permission nobody knows."""
    there = {
        (method, _plain(route.path))
        for route in routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    faults = [f"no rule for {method} {path}" for method, path in sorted(there - RULES.keys())]
    faults += [f"no route for {method} {path}" for method, path in sorted(RULES.keys() - there)]
    faults += [
        f"nobody knows the permission {rule.permission}"
        for rule in RULES.values()
        if rule.permission != OPEN and rule.permission not in PERMISSIONS
    ]
    if faults:
        raise RuntimeError("; ".join(faults))


def _plain(path: str) -> str:
    return path.replace(":path}", "}")
