"""The pages of providers and of the gu-office's money: orders, tasks to give, claims, the budget and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import TypeAdapter

from api import care_orders, catalogue, claims, work
from api.board import Lang
from api.care_field import CLOCK
from api.care_frame import (
    NUMBER,
    PAGE,
    Block,
    Cell,
    Deed,
    Facts,
    Field,
    Fields,
    Form,
    PageRoute,
    Reader,
    Strange,
    Table,
    fresh,
    pages,
    perform,
)
from api.care_names import Names, draw, names_of, remember
from api.care_pages import Prefix, by_field, done_by, members_of, reader_of
from api.care_shapes import Number, Offset
from api.city import City, Here
from api.shapes import STORABLE
from care import claims as claim_rows
from care.budget import DECIDE

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(remember)])
Id = Annotated[str, Path(max_length=100, pattern=STORABLE)]

# --- providers


def _keyed(said: dict[str, Any]) -> dict[str, Any]:
    """The page's own id is what a program calls its key."""
    return {**{name: value for name, value in said.items() if name != "id"}, "key": said.get("id", "")}


def _theirs(city: City, at: dict[str, Any]) -> int:
    """An order of the provider whose page it is. Raises Strange."""
    if care_orders.read_order(city, at["order"]).provider != at["provider"]:
        raise Strange("order")
    return int(at["order"])


PROVIDER = {
    "accept": Deed(
        care_orders.SaidIn,
        lambda city, at, body, key: care_orders.accept(city, _theirs(city, at), body, key),
        {"order": NUMBER},
    ),
    "decline": Deed(
        care_orders.BecauseIn,
        lambda city, at, body, key: care_orders.decline(city, _theirs(city, at), body, key),
        {"order": NUMBER},
    ),
    "assign": Deed(
        work.TaskIn,
        lambda city, at, body, key: work.assign(city, _theirs(city, at), body, key),
        {"order": NUMBER},
        moments=("planned_at",),
        shape=_keyed,
    ),
    "submit": Deed(
        claims.SubmitIn,
        lambda city, at, body, key: claims.submit(city, body, key),
        held=("provider",),
        lists=("records",),
        shape=_keyed,
    ),
}


@router.get("/care/providers")
def providers_page(request: Request, city: Here, lang: Lang = "ko", of: Prefix = "", offset: Offset = 0) -> Response:
    reader = reader_of(city, lang)
    t, names = reader.t, names_of(reader)
    known = [one.city for one in catalogue.list_cities(city, limit=200, offset=0)]
    chosen = of if of in known else (known[0] if known else "")
    found = catalogue.list_providers(city, chosen, "", "", limit=PAGE + 1, offset=offset) if chosen else []
    rows = [
        [
            Cell(getattr(one.name, lang), reader.link(f"/care/providers/{one.id}")),
            Cell(one.id), Cell(names.services(chosen, one.services)), Cell(", ".join(map(names.area, one.areas))),
        ]
        for one in found[:PAGE]
    ]  # fmt: skip
    columns = [t(f"chain.{name}") for name in ("provider", "id", "services", "area")]
    blocks: list[Block] = [
        Facts([(one, Cell(one, reader.link("/care/providers", of=one))) for one in known], t("chain.city")),
        Table(
            t("chain.room.providers"), columns, rows, **pages(reader, "/care/providers", offset, len(found), of=chosen)
        ),
    ]
    return draw(reader, t("chain.room.providers"), blocks, request)


@router.get("/care/providers/{id}")
def provider_page(request: Request, city: Here, id: Id, lang: Lang = "ko", offset: Offset = 0) -> Response:
    return _provider(request, reader_of(city, lang), id, offset=offset)


@router.post("/care/providers/{id}")
def act(request: Request, city: Here, id: Id, said: Fields, lang: Lang = "ko") -> Response:
    reader = reader_of(city, lang)
    return perform(
        reader,
        request,
        said,
        PROVIDER,
        lambda status, why: _provider(request, reader, id, status, why),
        {"provider": id},
    )


def staff_of(reader: Reader, provider: str) -> list[tuple[str, str]]:
    return [(one.id, one.name) for one in catalogue.read_staff(reader.city, provider).members if one.active]


