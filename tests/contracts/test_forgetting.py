"""What was said at home is in no store: never, unless it was a cry, and of a cry for 30 days."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.desk import Desk
from alerts.policy import load
from core.clock import ManualClock
from core.events import Answer, Event, Lane, Motion, Payload, Utterance
from core.people import Home, Member, Reach, Role
from core.privacy import KEEP_WORDS, unspoken
from gateway.adapters.said import Said
from gateway.outbox import HELD_URGENT_S, Outbox
from ingest.forgetting import Forgetting
from ingest.post import Post
from store import log, people
from store.database import Database
from store.tables import events, metadata
from store.words import FOLD
from wire.codec import encode
from wire.receipt import receipt_of

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
HOME = Home("home-1", "gw-0001", "gwangju/nam-gu/bongseon-1-dong")
CRY, SORROW, TALK = "zebraquartz", "marblewhale", "violetpiano"
"""Words that nothing of ours says."""


class Place:
    def __init__(self, db: Database) -> None:
        self.db, self.clock = db, ManualClock(NOW)
        self.post = Post(db, Desk(load(None)), self.clock)
        self.forgetting = Forgetting(db, self.clock)
        self.said = 0
        with db.write() as tx:
            people.put_home(tx, db.backend, HOME, NOW)
            people.put_member(
                tx, db.backend, Member("kim", "김", Role.MANAGER, "gwangju", "ko", (Reach("phone", "1"),))
            )

    def hear(self, kind: str, data: Payload, gateway: str = "gw-0001") -> None:
        self.said += 1
        event = Event(f"e-{self.said}", gateway, "speaker", kind, self.clock.now(), data, "b1", self.said)
        self.post.take(gateway, Lane.EVENT, encode(event))

    def forget(self) -> None:
        while self.forgetting.step():
            pass

    def stores(self) -> str:
        """Everything that is written down: each table as text and, of SQLite, the bytes of its files."""
        with self.db.read() as tx:
            found = [repr(tx.execute(sa.select(table)).all()) for table in metadata.sorted_tables]
        if self.db.backend == "sqlite":
            here = Path(self.db.engine.url.database or "")
            files = [path for path in here.parent.glob(f"{here.name}*") if path.is_file()]
            found += [path.read_bytes().decode("latin-1") for path in files]
        return "\n".join(found)


@pytest.fixture
def place(db: Database) -> Place:
    return Place(db)


def test_the_words_of_a_cry_stay_for_thirty_days_and_nobody_elses_at_all(
    place: Place, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    place.hear("utterance", Utterance(f"help me. {CRY}", 0.9))
    place.hear("utterance", Utterance(f"죽고 싶어. {SORROW}", 0.9))
    place.hear("utterance", Utterance(f"오늘 날씨 어때 {TALK}", 0.9))
    place.hear("utterance", Utterance(f"시청해주셔서 감사합니다 {TALK}"))
    for text in (f"help me {TALK}", f"죽고 싶어 {TALK}", f"괜찮아요 {TALK}", TALK):
        place.hear("answer", Answer("case-1/ask-1", None, text))
    place.hear("utterance", Utterance(f"살려줘 {TALK}"), gateway="gw-unknown")
    place.post.take("gw-0001", Lane.EVENT, b'{"type": "care.utterance", "data": {"text" : "\\"' + TALK.encode())
    place.post.take("gw-0001", Lane.SOS, json.dumps([{"data": {"text": f"{TALK} \\ {TALK}"}}]).encode())
    place.hear("motion", Motion("kitchen"))

    place.forget()
    place.clock.advance(KEEP_WORDS.total_seconds() - 1)
    place.forget()
    stores = place.stores()
    assert CRY in stores
    assert SORROW in stores
    assert TALK not in stores

    place.clock.advance(1)
    place.forget()
    for word in (CRY, SORROW, TALK):
        assert word not in place.stores()
        assert word not in caplog.text + "".join(capfd.readouterr())
    with place.db.read() as tx:
        kept = [row.data for row in log.read(tx, 0, 100) if row.kind == "utterance"]
        assert [data.intent for data in kept if isinstance(data, Utterance)] == [
            "distress",
            "despair",
            "none",
            "invented",
        ]


def test_each_row_is_looked_at_once_and_a_damaged_one_says_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.words.STRIDE", 3)
    for number in range(10):
        place.hear("utterance", Utterance(f"help me. {CRY}"))
        place.clock.advance(86400)
        if number == 4:
            with place.db.write() as tx:
                tx.execute(sa.update(events).where(events.c.id == 1).values(data='{"text": "' + CRY))
    place.clock.advance((KEEP_WORDS - timedelta(days=5)).total_seconds())
    place.forget()
    with place.db.read() as tx:
        data = list(tx.scalars(sa.select(events.c.data).order_by(events.c.id)))
        assert [CRY in each for each in data] == [False] * 6 + [True] * 4, "what is less than 30 days old stays"
        assert data[0] == "{}"
        assert log.cursor(tx, FOLD) == 6
    place.clock.advance(KEEP_WORDS.total_seconds())
    place.forget()
    assert CRY not in place.stores()


def test_words_are_taken_out_of_any_input() -> None:
    for said in (
        '{"text":"%s"}',
        '{"data": {"text" :\n "a\\"%s"',
        '"text": "%s',
        '[{"text": "", "x": {"text": "%s"}}]',
    ):
        assert TALK not in unspoken(said % TALK)
    assert unspoken('{"text": "a", "room": "b"}') == '{"text": "", "room": "b"}'


def test_the_homes_own_outbox_forgets_too(tmp_path: Path) -> None:
    count_s = 1000.0
    outbox = Outbox(tmp_path / "gateway.db", "gw-0001", count_s=lambda: count_s, machine="m")
    outbox.keep([Said("speaker", "utterance", Utterance(TALK))], NOW)
    sent = outbox.number(Lane.EVENT, 10, 10_000)

    def disk() -> str:
        return "".join(path.read_bytes().decode("latin-1") for path in tmp_path.glob("gateway.db*"))

    assert TALK in disk(), "it is kept until the city has it, and could ask for it again"
    outbox.forget(receipt_of(sent[0].event.boot or "", [(1, 1)]))
    outbox.number(Lane.EVENT, 10, 10_000)
    count_s += HELD_URGENT_S + 3600
    outbox.keep([Said("pir", "motion", Motion("kitchen"))], NOW)
    outbox.number(Lane.EVENT, 10, 10_000)
    assert TALK not in disk()
    outbox.close()
