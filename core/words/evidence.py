"""Reasons: one sentence for each thing a reflex or a detector can have seen."""

WORDS: dict[str, tuple[str, str]] = {
    "evidence.sos": ("{device}에서 SOS 버튼을 눌렀습니다.", "SOS was pressed on {device}."),
}
