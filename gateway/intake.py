"""From what the home's broker delivers to what the outbox keeps, and what is done while the disk is full."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from core.clock import stopwatch_s
from core.events import EMERGENCY_KINDS, URGENT_KINDS, Battery, Lost, Motion, Presence, Rejected
from gateway.adapters import homeassistant
from gateway.adapters.said import SELF, Heard, Said, State, believed
from gateway.dialects import Dialect
from gateway.disk import is_full
from gateway.judge import Judge
from gateway.outbox import Numbered, Outbox
from gateway.pairing import Pairing
from gateway.proofs import Proofs
from gateway.roll import Roll, has_spoken
from gateway.uplink import Uplink
from wire.line import Delivery

log = logging.getLogger(__name__)

# Messages that a full disk does not take and that wait here, not acknowledged.
MOST_HELD = 1000
# A home has a hundred; who says that there are more must not fill the disk.
MOST_DEVICES = 2000
MOST_FOLLOWED = MOST_NAMED = 10_000
"""Topics that are followed; and names of topics, entities and devices that others have announced."""
_RETRY_S = 1.0
_BROKERS = "mqtt/"
MOVED = "last motion"
"""Under this is remembered when anybody last moved in the home, in seconds since 1970."""
# What cannot wait for space: a person, and the word that the box lives and its disk is full.
_AT_ONCE = URGENT_KINDS | {"heartbeat"}


class Hour(NamedTuple):
    """One moment, as the box knows it."""

    now: datetime
    count_s: float
    """Seconds since the machine's start."""
    right: bool | None
    """Whether `now` is to be trusted; None: nobody says."""

    @property
    def since_s(self) -> float | None:
        """What stands for a time that is not to be trusted."""
        return self.count_s if self.right is False else None


