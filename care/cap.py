"""The hand-over of a Care Call to the fire service (119) as a Common Alerting Protocol 1.2 message: pure.

The order of elements and their values are those of the OASIS standard CAP-v1.2; the test holds them as a table.
"""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from core.signals import Concern, Urgency
from core.words import say

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
TO = "119"
LOCALES = {"ko": "ko-KR", "en": "en-US"}

CATEGORY = {
    Concern.SMOKE: ("Fire", "Rescue"),
    Concern.GAS: ("Safety", "Rescue"),
    Concern.CO: ("Safety", "Health"),
    Concern.LEAK: ("Safety",),
    Concern.HEAT: ("Health",),
    Concern.COLD: ("Health",),
    Concern.HOME_DARK: ("Infra",),
    Concern.DEVICE: ("Infra",),
    Concern.AREA_OUTAGE: ("Infra",),
}
"""Of what is not the person itself; that is "Health" and "Rescue"."""
URGENCY = {
    Urgency.IMMEDIATE: ("Immediate", "Severe"),
    Urgency.URGENT: ("Expected", "Severe"),
    Urgency.SOON: ("Future", "Moderate"),
    Urgency.ROUTINE: ("Future", "Minor"),
}
"""CAP's urgency and severity. None is "Extreme": that is for a disaster."""
SAID = frozenset({Concern.SOS, Concern.DISTRESS, Concern.DESPAIR, Concern.SERVICE_WORRY})
MEASURED = frozenset({Concern.FALL, Concern.SMOKE, Concern.GAS, Concern.CO, Concern.LEAK, Concern.HEAT, Concern.COLD})


class Emergency(msgspec.Struct, frozen=True):
    """A case as far as who is called to it must know it; `lines` are the ids of its log's lines, oldest first.

    `name` is the resident's, "" where nobody knows it; `place` and `why` are by language. `at` is the last line's time.
    `exercise`: a drill; `test`: nobody lives there at all. `over`: the case is closed, with this `outcome`.
    """

    id: int
    lines: Sequence[tuple[int, datetime]]
    concern: Concern
    urgency: Urgency
    opened_at: datetime
    name: str
    home: str
    area: str
    place: dict[str, str]
    why: dict[str, str]
    exercise: bool = False
    test: bool = False
    over: bool = False
    outcome: str = ""


def legible(text: str) -> str:
    """Without what XML 1.0 can't hold, on one line; nothing else is lost."""
    held = "".join(
        c
        for c in unicodedata.normalize("NFC", text)
        if c in "\t\n\r"
        or "\x20" <= c <= "\x7e"
        or "\xa0" <= c <= "\ud7ff"
        or "\ue000" <= c <= "\ufffd"
        or c > "\uffff"
    )
    return " ".join(held.split())


def message(it: Emergency, sender: str, zone: ZoneInfo) -> bytes:
    """The XML of one message, UTF-8. The same state of a case gives the same message, identifier included.

    A living case is an Alert that says everything anew; messages about one case share `incidents`. A closed one is a
    Cancel of each that can have been fetched before.
    """
    sender = re.sub(r"[\s,<&]", "-", legible(sender)) or "anbu"
    line, sent = it.lines[-1]
    alert = ET.Element("alert", {"xmlns": NAMESPACE})
    _put(alert, "identifier", _identifier(it.id, line))
    _put(alert, "sender", sender)
    _put(alert, "sent", stamp(sent, zone))
    _put(alert, "status", "Test" if it.test else "Exercise" if it.exercise else "Actual")
    _put(alert, "msgType", "Cancel" if it.over else "Alert")
    _put(alert, "source", "Anbu")
    _put(alert, "scope", "Private")
    _put(alert, "addresses", TO)
    if it.exercise or it.test:
        _put(alert, "note", " / ".join(say("exchange.cap.exercise", language) for language in LOCALES))
    if it.over:
        earlier = [f"{sender},{_identifier(it.id, id)},{stamp(at, zone)}" for id, at in it.lines[:-1]]
        _put(alert, "references", " ".join(earlier) or f"{sender},{_identifier(it.id, line)},{stamp(sent, zone)}")
    _put(alert, "incidents", f"anbu-case-{it.id}")
    for language in LOCALES:
        _info(alert, it, language, zone)
    body: bytes = ET.tostring(alert, encoding="utf-8", xml_declaration=True)
    return body


def stamp(at: datetime, zone: ZoneInfo) -> str:
    """To the second, with an offset: CAP knows no Z, and writes UTC as -00:00."""
    text = at.astimezone(zone).replace(microsecond=0).isoformat()
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text


def _identifier(case: int, line: int) -> str:
    return f"anbu-case-{case}-{line}"


def _info(alert: ET.Element, it: Emergency, language: str, zone: ZoneInfo) -> None:
    concern = say(f"concern.{it.concern}", language)
    urgency, severity = URGENCY[it.urgency]
    exercise = it.exercise or it.test
    place = legible(it.place[language]) or say("exchange.nowhere", language)
    name = legible(it.name)
    prefix = f"[{say('exchange.exercise', language)}] " if exercise else ""
    info = ET.SubElement(alert, "info")
    _put(info, "language", LOCALES[language])
    for category in CATEGORY.get(it.concern, ("Health", "Rescue")):
        _put(info, "category", category)
    _put(info, "event", say("exchange.cap.event", language, {"concern": concern}))
    _put(info, "responseType", "AllClear" if it.over else "None" if exercise else "Assess")
    _put(info, "urgency", "Past" if it.over else urgency)
    _put(info, "severity", severity)
    _put(info, "certainty", certainty(it))
    _put(info, "onset", stamp(it.opened_at, zone))
    _put(info, "senderName", say("exchange.cap.sender", language))
    _put(info, "headline", f"{prefix}{concern}: {place}")
    parts = [it.why[language], say("exchange.cap.person", language, {"name": name}) if name else ""]
    if it.over:
        parts.insert(0, say("exchange.cap.over", language))
    if exercise:
        parts.insert(0, say("exchange.cap.exercise", language))
    if said := legible(" ".join(parts)):
        _put(info, "description", said)
    if not it.over:
        key = "exchange.cap.exercise" if exercise else "exchange.cap.instruction"
        _put(info, "instruction", say(key, language, {"id": it.id}))
    for code, value in (("anbu:case", str(it.id)), ("anbu:home", it.home), ("anbu:outcome", it.outcome)):
        if value:
            parameter = ET.SubElement(info, "parameter")
            _put(parameter, "valueName", code)
            _put(parameter, "value", value)
    area = ET.SubElement(info, "area")
    _put(area, "areaDesc", place)
    if it.area:
        geocode = ET.SubElement(area, "geocode")
        _put(geocode, "valueName", "anbu:area")
        _put(geocode, "value", it.area)


def certainty(it: Emergency) -> str:
    """How sure it is: found so, said by a person, measured by a device, or concluded from silence."""
    if it.outcome == "true_emergency" or it.concern in SAID:
        return "Observed"
    return "Likely" if it.concern in MEASURED else "Possible"


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = legible(text)