def _provider(
    request: Request, reader: Reader, id: str, status: int = 200, refused: str = "", offset: int = 0
) -> Response:
    city, t, names = reader.city, reader.t, names_of(reader)
    staff = staff_of(reader, id)
    here = reader.link(f"/care/providers/{id}")
    who = Field("by", t("board.by"), "select", options=staff, required=True)
    blocks: list[Block] = []
    local = reader.now.astimezone(city.timezone)
    offered = care_orders.list_orders(city, id, "offered", None, limit=PAGE + 1, offset=offset)
    accepted = care_orders.list_orders(city, id, "accepted", None, limit=PAGE + 1, offset=offset)
    claimed = claims.list_claims(city, id, "", None, False, True, limit=PAGE + 1, offset=offset)
    around = pages(reader, f"/care/providers/{id}", offset, max(len(offered), len(accepted), len(claimed)))
    live = [*offered[:PAGE], *accepted[:PAGE]]
    blocks.append(_orders(reader, names, live, around))
    for order in offered[:PAGE]:
        mine = Field("order", type="hidden", value=str(order.id))
        title = f"{_what(order, names)} · {order.units} · {reader.at(order.due_at)}"
        blocks.append(Form(title, here, done_by("accept", mine, who), t("chain.accept")))
        why = Field("reason", t("chain.why"), required=True)
        blocks.append(Form(title, here, done_by("decline", mine, why, who), t("chain.decline")))
    for order in accepted[:PAGE]:
        fields = done_by(
            "assign",
            Field("order", type="hidden", value=str(order.id)),
            Field("id", type="hidden", value=f"page-{fresh()}"),
            Field("worker", t("chain.worker"), "select", options=staff, required=True),
            Field("planned_at", t("chain.planned"), "datetime-local", value=f"{local + timedelta(hours=2):{CLOCK}}"),
            Field("units", t("chain.units"), "number", value=str(max(1, order.units - order.recorded))),
            who,
        )
        title = f"{_what(order, names)} · {order.recorded}/{order.units}"
        blocks.append(Form(title, here, fields, t("chain.assign")))
    lines = claims.claimable(city, id, limit=200, offset=0)
    if lines:
        options = [(one.record, f"{reader.at(one.end)} · {_what(one, names)} · {one.won:,}") for one in lines]
        chosen = [one.record for one in lines if one.area.split("/")[:2] == lines[0].area.split("/")[:2]]
        fields = done_by(
            "submit",
            Field("id", type="hidden", value=f"page-{fresh()}"),
            Field("provider", type="hidden", value=id),
            Field("records", t("chain.records"), "checks", options=options, chosen=chosen),
            who,
        )
        blocks.append(Form(t("chain.claim"), here, fields, t("chain.claim")))
    blocks.append(_claims(reader, t("chain.claims"), claimed[:PAGE], **around))
    return draw(reader, f"{t('chain.provider')} · {id}", blocks, request, status=status, refused=refused)


def _what(one: care_orders.OrderOut | claims.LineOut | claim_rows.Detail, names: Names) -> str:
    return f"{names.service(one.area, one.service)} · {names.area(one.area)}"


def _orders(reader: Reader, names: Names, found: Sequence[care_orders.OrderOut], around: Mapping[str, str]) -> Table:
    columns = [reader.t(f"chain.{name}") for name in ("service", "state", "units", "due")]
    rows = [
        [
            Cell(_what(one, names)), Cell(reader.word("order", one.state)),
            Cell(f"{one.recorded}/{one.units}", number=True), reader.due(one.due_at),
        ]
        for one in found
    ]  # fmt: skip
    return Table(reader.t("chain.orders"), columns, rows, **around)


def _claims(reader: Reader, title: str, found: Any, **around: str) -> Table:
    columns = [reader.t(f"chain.{name}") for name in ("claim", "provider", "area", "state", "won_", "due", "owner")]
    rows = [
        [
            Cell(str(one.id), reader.link(f"/care/claims/{one.id}")), Cell(one.provider), Cell(one.gu),
            Cell(getattr(one.says, reader.lang)), reader.won(one.won), reader.due(one.due_at), Cell(one.owner),
        ]
        for one in found
    ]  # fmt: skip
    return Table(title, columns, rows, **around)