class _Taken(NamedTuple):
    """What a message, or the program itself, said: not on the disk yet."""

    hour: Hour
    said: tuple[Said, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    states: Mapping[tuple[str, str], State] = {}
    forgotten: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    sent: tuple[Numbered, ...] = ()

    @property
    def owes(self) -> bool:
        """Whether the city may not have what was urgent of a message."""
        return bool(self.sent and self.deliveries)


class Intake:
    """Law: a message may be acknowledged after the commit that holds all it meant; one that the broker sends again
    means nothing more. On a full disk what is urgent goes out before it is kept, and its message is acknowledged when
    the city has it: a restart must not make another emergency of it. The rest waits here: of more than `MOST_HELD`
    messages the oldest that owe nothing urgent are let go, and counted.
    """

    def __init__(self, outbox: Outbox, uplink: Uplink, hears: Sequence[Dialect], count_s: float) -> None:
        self._outbox, self._uplink, self._dialects = outbox, uplink, hears
        self._states = outbox.states()
        self._roll = Roll(self._states, count_s)
        self._judge = Judge()
        self.proofs, self.pairing = Proofs(self._states), Pairing()
        self._follow = [topic for topic in homeassistant.announced(self._states) if not self._heard_anyway(topic)]
        self._followed = {*self._follow}
        self._named = {name for name, what in self._states if not has_spoken(what)}
        self._announces = True
        self._held: list[_Taken] = []
        self._done: list[Delivery] = []
        self._let_go: Counter[str] = Counter()
        self._retry_s = 0.0
        self._unmark = False

    @property
    def full(self) -> bool:
        """Whether the disk takes nothing."""
        return bool(self._held)

    def counts(self, what: str) -> int:
        """How much was ever `thinned` or `rejected`."""
        kept = sum(n for name, n in self._outbox.counts().items() if name.startswith(f"{what}_"))
        return kept + (self._let_go.total() if what == "thinned" else 0)

    def begin(self, *, known: bool) -> None:
        """A connection to the home's broker begins; `known`: it still has what it owes us."""
        if not known:
            # It will send nothing again, and may give the numbers of its messages anew.
            self._unmark = True
            for i, one in enumerate(self._held):
                self._held[i] = one._replace(marks=tuple(m for m in one.marks if not m.startswith(_BROKERS)))

    def take(self, deliveries: Sequence[Delivery], hour: Hour) -> list[Delivery]:
        """Keep what they mean; those that may be acknowledged now, with those of earlier calls."""
        marks: set[str] = {mark for one in self._held for mark in one.marks}
        self._keep([self._read(delivery, hour, marks) for delivery in deliveries])
        self._settle()
        done, self._done = self._done, []
        return done

    def say(self, said: Sequence[Said], hour: Hour, states: Mapping[tuple[str, str], State] | None = None) -> None:
        """Keep what the program itself says."""
        self._states.update(states or {})
        self._keep([_Taken(hour, tuple(said), states=states or {})])

    def call_the_roll(self, hour: Hour, *, listening: bool) -> None:
        """Say who is silent, or said to be gone, for too long, and the air that has not changed for long; forget whom
        nobody has heard for the longest time.
        """
        if again := self._judge.again(hour.count_s):
            self.say([one._replace(at=None) for one in again], hour)
        for heard in self._judge.gone(hour.count_s) if listening else ():
            turned, states = self._roll.hear(heard, hour.count_s)
            if turned:
                self.say(heard.said, hour, states)
        lost, states = self._roll.silent(hour.count_s, listening)
        if lost:
            self.say([Said(device, "lost", Lost("silent")) for device in lost], hour, states)
        if gone := {*self._roll.forget_beyond(MOST_DEVICES)} - {SELF}:
            log.warning("%d devices are forgotten: more than %d have spoken", len(gone), MOST_DEVICES)
            self._states = {name: value for name, value in self._states.items() if name[0] not in gone}
            self._named -= gone
            self._judge.forget(gone)
            self.proofs.forget(gone)
            self._keep([_Taken(hour, forgotten=tuple(gone))])

    def tell_proofs(self, hour: Hour) -> bool:
        """Say what has changed of what is known of devices; whether anything has."""
        if self._announces:
            self._announces = False
            self.proofs.elsewhere(homeassistant.able(self._states, self._follow))
        said, states = self.proofs.news()
        if said:
            self.say(said, hour, states)
        return bool(said)

    def leave(self, device: str, hour: Hour) -> None:
        """Somebody says that a device is in the home no more."""
        if states := self.proofs.leave(device):
            self.say([], hour, states)

    def confirm(self, device: str, hour: Hour) -> None:
        """Somebody says that a button is meant to call nobody."""
        if states := self.proofs.confirm(device):
            self.say([], hour, states)

    @property
    def follow(self) -> Sequence[str]:
        """Topics on which devices have said that they will speak, beside those of the dialects."""
        return self._follow

    def last(self, device: str, what: str) -> State | None:
        """What a device last said of it."""
        return self._states.get((device, what))

    # --- what a message means

    def _read(self, delivery: Delivery, hour: Hour, marks: set[str]) -> _Taken:
        taken = _Taken(hour, deliveries=(delivery,))
        mark = _mark(delivery)
        if mark is not None:
            if delivery.again and (mark in marks or (not self._unmark and self._outbox.marked(mark))):
                return taken._replace(deliveries=()) if self._held_again(mark, delivery) else taken
            marks.add(mark)
            taken = taken._replace(marks=(mark,))
        heard = self._understand(delivery)
        if isinstance(heard, Heard):
            named = {name for name, what in heard.states if not has_spoken(what)} - self._named
            if named and len(self._named) + len(named) > MOST_NAMED:
                heard = Rejected("too_many", f"{delivery.topic[:200]!r}: over {MOST_NAMED} names are announced")
            else:
                self._named |= named
        refused = (heard,) if isinstance(heard, Rejected) else heard.rejected
        for one in refused:
            log.warning("rejected (%s): %s", one.reason, one.detail)
        taken = taken._replace(rejected=tuple(one.reason for one in refused))
        if isinstance(heard, Rejected):
            return taken
        if self._judge.doubts(heard, hour.count_s):
            return taken
        turned, states = self._roll.hear(heard, hour.count_s)
        states = {**heard.states, **states}
        self._states.update(states)
        for topic in heard.follow:
            if len(self._follow) < MOST_FOLLOWED and topic not in self._followed and not self._heard_anyway(topic):
                self._follow.append(topic)
                self._followed.add(topic)
        self._announces |= homeassistant.announces(heard.states)
        self.pairing.turn(hour.count_s)
        practises = partial(self._practises, hour) if self.pairing.name else None
        judged = self._judge.judge(heard, self._news(heard, turned), hour.now, hour.count_s, practises)
        states |= self.proofs.hear(heard, judged.said)
        if hour.right is not False and (moved := [one for one in judged.said if _moves(one)]):
            states[SELF, MOVED] = max(believed(one.at, hour.now) for one in moved).timestamp()
        self._states.update(states)
        said: list[Said] = []
        names: list[str] = []
        for told in judged.said:
            name = _name(told)
            if name is not None:
                if name in marks or self._outbox.marked(name):
                    continue
                marks.add(name)
                names.append(name)
            # A device's clock is held against ours, which may be the one that is wrong.
            said.append(told._replace(at=hour.now if hour.right is False else believed(told.at, hour.now)))
        return taken._replace(
            said=tuple(said),
            states=states,
            marks=(*taken.marks, *names),
            rejected=taken.rejected + ("held_down",) * judged.held,
        )

    def _practises(self, hour: Hour, press: Said) -> bool:
        at = None if hour.right is False else press.at
        return self.pairing.proves(press.device, self.proofs.proved(press.device, "sos"), at, hour.count_s)

    def _held_again(self, mark: str, delivery: Delivery) -> bool:
        """Whether it is one that is held: that is acknowledged on this connection, then."""
        for i, one in enumerate(self._held):
            if mark in one.marks:
                self._held[i] = one._replace(deliveries=(delivery,))
                return True
        return False

    def _understand(self, delivery: Delivery) -> Heard | Rejected:
        for dialect in self._dialects:
            if (name := dialect.below(delivery.topic)) is not None:
                return dialect.hear(name, delivery.payload, delivery.retained, self._states)
        return Rejected("topic", f"{delivery.topic[:200]!r} is in no dialect")

    def _heard_anyway(self, topic: str) -> bool:
        """Zigbee2MQTT and Tasmota announce for others what they say to us in their own way."""
        return any(dialect.filters and dialect.below(topic) is not None for dialect in self._dialects)

    def _news(self, heard: Heard, turned: bool) -> tuple[Said, ...]:
        """A device is lost once; one that is back says something, if it is only how full its battery is."""
        if heard.gone:
            return heard.said if turned else ()
        percent = self._states.get((heard.device or "", "battery"))
        if turned and not heard.said and percent is not None:
            return (Said(heard.device or "", "battery", Battery(float(percent))),)
        return heard.said

    # --- the disk

    def _keep(self, fresh: list[_Taken]) -> None:
        """Write down what is fresh and what is held."""
        if not self._held:
            if not fresh or self._written(fresh):
                self._done += [delivery for one in fresh for delivery in one.deliveries]
                return
            log.error("the disk is full: what is urgent is sent all the same, and nothing is acknowledged")
        self._hold(fresh)
        if stopwatch_s() >= self._retry_s:
            while self._held and self._written(self._held[:1]):
                self._done += self._held.pop(0).deliveries
            self._retry_s = stopwatch_s() + _RETRY_S
            if not self._held:
                log.warning("the disk takes what is said again")
        while len(self._held) > MOST_HELD and (spare := next((one for one in self._held if not one.owes), None)):
            self._held.remove(spare)
            self._let_go.update(one.kind for one in spare.said)
            self._done += spare.deliveries

    def _hold(self, fresh: Sequence[_Taken]) -> None:
        for one in fresh:
            at_once = [said for said in one.said if said.kind in _AT_ONCE]
            sent = [self._outbox.number_unkept(said, said.at or one.hour.now, one.hour.since_s) for said in at_once]
            self._uplink.carry(sent)
            rest = tuple(said for said in one.said if said.kind not in _AT_ONCE)
            if rest or one.deliveries or one.states or one.forgotten:
                self._held.append(one._replace(said=rest, sent=tuple(sent)))

    def _settle(self) -> None:
        """What was urgent of a message is in the city's hands: the home's broker need not keep it. What stood beside
        it still waits for the disk."""
        for i, one in enumerate(self._held):
            if one.owes and not any(self._uplink.owes(sent.key) for sent in one.sent):
                self._done += one.deliveries
                self._held[i] = one._replace(deliveries=())

    def _written(self, some: Sequence[_Taken]) -> bool:
        """Whether the disk has taken these, which are of one moment."""
        hour = some[0].hour
        try:
            if self._unmark:
                self._outbox.unmark(_BROKERS)
                self._unmark = False
            self._outbox.keep(
                [said for one in some for said in one.said],
                hour.now,
                since_s=hour.since_s,
                sent=[sent for one in some for sent in one.sent if self._uplink.owes(sent.key)],
                states={name: value for one in some for name, value in one.states.items()},
                forgotten=[device for one in some for device in one.forgotten],
                marks=[mark for one in some for mark in one.marks],
                rejected=[reason for one in some for reason in one.rejected],
                thinned=list(self._let_go.elements()),
            )
        except sqlite3.OperationalError as error:
            if not is_full(error):
                raise
            return False
        self._let_go.clear()
        return True


def _name(said: Said) -> str | None:
    """By which a device's word is known when the device says it again. A cry for help is heard each time: a button
    that counts from 1 after a new battery must not be silent."""
    return None if said.id is None or said.kind in EMERGENCY_KINDS else f"id/{said.device}/{said.id}"


def _moves(said: Said) -> bool:
    """Whether somebody moves."""
    return (isinstance(said.data, Motion) and said.data.on) or (isinstance(said.data, Presence) and said.data.present)


def _mark(delivery: Delivery) -> str | None:
    """By which a message is known when the broker sends it again; one of QoS 0 never is."""
    if not delivery.qos:
        return None
    digest = sha256(delivery.topic.encode() + b"\0" + delivery.payload).hexdigest()[:32]
    return f"{_BROKERS}{delivery.mid}/{digest}"
