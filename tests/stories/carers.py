"""The people of the care chain in a story: each does what their page or their telephone lets them do, over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from care import catalogue
from care.arrangements import put_staff
from care.pack import load_pack
from core.people import Role
from tests.stories.town import Town

VERIFIER, APPROVER = "park", "choi"


class Chain:
    """A loaded pack, its people, and what each of them does; `n` numbers the ids that tablets and phones make."""

    def __init__(self, town: Town, pack: str, area: str, manager: str = "kim") -> None:
        self.town, self.area, self.manager = town, area, manager
        self.city, self.gu = area.split("/")[0], "/".join(area.split("/")[:2])
        self._n, self.year = count(1), town.clock.now().year
        with town.city.db.write() as tx:
            catalogue.load(tx, load_pack(pack), town.clock.now())
        town.member(manager, Role.MANAGER, self.gu)
        town.member(VERIFIER, Role.SUPERVISOR, self.gu)
        town.member(APPROVER, Role.DUTY, self.city)

    # --- the wire

    def get(self, path: str, **query: Any) -> Any:
        answer = self.town.api.get(f"/api/care/{path}", params=query)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def send(self, method: str, path: str, expect: int = 200, **said: Any) -> Any:
        answer = self.town.api.request(method, f"/api/care/{path}", json=said)
        assert answer.status_code == expect, (path, said, answer.text)
        self.town.keep()
        return answer.json()

    def post(self, path: str, expect: int = 200, **said: Any) -> Any:
        return self.send("POST", path, expect, **said)

    def new(self, what: str) -> str:
        return f"{what}-{next(self._n):04d}"

    def at(self, minutes: float = 0.0) -> str:
        return (self.town.clock.now() + timedelta(minutes=minutes)).isoformat()

    def pass_min(self, minutes: float) -> None:
        self.town.clock.advance(minutes * 60)
        self.town.keep()

    # --- people

    def episode(self, id: int) -> Any:
        return self.get(f"episodes/{id}")

    def the_episode(self) -> Any:
        (one,) = self.get("episodes")
        return one

    def apply(self, **said: Any) -> Any:
        return self.post("applications", **{"id": self.new("application"), "by": "operator", **said})

    def take(self, episode: int) -> Any:
        return self.post(f"episodes/{episode}/take", by=self.manager)

    def visit(self, episode: Any, outcome: str = "met", kind: str = "intake", **record: Any) -> Any:
        """A visit from its plan to its form, which a tablet without reception sends later, and twice."""
        id = self.new("visit")
        self.post("visits", id=id, person=episode["person"], kind=kind, owner=self.manager, episode=episode["id"],
                  planned_at=self.at(10), due_at=self.at(600), by=self.manager)  # fmt: skip
        self.pass_min(5)
        self.post(f"visits/{id}/start", by=self.manager)
        self.pass_min(10)
        self.post(f"visits/{id}/arrive", by=self.manager)
        self.pass_min(45)
        form = {
            "base": 0, "outcome": outcome, "started_at": self.at(-55), "arrived_at": self.at(-45),
            "finished_at": self.at(-5), "record": record, "by": self.manager,
        }  # fmt: skip
        name = self.new("form")
        self.pass_min(120)
        first = self.send("PUT", f"visits/{id}/forms/{name}", **form)
        again = self.send("PUT", f"visits/{id}/forms/{name}", **form)
        assert first["version"] == again["version"] == 1
        return again

    def assess(self, episode: int) -> Any:
        answers = self._answers("care_level", 1)
        return self.post(f"episodes/{episode}/assessments", id=self.new("assess"), answers=answers, by=self.manager)

    def consent(self, person: str, decision: str = "given") -> Any:
        return self.post(f"persons/{person}/consents", purpose="care", decision=decision, by=self.manager)

    def plan(self, episode: int, services: dict[str, int], days: float = 60) -> Any:
        items = [{"service": service, "units": units, "start": self.at(), "end": self.at(days * 1440)}
                 for service, units in services.items()]  # fmt: skip
        draft = self.post(f"episodes/{episode}/plans", goals="집에서 지내기", items=items, by=self.manager)
        return self.post(f"episodes/{episode}/plans/{draft['id']}/agree", by=self.manager)

    def worker(self, provider: str) -> str:
        """A provider's one worker."""
        id = f"worker-{provider}"
        if id not in {m["id"] for m in self.get(f"providers/{provider}/staff")["members"]}:
            self.town.member(id, Role.WORKER, self.city)
            with self.town.city.db.write() as tx:
                assert put_staff(tx, id, provider, "operator", self.town.clock.now()) is None
        return id

    def offer(self, item: Any, *, but: tuple[str, ...] = ()) -> Any:
        """To the first provider who serves it, and is none of these."""
        able = self.get("providers", city=self.city, service=item["service"], area=self.area)
        provider = next(one["id"] for one in able if one["id"] not in but)
        return self.post("orders", item=item["item"], provider=provider, by=VERIFIER)

    def unplaced(self) -> Any:
        return self.get("unplaced", area=self.gu)

    def deliver(self, order: Any, *, at_min: float = 60, done_min: float = 50) -> Any:
        """The provider accepts, its worker is told by telephone, goes there, and writes it down twice."""
        worker = self.worker(order["provider"])
        if order["state"] == "offered":
            self.post(f"orders/{order['id']}/accept", by=worker)
        given = self.post(f"orders/{order['id']}/tasks", key=self.new("task"), worker=worker, units=order["units"],
                          planned_at=self.at(at_min), by=worker)  # fmt: skip
        assert given["told"] is True
        assert worker in self.town.phones.calls("task")
        start = datetime.fromisoformat(given["planned_at"])
        self.pass_min(at_min + done_min)
        said = {"task": given["id"], "worker": worker, "start": start.isoformat(), "outcome": "done",
                "end": (start + timedelta(minutes=done_min - 5)).isoformat(), "units": order["units"]}  # fmt: skip
        name = self.new("record")
        record = self.send("PUT", f"records/{name}", **said)
        assert self.send("PUT", f"records/{name}", **said) == record
        return record

    def claim(self, provider: str) -> Any:
        """From its submission to its payment; nobody signs twice."""
        records = [line["record"] for line in self.get("claimable", provider=provider)]
        worker = self.worker(provider)
        claim = self.post("claims", key=self.new("claim"), provider=provider, records=records, by=worker)
        path = f"claims/{claim['id']}"
        own = self.town.api.post(f"/api/care/{path}/verify", json={"by": worker})
        assert own.status_code in (404, 409)
        self.post(f"{path}/verify", by=VERIFIER)
        self.post(f"{path}/approve", 409, by=VERIFIER)
        self.post(f"{path}/approve", by=APPROVER)
        return self.post(f"{path}/pay", by=VERIFIER)

    def evaluate(self, episode: int, better: int = 4) -> None:
        """Everything that is to be asked, the first time and again, when it falls due."""
        while due := [
            one for one in self.get(f"episodes/{episode}/evaluations")["follow_ups"] if one["state"] == "open"
        ]:
            one = min(due, key=lambda it: it["due_at"])
            wait_s = (datetime.fromisoformat(one["due_at"]) - self.town.clock.now()).total_seconds()
            self.town.pass_by(max(0.0, wait_s / 3600 - 1))
            kind = "satisfaction" if one["instrument"] == "satisfaction" else "quality_of_life"
            of = better if one["phase"] != "first" or kind == "satisfaction" else 1
            self.post(f"episodes/{episode}/evaluations", id=self.new("ask"), instrument=one["instrument"],
                      phase=one["phase"], mode="phone", answers=self._answers(kind, of), by=self.manager)  # fmt: skip

    def _answers(self, kind: str, of: int) -> dict[str, int]:
        items = self.get("instruments", kind=kind)[0]["items"]
        return {it["code"]: sorted(c["points"] for c in it["choices"])[min(of, len(it["choices"]) - 1)] for it in items}

    # --- what must hold

    def books(self) -> dict[str, int]:
        """The accounts of the year; their sum is nought, and each claim is split to the won."""
        book = self.get("ledger", city=self.city, year=self.year)
        assert book["balance"] == 0
        for entry in book["entries"]:
            sums = {one["account"].partition(":")[0]: one["won"] for one in entry["postings"]}
            assert sums["provider"] == -sums["city"] - sums["gu"]
            assert abs(4 * -sums["city"] - 3 * sums["provider"]) <= 2
        return {one["account"]: one["won"] for one in book["accounts"]}

    def stages(self, episode: int) -> list[str]:
        """The keys of its history, in order."""
        return [line["key"].removeprefix("care.log.") for line in self.episode(episode)["history"]]
