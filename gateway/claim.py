"""The gateway's own key: made here, claimed with an operator's code, changed at first contact, kept in one file."""

from __future__ import annotations

import ipaddress
import logging
import os
import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import httpx
import msgspec
from msgspec.structs import replace

from core.clock import stopwatch_s
from core.words import LANGUAGES, say
from wire.trust import trusting
from wire.url import BrokerUrl

log = logging.getLogger(__name__)

FILE = "credential.json"
_BEGUN = "claim.json"
_AUTHORITY = "broker-authority.pem"
_TIMEOUT_S = 10.0
_AWAY_S = 60.0
_LOOK_S = 2.0
_AGAIN_S = (60.0, 120.0)


class CannotEnrol(Exception):
    """The city does not know this gateway or this code; a person must put it right."""


class Credential(msgspec.Struct, frozen=True):
    """Who this gateway is, and where its city.

    `next_secret` was made and perhaps not yet told; both are kept until the city has taken the new one. `authority` and
    `broker_authority` are certificates (PEM) to trust for the city's API and for its broker; empty: the system's.
    `rotated`: the key is not the one of the claim any more, or is not to change. `code`: a hash of the claim's code.
    """

    city: str
    serial: str
    secret: str
    authority: str = ""
    gateway: str = ""
    broker: str = ""
    broker_authority: str = ""
    next_secret: str = ""
    rotated: bool = False
    code: str = ""


def new_secret() -> str:
    """32 random bytes in base64url."""
    return secrets.token_urlsafe(32)


def read_link(link: str) -> tuple[str, str, str]:
    """City, serial and code of what the QR code says; empty where it does not say them."""
    parts = urlsplit(link)
    said = parse_qs(parts.fragment)
    city = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return city, said.get("serial", [""])[0], said.get("code", [""])[0]


def load(folder: Path) -> Credential | None:
    """The credential of this folder, if it has one."""
    return _read(folder / FILE)


def claim(folder: Path, city: str, serial: str, code: str, authority: str = "") -> Credential:
    """Claim this gateway at `city` (https://…). Raises CannotEnrol, or OSError where the city cannot be reached.

    The secret is on the disk before it is sent: the same command again after a lost answer is the same claim. After an
    answer that came it asks only whether the key is good: the program that runs may be about to change it.
    """
    _insist_on_tls(city)
    folder.mkdir(parents=True, exist_ok=True)
    mark = sha256("".join(filter(str.isalnum, code.upper())).encode()).hexdigest()
    held = _read(folder / FILE)
    if held is not None and (held.city, held.serial, held.code) == (city, serial, mark):
        answer = _ask(held, "contact", secret=held.secret)
        if answer.status_code == 401 and held.next_secret:
            answer = _ask(held, "contact", secret=held.next_secret)
        _granted(answer)
        return held
    begun = _read(folder / _BEGUN)
    if begun is None or (begun.city, begun.serial) != (city, serial):
        begun = Credential(city, serial, new_secret())
    begun = replace(begun, authority=authority, code=mark)
    _write(folder / _BEGUN, begun)
    body = {"serial": serial, "code": code, "secret": begun.secret}
    told = _granted(_ask(begun, "claim", body))
    # Where somebody writes the broker's accounts by hand, a key that changes by itself would be locked out.
    granted = _take(folder, replace(begun, rotated=not told["managed"]), told)
    (folder / _BEGUN).unlink()
    return granted


def rotate(folder: Path, credential: Credential) -> Credential:
    """Change the secret. Whenever this is broken off, the next call goes on, and one of the two secrets is good."""
    if credential.next_secret:
        answer = _ask(credential, "contact", secret=credential.next_secret)
        if answer.status_code != 401:  # else it was never told
            return _turned(folder, credential, _granted(answer))
    fresh = replace(credential, next_secret=credential.next_secret or new_secret())
    _write(folder / FILE, fresh)
    _granted(_ask(fresh, "rotate", {"secret": fresh.next_secret}, secret=fresh.secret))
    return _turned(folder, fresh, _granted(_ask(fresh, "contact", secret=fresh.next_secret)))


def contact(folder: Path, credential: Credential) -> Credential:
    """Have the city tell its broker of this gateway once more."""
    return _take(folder, credential, _granted(_ask(credential, "contact", secret=credential.secret)))


def broker_of(folder: Path, credential: Credential) -> BrokerUrl:
    """The city's broker with this gateway's account."""
    authority = folder / _AUTHORITY
    if credential.broker_authority:
        authority.write_text(credential.broker_authority)
    parts = urlsplit(credential.broker)
    account = f"{quote(credential.gateway, safe='')}:{quote(credential.secret, safe='')}@{parts.netloc}"
    text = urlunsplit(parts._replace(netloc=account))
    return BrokerUrl.parse(text, str(authority) if credential.broker_authority else "")


