"""What happens in a seed: what homes say, and what befalls them and the city, at moments drawn by lot."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.world import World

KINDS = ("motion", "contact", "climate", "battery")


def story(world: World, span_s: float) -> None:
    """What homes say, and what happens to them and to the city, at moments drawn by lot."""
    lot = world.random

    presses = [lot.uniform(5.0, span_s) for _ in range(lot.randint(1, 5))]

    def at(what: Callable[[], object]) -> None:
        near = lot.choice(presses) + lot.uniform(0.0, 5.0)  # while a press is on its way it hurts most
        world.timeline.after(near if lot.random() < 0.4 else lot.uniform(5.0, span_s), what)

    number = 0
    for wait_s in presses:
        number += 1
        world.timeline.after(wait_s, partial(world.say, lot.choice(world.boxes), "sos", f"button-{number}"))
    for _ in range(lot.randint(0, 4)):
        box, wait_s = lot.choice(world.boxes), lot.uniform(5.0, span_s)
        for _ in range(lot.randint(1, 12)):
            number += 1
            word = partial(world.say, box, lot.choice(KINDS), f"thing-{number}")
            world.timeline.after(wait_s + lot.uniform(0.0, 5.0), word)

    def fault(what: str, most: int, happens: Callable[[], Callable[[], object]]) -> None:
        if lot.random() < 0.5:
            return
        for _ in range(lot.randint(1, most)):
            deed = happens()

            def strike(deed: Callable[[], object] = deed) -> None:
                world.trace(f"** {what}")
                world.faults[what] += 1
                deed()

            at(strike)

    fault("broker killed", 3, lambda: partial(world.stop_broker, killed=True))
    fault("broker restarted", 2, lambda: partial(world.stop_broker, killed=False))
    fault("process killed", 6, lambda: partial(world.dies, lot.choice(list(world.processes)), "of kill -9"))
    fault("database away", 2, lambda: partial(world.database_away, lot.uniform(1.0, 90.0)))
    fault("city without power", 2, lambda: world.power_cut)
    fault("line cut", 4, lambda: partial(world.cut, lot.choice(world.boxes), lot.choice((0.0, 30.0, 300.0, 900.0))))
    fault("new box", 1, lambda: partial(world.new_box, lot.choice(world.boxes)))
    # A home whose clock is a day behind is not believed to be in need now: that is no matter of this simulation.
    jumps = (2.0, -2.0, 30.0, -30.0, 300.0, -300.0, 7200.0, -7200.0)
    fault("clock jumps", 2, lambda: partial(world.clock.jump, lot.choice((*jumps, -86_400.0))))
    fault("home's clock jumps", 2, lambda: partial(lot.choice(world.boxes).clock.jump, lot.choice(jumps)))