# --- the gu-office

VERBS = {"submitted": ("verify",), "verified": ("approve",), "approved": ("pay",)}
CLAIM = {
    "sign": Deed(
        claims.SignedIn,
        lambda city, at, body, key: claims.sign(city, at["id"], at["verb"], body, key),
        {"id": NUMBER, "verb": TypeAdapter(claims.Verb)},
    ),
    "return": Deed(
        claims.ReturnIn, lambda city, at, body, key: claims.give_back(city, at["id"], body, key), {"id": NUMBER}
    ),
    "withdraw": Deed(
        claims.SignedIn, lambda city, at, body, key: claims.withdraw(city, at["id"], body, key), {"id": NUMBER}
    ),
    "resubmit": Deed(
        claims.ResubmitIn,
        lambda city, at, body, key: claims.resubmit(city, at["id"], body, key),
        {"id": NUMBER},
        lists=("records",),
    ),
}
BUDGET = {
    "decide": Deed(claims.DecisionIn, lambda city, at, body, key: claims.decide(city, body, key), held=("city", "year"))
}
Year = Annotated[int | None, Query(ge=2000, le=2199)]


@router.get("/care/claims")
def claims_page(request: Request, city: Here, lang: Lang = "ko", gu: Prefix = "", offset: Offset = 0) -> Response:
    reader = reader_of(city, lang)
    t = reader.t
    found = claims.list_claims(city, None, gu, "open", False, False, limit=PAGE + 1, offset=offset)
    known = [one.city for one in catalogue.list_cities(city, limit=200, offset=0)]
    books = [(one, Cell(t("chain.budget"), reader.link("/care/budget", of=one))) for one in known]
    blocks: list[Block] = [
        Facts(books, t("chain.budget")),
        _claims(reader, t("chain.claims"), found[:PAGE], **pages(reader, "/care/claims", offset, len(found), gu=gu)),
    ]
    return draw(reader, t("chain.room.claims"), blocks, request)


@router.get("/care/claims/{id}")
def claim_page(request: Request, city: Here, id: Number, lang: Lang = "ko") -> Response:
    return _claim(request, reader_of(city, lang), id)


@router.post("/care/claims/{id}")
def act_claim(request: Request, city: Here, id: Number, said: Fields, lang: Lang = "ko") -> Response:
    reader = reader_of(city, lang)
    return perform(
        reader, request, said, CLAIM, lambda status, why: _claim(request, reader, id, status, why), {"id": str(id)}
    )


