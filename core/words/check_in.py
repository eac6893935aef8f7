"""What is said about scheduled check-in calls: how they stand, why one was not possible, why one cannot be planned."""

WORDS: dict[str, tuple[str, str]] = {
    "checkins.state.waiting": ("기다림", "waiting"),
    "checkins.state.asking": ("묻는 중", "asking"),
    "checkins.state.ok": ("괜찮다고 함", "all is well"),
    "checkins.state.not_ok": ("도움이 필요하다고 함", "needs help"),
    "checkins.state.missed": ("대답 없음", "missed"),
    "checkins.state.not_possible": ("물을 수 없었음", "not possible"),
    "checkins.why.absent": ("집을 비우신다고 했습니다.", "The home was said to be empty."),
    "checkins.why.dark": ("집에서 아무 신호도 오지 않았습니다.", "Nothing could be heard from the home."),
    "checkins.why.case": (
        "이미 이 어르신의 돌봄콜이 진행 중이었습니다.",
        "A Care Call about this resident was open already.",
    ),
    "checkins.why.late": (
        "관제가 멈춰 있어서 제때 묻지 못했습니다.",
        "The city was not running then, and it was too late to ask.",
    ),
    "checkins.why.no_way": ("이 댁은 묻지 않기로 되어 있습니다.", "This home is not to be asked."),
    "checkins.why.no_consent": ("비대면 돌봄에 동의하지 않은 댁입니다.", "There is no consent to be asked."),
    "checkins.none": ("정해진 안부 전화가 없습니다.", "No check-in call is planned."),
    "checkins.next": ("다음 안부 전화: {when}", "The next check-in call: {when}"),
    "checkins.bad_time": (
        "'{text}'은(는) 쓸 수 없습니다. \"mon,wed,fri 09:30\"처럼 적어 주세요.",
        "'{text}' cannot be used: write it as \"mon,wed,fri 09:30\".",
    ),
    "checkins.too_many": (
        "한 댁에 {most}개까지, 시각마다 하나만 정할 수 있습니다.",
        "A home may have {most} times, each once.",
    ),
}
