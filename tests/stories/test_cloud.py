"""A home whose speaker belongs to a cloud: asked by a signed request, answered by a signed one, and never fooled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from app.clouds import load_clouds
from app.settings import SettingsError
from core.clock import wall_now
from core.events import Event, Lost, Motion, SosPressed, Utterance
from core.signed import HEADER, TOLERANCE_S, signature
from ingest.cloud import NOT_ITS_OWN
from simulators.cloud import SpeakerCloud
from simulators.speaker import Manner
from store import log
from tests.stories.test_silence import quiet_home
from tests.stories.town import Town
from wire.codec import encode, encode_batch

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def manners() -> dict[str, Manner]:
    """How the residents answer, by gateway."""
    return {}


@pytest.fixture
def cloud(village: Town, tmp_path: Path, manners: dict[str, Manner]) -> Iterator[SpeakerCloud]:
    """A cloud by the name of nugu, set up in the village."""
    maker = SpeakerCloud(
        "nugu", SECRET, village.settings.api_url, lambda gateway: manners.get(gateway, Manner.OK), village.clock.now
    )
    file = tmp_path / "clouds.toml"
    file.write_text(
        f'[nugu]\nurl = "{maker.url}"\nsecret = "{SECRET}"\n\n[other]\nurl = "{maker.url}"\nsecret = "{SECRET[::-1]}"\n'
    )
    village.settings = replace(village.settings, clouds=str(file))
    village.restart()
    yield maker
    maker.close()


def knock(village: Town, body: bytes, *, name: str = "nugu", secret: str = SECRET, aged_s: int = 0) -> httpx.Response:
    """A request that says to come from a cloud, with no token of the city's."""
    signed = signature(secret.encode(), int(wall_now().timestamp()) - aged_s, body)
    url = f"{village.settings.api_url}/api/cloud/{name}/events"
    return httpx.post(url, content=body, headers={HEADER: signed}, timeout=10)


@pytest.mark.parametrize("kind", sorted(NOT_ITS_OWN))
def test_a_cloud_does_not_speak_for_a_gateway(village: Town, cloud: SpeakerCloud, kind: str) -> None:
    home = village.home(cloud="nugu")
    own = Event("o-1", home.home.gateway, "gateway", kind, village.clock.now(), Lost())
    press = Event("s-1", home.home.gateway, "speaker", "sos", village.clock.now(), SosPressed())
    answer = knock(village, encode_batch([press, own]))
    assert (answer.status_code, "gateway" in answer.text) == (422, True)
    assert heard(village) == [], "nothing of it was taken"


def heard(village: Town) -> list[str]:
    """The kinds in the log, but for the home's own motion."""
    with village.city.db.read() as tx:
        return [row.kind for row in log.read(tx, 0, 1000) if row.kind != "motion"]


def test_the_cloud_asks_and_its_answer_stands_the_case_down(village: Town, cloud: SpeakerCloud) -> None:
    home = quiet_home(village, cloud="nugu")
    village.member("kim")
    village.forward(64)
    assert [gateway for gateway, _ in cloud.put] == [home.home.gateway]
    assert home.asked == [], "nothing is asked through the gateway"
    village.forward(1, lambda: cloud.step() and None)
    case = village.the_case()
    assert (case["state"], case["contact"]) == ("closed", "speaker")
    assert village.phones.rang == []


def test_a_cloud_that_is_away_counts_as_offline_and_people_are_called(village: Town, cloud: SpeakerCloud) -> None:
    quiet_home(village, cloud="nugu")
    village.member("kim")
    cloud.away = True
    village.forward(66)
    assert cloud.requests > 1, "it was tried again"
    assert village.phones.calls() == ["kim"]
    timeline = village.timeline(village.the_case()["id"])
    assert {"case.log.speaker_failed", "case.log.ask_failed"} <= set(timeline), "and the failure is seen"


def test_a_cloud_that_nobody_has_set_up_is_a_failure_too(village: Town, cloud: SpeakerCloud) -> None:
    quiet_home(village, cloud="gigagenie")
    village.member("kim")
    village.forward(65)
    assert village.phones.calls() == ["kim"]


