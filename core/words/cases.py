"""What a case says about itself: its next action, its timeline, its notifications."""

WORDS: dict[str, tuple[str, str]] = {}
