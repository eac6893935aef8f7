"""The languages that homes speak on their own broker: which topics each is heard on, and who understands it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from gateway.adapters import homeassistant, native, shelly, tasmota, zigbee2mqtt
from gateway.adapters.said import Adapter


class Dialect(NamedTuple):
    """`below`: what is left of a topic for `hear`; None: another dialect's. `kept`: filters of retained messages that
    are wanted although they are old, because they say how others are to be read.
    """

    filters: tuple[str, ...]
    below: Callable[[str], str | None]
    hear: Adapter
    kept: tuple[str, ...] = ()


class Bases(NamedTuple):
    """Where each dialect is spoken: base topics, separated by spaces; none: it is left out.

    Tasmota's is its own `FullTopic`. Shelly's first generation speaks below a base, the later ones below their names
    at the top, which is `+`.
    """

    zigbee2mqtt: str = "zigbee2mqtt"
    homeassistant: str = "homeassistant"
    tasmota: str = "%prefix%/%topic%"
    shelly: str = "shellies +"


def dialects(bases: Bases = Bases()) -> tuple[Dialect, ...]:  # noqa: B008 - immutable
    """Everything that this program understands; of two that would take a topic, the first has it."""
    found = [Dialect((native.FILTER,), _below(native.BASE), native.hear)]
    for base in bases.zigbee2mqtt.split():
        kept = tuple(f"{base}/{topic}" for topic in zigbee2mqtt.KEPT)
        found.append(Dialect((f"{base}/#",), _below(base), partial(zigbee2mqtt.hear, base=base), kept))
    for base in bases.homeassistant.split():
        kept = tuple(f"{base}/{topic}" for topic in homeassistant.KEPT)
        found.append(Dialect((f"{base}/#",), _below(base), homeassistant.hear, kept))
    found += [Dialect(tasmota.filters(full), tasmota.below(full), tasmota.hear) for full in bases.tasmota.split()]
    for base in bases.shelly.split():
        if base == "+":
            found.append(Dialect(shelly.FILTERS, shelly.below, shelly.hear_later))
        else:
            found.append(Dialect((f"{base}/#",), _below(base), shelly.hear_first))
    if bases.homeassistant.split():
        # What a device has announced, it says on any topic that it likes.
        found.append(Dialect((), lambda topic: topic, homeassistant.hear_announced))
    return tuple(found)


def _below(base: str) -> Callable[[str], str | None]:
    return lambda topic: topic.removeprefix(f"{base}/") if topic.startswith(f"{base}/") else None
