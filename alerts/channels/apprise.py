"""E-mail, text messages, chat and some hundred other services, through Apprise."""

from __future__ import annotations

from alerts.channels import Answer, Failed, Message, Retry, Sent

TIMEOUT_S = 4.0


class Apprise:
    """The address is an Apprise URL (`mailto://…`, `tgram://…`); `base` the public address of the board, for links.

    Apprise only says whether it worked: a refusal and a broken line look the same, so both are tried again.
    """

    def __init__(self, base: str = "", timeout_s: float = TIMEOUT_S) -> None:
        self._base, self._timeout_s = base.rstrip("/"), timeout_s

    def send(self, message: Message) -> Answer:
        import apprise  # large: for those who send by it alone

        service = apprise.Apprise.instantiate(message.address, suppress_exceptions=True)
        if not isinstance(service, apprise.NotifyBase):
            return Failed("not an address that Apprise knows")
        service.socket_connect_timeout = service.socket_read_timeout = self._timeout_s
        body = f"{self._base}{message.url}" if self._base else message.text
        taken = service.notify(body=body, title=message.text if self._base else "")
        return Sent() if taken else Retry("the service did not take it")
