"""Questions the speaker asks a resident, plain and short."""

WORDS: dict[str, tuple[str, str]] = {}
