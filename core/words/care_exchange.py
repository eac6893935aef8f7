"""What the chain says to other systems, to calendars and to whoever asks for data for research."""

WORDS: dict[str, tuple[str, str]] = {
    "care.log.named_export": ("이름이 든 기록을 내보냈습니다.", "The record was exported with the name."),
    "care.log.research_asked": ("연구용 자료 {id}번을 요청했습니다.", "Research export {id} was asked for."),
    "care.log.research_allowed": ("연구용 자료 {id}번을 허락했습니다.", "Research export {id} was allowed."),
    "care.log.research_made": (
        "연구용 자료 {id}번을 만들었습니다({rows}행).",
        "Research export {id} was made ({rows} rows).",
    ),
    "care.log.research_refused": ("연구용 자료 {id}번을 거절했습니다.", "Research export {id} was refused."),
    "care.refused.unknown_case": ("돌봄콜 {id}을(를) 찾을 수 없습니다.", "There is no Care Call {id}."),
    "care.refused.unknown_research": ("연구용 자료 {id}번이 없습니다.", "There is no research export {id}."),
    "care.refused.no_reader": (
        "이름은 담당 지역의 돌봄 담당자만 볼 수 있습니다(reader).",
        "Names are given to a care manager of that area alone (reader).",
    ),
    "care.refused.quarters": (
        "기간은 분기의 첫날에 시작해 다른 분기의 첫날에 끝나야 합니다.",
        "The period must begin on a quarter's first day, and end on a later one's.",
    ),
    "care.refused.period_open": ("기간이 아직 끝나지 않았습니다.", "The period is not over yet."),
    "care.refused.overlap": (
        "연구용 자료 {id}번과 기간이 겹칩니다. 두 자료를 견주면 사람이 드러날 수 있습니다.",
        "The period overlaps that of export {id}: who compared the two could make people out.",
    ),
    "care.refused.overtaken": (
        "기간이 겹치는 다른 자료가 먼저 나갔습니다.",
        "Another export of an overlapping period was made first.",
    ),
    "care.refused.same_person": (
        "요청한 사람은 스스로 허락할 수 없습니다.",
        "Whoever asked for it can't allow it.",
    ),
    "care.refused.not_supervisor": ("관리자만 결정할 수 있습니다.", "Only a supervisor can decide on it."),
    "care.refused.decided": ("이미 결정되었습니다({state}).", "It has been decided already ({state})."),
    "care.refused.not_allowed": ("아직 허락되지 않았습니다.", "Nobody has allowed it yet."),
    "care.refused.turned_down": ("관리자가 거절했습니다.", "A supervisor has said no."),
    "care.refused.not_anonymous": (
        "아무리 뭉뚱그려도 k={k}, l={l}을(를) 지킬 수 없어 내보내지 않습니다.",
        "However coarse, it does not reach k = {k} and l = {l}: nothing is given.",
    ),
    "care.refused.changed": (
        "그 사이 자료가 바뀌어 같은 파일을 다시 만들 수 없습니다.",
        "What it rests on has changed since: the same file can't be made again.",
    ),
    "exchange.visit": ("방문", "Visit"),
    "exchange.task": ("서비스 업무", "Service task"),
    "exchange.exercise": ("훈련", "Exercise"),
    "exchange.calendar": ("안부 방문 일정", "Anbu visits"),
    "exchange.nowhere": ("위치를 알 수 없음", "location unknown"),
    "exchange.cap.event": ("응급 상황 인계: {concern}", "Emergency hand-over: {concern}"),
    "exchange.cap.exercise": ("훈련입니다. 출동하지 마세요.", "This is an exercise. Send nobody."),
    "exchange.cap.over": ("상황이 종료되었습니다.", "It is over."),
    "exchange.cap.person": ("대상자: {name}", "Person: {name}"),
    "exchange.cap.sender": ("안부 돌봄콜", "Anbu Care Call"),
    "exchange.cap.instruction": (
        "출동 여부를 판단하고 돌봄콜 {id}번 담당자에게 알려 주세요.",
        "Judge whether to go, and tell whoever has taken Care Call {id}.",
    ),
}
