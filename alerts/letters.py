"""What a decision has to say to people and speakers, as rows of the outbox, in texts fit for a lock screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from alerts.case import Case
from alerts.happenings import Ask
from core.people import WAYS, AskBy, Home, Member, Reach
from core.words import say

CANARY = "canary"
"""The channel of members that are programs."""
COMFORT_S = 600.0
"""So long it is worth telling that help is being called."""


class Letter(msgspec.Struct, frozen=True):
    """One message to one member or home, by the first channel of `reach`, or by the next where that fails.

    `purpose` is `call`, `owner`, `stand_down`, `closed`, `check_in` or `reassure`; `call` numbers the case's call.
    `ask`, its `text` and `ways` are a home's.
    """

    purpose: str
    call: int
    language: str
    reach: tuple[Reach, ...]
    member: str | None = None
    ask: Ask | None = None
    text: str = ""
    ways: tuple[str, ...] = ()


def to_member(purpose: str, call: int, member: Member, how: Sequence[str] = ()) -> Letter:
    """A letter that tries the channels named in `how` first, and then the member's others."""
    rank = {channel: i for i, channel in enumerate(how)}
    reach = sorted(member.reach, key=lambda r: rank.get(r.channel, len(rank)))
    return Letter(purpose, call, member.language, tuple(reach), member.id)


def to_home(ask: Ask, call: int, home: Home) -> Letter:
    """A question or a comfort, said or shown in the home."""
    by_cloud = home.cloud and home.asked_by is AskBy.VOICE
    reach = Reach("cloud", f"{home.cloud}/{home.gateway}") if by_cloud else Reach("speaker", home.gateway)
    text, ways = words(home, ask.key, ask.kind), WAYS[home.asked_by]
    return Letter(ask.kind, call, home.language, (reach,), ask=ask, text=text, ways=ways)


def words(home: Home, key: str, kind: str) -> str:
    """What is said or shown: a question in the caregiver's own words where there are some, and each time the same."""
    if kind == "check_in" and home.wording:
        return home.wording
    shown = kind == "check_in" and home.asked_by is AskBy.LIGHT
    return say(f"{key}_shown" if shown else key, home.language)


def rows(case_id: int, case: Case, letters: Iterable[Letter], now: datetime) -> list[dict[str, Any]]:
    """The letters as rows for their first channels.

    Law: what a synthetic case has to say goes by the canary's channel, and nothing else ever does.
    """
    fit = (replace(it, reach=tuple(r for r in it.reach if (r.channel == CANARY) is case.synthetic)) for it in letters)
    return [row(case_id, case, letter, now) for letter in fit if letter.reach]


def notices(
    case_id: int, case: Case, members: Iterable[Member], what: str, thread: str, url: str, now: datetime
) -> list[dict[str, Any]]:
    """What is no call of a case, and goes the same way: `notice.WHAT`, and where to look."""
    queued = rows(case_id, case, [to_member(what, 0, member) for member in members], now)
    for one in queued:
        one["key"] = f"{what}-{thread}/{one['member']}/{one['channel']}"
        one["payload"] |= {"url": url}
    return queued


def row(case_id: int, case: Case, letter: Letter, now: datetime) -> dict[str, Any]:
    """A letter as a queued row. Its key is the same whenever the same decision is carried out again.

    It names the moment at which the case was opened: a city restored from a backup gives numbers a second time, and a
    provider that takes two cases for one would call nobody.
    """
    first, *then = letter.reach
    thread = letter.ask.ask if letter.ask else f"{letter.purpose}-{letter.call}"
    payload: dict[str, Any] = {
        "case": case_id,
        "purpose": letter.purpose,
        "concern": case.concern,
        "urgency": case.urgency.name.lower(),
        "member": letter.member,
        "language": letter.language,
        "text": _text(case_id, case, letter),
        "url": f"/cases/{case_id}",
        "then": [[r.channel, r.address] for r in then],
    }
    if letter.ask:
        ask = letter.ask
        payload["ask"] = {"id": ask.ask, "kind": ask.kind, "wait_s": ask.wait_s, "ways": letter.ways}
        payload["ask"]["until"] = (now + timedelta(seconds=ask.wait_s or COMFORT_S)).isoformat()
    return {
        "key": f"case-{case_id}-{case.opened_at:%Y%m%dT%H%M%S}/{thread}/{letter.member or 'home'}/{first.channel}",
        "case_id": case_id,
        "purpose": letter.purpose,
        "member": letter.member,
        "channel": first.channel,
        "address": first.address,
        "urgency": int(case.urgency),
        "payload": payload,
        "state": "queued",
        "attempts": 0,
        "created_at": now,
        "due_at": now,
    }


def _text(case_id: int, case: Case, letter: Letter) -> str:
    if letter.ask:
        return letter.text
    # No name, no address, nothing about health: anybody may look at a telephone that lies on a table.
    key = "notice.call." + case.urgency.name.lower() if letter.purpose == "call" else f"notice.{letter.purpose}"
    return say(key, letter.language, {"case": case_id})
