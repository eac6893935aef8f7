"""Claims, the ledger and the year's budget over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import Connection

from access.visible import Kind
from api.care_shapes import ClientId, Name, Number, Offset, PageSize, Signed, Text, Won, change, must
from api.cases import UNKNOWN
from api.city import Here
from api.once import IdempotencyKey
from api.places import place
from api.shapes import STORABLE, Fault, Sentence
from care import budget, catalogue, hooks, ledger, offices
from care import claims as chain
from care.claim import CLOSED, MOST_RECORDS, Act, State
from core.care import Refused
from store import people
from store.care_tables import claims, records

router = APIRouter(prefix="/api/care", tags=["care"])
REFUSED: dict[int | str, dict[str, object]] = {
    **UNKNOWN,
    409: {"model": Fault, "description": "The state of things, or who asks, does not allow it."},
}
CityCode = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9-]*$", max_length=100)]
Year = Annotated[int, Field(ge=2000, le=2200)]
Records = Annotated[list[ClientId], Field(min_length=1, max_length=MOST_RECORDS, description="Ids of records.")]
Reason = Annotated[Text, StringConstraints(min_length=1)]
OfCity = Annotated[CityCode, Query(alias="city")]
OfYear = Annotated[Year, Query(alias="year")]
Verb = Literal["verify", "approve", "pay"]


class SubmitIn(Signed):
    key: ClientId = Field(description="The provider's own id for it: sent twice, it is one claim.")
    provider: Name
    records: Records


class SignedIn(Signed):
    """Who says so."""


class ReturnIn(SignedIn):
    reason: Reason


class ResubmitIn(Signed):
    records: Records = Field(description="Those that stay; the others are free for another claim.")


class DecisionIn(Signed):
    id: ClientId
    city: CityCode
    year: Year
    won: Won
    reason: Reason


class ClaimOut(BaseModel):
    """A claim; `won` is what it asks for, or has asked for before it was withdrawn."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    key: str
    provider: str
    city: str
    gu: str
    state: State
    says: Sentence
    won: int
    owner: str = Field(description="Who has to act: `office:GU` or `provider:ID`.")
    due_at: datetime | None = Field(description="Null: it is closed.")
    submitted_by: str
    submitted_at: datetime
    verified_by: str | None
    verified_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    paid_by: str | None
    paid_at: datetime | None
    reason: str | None = Field(description="Why it was returned last.")
    exercise: bool

    @classmethod
    def of(cls, it: chain.Claim) -> ClaimOut:
        known = {name: getattr(it, name) for name in cls.model_fields if name != "says"}
        return cls(**known, says=Sentence.words(f"bill.{it.state.value}"))


class ClaimItem(BaseModel):
    record: str
    won: int


class ClaimWithItems(ClaimOut):
    records: list[ClaimItem] = Field(description="What it holds; nothing, once withdrawn.")
    members: dict[str, str] = Field(description="What the members are called whose ids stand in it.")


class LineOut(BaseModel):
    """A record that can be claimed, and what it is worth."""

    model_config = ConfigDict(from_attributes=True)

    record: str
    order: int
    service: str
    area: str
    start: datetime
    end: datetime
    units: int
    won: int
    exercise: bool


class PostingOut(BaseModel):
    account: str = Field(description="`provider:ID`, `city:CODE` or `gu:AREA`.")
    won: int = Field(description="+: it received; -: it paid.")


class EntryOut(BaseModel):
    """One paid claim; the sum of its postings is nought."""

    id: int
    claim: int
    at: datetime
    by: str
    postings: list[PostingOut]


class LedgerOut(BaseModel):
    city: str
    year: int
    accounts: list[PostingOut] = Field(description="The year's sum of each account.")
    balance: int = Field(description="Their sum: nought, or the books are wrong.")
    count: int = Field(description="How many entries there are in all.")
    entries: list[EntryOut]


class DecisionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    won: int
    reason: str
    by: str


class BudgetOut(BaseModel):
    """A city's year in won, its own and its districts' shares together; exercises are in none of it. Every sum is the
    whole city's, whoever asks: a district has no budget of its own. What was paid in a district is in the report
    `budget`, whose `area` says of where."""

    city: str
    scope: Sentence = Field(description="Of where every sum is: the city's name.")
    year: int
    budget: int
    decided: int = Field(description="Added by decisions.")
    paid: int
    remaining: int
    approved: int = Field(description="Approved and not paid yet. It will count in the year in which it is paid.")
    verified: int
    submitted: int
    decisions: list[DecisionOut]


