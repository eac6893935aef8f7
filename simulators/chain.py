"""The people of the care chain: who takes an application down, visits, plans, offers, delivers, claims and pays."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import httpx
import msgspec

from core.people import Role, within
from simulators.staff import Behaviour, Person

log = logging.getLogger(__name__)
_TURN = timedelta(minutes=3)
_MOST = 200
_ABSENT = frozenset({Behaviour.NEVER, Behaviour.OFF})


class Manner(StrEnum):
    """What a provider does with an order that it is offered; who `forgets` says nothing at all."""

    ACCEPTS = "accepts"
    DECLINES = "declines"
    FORGETS = "forgets"


class Asks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody rings the Care Call line for a `home`, and asks for `services`."""

    minute: float
    home: str
    services: tuple[str, ...]
    origin: str = "operator"
    priority: str = "soon"
    note: str = ""


class CareScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the chain plays. `manners` are those of the orders, in the order in which they are offered, the last for all
    that follow; `after_alarm` is planned for who has asked for nothing; `order_hours` is the gu's own deadline."""

    pack: str
    operator: str = "돌봄콜"
    applications: tuple[Asks, ...] = ()
    after_alarm: tuple[str, ...] = ("meals", "companion")
    manners: tuple[Manner, ...] = (Manner.ACCEPTS,)
    order_hours: int = 1


