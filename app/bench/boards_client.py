"""The other side of `anbu bench boards`: open boards in one process, which note when each first hears of a case."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import defaultdict

from core.clock import stopwatch_s

_HOME = re.compile(rb'"home":"([^"]+)"')
_ACCEPT_S = 60.0


async def _board(host: str, port: int, cookie: str, opened: asyncio.Semaphore, seen: dict[str, list[float]]) -> None:
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    lines = ("GET /api/stream HTTP/1.1", f"Host: {host}:{port}", f"Cookie: anbu={cookie}", "", "")
    writer.write("\r\n".join(lines).encode())
    if b" 200 " not in await reader.readline():
        raise RuntimeError("the door does not open")
    mine: set[bytes] = set()
    first = True
    while line := await reader.readline():
        if first and line.startswith(b"event: beat"):
            opened.release()
            first = False
        if line.startswith(b"data: ") and (found := _HOME.search(line)) and found[1] not in mine:
            mine.add(found[1])
            seen[found[1].decode()].append(stopwatch_s())


async def _main(http: str) -> None:
    host, _, port = http.rpartition(":")
    cookies = json.loads(await asyncio.to_thread(sys.stdin.readline))
    opened = asyncio.Semaphore(0)
    seen: dict[str, list[float]] = defaultdict(list)
    boards = [asyncio.create_task(_board(host, int(port), cookie, opened, seen)) for cookie in cookies]
    async with asyncio.timeout(_ACCEPT_S):
        for _ in cookies:
            await opened.acquire()
    sys.stdout.write("open\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    for board in boards:
        board.cancel()
    await asyncio.gather(*boards, return_exceptions=True)
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
