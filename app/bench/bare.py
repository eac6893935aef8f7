"""The yardstick: a paho client that receives and acknowledges and does nothing else, in a process of its own.

`wire.session` builds the client, so that the yardstick speaks the same protocol with the same flow control.
"""

from __future__ import annotations

import sys
from typing import Any

from core.clock import stopwatch_s
from wire.client import bare_client, connect
from wire.url import BrokerUrl


def main(url: str, client_id: str, count: int) -> None:
    """Receive `count` messages that wait for `client_id`; print the seconds from the first to the last."""
    first_s = 0.0
    seen = 0

    def heard(client: Any, _data: object, _message: object) -> None:
        nonlocal first_s, seen
        if not seen:
            first_s = stopwatch_s()
        seen += 1
        if seen == count:
            client.disconnect()

    broker = BrokerUrl.parse(url)
    client = bare_client(broker, client_id)
    client.manual_ack_set(False)
    client.on_message = heard
    connect(client, broker, 20, True, 2000, client.protocol)
    client.loop_forever()
    print(stopwatch_s() - first_s)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
