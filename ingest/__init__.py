"""Where city-side rooms meet: bytes to log to case, log to engine to case."""
