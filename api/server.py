"""The web server, which lets its listeners go before it waits for them."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from api.city import City


class Server(uvicorn.Server):
    """Serves `app` on `host` and `port`; `should_exit = True` ends it, live streams first, within five seconds.

    With the files of a `certificate` and its `key` it speaks HTTPS. `proxies`: addresses and networks, with commas,
    whose X-Forwarded-For is believed; nobody else's is.
    """

    def __init__(
        self, app: FastAPI, host: str, port: int, certificate: str = "", key: str = "", proxies: str = "127.0.0.1"
    ) -> None:
        config = uvicorn.Config(
            app, host, port, log_level="warning", access_log=False, timeout_graceful_shutdown=5,
            ssl_certfile=certificate or None, ssl_keyfile=key or None, forwarded_allow_ips=proxies,
        )  # fmt: skip
        super().__init__(config)
        self._city: City = app.state.city

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._city.stream.end()
        await super().shutdown(sockets)