def _told(tx: Connection, it: chain.Claim | Refused) -> ClaimWithItems | Refused:
    if isinstance(it, Refused):
        return it
    held = [ClaimItem(record=record, won=won) for record, won in chain.items(tx, it.id)]
    signed = [one for one in (it.submitted_by, it.verified_by, it.approved_by, it.paid_by) if one is not None]
    return ClaimWithItems(**dict(ClaimOut.of(it)), records=held, members=people.member_names(tx, signed))


@router.post("/claims", response_model=ClaimWithItems, responses=REFUSED)
def submit(city: Here, asked: SubmitIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Ask money for records of work that was done; each is claimed once. Sent again, it is the same claim."""

    def deed(tx: Connection, now: datetime) -> ClaimWithItems | Refused:
        known = catalogue.provider(tx, asked.provider) is not None
        if known and (refused := offices.speaks_for(tx, asked.by, asked.provider, office=False)) is not None:
            return refused
        return _told(tx, chain.submit(tx, asked.key, asked.provider, asked.records, asked.by, now))

    return change(city, idempotency_key, "care/claims", asked, deed)


@router.post("/claims/{id}/return", response_model=ClaimWithItems, responses=REFUSED)
def give_back(city: Here, id: Number, asked: ReturnIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The office gives a claim back to its provider, who corrects or withdraws it."""

    def deed(tx: Connection, now: datetime) -> ClaimWithItems | Refused:
        return _told(tx, chain.act(tx, id, Act.RETURN, asked.by, now, reason=asked.reason, tell=hooks.queue))

    return change(city, idempotency_key, f"care/claims/{id}/return", asked, deed)


@router.post("/claims/{id}/resubmit", response_model=ClaimWithItems, responses=REFUSED)
def resubmit(city: Here, id: Number, asked: ResubmitIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Hand in a returned claim again, with all or some of its records."""

    def deed(tx: Connection, now: datetime) -> ClaimWithItems | Refused:
        return _not_theirs(tx, id, asked.by) or _told(tx, chain.resubmit(tx, id, asked.records, asked.by, now))

    return change(city, idempotency_key, f"care/claims/{id}/resubmit", asked, deed)


@router.post("/claims/{id}/withdraw", response_model=ClaimWithItems, responses=REFUSED)
def withdraw(city: Here, id: Number, asked: SignedIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """The provider lets a returned claim go: its records are free for another one."""

    def deed(tx: Connection, now: datetime) -> ClaimWithItems | Refused:
        return _not_theirs(tx, id, asked.by) or _told(
            tx, chain.act(tx, id, Act.WITHDRAW, asked.by, now, tell=hooks.queue)
        )

    return change(city, idempotency_key, f"care/claims/{id}/withdraw", asked, deed)


@router.post("/claims/{id}/{verb}", response_model=ClaimWithItems, responses=REFUSED)
def sign(
    city: Here,
    id: Number,
    verb: Verb,
    asked: SignedIn,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Verify, approve or pay a claim. Four eyes: nobody does so with their own."""

    def deed(tx: Connection, now: datetime) -> ClaimWithItems | Refused:
        return _told(tx, chain.act(tx, id, Act(verb), asked.by, now, tell=hooks.queue))

    return change(city, idempotency_key, f"care/claims/{id}/{verb}", asked, deed)


@router.get("/claims")
def list_claims(
    city: Here,
    provider: Annotated[Name | None, Query()] = None,
    gu: Annotated[str, Query(max_length=200, pattern=STORABLE, description="A prefix; empty: everywhere.")] = "",
    state: Annotated[State | Literal["open"] | None, Query(description="`open`: neither paid nor withdrawn.")] = None,
    overdue: Annotated[bool, Query(description="Only those whose deadline has passed.")] = False,
    exercise: Annotated[bool, Query(description="Also those of exercises.")] = False,
    limit: PageSize = 50,
    offset: Offset = 0,
) -> list[ClaimOut]:
    """Claims, what is due first on top."""
    where = [chain.within_area(gu), city.only(Kind.CLAIM, claims.c.id)]
    if provider is not None:
        where.append(claims.c.provider == provider)
    if state == "open":
        where.append(claims.c.state.not_in([closed.value for closed in CLOSED]))
    elif state is not None:
        where.append(claims.c.state == state.value)
    if overdue:
        where.append(claims.c.due_at < city.clock.now())
    if not exercise:
        where.append(claims.c.exercise.is_(False))
    with city.db.read() as tx:
        return [ClaimOut.of(it) for it in chain.select(tx, *where, limit=limit, offset=offset)]


@router.get("/claims/{id}", responses=UNKNOWN)
def read_claim(city: Here, id: Number) -> ClaimWithItems:
    """One claim with its records."""
    with city.db.read() as tx:
        told = _told(tx, must(chain.claim(tx, id)))
    assert isinstance(told, ClaimWithItems)
    return told


@router.get("/claimable")
def claimable(
    city: Here, provider: Annotated[Name, Query()], limit: PageSize = 50, offset: Offset = 0
) -> list[LineOut]:
    """What a provider has done and has not claimed yet, the oldest first."""
    with city.db.read() as tx:
        city.must_see(tx, Kind.PROVIDER, provider)
        lines = chain.claimable(tx, provider, limit=limit, offset=offset, only=city.only(Kind.RECORD, records.c.id))
    return [LineOut.model_validate(line) for line in lines]


@router.get("/ledger")
def read_ledger(city: Here, of: OfCity, year: OfYear, limit: PageSize = 50, offset: Offset = 0) -> LedgerOut:
    """A city's year: its accounts, and its entries, the oldest first."""
    with city.db.read() as tx:
        city.own_city(of)
        book = ledger.book(tx, of, year, limit=limit, offset=offset)
    entries = [
        EntryOut(id=one.id, claim=one.claim, at=one.at, by=one.by, postings=_postings(one.postings))
        for one in book.entries
    ]
    accounts = _postings(book.accounts.items())
    return LedgerOut(city=of, year=year, accounts=accounts, balance=book.balance, count=book.count, entries=entries)


@router.get("/ledger.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def read_ledger_as_csv(city: Here, of: OfCity, year: OfYear) -> Response:
    """Every posting of a city's year."""
    with city.db.read() as tx:
        city.own_city(of)
        text = "".join(ledger.as_csv(tx, of, year))
    named = {"Content-Disposition": f'attachment; filename="ledger-{of}-{year}.csv"'}
    return Response(text, media_type="text/csv", headers=named)


@router.get("/budget", responses=UNKNOWN)
def read_budget(city: Here, of: OfCity, year: OfYear) -> BudgetOut:
    """What a city has for a year, and what is left of it."""
    with city.db.read() as tx:
        city.own_city(of)
        return _budget(tx, must(budget.read(tx, of, year)))


@router.post("/budget/decisions", response_model=BudgetOut, responses=REFUSED)
def decide(city: Here, asked: DecisionIn, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Put on record that there is more money for a year. Sent twice, it counts once."""

    def deed(tx: Connection, now: datetime) -> BudgetOut | Refused:
        city.own_city(asked.city)
        found = budget.decide(tx, budget.Decision(**asked.model_dump()), now)
        return found if isinstance(found, Refused) else _budget(tx, found)

    return change(city, idempotency_key, "care/budget/decisions", asked, deed)


def _budget(tx: Connection, it: budget.Budget) -> BudgetOut:
    same = {name: getattr(it, name) for name in BudgetOut.model_fields if name not in ("scope", "decisions")}
    decisions = [DecisionOut.model_validate(one) for one in it.decisions]
    return BudgetOut(**same, scope=place(it.city, people.area_names(tx)), decisions=decisions)


def _postings(lines: Iterable[tuple[str, int]]) -> list[PostingOut]:
    return [PostingOut(account=account, won=won) for account, won in lines]


def _not_theirs(tx: Connection, id: int, by: str) -> Refused | None:
    """Why `by` does not speak for the provider of a claim."""
    it = chain.claim(tx, id)
    return it if isinstance(it, Refused) else offices.speaks_for(tx, by, it.provider, office=False)
