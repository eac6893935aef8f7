"""What the server says in the console's place where it has not been built."""

WORDS: dict[str, tuple[str, str]] = {
    "console.not_built": (
        "안부 화면이 아직 만들어지지 않았습니다. Node.js 20.19 이상을 설치하고 make web 을 실행해 주세요.",
        "The console has not been built yet. Please install Node.js 20.19 or newer and run: make web",
    ),
}