def _claim(request: Request, reader: Reader, id: int, status: int = 200, refused: str = "") -> Response:
    city, t = reader.city, reader.t
    it = claims.read_claim(city, id)
    names = names_of(reader)
    with city.db.read() as tx:
        held = claim_rows.details(tx, id)
    here = reader.link(f"/care/claims/{id}")
    mine = Field("id", type="hidden", value=str(id))
    who = by_field(reader, it.gu)
    by = {"submit": it.submitted_by, "verify": it.verified_by, "approve": it.approved_by, "pay": it.paid_by}
    signed = [f"{t(f'chain.{verb}')}: {name}" for verb, name in by.items() if name]
    lines = [
        (t("chain.provider"), Cell(it.provider, reader.link(f"/care/providers/{it.provider}"))),
        (t("chain.area"), Cell(names.area(it.gu))),
        (t("chain.state"), Cell(getattr(it.says, reader.lang))),
        (t("chain.won_"), reader.won(it.won)),
        (t("chain.due"), reader.due(it.due_at)),
        (t("chain.who"), Cell(" · ".join(signed))),
        (t("chain.why"), Cell(it.reason or "")),
        (t("chain.exercise"), Cell(t("chain.yes") if it.exercise else "")),
    ]
    blocks: list[Block] = [Facts([line for line in lines if line[1].text])]
    for verb in VERBS.get(it.state.value, ()):
        fields = done_by("sign", mine, Field("verb", type="hidden", value=verb), who)
        blocks.append(Form(t(f"chain.{verb}"), here, fields, t(f"chain.{verb}")))
    if it.state.value in ("submitted", "verified"):
        fields = done_by("return", mine, Field("reason", t("chain.why"), required=True), who)
        blocks.append(Form(t("chain.return"), here, fields, t("chain.return")))
    if it.state.value == "returned":
        staff = Field("by", t("board.by"), "select", options=staff_of(reader, it.provider), required=True)
        options = [(one.record, f"{reader.at(one.start)} · {_what(one, names)} · {one.won:,}") for one in held]
        keep = Field("records", t("chain.records"), "checks", options=options, chosen=[one.record for one in held])
        blocks.append(Form(t("chain.resubmit"), here, done_by("resubmit", mine, keep, staff), t("chain.resubmit")))
        fields = done_by("withdraw", mine, staff)
        blocks.append(Form(t("chain.withdraw"), here, fields, t("chain.withdraw")))
    rows = [
        [
            Cell(reader.at(one.start)), Cell(names.service(one.area, one.service)), Cell(one.worker),
            Cell(str(one.units), number=True), Cell(names.area(one.area)), reader.won(one.won),
        ]
        for one in held
    ]  # fmt: skip
    columns = [t(f"chain.{name}") for name in ("when", "service", "worker", "units", "dong", "won_")]
    blocks.append(Table(t("chain.records"), columns, rows))
    return draw(reader, f"{t('chain.claim')} {id}", blocks, request, status=status, refused=refused)


@router.get("/care/budget")
def budget_page(request: Request, city: Here, of: Prefix, lang: Lang = "ko", year: Year = None) -> Response:
    reader = reader_of(city, lang)
    return _budget(request, reader, of, year or reader.now.astimezone(city.timezone).year)


@router.post("/care/budget")
def decide(request: Request, city: Here, of: Prefix, said: Fields, lang: Lang = "ko", year: Year = None) -> Response:
    reader = reader_of(city, lang)
    which = year or reader.now.astimezone(city.timezone).year
    return perform(
        reader, request, said, BUDGET,
        lambda status, why: _budget(request, reader, of, which, status, why), {"city": of, "year": str(which)},
    )  # fmt: skip


def _budget(request: Request, reader: Reader, of: str, year: int, status: int = 200, refused: str = "") -> Response:
    city, t = reader.city, reader.t
    it = claims.read_budget(city, of, year)
    book = claims.read_ledger(city, of, year, limit=PAGE, offset=0)
    sums = [(t(f"chain.sum_{name}"), reader.won(getattr(it, name)))
            for name in ("budget", "decided", "paid", "remaining", "approved", "verified", "submitted")]  # fmt: skip
    accounts = [[Cell(one.account), reader.won(one.won)] for one in book.accounts]
    decisions = [[Cell(one.reason), reader.won(one.won), Cell(one.by)] for one in it.decisions]
    deciders = members_of(reader, of, DECIDE)
    hidden = [("id", f"page-{fresh()}"), ("city", of), ("year", str(year))]
    fields = done_by(
        "decide",
        *(Field(name, type="hidden", value=value) for name, value in hidden),
        Field("won", t("chain.won_"), "number", required=True),
        Field("reason", t("chain.why"), required=True),
        Field("by", t("board.by"), "select", options=deciders, required=True),
    )
    here = reader.link("/care/budget", of=of, year=year)
    blocks: list[Block] = [
        Facts(sums, f"{of} · {year}"),
        Table(
            f"{t('chain.ledger')} · {t('chain.balance')} {book.balance:,}",
            [t("chain.account"), t("chain.won_")],
            accounts,
        ),
        Table(t("chain.decisions"), [t("chain.why"), t("chain.won_"), t("chain.who")], decisions),
        Form(t("chain.decide"), here, fields, t("chain.decide"))
        if deciders
        else Facts([(t("chain.decide"), Cell(t("chain.no_decider", city=of)))]),
    ]
    return draw(reader, t("chain.budget"), blocks, request, status=status, refused=refused)