def test_a_scheduled_call_goes_through_the_cloud(
    village: Town, cloud: SpeakerCloud, manners: dict[str, Manner]
) -> None:
    home = village.home(cloud="nugu", wording="순자 언니, 잘 계세요?")
    village.api.put("/api/homes/home-1/check-ins", json={"agenda": [{"clock": "10:10", "days": ["thu"]}]})
    manners[home.home.gateway] = Manner.UNCLEAR
    village.forward(12, lambda: cloud.step() and None)
    manners[home.home.gateway] = Manner.OK
    village.forward(25, lambda: cloud.step() and None)
    assert [text for _, text in cloud.put] == ["순자 언니, 잘 계세요?"] * 2
    (call,) = village.api.get("/api/homes/home-1/check-ins").json()["calls"]
    assert (call["state"], call["asks"]) == ("ok", 2)


def test_what_a_speaker_hears_takes_the_way_of_every_event(village: Town, cloud: SpeakerCloud) -> None:
    home = village.home(cloud="nugu")
    village.member("kim")
    assert cloud.say(home.home.gateway, "utterance", Utterance("살려줘"), "u-1").json() == {"taken": 1}
    village.settle()
    assert (village.the_case()["concern"], village.phones.calls()) == ("distress", ["kim"])
    again = Event("u-1", home.home.gateway, "speaker", "utterance", village.clock.now(), Utterance("살려줘"))
    assert knock(village, b"[" + encode(again) + b"]").json() == {"taken": 1}
    assert village.timeline(village.the_case()["id"]).count("case.log.opened") == 1
    assert heard(village) == ["utterance"], "the same event again is known by its id"


def test_who_is_not_the_cloud_is_not_heard(village: Town, cloud: SpeakerCloud) -> None:
    home = village.home(cloud="nugu")
    press = encode(Event("s-1", home.home.gateway, "speaker", "sos", village.clock.now(), SosPressed()))
    refused = [
        knock(village, press, secret="f" * 32),
        knock(village, press, aged_s=TOLERANCE_S + 5),
        knock(village, press, aged_s=-TOLERANCE_S - 5),
        knock(village, press, name="nobody"),
        httpx.post(f"{village.settings.api_url}/api/cloud/nugu/events", content=press),
    ]
    assert [answer.status_code for answer in refused] == [401] * 5
    assert knock(village, press, name="other", secret=SECRET[::-1]).status_code == 403, "a home of another cloud"
    assert village.cases() == []
    assert knock(village, press, aged_s=TOLERANCE_S - 60).status_code == 200
    assert village.the_case()["concern"] == "sos"


def test_a_recorded_request_is_refused_also_after_a_restart(village: Town, cloud: SpeakerCloud) -> None:
    home = village.home(cloud="nugu")
    body = encode(Event("m-1", home.home.gateway, "speaker", "leak", village.clock.now(), Motion()))
    signed = {HEADER: signature(SECRET.encode(), int(wall_now().timestamp()), body)}
    url = f"{village.settings.api_url}/api/cloud/nugu/events"
    assert httpx.post(url, content=body, headers=signed).status_code == 200
    assert httpx.post(url, content=body, headers=signed).status_code == 409
    village.restart()
    assert httpx.post(url, content=body, headers=signed).status_code == 409


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"[1]", b'{"source": "gw-home-1"}', b"\xff", b"[" * 5000])
def test_what_is_no_event_is_refused(village: Town, cloud: SpeakerCloud, body: bytes) -> None:
    assert knock(village, body).status_code == 422


def test_a_cloud_cannot_tell_a_gateway_what_to_forget(village: Town, cloud: SpeakerCloud) -> None:
    home = village.home(cloud="nugu")
    claimed = replace(home.event("leak", "speaker", room="kitchen"), boot="b1", seq=1)
    assert knock(village, encode(claimed)).status_code == 200
    own = home.say("contact", place="front", open=True)
    assert (own.boot, own.seq) == ("b1", 2)
    with village.city.db.read() as tx:
        assert log.committed_ranges(tx, {home.home.gateway}) == {(home.home.gateway, "b1"): [(2, 2)]}


@pytest.mark.parametrize(
    "text",
    [
        "[nugu]\n",
        f'[nugu]\nurl = "http://cloud.example"\nsecret = "{SECRET}"\n',
        '[nugu]\nurl = "https://cloud.example"\nsecret = "short"\n',
        f'[Nugu]\nurl = "https://cloud.example"\nsecret = "{SECRET}"\n',
        f'[nugu]\nurl = "https://cloud.example"\nsecret = "{SECRET}"\ndialect = "klingon"\n',
        "[nugu",
    ],
)
def test_a_wrong_file_of_clouds_is_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clouds.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match="ANBU_CLOUDS"):
        load_clouds(str(file))
