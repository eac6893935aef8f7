"""What is said of assessments, plans, evaluations and follow-ups."""

_LOG = {
    "care.log.assessed": (
        "욕구 조사를 마쳤습니다: {instrument} {score}점({level}).",
        "Assessed by {instrument}: {score} points ({level}).",
    ),
    "care.log.planned": ("계획 {plan} 초안을 썼습니다(서비스 {items}건).", "Plan {plan} was drafted ({items} items)."),
    "care.log.agreed": ("계획 {plan}에 합의했습니다.", "Plan {plan} was agreed."),
    "care.log.not_planned": (
        "신청했으나 계획에 없는 서비스: {services}.",
        "Asked for, and not in the plan: {services}.",
    ),
    "care.log.evaluated": (
        "평가했습니다: {instrument}({phase}, {mode}).",
        "Evaluated: {instrument} ({phase}, {mode}).",
    ),
    "care.log.answers_differ": (
        "번호 {id}(으)로 다른 답이 또 왔습니다. {instrument} {version}판: {answers}.",
        "Other answers came under the id {id}; {instrument}, version {version}: {answers}.",
    ),
    "care.log.follow_up_late": ("평가 기한이 지났습니다: {instrument}.", "An evaluation is overdue: {instrument}."),
    "care.why.follow_up": (
        "돌봄 절차 {episode}의 평가({instrument}) 기한이 지났습니다.",
        "Care episode {episode}: the evaluation ({instrument}) is overdue.",
    ),
}

_REFUSED = {
    "care.refused.not_now": (
        "{stage} 단계에서는 할 수 없습니다.",
        "In the stage {stage} this can't be done.",
    ),
    "care.refused.gone": (
        "전출했거나 사망한 분에게는 새로 계획할 수 없습니다.",
        "They have moved away or died: nothing new is planned for them.",
    ),
    "care.refused.unknown_instrument": ("{id}: 없는 설문입니다.", "{id}: there is no such questionnaire."),
    "care.refused.unknown_plan": ("계획 {id}을(를) 찾을 수 없습니다.", "There is no plan {id}."),
    "care.refused.unanswered": ("답하지 않은 문항이 있습니다: {item}.", "A question was not answered: {item}."),
    "care.refused.not_asked": ("이 설문에 없는 문항입니다: {item}.", "This questionnaire has no question {item}."),
    "care.refused.not_offered": (
        "{item}: 고를 수 없는 답입니다.",
        "{item}: that is none of the answers to choose from.",
    ),
    "care.refused.instrument_answered": (
        "{code} {version}판은 이미 답한 사람이 있어 바꿀 수 없습니다. 새 판을 만드십시오.",
        "{code}, version {version}, was answered already and can't change: make another version.",
    ),
    "care.refused.no_level": ("{id}: 이런 판정에 쓰는 설문이 아닙니다.", "{id}: that is not judged by it."),
    "care.refused.items": (
        "서비스는 1건 이상 {most}건 이하여야 합니다.",
        "A plan has one service at least and {most} at most.",
    ),
    "care.refused.units": ("{service}: 1에서 {most}까지입니다.", "{service}: from 1 to {most} units."),
    "care.refused.period": (
        "{service}: 끝나는 때는 시작과 지금보다 뒤이고, 기간은 2년을 넘지 않습니다.",
        "{service}: it ends after its start, after now, and within two years.",
    ),
    "care.refused.plan_replaced": (
        "계획 {id}은(는) 다른 계획으로 바뀌었습니다.",
        "Another plan took the place of plan {id}.",
    ),
    "care.refused.no_consent": (
        "본인의 돌봄 동의가 없습니다.",
        "The person has not given their consent to care.",
    ),
    "care.refused.orders_open": (
        "진행 중인 의뢰가 {open}건 있습니다. 마치거나 취소한 뒤 계획을 바꾸십시오.",
        "Orders under way: {open}. They are done or cancelled before the plan changes.",
    ),
    "care.refused.no_plan": ("합의된 계획이 없습니다.", "No plan was agreed."),
    "care.refused.services_open": (
        "아직 끝나지 않은 서비스가 {open}건 있습니다.",
        "Services that are not over: {open}.",
    ),
    "care.refused.no_record": ("제공 기록이 하나도 없습니다.", "There is no record of any service."),
    "care.refused.evaluated": ("이미 평가했습니다: {instrument}.", "That was evaluated already: {instrument}."),
    "care.refused.first_missing": (
        "첫 평가가 먼저입니다: {instrument}.",
        "The first evaluation comes before the follow-up: {instrument}.",
    ),
    "care.refused.too_few": (
        "{floor}명보다 적어 보여 드릴 수 없습니다.",
        "Fewer than {floor} people: it is not shown.",
    ),
}

WORDS: dict[str, tuple[str, str]] = {**_LOG, **_REFUSED}
