"""What makes receiving cheap below paho: a socket with fewer system calls, and a short way to read a plain message."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

_AHEAD = 65_536
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux has it
_THIN_LINEAR_TIMEOUTS = 16  # TCP_THIN_LINEAR_TIMEOUTS of linux/tcp.h, which Python does not name


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One message, unacknowledged. `life` is the connection it came by: its acknowledgement is void on any other.

    `again`: the broker has sent it before, with the same `mid`. `retained` is what the broker says: amqtt says it of
    every message that it has kept for an absent session.
    """

    topic: str
    payload: bytes
    mid: int
    qos: int
    life: int
    again: bool = False
    retained: bool = False


class Line:
    """Wraps a connected TCP or TLS socket. paho reads a packet in three pieces and sends each acknowledgement alone;
    at a thousand messages a second that is most of what receiving costs.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._ahead = b""
        self._at = 0
        self._unsent = bytearray()
        self._corked = False
        # An acknowledgement is a few bytes: waiting to fill a packet would cost up to 40 ms each.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            # On a line that loses packets a cry is sent again after 0.2 s six times, not after 0.2, 0.4 … 12.8 s.
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, _THIN_LINEAR_TIMEOUTS, 1)

    # --- what paho calls

    def recv(self, buffer_size: int) -> bytes:
        """Up to `buffer_size` bytes; b"" at the end. BlockingIOError, or SSLWantReadError, while none is here."""
        if self._at == len(self._ahead):
            self._ahead, self._at = self._sock.recv(_AHEAD), 0
        start, self._at = self._at, min(self._at + buffer_size, len(self._ahead))
        return self._ahead[start : self._at]

    def send(self, buffer: bytes | bytearray) -> int:
        """The number of bytes taken; within `corked`, or behind what could not leave yet, all of them, for later."""
        if self._corked or self._unsent:
            self._unsent += buffer
            return len(buffer)
        return self._sock.send(buffer)

    def close(self) -> None:
        """Close the socket. What waits to leave, perhaps a good-bye, has a second for it."""
        if self._unsent:
            with contextlib.suppress(OSError):
                self._sock.settimeout(1.0)
                self.flush()
        self._sock.close()

    def fileno(self) -> int:
        """The socket's, for select."""
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        """As the socket's."""
        self._sock.setblocking(flag)

    def pending(self) -> int:
        """Bytes that are here although select does not know of them."""
        below = self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0
        return len(self._ahead) - self._at + below

    # --- what the session calls

    @property
    def unsent(self) -> int:
        """Bytes that wait to be flushed."""
        return len(self._unsent)

    @contextmanager
    def corked(self) -> Iterator[None]:
        """What is sent within leaves in one piece at the end."""
        self._corked = True
        try:
            yield
        finally:
            self._corked = False
            self.flush()

    def flush(self) -> None:
        """Send what can leave now. A broken connection shows when it is read."""
        with contextlib.suppress(OSError):
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]

    def hurry(self) -> None:
        """Have the kernel acknowledge at once: it may wait 40 ms, and a broker may hold its next packet back for it."""
        if _QUICKACK is not None:
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)


def plain_publish(header: int, packet: bytes | bytearray, v5: bool) -> tuple[str, bytes, int] | None:
    """Topic, payload and packet id of a PUBLISH with QoS 1 and no properties; None for any other, and for a broken one.

    `packet` is what follows the fixed `header` and the length (MQTT 5, 3.3).
    """
    if header & 0x06 != 0x02 or len(packet) < 2:
        return None
    topic_end = 2 + int.from_bytes(packet[:2])
    start = topic_end + (3 if v5 else 2)
    if topic_end == 2 or len(packet) < start or (v5 and packet[start - 1]):
        return None
    try:
        topic = packet[2:topic_end].decode()
    except UnicodeDecodeError:
        return None
    return topic, bytes(packet[start:]), int.from_bytes(packet[topic_end : topic_end + 2])
