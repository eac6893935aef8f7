"""The broker's own lock: one account and one role for each gateway in Mosquitto's dynamic-security plug-in.

Debian's 2.0.11 does not put the user's name into a pattern (`%u`): each gateway has a role with its topics spelled out.
Source: mosquitto-2.0.11, plugins/dynamic-security (README.md and the JSON that `mosquitto_ctrl dynsec init` writes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

import msgspec

from core.clock import stopwatch_s
from core.events import Lane
from wire.session import Session
from wire.topics import PREFIX

CONTROL = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{CONTROL}/response"
CITY = "city"
"""The account and the role of the city's own workers."""
_ROLE = "gateway-"
_WAIT_S = 3.0
_EVERYTHING = "$CONTROL/dynamic-security/#"
Command = dict[str, Any]


class _Answers(msgspec.Struct):
    responses: list[dict[str, Any]] = []


_answers = msgspec.json.Decoder(_Answers)


class Silent(Exception):
    """The broker's plug-in has not answered: it is away, or not there."""


class Dynsec:
    """Speaks to the plug-in on a session that hears `RESPONSE`. One thread at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers = count(1)

    @property
    def life(self) -> int:
        """Numbers the connections; 0 while there is none."""
        return self._session.life if self._session.connected else 0

    def poll(self) -> None:
        """Keep the connection alive. Raises BrokerError where the broker refuses us."""
        self._session.ack(self._session.poll(0.0))

    def close(self) -> None:
        """Leave in good order."""
        self._session.disconnect()

    def admit(self, gateway: str, secret: str) -> None:
        """`gateway` gets in with `secret` and with nothing else; whoever is in with another is thrown out.

        Raises Silent, or Silent with the plug-in's own words.
        """
        if not self._call(_set_password(gateway, secret)):
            return
        # Not there, or not whole: make it anew.
        failed = self._call(*_remove(gateway), _create_role(gateway), _create_client(gateway, secret))
        if wrong := {name: why for name, why in failed.items() if name.startswith("create")}:
            raise Silent(f"the broker does not admit {gateway}: {wrong}")

    def remove(self, gateway: str) -> None:
        """`gateway` is thrown out and gets in no more. Raises Silent."""
        self._call(*_remove(gateway))

    def gateways(self) -> set[str]:
        """The gateways that have a role. Raises Silent."""
        (answer,) = self._ask({"command": "listRoles"})
        roles = answer.get("data", {}).get("roles", [])
        return {name.removeprefix(_ROLE) for name in roles if name.startswith(_ROLE)}

    def _call(self, *commands: Command) -> dict[str, str]:
        """Carry out; the errors by command."""
        return {a["command"]: a["error"] for a in self._ask(*commands) if a.get("error")}

    def _ask(self, *commands: Command) -> list[dict[str, Any]]:
        number = str(next(self._numbers))
        numbered = [{**command, "correlationData": number} for command in commands]
        until_s = stopwatch_s() + _WAIT_S
        self._session.publish(CONTROL, msgspec.json.encode({"commands": numbered}), 1)
        found: list[dict[str, Any]] = []
        while len(found) < len(commands):
            if stopwatch_s() > until_s:
                raise Silent("the broker's dynamic-security plug-in does not answer")
            heard = self._session.poll(0.02)
            self._session.ack(heard)
            for delivery in heard:
                answers = _answers.decode(delivery.payload).responses
                found += [answer for answer in answers if answer.get("correlationData") == number]
        return found


def first_file(city: str, gateways: Mapping[str, str]) -> bytes:
    """The plug-in's whole file: the city's account, and every gateway with its `iterations$salt$hash`."""
    roles = [{"rolename": CITY, "acls": _city_acls()}]
    roles += [{"rolename": _ROLE + gateway, "acls": _acls(gateway)} for gateway in sorted(gateways)]
    clients = [_stored(CITY, CITY, city)]
    for gateway, kept in sorted(gateways.items()):
        clients.append({**_stored(gateway, _ROLE + gateway, kept), "clientid": gateway})
    whole = {"defaultACLAccess": _NOTHING, "clients": clients, "groups": [], "roles": roles}
    return msgspec.json.format(msgspec.json.encode(whole))


# What is not allowed to a role is refused. Who may not subscribe may still unsubscribe.
_NOTHING = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}


def _allow(kind: str, topics: Iterable[str]) -> list[Command]:
    return [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for topic in topics]


def _acls(gateway: str) -> list[Command]:
    up, down = f"{PREFIX}/{gateway}/up/#", f"{PREFIX}/{gateway}/down/#"
    return [
        *_allow("publishClientSend", [up]),
        *_allow("publishClientReceive", [down]),
        *_allow("subscribePattern", [down]),
    ]


def _city_acls() -> list[Command]:
    heard = [f"{PREFIX}/+/up/#", _EVERYTHING]
    return [
        # `up`: the canary presses as a home does.
        *_allow("publishClientSend", [f"{PREFIX}/+/down/#", f"{PREFIX}/+/up/{Lane.SOS}", _EVERYTHING]),
        *_allow("publishClientReceive", heard),
        *_allow("subscribePattern", heard),
    ]


def _stored(username: str, role: str, kept: str) -> Command:
    iterations, salt, digest = kept.split("$")
    hashed = {"password": digest, "salt": salt, "iterations": int(iterations)}
    return {"username": username, "roles": [{"rolename": role}], **hashed}


def _set_password(gateway: str, secret: str) -> Command:
    return {"command": "setClientPassword", "username": gateway, "password": secret}


def _create_role(gateway: str) -> Command:
    return {"command": "createRole", "rolename": _ROLE + gateway, "acls": _acls(gateway)}


def _create_client(gateway: str, secret: str) -> Command:
    roles = [{"rolename": _ROLE + gateway}]
    # Tied to its own client id: with another's it would take over that one's session, and be it the city's.
    return {"command": "createClient", "username": gateway, "clientid": gateway, "password": secret, "roles": roles}


def _remove(gateway: str) -> list[Command]:
    return [
        {"command": "deleteClient", "username": gateway},
        {"command": "deleteRole", "rolename": _ROLE + gateway},
    ]
