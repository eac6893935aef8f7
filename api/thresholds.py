"""When a home's silence becomes an alarm: set it, and try first what that would have meant."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from anomaly import whatif
from api.cases import UNKNOWN
from api.city import City, Here
from api.homes import HomeId
from api.shapes import Fault, Sentence, Unreadable, fault_body
from core.clock import stopwatch_s
from core.people import MAX_WORDING, AskBy, Home, Risk
from core.signals import Evidence
from store import people

router = APIRouter(prefix="/api", tags=["homes"])
REPLAY_S = 60.0
_replaying = threading.Lock()
"""One at a time: each is seconds of a processor that alarms need too."""


class Thresholds(BaseModel):
    """What is left out stays as it is; null means the usual."""

    model_config = ConfigDict(extra="forbid")

    risk: Risk | None = None
    silence_ceiling_s: float | None = Field(None, description="Null: the risk class's.")
    alarm_budget: float | None = Field(None, description="False inactivity alarms a month; null: the fleet's usual.")
    ask_by: AskBy | None = Field(None, description="Null: by voice where a speaker is.")
    wording: Annotated[str, StringConstraints(max_length=MAX_WORDING)] | None = Field(
        None, description="The question in a caregiver's own words; null: ours."
    )

    def over(self, home: Home) -> Home:
        """The home with what was said."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        usual = {"risk": Risk.NORMAL, "wording": ""}
        return msgspec.structs.replace(home, **{n: usual.get(n) if v is None else v for n, v in said.items()})


class ThresholdsOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    risk: Risk
    silence_ceiling_s: float | None
    alarm_budget: float | None
    budget_factor: float | None = Field(description="What outcomes have made of the usual budget.")
    ask_by: AskBy | None
    asked_by: AskBy
    wording: str


class Tried(BaseModel):
    """Settings to try; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    risk: Risk | None = None
    silence_ceiling_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    alarm_budget: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    ask_by: AskBy | None = None
    days: Annotated[int, Field(ge=1, le=90)] = 90

    def cells(self) -> dict[str, str]:
        """As columns of the homes file."""
        said = {"risk": self.risk, "alarm_budget": self.alarm_budget, "ask_by": self.ask_by}
        cells = {name: str(value) for name, value in said.items() if value is not None}
        if self.silence_ceiling_s is not None:
            cells["silence_ceiling_h"] = repr(self.silence_ceiling_s / 3600)
        return cells


class Side(BaseModel):
    """One configuration. Rates are a month's; null where too little could be judged."""

    model_config = ConfigDict(from_attributes=True)

    alarms: int
    questions: float | None = Field(description="Put by the speaker first.")
    calls: float | None = Field(description="People called at once.")
    visits: float | None = Field(description="Cases that reach a person.")
    delay_p50_h: float | None = Field(description="From a collapse until somebody is asked, at the median.")
    delay_p95_h: float | None
    told_share: float


class Alarm(BaseModel):
    at: datetime
    concern: str
    asks: bool = Field(description="The speaker asks first.")
    why: Sentence

    @classmethod
    def of(cls, it: whatif.Alarm) -> Alarm:
        return cls(at=it.at, concern=it.concern, asks=it.asks, why=Sentence(**it.why))


class WhatIf(BaseModel):
    since: datetime
    until: datetime
    days: float
    learned_days: float = Field(description="Of the log before, from which habits were learned.")
    enough: bool = Field(description="False: too few days to speak of a month.")
    before: Side
    after: Side
    added: list[Alarm]
    removed: list[Alarm]
    sooner: int
    later: int


class _TooLong(Exception):
    pass


@router.put(
    "/homes/{id}/thresholds",
    responses={**UNKNOWN, 422: {"model": Unreadable, "description": "A value that no home can have."}},
)
def set_thresholds(city: Here, id: HomeId, said: Thresholds) -> ThresholdsOut:
    """Change when a home's silence is an alarm and how its resident is asked; in force within seconds."""
    with city.db.write() as tx:
        home = people.home(tx, id)
        if home is None or home.synthetic:
            raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
        changed = said.over(home)
        if changed != home:
            refused = people.put_home(tx, city.db.backend, changed, city.clock.now())
            if refused is not None:
                raise HTTPException(422, fault_body(refused.key, **refused.numbers)["detail"])
        return ThresholdsOut.model_validate(changed)


@router.post(
    "/homes/{id}/what-if",
    responses={
        **UNKNOWN,
        422: {"model": Unreadable, "description": "A value that no home can have, or no log to replay."},
        429: {"model": Fault, "description": "Another replay is going on."},
    },
)
def try_out(city: Here, id: HomeId, tried: Tried) -> WhatIf:
    """What other settings would have done in the last days: the home's own log, replayed. Nothing is changed."""
    with city.db.read() as tx:
        home = people.home(tx, id)
        if home is None or home.synthetic:
            raise HTTPException(404, fault_body("api.no_home", home=id)["detail"])
    cells = tried.cells()
    if not cells:
        raise HTTPException(422, fault_body("whatif.unchanged")["detail"])
    if not _replaying.acquire(blocking=False):
        raise HTTPException(429, fault_body("whatif.busy")["detail"], {"Retry-After": "10"})
    try:
        found = _replayed(city, id, cells, tried.days)
    except _TooLong:
        raise HTTPException(422, fault_body("whatif.too_long", limit=REPLAY_S)["detail"]) from None
    finally:
        _replaying.release()
    if isinstance(found, Evidence):
        raise HTTPException(422, fault_body(found.key, **found.numbers)["detail"])
    return WhatIf(
        since=found.since,
        until=found.until,
        days=found.days,
        learned_days=found.learned_days,
        enough=found.days >= whatif.ENOUGH_DAYS,
        before=Side.model_validate(found.before),
        after=Side.model_validate(found.after),
        added=[Alarm.of(alarm) for alarm in found.added],
        removed=[Alarm.of(alarm) for alarm in found.removed],
        sooner=found.sooner,
        later=found.later,
    )


def _replayed(city: City, home: str, cells: dict[str, str], days: int) -> whatif.Comparison | Evidence:
    began_s = stopwatch_s()

    def progress(share: float) -> None:
        if stopwatch_s() - began_s > REPLAY_S:
            raise _TooLong

    return city.replay(home, cells, days, progress)
