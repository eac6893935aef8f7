"""Thousands of homes that come back at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from app.theatre import Theatre
from simulators.scenario import load
from tests.faults.outside import DEPLOYED
from tests.faults.table import Figure, quantile, row
from wire.broker import free_port
from wire.mosquitto import Mosquitto

LATE_S = 15.0
CUT, BACK = 3, 19
"""Minutes of simulated time; a home without a word is dark after 15."""
SCENARIO = """
title = "Power cut in a whole dong"
start = 2026-11-19T10:00:00
minutes = {end}
speed = {speed}
seed = 3
warm_up_h = 0.5

[[population]]
count = {homes}
prefix = "duam"
areas = ["gwangju/buk-gu/duam-3-dong"]
high_risk = 0
pets = 0
habits = {{ outings = 0, visits = 0 }}

[[population]]
count = {others}
prefix = "jisan"
areas = ["gwangju/dong-gu/jisan-2-dong"]
high_risk = 0
habits = {{ outings = 0, visits = 0 }}

[[fault]]
kind = "power_cut"
area = "gwangju/buk-gu/duam-3-dong"
minute = {cut}
minutes = {dark}
spread_s = 0

[[member]]
id = "mgr-buk"
name = "조은영"
role = "manager"
area = "gwangju/buk-gu"

[[member]]
id = "duty-city"
name = "당직 한지훈"
role = "duty"
area = "gwangju"
"""
PRESS = """
[[incident]]
kind = "sos"
home = "duam-{home:03}"
minute = {minute}
"""


@row(
    "crowd-back",
    "3,000 gateways back at once after a city power cut",
    "the power_cut of the simulators, real Mosquitto, simulated time four times as fast as real; 20 homes press in the "
    "dark, 20 in the minute after the power is back, and all routers with it",
    "one area incident; SOS within 15 s",
)
def crowd_back(folder: Path, full: bool) -> Figure:
    homes, others, speed, presses = (3000, 300, 4, 20) if full else (40, 8, 300, 2)
    text = SCENARIO.format(end=BACK + 12, speed=speed, homes=homes, others=others, cut=CUT, dark=BACK - CUT)
    for n in range(presses):
        text += PRESS.format(home=n + 1, minute=CUT + 8) + PRESS.format(home=presses + n + 1, minute=BACK + 0.05 * n)
    script = folder / "crowd.toml"
    script.write_text(text, encoding="utf-8")
    (folder / "broker").mkdir()
    broker = Mosquitto(folder / "broker", more=DEPLOYED).start()
    try:
        theatre = Theatre(load(script), folder / "city", http=f"127.0.0.1:{free_port()}", broker_url=str(broker.url))
        theatre.play()
        told = theatre.ledger()
        back = theatre.scenario.start + timedelta(minutes=BACK)
        pressed = {press.home: max(press.at, back) for press in theatre.stage.pressed}
        theatre.city.close()
    finally:
        broker.stop()
    cases = told["cases"]
    areas = [case for case in cases if case["concern"] == "area_outage"]
    sos = {case["home"]: datetime.fromisoformat(case["opened_at"]) for case in cases if case["concern"] == "sos"}
    rest = sorted({case["concern"] for case in cases} - {"sos", "area_outage"})
    assert len(areas) == 1, f"{len(areas)} incidents of an area"
    assert set(sos) == set(pressed), f"{len(pressed)} pressed, {len(sos)} cases"
    assert not rest, f"besides: {rest}"
    late_s = [(sos[home] - at).total_seconds() / speed for home, at in pressed.items()]
    assert max(late_s) <= LATE_S, f"an SOS took {max(late_s):.1f} s"
    return Figure(
        homes,
        f"1 incident of the area, {len(sos)} of {len(pressed)} SOS are cases, p50 {quantile(late_s, 0.5):.1f} s, most "
        f"{max(late_s):.1f} real seconds after the press or the return of the power; no other case",
    )
