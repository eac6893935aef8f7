"""Between the city and PostgreSQL: cuts a connection at its COMMIT, before it arrives or before its answer does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from core.clock import sleep_s

_COMMIT = b"COMMIT\0"
# A beat's transaction is smaller, and a case's is larger: what is cut should matter.
_MATTERS_BYTES = 2000


class Cutter:
    """Listens on a port of its own. `cut(n)` cuts the next n transactions that carry more than a beat."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._lock = threading.Lock()
        self._wanted = 0
        self.before = 0
        """COMMITs that PostgreSQL has not heard."""
        self.after = 0
        """COMMITs that it has carried out, without anybody's hearing so."""
        threading.Thread(target=self._let_in, daemon=True).start()

    @property
    def cuts(self) -> int:
        return self.before + self.after

    def cut(self, many: int) -> None:
        """Cut the next `many`, and none of those that were wanted before."""
        with self._lock:
            self._wanted = many

    @property
    def wanted(self) -> int:
        """How many of them are still to be cut."""
        return self._wanted

    def close(self) -> None:
        self._door.close()

    def _let_in(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._behind))
            except OSError:
                client.close()
                continue
            _Line(self, client, server)

    def take(self) -> str:
        """What is to become of this COMMIT: "" nothing, or `before`, or `after`."""
        with self._lock:
            if not self._wanted:
                return ""
            self._wanted -= 1
            if self.before > self.after:
                self.after += 1
                return "after"
            self.before += 1
            return "before"


class _Line:
    def __init__(self, cutter: Cutter, client: socket.socket, server: socket.socket) -> None:
        self._cutter, self._client, self._server = cutter, client, server
        self._hush = threading.Event()
        self._answered = threading.Event()
        for pump in (self._ask, self._answer):
            threading.Thread(target=self._while_open, args=(pump,), daemon=True).start()

    def _while_open(self, pump: object) -> None:
        try:
            pump()  # type: ignore[operator]  # one of the two below
        except OSError:
            pass
        finally:
            for end in (self._client, self._server):
                # A close alone wakes nobody who waits in recv.
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _ask(self) -> None:
        carried = 0
        while said := self._client.recv(65536):
            carried += len(said)
            if _COMMIT in said:
                fate = self._cutter.take() if carried > _MATTERS_BYTES else ""
                carried = 0
                if fate == "before":
                    return
                if fate == "after":
                    self._hush.set()
                    self._server.sendall(said)
                    self._answered.wait(10)
                    return
            self._server.sendall(said)

    def _answer(self) -> None:
        while said := self._server.recv(65536):
            if self._hush.is_set():
                self._answered.set()
                sleep_s(0.05)  # until the other has hung up
                return
            self._client.sendall(said)
