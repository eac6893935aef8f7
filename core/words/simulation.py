"""What is said of simulator runs: why one was not started or broke off, and where the city did otherwise."""

WORDS: dict[str, tuple[str, str]] = {
    "simulation.refused.busy": (
        "다른 모의 상황이 실행 중입니다. 끝나기를 기다리거나 먼저 멈춰 주세요.",
        "Another simulation is running: wait for its end, or stop it first.",
    ),
    "simulation.refused.unknown_scenario": (
        "'{name}'(이)라는 시나리오는 없습니다. 있는 것: {known}.",
        "There is no scenario '{name}'; there are {known}.",
    ),
    "simulation.refused.too_long": (
        "이 속도로는 {length:dur이} 걸립니다. {most:dur을} 넘지 않도록 더 빠르게 실행해 주세요.",
        "At this speed it takes {length:dur}: play it faster, so that it is at most {most:dur}.",
    ),
    "simulation.refused.no_room": (
        "디스크에 빈 곳이 {free}MB뿐입니다. {least}MB 아래에서는 실제 관제를 위해 실행하지 않습니다.",
        "The disk has only {free} MB left. Below {least} MB no simulation is played: the real city needs the room.",
    ),
    "simulation.refused.not_started": (
        "모의 상황을 시작하지 못했습니다({why}).",
        "The simulation could not be started ({why}).",
    ),
    "simulation.refused.unknown_run": ("모의 실행 '{id}'이(가) 없습니다.", "There is no simulation '{id}'."),
    # Why one broke off.
    "simulation.why.fell": (
        "실행하던 프로그램이 갑자기 끝났습니다. 결과는 알 수 없습니다.",
        "The program that played it ended suddenly. What would have come of it is not known.",
    ),
    "simulation.why.failed": (
        "모의 도시가 시작하지 못했거나 오류로 멈췄습니다. 아래에 프로그램이 남긴 말이 있습니다.",
        "The simulated city did not start, or failed. What its programs said stands below.",
    ),
    "simulation.why.ended": (
        "이 서버가 꺼지거나 다시 시작되어 중단되었습니다.",
        "This server was ended or restarted meanwhile.",
    ),
    "simulation.why.too_long": (
        "정해진 시간 안에 끝나지 않아 중단했습니다. 더 느린 속도로 다시 해 보세요.",
        "It did not end in its time and was broken off. Try it again at a lower speed.",
    ),
    "simulation.why.room": (
        "디스크의 빈 곳이 모자라 실제 관제를 위해 중단했습니다.",
        "The disk ran short of room, which the real city needs.",
    ),
    # Where the city did otherwise than expected.
    "simulation.case": ("{home} 댁의 {concern} 돌봄콜", "the {concern} case of {home}"),
    "simulation.case_area": ("지역의 {concern} 돌봄콜", "the {concern} case of the area"),
    "simulation.speaker": ("스피커", "the speaker"),
    "simulation.no_outcome": ("아직 결과 없음", "nothing yet"),
    "simulation.differs.duplicates": (
        "같은 일로 동시에 열린 돌봄콜이 {count}건입니다. 없어야 합니다.",
        "{count} cases were open twice for one worry; there must be none.",
    ),
    "simulation.differs.open_without_deadline": (
        "다음 단계가 정해지지 않은 채 열려 있는 돌봄콜이 {count}건입니다. 없어야 합니다.",
        "{count} open cases have no next step; there must be none.",
    ),
    "simulation.differs.too_many": (
        "돌봄콜이 {count}건입니다. 많아도 {most}건이어야 합니다.",
        "There are {count} cases; {most} are the most that should be.",
    ),
    "simulation.differs.not_quiet": (
        "{home} 댁에 {concern} 돌봄콜이 생겼습니다. 없어야 합니다.",
        "{home} has a case of {concern}, and it should have none.",
    ),
    "simulation.differs.never": ("{case}이 열리지 않았습니다.", "{case} was never opened."),
    "simulation.differs.late": (
        "{case}이 {by}분까지 열려야 하는데 {minute}분에 열렸습니다.",
        "{case} was opened in minute {minute}, not by minute {by}.",
    ),
    "simulation.differs.not_asked": ("{case}: {who}에게 연락하지 않았습니다.", "In {case}, {who} was never asked."),
    "simulation.differs.order": (
        "{case}: {who}에게 앞 단계보다 먼저 연락했습니다.",
        "In {case}, {who} was asked before the step that comes first.",
    ),
    "simulation.differs.asked_late": (
        "{case}: {who}에게 {within}분 안에 연락해야 하는데 열린 지 {minutes}분 뒤에 했습니다.",
        "In {case}, {who} was asked {minutes} minutes after it opened, not {within}.",
    ),
    "simulation.differs.nobody": ("{case}: 아무도 맡지 않았습니다.", "In {case}, nobody acknowledged."),
    "simulation.differs.answered_late": (
        "{case}: {by}분까지 맡아야 하는데 {minute}분에 맡았습니다.",
        "In {case}, the answer came in minute {minute}, not by minute {by}.",
    ),
    "simulation.differs.absent": ("{case}: {who}이(가) 나타나지 않았습니다.", "In {case}, {who} does not appear."),
    "simulation.differs.outcome": (
        "{case}의 결과가 '{wanted}'이어야 하는데 '{outcome}'입니다.",
        "{case} ended as '{outcome}', not as '{wanted}'.",
    ),
}