class Keyring:
    """Rotates at the first contact, and knocks at the city's other door while its broker keeps us out. A key that
    `claim` has put into the folder meanwhile is taken up.

    `turn` never waits: what it has to ask goes on beside the loop that calls it.
    """

    def __init__(self, folder: Path, credential: Credential) -> None:
        self._folder, self._credential, self._used = folder, credential, credential
        self._worker = ThreadPoolExecutor(1, "keyring")
        self._asked: Future[Credential] | None = None
        self._jitter = Random(credential.gateway)
        self._again_s = self._look_s = 0.0
        self._seen_s = stopwatch_s()

    def turn(self, connected: bool) -> Credential | None:
        """Another credential than before, when there is one: connect anew with it. Raises CannotEnrol where it is
        another gateway's, with which the program must be started anew.
        """
        if connected:
            self._seen_s = stopwatch_s()
        if self._asked is not None:
            if not self._asked.done():
                return None
            self._answer(self._asked)
        elif stopwatch_s() >= self._look_s:
            self._look()
        if self._asked is None and self._credential == self._used:
            self._ask_city(connected)
        if self._credential.gateway != self._used.gateway:
            raise CannotEnrol(_both("enrol.another", former=self._used.gateway, gateway=self._credential.gateway))
        former, self._used = self._used, self._credential
        return None if replace(former, next_secret=self._used.next_secret) == self._used else self._used

    def _ask_city(self, connected: bool) -> None:
        if stopwatch_s() < self._again_s:
            return
        if self._credential.next_secret or (connected and not self._credential.rotated):
            what = rotate
        elif stopwatch_s() - self._seen_s > _AWAY_S:
            what = contact
        else:
            return
        self._look()
        if self._credential == self._used:  # else it would be written over
            self._asked = self._worker.submit(what, self._folder, self._credential)

    def close(self) -> None:
        """What is being asked is finished by the next start."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _answer(self, asked: Future[Credential]) -> None:
        self._asked = None
        self._again_s = stopwatch_s() + self._jitter.uniform(*_AGAIN_S)
        try:
            self._credential = asked.result()
        except (CannotEnrol, OSError) as error:
            log.error("%s", error)
            self._look()

    def _look(self) -> None:
        """What the folder holds now is what is in force."""
        self._look_s = stopwatch_s() + _LOOK_S
        try:
            self._credential = load(self._folder) or self._credential
        except (CannotEnrol, OSError) as error:
            log.error("%s", error)


# --- the city's answers


def _ask(credential: Credential, what: str, body: object = None, *, secret: str = "") -> httpx.Response:
    """The answer. Raises OSError where there is none, or none for now."""
    try:
        with httpx.Client(verify=trusting(credential.authority), timeout=_TIMEOUT_S, trust_env=False) as client:
            if secret:
                client.auth = httpx.BasicAuth(credential.gateway, secret)
            answer = client.post(f"{credential.city.rstrip('/')}/api/gateway/{what}", json=body)
    except httpx.HTTPError as error:
        raise OSError(_both("enrol.away", city=credential.city, why=str(error))) from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise OSError(_reason(answer))
    return answer


def _granted(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code not in (200, 204):
        raise CannotEnrol(_reason(answer))
    return answer.json() if answer.status_code == 200 else {}


def _reason(answer: httpx.Response) -> str:
    try:
        told = answer.json()["detail"]
        return " / ".join(str(told[language]) for language in LANGUAGES)
    except (ValueError, LookupError, TypeError):
        return _both("enrol.odd_answer", status=answer.status_code)


def _both(key: str, **numbers: str | int) -> str:
    return " / ".join(say(key, language, numbers) for language in LANGUAGES)


def _take(folder: Path, credential: Credential, told: dict[str, Any]) -> Credential:
    where = {"broker": told["broker"], "broker_authority": told["authority"]}
    granted = replace(credential, gateway=told["gateway"], **where)
    _write(folder / FILE, granted)
    return granted


def _turned(folder: Path, credential: Credential, told: dict[str, Any]) -> Credential:
    return _take(folder, replace(credential, secret=credential.next_secret, next_secret="", rotated=True), told)


def _insist_on_tls(city: str) -> None:
    parts = urlsplit(city)
    try:
        here = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        here = False
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise CannotEnrol(_both("enrol.needs_tls", city=city[:100]))


# --- the file


def _read(file: Path) -> Credential | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Credential)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise CannotEnrol(_both("enrol.bad_file", file=str(file), why=str(error))) from error


def _write(file: Path, credential: Credential) -> None:
    """The whole file or the former one, whatever dies meanwhile; for nobody else to read."""
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(credential)))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
