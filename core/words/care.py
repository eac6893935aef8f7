"""What the care chain says: its stages, its journal, and why something was not done."""

_STAGES = {
    "stage.intake": ("접수", "intake"),
    "stage.assessment": ("욕구 조사", "assessment"),
    "stage.plan": ("계획", "plan"),
    "stage.linkage": ("서비스 연계", "linkage"),
    "stage.evaluation": ("평가와 사후관리", "evaluation and follow-up"),
    "stage.closed": ("종결", "closed"),
    "origin.operator": ("돌봄콜 전화", "Care Call line"),
    "origin.button": ("호출 단추", "button"),
    "origin.speaker": ("스피커", "speaker"),
    "origin.anomaly": ("이상 감지", "anomaly"),
    "origin.referral": ("기관 의뢰", "partner's referral"),
    "origin.compulsory_visit": ("의무 방문", "compulsory visit"),
    "origin.self": ("본인 신청", "own application"),
    "origin.neighbour": ("이웃 신청", "neighbour's application"),
    "ended.completed": ("완료", "completed"),
    "ended.declined": ("본인이 원하지 않음", "declined"),
    "ended.not_needed": ("필요 없음", "not needed"),
    "ended.moved": ("전출", "moved away"),
    "ended.died": ("사망", "died"),
    "ended.exercise": ("훈련", "exercise"),
}

_LOG = {
    "care.log.opened": ("돌봄 절차가 열렸습니다({origin}).", "An episode of care was opened ({origin})."),
    "care.log.moved": ("단계가 바뀌었습니다: {from} → {to}.", "It went on: {from} → {to}."),
    "care.log.taken": ("담당자가 정해졌습니다.", "Somebody took it."),
    "care.log.closed": ("종결되었습니다({ended}).", "It was closed ({ended})."),
}

_REFUSED = {
    "care.refused.closed": ("이미 종결되어 바꿀 수 없습니다.", "It is closed: nothing of it can be changed."),
    "care.refused.stage": (
        "{stage} 단계에서 {to} 단계로 갈 수 없습니다. 단계를 건너뛸 수 없습니다.",
        "From {stage} one can't go to {to}: no stage is skipped.",
    ),
    "care.refused.not_evaluated": (
        "평가 단계에서만 완료할 수 있습니다(지금: {stage}).",
        "Only what has been evaluated can be completed (now: {stage}).",
    ),
    "care.refused.work_left": ("아직 끝나지 않은 일이 있습니다: {what}.", "Work is still open: {what}."),
    "care.refused.unknown_episode": ("돌봄 절차 {id}을(를) 찾을 수 없습니다.", "There is no episode {id}."),
    "care.refused.unknown_person": ("{id}: 없는 사람입니다.", "{id}: there is no such person."),
    "care.refused.unknown_member": ("{id}: 없는 담당자입니다.", "{id}: there is no such active member."),
    "care.refused.unknown_service": ("{id}: 이 도시에 없는 서비스입니다.", "{id}: no service of this city."),
    "care.refused.unknown_provider": ("{id}: 없는 기관입니다.", "{id}: there is no such active provider."),
    "care.refused.id_taken": (
        "같은 번호로 다른 내용이 이미 있습니다. 보낸 내용은 따로 보관했습니다.",
        "Something else stands under this id already; what you sent is kept beside it.",
    ),
}

WORDS: dict[str, tuple[str, str]] = {**_STAGES, **_LOG, **_REFUSED}
