"""Writes `docs/devices.md` from the table that the adapters read: `python -m gateway.adapters.table > docs/devices.md`.

With files of states (a JSON object a line, its `payload` a Zigbee2MQTT state) it also says what their members became.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from gateway.adapters.capabilities import EMPTY_PCT, IGNORED, STANDBY_W, TABLE, USE_W, Capability, names_of
from gateway.adapters.zigbee2mqtt import hear

_HEAD = f"""# Devices

What a home's devices can do, how each dialect calls it, and what is made of it. A device is mapped by what it can do;
there is no list of models. This page is written from the table that the adapters read:

```sh
python -m gateway.adapters.table [STATES.jsonl] > docs/devices.md
```

An exclamation mark before a name says that its value means the opposite: Zigbee2MQTT's `contact` is true while a door
is closed, and Home Assistant's `door` is on while it is open. [The gateway](gateway.md) says on which topics each is
heard.

**News.** A value is an event where it is another than the last one; the first that is ever heard, only where it is not
that of rest. A state that is said again, because another member has changed or to keep somebody informed, is none, and
a retained message never is. A press is one each time. **An alarm that stands** (`smoke`, `gas`, `co`, `fall`, `sos`) is
told again at its first word after the gateway's start, and then once in 5 minutes for as long as its device says it:
its end may have been missed, and then it is another one. A detector that stays on and reports every minute makes twelve
events an hour. In the city they join the open case: smoke, gas, CO and a fall call nobody anew, an SOS calls again;
when the case was closed, the next opens another. Measures are an event where they change, every 90 minutes where not,
and every 5 where it is hot or cold.

**Names** are all there is to tell a mat, a box or a button by: a presence, or a contact that closes, of a thing named
*bed* (침대) is somebody in bed; a contact that closes on a *chair* or *sofa* is a presence; a contact that opens on a
*pill box* (약통) is a dose. Any press of a button is an SOS where a word of its name begins or ends with *sos*,
*panic*, *emergency* or *help* (`SOSButton`, `panicbutton`) or has 비상, 응급, 긴급, 호출, 안심 or 도움 in it; of others
only actions with the words `emergency`, `sos` and `panic` are (`sos_press`, `emergency_1`; not `emergency_release` nor
`sos_clear`). A button that can say neither calls nobody, and [is shown as such](gateway.md#setting-a-home-up). The part
of a name before the first `/` is the room; a door and a plug are called by their whole name.

**By hand.** What turns within 10 s of an order over MQTT has been turned by an automation; a Shelly says itself what
turned it; Home Assistant's statestream says nothing of it, so a switch that is heard there proves no life. A plug that
measures is in use from {USE_W:g} W on until it falls to {STANDBY_W:g} W. A fridge, a boiler, a rice cooker and the like
come and go by themselves: their name says so, and they prove nothing.

**SOS.** No press is left out, but for a button that is held down: ten are heard at once, then one in 10 s. Some buttons
press themselves at {EMPTY_PCT:g} % of their battery and below: the SOS is one all the same, and its reasons say so.
Within 60 s of the button's joining the home's Zigbee network (`device_joined`, `device_interview`; not
`device_announce`, which a real press brings about as well) a press is a note, which the home's page shows and nobody is
called for.

**What cannot be read** is rejected and counted. Of a message of Zigbee2MQTT's that is too long or breaks off the alarms
and presses are heard all the same, as they are of a group's name. An alarm's value may be written in any way (`true`,
`"on"`, 1).
"""
_DIALECTS = {
    "Zigbee2MQTT": "zigbee2mqtt", "Home Assistant": "homeassistant", "Tasmota": "tasmota", "Shelly": "shelly",
    "SmartThings": "smartthings",
}  # fmt: skip
_LEFT = """
## What is ignored, and why

A member that is neither above nor here is ignored because nobody has said yet what it means.

| member of Zigbee2MQTT | why |
|---|---|
"""
_NOT_COVERED = """
## What a dialect does not cover

| dialect | not covered |
|---|---|
| Zigbee2MQTT | locks, blinds and valves; a lamp that comes on by itself when the mains return passes for one by hand |
| Home Assistant | templates beyond `{{ value_json.x }}`; availability topics of announced devices; `presence` (a \
telephone's); who turned a switch; rooms, but from the entity's name |
| Tasmota | inputs (`Switch1`), for which a rule has to say what they are; attributes on topics of their own; who \
turned a relay, if not an order over MQTT |
| Shelly | device names with a `/`; buttons over Bluetooth under their own name; blinds |
| SmartThings | rooms; devices without a label are named by their id |
"""


def page(states: Iterable[str] = ()) -> str:
    """The whole page. `states`: lines of JSON, each with a Zigbee2MQTT state as its `payload`."""
    rows = list(states)
    return "".join([_HEAD, *_table(), _LEFT, *(f"| `{m}` | {why} |\n" for m, why in IGNORED.items()), _NOT_COVERED]) + (
        "".join(_seen(rows)) if rows else ""
    )


def _table() -> Iterator[str]:
    yield "\n## What is understood\n\n| event | what of it | at rest | " + " | ".join(_DIALECTS) + " |\n"
    yield "|" + "---|" * (len(_DIALECTS) + 3) + "\n"
    for one in TABLE:
        rest = "" if one.rest is None else f"`{str(one.rest).lower()}`"
        cells = (", ".join(f"`{name}`" for name in getattr(one, field)) for field in _DIALECTS.values())
        yield f"| `{one.kind}` | {one.how} | {rest} | {' | '.join(cells)} |\n"


def _seen(rows: list[str]) -> Iterator[str]:
    """Which members these states have, and what was made of each. No value is shown."""
    payloads = [msgspec.json.decode(row)["payload"] for row in rows if row.strip()]
    members = Counter(member for payload in payloads for member in payload)
    yield (
        f"\n## What real states were made of\n\n{len(payloads)} states of lamps, plugs, remotes, motion and contact "
        "sensors and a radiator valve, from public repositories. What is said of each member\nis tried, not claimed: "
        "*understood* is what changes a state that is remembered, or makes an event.\n\n"
        "| member | states with it | | what of it |\n|---|---|---|---|\n"
    )
    names = names_of("zigbee2mqtt")
    for member, count in members.most_common():
        understood = sum(_says(member, payload[member]) for payload in payloads if member in payload)
        known = names[member][0] if member in names else None
        yield f"| `{member}` | {count} | {_fate(understood, count)} | {_why(member, known, understood)} |\n"


def _says(member: str, value: Any) -> bool:
    """Whether a state of this member alone means something."""
    heard = hear("a-device", msgspec.json.encode({member: value}), False, {})
    return bool(getattr(heard, "said", ()) or getattr(heard, "states", ()))


def _fate(understood: int, count: int) -> str:
    return "understood" if understood == count else "ignored" if not understood else f"understood in {understood}"


def _why(member: str, known: Capability | None, understood: int) -> str:
    if known is not None and understood:
        return f"`{known.kind}`: {known.how}"
    return IGNORED.get(member, "nobody has said yet what it means")


if __name__ == "__main__":
    lines = [line for name in sys.argv[1:] for line in Path(name).read_text(encoding="utf-8").splitlines()]
    sys.stdout.write(page(lines))
