"""Providers that fail, lie and hang, and people who do not answer, answer twice, or answer and forget."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from alerts.channels import Answer, Failed, Message, Retry, Sent

if TYPE_CHECKING:
    from tests.simulation.world import World


class Far(StrEnum):
    """What a provider does with a message."""

    TAKES = "takes it"
    REFUSES = "refuses it"
    BUSY = "is busy"
    HANGS = "hangs"
    LIES = "says that it took it"
    DELIVERS_AND_HANGS = "delivers it and hangs"
    DELIVERS_AND_FAILS = "delivers it and answers 500"
    BREAKS = "breaks"


DELIVERED = {Far.TAKES, Far.DELIVERS_AND_HANGS, Far.DELIVERS_AND_FAILS}
SILENT = {Far.HANGS, Far.DELIVERS_AND_HANGS}


class Provider:
    """The far end of one channel. It knows a message that comes again by its key, and rings once."""

    def __init__(self, world: World, channel: str, honest: bool) -> None:
        self._world, self.channel, self._honest = world, channel, honest
        self._seen: set[str] = set()

    def mood(self) -> Far:
        world = self._world
        if self._honest or not world.chance("provider"):
            return Far.TAKES
        return world.random.choice(list(Far))

    def take(self, message: Message, mood: Far) -> Answer:
        self._world.trace(f"{self.channel}: {message.purpose} to {message.member or 'home'} {message.key}: {mood}")
        if mood in DELIVERED and message.key not in self._seen:
            self._seen.add(message.key)
            self._world.rings(self.channel, message)
        match mood:
            case Far.TAKES:
                return Sent(delivered=self._honest)
            case Far.LIES:
                return Sent(delivered=True)
            case Far.REFUSES:
                return Failed("410")
            case Far.BREAKS:
                raise RuntimeError("a mistake in the channel itself")
        return Retry("500")


class Calling:
    """A channel as the outbox sees it. `mood` is drawn where the message leaves."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.moods: dict[str, Far] = {}

    def send(self, message: Message) -> Answer:
        return self.provider.take(message, self.moods[message.key])


class Workers(Executor):
    """Threads that send, as events of the simulation; what their process sees of it ends with the process."""

    def __init__(self, world: World, process: str) -> None:
        self._world, self._process = world, process

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        channel, message = args
        assert isinstance(channel, Calling)
        self._world.leaves(message)
        mood = channel.moods[message.key] = channel.provider.mood()
        future: Future[Any] = Future()

        def arrive() -> None:
            answer = fn(*args, **kwargs)
            if mood not in SILENT:
                future.set_result(answer)
                self._world.nudge(self._process)

        self._world.timeline.after(self._world.between(0.05, 2.0), arrive)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass


class AtOnce(Executor):
    """Does what it is given before it answers."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Style(StrEnum):
    PROMPT = "prompt"
    NEVER = "never answers"
    LATE = "answers late"
    TWICE = "does everything twice"
    FORGETS = "answers and forgets"


class Person:
    """Somebody who is called. When the faults are over, everybody does what they should."""

    def __init__(self, world: World, name: str, style: Style) -> None:
        self._world, self.name, self.style = world, name, style
        self._going: set[int] = set()

    def rung(self, case: int) -> None:
        style = self.style if self._world.faulty else Style.PROMPT
        if style is Style.NEVER or (case in self._going and style is not Style.TWICE):
            return
        late = style is Style.LATE
        for _ in range(2 if style is Style.TWICE else 1):
            self._later(200.0 if late else 3.0, 900.0 if late else 40.0, case, "ack", forgets=style is Style.FORGETS)
        if style is not Style.FORGETS:
            self._going.add(case)

    def _later(self, low_s: float, high_s: float, case: int, verb: str, *, forgets: bool = False) -> None:
        self._world.timeline.after(self._world.between(low_s, high_s), lambda: self._act(case, verb, forgets))

    def _act(self, case: int, verb: str, forgets: bool) -> None:
        said = self._world.act(case, verb, self.name)
        if said is None:
            self._later(2.0, 20.0, case, verb, forgets=forgets)  # "not now": tried again
        elif said and not forgets:
            following = {"ack": "arrive", "arrive": "close"}.get(verb)
            if following:
                self._later(5.0, 240.0, case, following)
