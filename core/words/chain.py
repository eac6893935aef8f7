"""What the care chain's plain pages say."""

WORDS: dict[str, tuple[str, str]] = {
    "chain.rooms": ("돌봄 업무", "The care chain"),
    "chain.room.intake": ("접수", "Intake"),
    "chain.room.episodes": ("진행 중인 돌봄", "Care in progress"),
    "chain.room.visits": ("방문", "Visits"),
    "chain.room.providers": ("제공 기관", "Providers"),
    "chain.room.claims": ("청구와 예산", "Claims and budget"),
    "chain.room.reports": ("보고", "Reports"),
    "chain.none": ("해당하는 것이 없습니다.", "There is none."),
    "chain.done": ("저장되었습니다.", "Done."),
    "chain.newer": ("앞", "Before"),
    "chain.older": ("더 보기", "More"),
    "chain.late": ("기한 지남", "overdue"),
    "chain.won": ("{amount}원", "{amount} won"),
    "chain.bad_form": ("입력을 확인해 주세요: {fields}", "Please look at these again: {fields}"),
}