class Chain:
    """Everybody in the chain, by HTTP alone. `step` may be called by one thread; workers hear of tasks by telephone."""

    def __init__(
        self,
        script: CareScript,
        people: Sequence[Person],
        start: datetime,
        api: str,
        token: str,
        run: str,
    ) -> None:
        self._script, self._start, self._run = script, start, run
        self._people = [person for person in people if person.behaviour not in _ABSENT and not person.watches]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=api.rstrip("/"), headers=headers, timeout=8.0)
        self._turn_at: datetime | None = None
        self._when: dict[str, datetime] = {}
        self._done: set[str] = set()
        self._tried: dict[int, set[str]] = {}
        self._manners: dict[int, Manner] = {}
        self._rang: set[str] = set()
        self._scales: dict[str, list[Any]] = {}

    def close(self) -> None:
        self._http.close()

    def rang(self, worker: str) -> None:
        """A worker's telephone has said that there is a task."""
        self._rang.add(worker)

    def step(self, now: datetime) -> None:
        """What everybody does next, once in three minutes of the city's time."""
        if self._turn_at is not None and now - self._turn_at < _TURN:
            return
        self._turn_at = now
        for part in (self._settle_in, self._line, self._offices, self._providers, self._workers, self._money):
            try:
                part(now)
            except httpx.HTTPError as error:
                log.warning("%s: %s", part.__name__, error)  # tried again with the next turn

    # --- the gu-offices, and the Care Call line

    def _settle_in(self, now: datetime) -> None:
        areas = {"/".join(person.area.split("/")[:2]) for person in self._people if person.area.count("/")}
        for gu in sorted(areas):
            manager = self._manager(gu)
            if manager is None:
                continue
            said = {
                "area": gu,
                "key": "deadlines.order",
                "value": self._script.order_hours,
                "by": manager.id,
            }
            self._once(f"rule-{gu}", "PUT", "/api/care/rules", said)

    def _line(self, now: datetime) -> None:
        for number, asks in enumerate(self._script.applications):
            if now >= self._start + timedelta(minutes=asks.minute):
                said = {
                    "id": f"{self._run}-call-{number}", "origin": asks.origin, "priority": asks.priority,
                    "by": self._script.operator, "home": asks.home, "services": list(asks.services), "note": asks.note,
                }  # fmt: skip
                self._once(f"call-{number}", "POST", "/api/care/applications", said)

    # --- the care managers

    def _offices(self, now: datetime) -> None:
        for episode in self._get("/api/care/episodes", limit=_MOST):
            if episode["stage"] == "closed":
                continue
            manager = self._manager(episode["area"])
            if manager is None:
                continue
            id = episode["id"]
            if episode["owner"].startswith("office:"):
                self._send("POST", f"/api/care/episodes/{id}/take", {"by": manager.id})
            getattr(self, f"_at_{episode['stage']}")(episode, manager, now)

    def _at_intake(self, episode: Any, manager: Person, now: datetime) -> None:
        id, visit = episode["id"], f"{self._run}-visit-{episode['id']}"
        planned = {
            "id": visit, "person": episode["person"], "kind": "intake", "owner": manager.id, "episode": id,
            "planned_at": _said(now), "due_at": _said(now + timedelta(hours=4)), "by": manager.id,
        }  # fmt: skip
        self._once(f"plan-visit-{id}", "POST", "/api/care/visits", planned)
        if self._after(f"start-{id}", 3, now):
            self._once(f"start-{id}", "POST", f"/api/care/visits/{visit}/start", {"by": manager.id})
        if self._after(f"arrive-{id}", 6, now):
            path = f"/api/care/visits/{visit}/arrive"
            self._once(f"arrive-{id}", "POST", path, {"by": manager.id})
        if self._after(f"form-{id}", 12, now):
            form = {
                "base": 0, "outcome": "met", "by": manager.id, "finished_at": _said(now),
                "started_at": _said(now - timedelta(minutes=9)), "arrived_at": _said(now - timedelta(minutes=6)),
                "record": {"well_being": "fair", "food": False, "home_safe": True},
            }  # fmt: skip
            path = f"/api/care/visits/{visit}/forms/{self._run}-form-{id}"
            # The tablet had no reception: it sends what it has until it has an answer, here twice.
            self._once(f"form-{id}", "PUT", path, form, times=2)

    def _at_assessment(self, episode: Any, manager: Person, now: datetime) -> None:
        if self._after(f"assess-{episode['id']}", 2, now):
            said = {
                "id": f"{self._run}-assess-{episode['id']}",
                "answers": self._answers("care_level", 1),
                "by": manager.id,
            }
            path = f"/api/care/episodes/{episode['id']}/assessments"
            self._once(f"assess-{episode['id']}", "POST", path, said)

    def _at_plan(self, episode: Any, manager: Person, now: datetime) -> None:
        id = episode["id"]
        if not self._after(f"plan-{id}", 3, now):
            return
        self._consent(episode, manager)
        wanted = episode["requested"] or self._script.after_alarm
        items = [
            {
                "service": service,
                "units": 1,
                "start": _said(now - timedelta(minutes=1)),
                "end": _said(now + timedelta(days=14)),
            }
            for service in wanted
        ]
        said = {"goals": "혼자서도 안심하고 지내기", "items": items, "by": manager.id}
        self._once(f"draft-{id}", "POST", f"/api/care/episodes/{id}/plans", said)
        draft = self._get(f"/api/care/episodes/{id}/plan")["draft"]
        if draft is not None:
            self._send("POST", f"/api/care/episodes/{id}/plans/{draft['id']}/agree", {"by": manager.id})

    def _consent(self, episode: Any, manager: Person) -> None:
        path = f"/api/care/persons/{episode['person']}/consents"
        said = {"purpose": "care", "decision": "given", "by": manager.id}
        self._once(f"consent-{episode['id']}", "POST", path, said)

    def _at_linkage(self, episode: Any, manager: Person, now: datetime) -> None:
        city = episode["area"].partition("/")[0]
        for item in self._get("/api/care/unplaced", area=episode["area"], limit=_MOST):
            if item["episode"] != episode["id"]:
                continue
            found = self._get("/api/care/providers", city=city, service=item["service"], area=item["area"])
            tried = self._tried.setdefault(item["item"], set())
            provider = next((one["id"] for one in found if one["id"] not in tried), None)
            if provider is None and found:
                tried.clear()  # everybody was asked once: the first is asked again
                provider = found[0]["id"]
            if provider is not None:
                tried.add(provider)
                self._send("POST", "/api/care/orders", {"item": item["item"], "provider": provider, "by": manager.id})
        orders = self._get(f"/api/care/episodes/{episode['id']}/services", limit=_MOST)
        live = [order for order in orders if order["state"] in ("offered", "accepted", "done")]
        if live and all(order["state"] == "done" for order in live):
            self._send("POST", f"/api/care/episodes/{episode['id']}/begin-evaluation", {"by": manager.id})

    def _at_evaluation(self, episode: Any, manager: Person, now: datetime) -> None:
        id = episode["id"]
        if not self._after(f"ask-{id}", 2, now):
            return
        due = [one for one in self._get(f"/api/care/episodes/{id}/evaluations")["follow_ups"] if one["state"] == "open"]
        for one in sorted(due, key=lambda it: it["phase"] != "first"):
            again = one["phase"] != "first"
            kind = "satisfaction" if one["instrument"] == "satisfaction" else "quality_of_life"
            said = {
                "id": f"{self._run}-ask-{one['id']}", "instrument": one["instrument"], "phase": one["phase"],
                "mode": "phone", "answers": self._answers(kind, 4 if again or kind == "satisfaction" else 2),
                "by": manager.id,
            }  # fmt: skip
            self._once(f"ask-{one['id']}", "POST", f"/api/care/episodes/{id}/evaluations", said)
        if not due:
            self._once(f"finish-{id}", "POST", f"/api/care/episodes/{id}/finish", {"by": manager.id})

    # --- the providers and their workers

    def _providers(self, now: datetime) -> None:
        for order in self._get("/api/care/orders", state="offered", limit=_MOST):
            id = order["id"]
            if id not in self._manners:
                manners = self._script.manners
                self._manners[id] = manners[min(len(self._manners), len(manners) - 1)]
            if self._manners[id] is not Manner.FORGETS and self._after(f"decide-{id}", 2, now):
                by = worker_of(order["provider"])
                if self._manners[id] is Manner.DECLINES:
                    said = {"by": by, "reason": "이번 주에는 인력이 없습니다."}
                    self._send("POST", f"/api/care/orders/{id}/decline", said)
                else:
                    self._send("POST", f"/api/care/orders/{id}/accept", {"by": by})
        for order in self._get("/api/care/orders", state="accepted", limit=_MOST):
            by = worker_of(order["provider"])
            said = {
                "key": f"{self._run}-task-{order['id']}", "worker": by, "units": order["units"], "by": by,
                "planned_at": _said(now + timedelta(minutes=4)),
            }  # fmt: skip
            path = f"/api/care/orders/{order['id']}/tasks"
            self._once(f"task-{order['id']}", "POST", path, said)

    def _workers(self, now: datetime) -> None:
        for worker in sorted(self._rang):
            for task in self._get("/api/care/tasks", worker=worker, state="assigned", limit=_MOST):
                began = datetime.fromisoformat(task["planned_at"])
                if now < began + timedelta(minutes=10):
                    continue
                said = {
                    "task": task["id"], "worker": worker, "outcome": "done", "units": task["units"],
                    "start": _said(began), "end": _said(began + timedelta(minutes=9)), "note": "잘 지내고 계셨습니다.",
                }  # fmt: skip
                path = f"/api/care/records/{self._run}-record-{task['id']}"
                # Sent again because the first answer was lost on the way: one record all the same.
                self._once(path, "PUT", path, said, times=2)

    # --- money

    def _money(self, now: datetime) -> None:
        busy = {order["provider"] for order in self._get("/api/care/orders", state="accepted", limit=_MOST)}
        for worker in sorted(self._rang):
            provider = worker.removeprefix("worker-")
            lines = self._get("/api/care/claimable", provider=provider, limit=_MOST)
            if not lines or provider in busy:
                continue
            by_gu: dict[str, list[str]] = {}
            for line in lines:
                by_gu.setdefault("/".join(line["area"].split("/")[:2]), []).append(line["record"])
            for records in by_gu.values():
                key = f"{self._run}-claim-{sorted(records)[0]}"[:99]
                said = {"key": key, "provider": provider, "records": records, "by": worker}
                self._once(key, "POST", "/api/care/claims", said)
        for claim in self._get("/api/care/claims", state="open", limit=_MOST):
            verifier, approver = self._manager(claim["gu"]), self._duty(claim["gu"])
            if verifier is None or approver is None:
                continue
            path = f"/api/care/claims/{claim['id']}"
            signs = {
                "submitted": ("verify", verifier),
                "verified": ("approve", approver),
                "approved": ("pay", verifier),
            }
            verb, by = signs.get(claim["state"], ("", verifier))
            if verb and self._after(f"{path}/{verb}", 2, now):
                self._send("POST", f"{path}/{verb}", {"by": by.id})

    # --- who and what

    def _manager(self, area: str) -> Person | None:
        """Who answers for an area: a manager where one comes to the telephone, else their supervisor."""
        theirs = [person for person in self._people if within(area, person.area)]
        ranks = {Role.MANAGER: 0, Role.SUPERVISOR: 1}
        return min((p for p in theirs if p.role in ranks), key=lambda p: ranks[p.role], default=None)

    def _duty(self, area: str) -> Person | None:
        return next((p for p in self._people if p.role is Role.DUTY and within(area, p.area)), None)

    def _answers(self, kind: str, of: int) -> dict[str, int]:
        """Answers to the newest questionnaire of a kind: of each item the choice `of`, or its last."""
        if kind not in self._scales:
            found = self._get("/api/care/instruments", kind=kind)
            self._scales[kind] = found[0]["items"]
        points = {item["code"]: sorted(choice["points"] for choice in item["choices"]) for item in self._scales[kind]}
        return {code: offered[min(of, len(offered) - 1)] for code, offered in points.items()}

    # --- time, and the wire

    def _after(self, what: str, minutes: float, now: datetime) -> bool:
        """Whether so much time has gone by since this was first thought of."""
        return now >= self._when.setdefault(what, now + timedelta(minutes=minutes))

    def _once(self, what: str, method: str, path: str, said: dict[str, Any], times: int = 1) -> Any:
        """Send it until it has been taken in, and `times` then; None: it was before, or is not yet."""
        if what in self._done:
            return None
        done = None
        for _ in range(times):
            done = self._send(method, path, said)
        if done is not None:
            self._done.add(what)
        return done

    def _get(self, path: str, **query: str | int) -> Any:
        answer = self._http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def _send(self, method: str, path: str, said: dict[str, Any]) -> Any:
        """The answer; None: the state of things does not allow it now."""
        answer = self._http.request(method, path, json=said)
        if answer.status_code == HTTPStatus.CONFLICT:
            log.info("%s: %s", path, answer.text)
            return None
        if answer.is_client_error:
            log.error("%s %s: %s", path, said, answer.text)
        answer.raise_for_status()
        return answer.json()


def worker_of(provider: str) -> str:
    """The one worker of a simulated provider."""
    return f"worker-{provider}"


def _said(at: datetime) -> str:
    return at.isoformat()
