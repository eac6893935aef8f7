"""A city that loses its database and has a backup of some minutes ago."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from app.restore import restore
from core.clock import sleep_s, stopwatch_s
from store.backup import backup
from store.database import Database
from tests.faults.city import City, city
from tests.faults.nursery import GATEWAY
from tests.faults.outside import Button, expect, homes_broker
from tests.faults.table import Figure, row

WELL_S = 900.0


@row(
    "restored",
    "backup restored to 5 min ago",
    "homes with `anbu gateway` press before the backup, and for 5 min after it; all workers are killed, the backup is "
    "put in the database's place, the workers start; a sample waits for 10 s",
    "SOS lost 0 by resend, none twice; back within 15 min",
)
def restored(folder: Path, full: bool) -> Figure:
    many, apart_s = (10, 30.0) if full else (3, 3.0)
    with ExitStack() as stack:
        place = stack.enter_context(city(folder, 2 * many))
        place.start_all()
        buttons = dict(_home(place, stack) for _ in range(2 * many))
        log = place.nursery.log(GATEWAY)
        expect(lambda: log.read_text().count(" speaks MQTT ") == 4 * many, 60, "each program is at both brokers")
        before, after = list(buttons)[:many], list(buttons)[many:]
        for home in before:
            buttons[home].press()
        place.expect_cases(before, 20)
        for case in place.of(before):
            place.acknowledge(case.id)
            place.close_case(case.id)
        known = [case.id for case in place.of(before)]
        backup(place.settings.database, folder / "city.backup")
        for home in after:
            buttons[home].press()
            place.expect_cases([home], 20)
            place.acknowledge(place.of([home])[0].id)
            sleep_s(apart_s)
        began_s = stopwatch_s()
        for worker in [role for role in place.workers if role != GATEWAY]:
            place.workers[worker].kill()
        place.db.close()
        restore(place.settings, folder / "city.backup")
        place.db = Database(place.settings.database)
        forgotten = many - len(place.of(after))
        place.start_all()
        place.expect_cases(after, WELL_S)
        back_s = stopwatch_s() - began_s
        sleep_s(5.0)  # in which a second one would come
        cases = [len(place.of([home])) for home in buttons]
        assert [case.id for case in place.of(before)] == known, "cases of before the backup have changed"
    assert forgotten == many, f"only {forgotten} of {many} presses were not in the backup"
    assert cases == [1] * 2 * many, f"cases of each home: {cases}"
    return Figure(
        1,
        f"{many} SOS before the backup, {many} in the {apart_s * many:g} s after it: {2 * many} cases, none twice; the "
        f"last was there {back_s:.0f} s after the city's death",
    )


def _home(place: City, stack: ExitStack) -> tuple[str, Button]:
    """A home with its own broker, the program and a button: its id, and the button."""
    home = place.fresh_home()
    (place.folder / home.id).mkdir()
    local = stack.enter_context(homes_broker(place.folder / home.id))
    place.gateway(local.url, home.gateway, secret=place.enrol(home.gateway))
    button = Button(local.url)
    stack.callback(button.leave)
    return home.id, button
