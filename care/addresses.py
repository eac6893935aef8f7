"""Whether the program may call a web address that somebody has typed in: it must lead out, never to our own insides."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_LETTERS = 500
# Where clouds tell a machine its own secrets, beside 169.254/16.
_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254")))
_INSIDE = frozenset({"metadata", "instance-data"})
# The city's own network, and everybody else's.
_INNER = [
    ipaddress.ip_network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
_NOBODY = ipaddress.ip_network("0.0.0.0/8")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


def barred(ip: IP, *, loopback: bool = False) -> bool:
    """Whether nothing may be sent to this address: link-local, multicast, unspecified, reserved, a cloud's metadata.

    An IPv6 address that stands for an IPv4 one is judged as that one. `loopback`: this machine may be called.
    """
    within = _stands_for(ip)
    if within is not None:
        return barred(within, loopback=loopback)
    if ip.is_loopback:
        return not loopback
    if not loopback and any(ip in network for network in _INNER):
        return True
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in _METADATA:
        return True
    if isinstance(ip, ipaddress.IPv6Address):
        return ip.is_site_local or ip.packed[:12] == bytes(12)
    return ip.is_reserved or ip in _NOBODY


def may_call(url: str, *, loopback: bool = False) -> bool:
    """Whether `url` is an address of a provider's own software: http or https, nobody's password in it, and a host
    that is a name or an address which is not `barred`. A name's addresses must be judged again when it is called."""
    if len(url) > MOST_LETTERS or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port == 0 or parts.fragment:
        return False
    host = (parts.hostname or "").removesuffix(".")
    if "[" in parts.netloc:
        ip = _ip(host)
        return ip is not None and not barred(ip, loopback=loopback)
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return False
    if _NUMBER.fullmatch(labels[-1]):  # every program reads such a host as an address
        number = _ipv4(labels)
        return number is not None and not barred(number, loopback=loopback)
    if labels[-1] == "localhost" or labels == ["localhost", "localdomain"]:
        return loopback
    return labels[0] not in _INSIDE


def _stands_for(ip: IP) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one carries."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in _NAT64:
        return ipaddress.IPv4Address(ip.packed[12:])
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _ip(text: str) -> IP | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _ipv4(labels: list[str]) -> ipaddress.IPv4Address | None:
    """An IPv4 address as old programs write it, too: 0x7f.1, 0177.0.0.1, 2130706433."""
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        return None
    numbers = []
    for label in labels:
        try:
            hexadecimal, octal = label.startswith("0x"), len(label) > 1 and label[0] == "0"
            numbers.append(int(label[2:], 16) if hexadecimal else int(label, 8 if octal else 10))
        except ValueError:
            return None
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        return None
    return ipaddress.IPv4Address(sum(number << 8 * (3 - at) for at, number in enumerate(first)) + last)
