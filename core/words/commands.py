"""What the command line tells an operator."""

WORDS: dict[str, tuple[str, str]] = {}
