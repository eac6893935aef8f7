"""What the care chain says of visits: their steps, what came of them, and why one must be made."""

_VISIT = {
    "visit.state.planned": ("예정", "planned"),
    "visit.state.started": ("출발", "on the way"),
    "visit.state.arrived": ("도착", "at the door"),
    "visit.state.finished": ("완료", "finished"),
    "visit.state.missed": ("미방문", "missed"),
    "visit.state.cancelled": ("취소", "cancelled"),
    "visit.kind.intake": ("접수 방문", "intake visit"),
    "visit.kind.compulsory": ("의무 방문", "compulsory visit"),
    "visit.kind.follow_up": ("사후 방문", "follow-up visit"),
    "visit.outcome.met": ("만남", "met"),
    "visit.outcome.not_home": ("문이 닫혀 있음", "nobody opened"),
    "visit.outcome.refused": ("방문 거부", "wanted no visit"),
    "visit.outcome.gone": ("전출 또는 사망", "moved away or died"),
    "visit.reason.planned": ("담당자가 계획", "planned by a care manager"),
    "visit.reason.interval": ("마지막 접촉 뒤 기한이 다가옴", "the time since the last contact runs out"),
    "visit.reason.silence": ("조용한 일이 되풀이됨", "repeated silence"),
    "visit.reason.closed_door": ("지난 방문 때 문이 닫혀 있었음", "nobody opened at the last visit"),
    "visit.mark.good": ("좋음", "good"),
    "visit.mark.fair": ("보통", "fair"),
    "visit.mark.bad": ("나쁨", "bad"),
}

_EVIDENCE = {
    "evidence.visit.exercise": ("훈련입니다. 실제 사람이 아닙니다.", "This is an exercise: nobody real is meant."),
    "evidence.visit.closed_door": (
        "{day}에 방문했으나 아무도 문을 열지 않았습니다(방문 {visit}).",
        "Somebody called on {day} and nobody opened the door (visit {visit}).",
    ),
    "evidence.visit.overdue": (
        "방문 {visit}의 기한({day})이 지났습니다. 마지막 접촉 뒤 {days}일이 되었습니다.",
        "The visit {visit} was due on {day}. {days} days have passed since anybody met them.",
    ),
}

_LOG = {
    "care.log.visit_planned": ("방문이 잡혔습니다({kind}, 방문 {visit}).", "A visit was planned ({kind}, {visit})."),
    "care.log.visit_started": ("방문하러 출발했습니다(방문 {visit}).", "Somebody is on the way (visit {visit})."),
    "care.log.visit_arrived": ("방문지에 도착했습니다(방문 {visit}).", "Somebody is at the door (visit {visit})."),
    "care.log.visit_finished": (
        "방문이 끝났습니다({outcome}, 방문 {visit}).",
        "The visit is over ({outcome}, visit {visit}).",
    ),
    "care.log.visit_corrected": (
        "방문 {visit}의 기록이 {version}번째로 고쳐졌습니다({outcome}).",
        "The record of visit {visit} was corrected: version {version} ({outcome}).",
    ),
    "care.log.visit_conflict": (
        "방문 {visit}의 다른 기록이 들어와 함께 보관했습니다. 확인이 필요합니다.",
        "Another record of visit {visit} came in and is kept beside it: somebody has to look.",
    ),
    "care.log.visit_cancelled": ("방문이 취소되었습니다(방문 {visit}).", "The visit {visit} was cancelled."),
    "care.log.visit_missed": ("방문하지 못했습니다(방문 {visit}).", "Nobody made the visit {visit}."),
    "care.log.visit_taken": ("방문 담당자가 정해졌습니다(방문 {visit}).", "Somebody took the visit {visit}."),
    "care.log.visit_sooner": (
        "방문 {visit}의 기한이 앞당겨졌습니다({reason}).",
        "The visit {visit} is due sooner ({reason}).",
    ),
    "care.log.visit_overdue": (
        "방문 {visit}의 기한이 지났음을 알렸습니다.",
        "It was told that the visit {visit} is overdue.",
    ),
    "care.log.visit_id_taken": (
        "같은 번호({visit})로 다른 방문을 잡으려 했습니다({kind}).",
        "Another visit was to be planned under the same id ({visit}, {kind}).",
    ),
}

_REFUSED = {
    "care.refused.unknown_visit": ("{id}: 없는 방문입니다.", "{id}: there is no such visit."),
    "care.refused.visit_gone": (
        "전출하였거나 사망한 분입니다. 새 방문을 잡지 않습니다.",
        "They moved away or died: nothing new is planned for them.",
    ),
    "care.refused.visit_episode": (
        "돌봄 절차 {id}은(는) 이 분의 진행 중인 절차가 아닙니다.",
        "The episode {id} is no open one of this person's.",
    ),
    "care.refused.visit_no_episode": ("접수 방문에는 돌봄 절차가 필요합니다.", "An intake visit needs its episode."),
    "care.refused.visit_open": (
        "의무 방문이 이미 잡혀 있습니다: {id}.",
        "A compulsory visit is planned already: {id}.",
    ),
    "care.refused.visit_over": ("이 방문은 이미 끝났습니다({state}).", "This visit is over ({state})."),
    "care.refused.visit_there": (
        "이미 도착한 방문입니다. 방문 결과를 기록해 주세요.",
        "Somebody stands at the door already: say what came of it.",
    ),
    "care.refused.visit_compulsory": (
        "의무 방문은 취소할 수 없습니다. 만나면 끝납니다.",
        "A compulsory visit can't be called off: it ends when somebody has met them.",
    ),
    "care.refused.visit_must_meet": (
        "이 방문은 만날 때까지 열려 있습니다.",
        "This visit stays open until somebody has met them.",
    ),
    "care.refused.visit_times": (
        "시각의 순서가 맞지 않습니다(출발, 도착, 완료).",
        "The times are not in order: start, arrival, end.",
    ),
    "care.refused.visit_future": ("아직 오지 않은 시각입니다.", "That time has not come yet."),
}

WORDS: dict[str, tuple[str, str]] = {**_VISIT, **_EVIDENCE, **_LOG, **_REFUSED}
