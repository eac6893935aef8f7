"""What is said where care is asked for: applications, consents, the profile, ties, and what is overdue."""

_APPLICATION = {
    "operator": ("돌봄콜 전화로", "through the Care Call line"),
    "button": ("호출 단추로", "through the button"),
    "speaker": ("스피커로", "through the speaker"),
    "anomaly": ("이상 감지로", "because something unusual was noticed"),
    "referral": ("기관 의뢰로", "through a partner"),
    "compulsory_visit": ("의무 방문에서", "at a compulsory visit"),
    "self": ("본인이 직접", "by the person"),
    "neighbour": ("이웃이", "by a neighbour"),
}

_WORDS = {
    **{
        f"evidence.application.{origin}": (f"{ko} 돌봄을 신청했습니다.", f"Care was asked for {en}.")
        for origin, (ko, en) in _APPLICATION.items()
    },
    "evidence.exercise": ("훈련입니다. 실제 사람이 아닙니다.", "This is an exercise: nobody real is concerned."),
    "evidence.care_overdue": (
        "돌봄 절차 {episode}의 단계가 기한을 넘겼습니다(기한 {due}).",
        "A stage of the episode of care {episode} is overdue (it was due {due}).",
    ),
    "evidence.consent_overdue": (
        "기한 안에 본인 동의를 받지 못했습니다(기한 {due}).",
        "The person's consent was not obtained in time (it was due {due}).",
    ),
    "notice.application": ("맡으신 분의 돌봄 신청이 더 들어왔습니다", "More care was asked for, for somebody of yours"),
    "priority.routine": ("보통", "routine"),
    "priority.soon": ("빠른 처리", "soon"),
    "priority.urgent": ("긴급", "urgent"),
}

_LOG = {
    "care.log.joined": ("추가 신청이 접수되었습니다({origin}).", "A further application joined it ({origin})."),
    "care.log.overdue": ("기한을 넘겼습니다({stage}).", "It is overdue ({stage})."),
    "care.log.contact": ("본인과 연락했습니다.", "Somebody spoke to the person."),
    "care.log.registered": ("새로 등록되었습니다.", "The person was made known."),
    "care.log.fact": ("기록이 바뀌었습니다({fact}).", "A fact was written down ({fact})."),
    "care.log.tied": ("관계가 기록되었습니다({tie}).", "A tie was written down ({tie})."),
    "care.log.untied": ("관계 기록이 지워졌습니다.", "A tie was taken away."),
    "care.log.back": ("다시 계신 것으로 고쳤습니다.", "They are here after all."),
    "care.log.gone": ("더 이상 이곳에 살지 않습니다({ended}).", "The person is gone ({ended})."),
    "care.log.consent": ("동의({purpose}): {consent}.", "Consent ({purpose}): {consent}."),
}

_NAMES = {
    "purpose.care": ("돌봄 제공", "care"),
    "purpose.sharing": ("제공기관과의 정보 공유", "sharing with providers"),
    "purpose.matching": ("알맞은 서비스 찾기", "finding the right service"),
    "purpose.money": ("비용 부담 결정", "deciding who pays"),
    "purpose.contact": ("연락과 방문", "reaching the person"),
    "purpose.safety": ("안전", "safety"),
    "consent.asked": ("요청함", "asked for"),
    "consent.given": ("동의함", "given"),
    "consent.refused": ("거부함", "refused"),
    "consent.withdrawn": ("철회함", "withdrawn"),
    "consent.lapsed": ("기한 지남", "not obtained in time"),
    "tie.guardian": ("보호자", "guardian"),
    "tie.young_carer": ("가족 돌봄 청년", "young carer"),
    "tie.family": ("가족", "family"),
    "fact.birth_year": ("출생 연도", "year of birth"),
    "fact.gender": ("성별", "gender"),
    "fact.income_band": ("소득 구간", "income band"),
    "fact.disability": ("장애", "disability"),
    "fact.health": ("건강", "health"),
    "fact.family": ("가족", "family"),
    "fact.challenges": ("어려움", "challenges"),
    "fact.language": ("언어", "language"),
    "fact.key_safe": ("열쇠함", "key safe"),
    "fact.contacts": ("비상 연락처", "contacts"),
    "fact.phone": ("전화", "telephone"),
    "fact.address": ("주소", "address"),
    "fact.pets": ("반려동물", "pets"),
}

_REFUSED = {
    "care.refused.whom": (
        "관제 대상 댁, 등록된 사람, 새 사람(이름과 동) 가운데 하나만 적어 주세요.",
        "Name one: a watched home, a known person, or a new one with a name and an area.",
    ),
    "care.refused.unknown_home": ("{id}: 없는 댁입니다.", "{id}: there is no such home."),
    "care.refused.too_many_services": (
        "한 번에 서비스 {most}개까지 신청할 수 있습니다.",
        "{most} services at most can be asked for at a time.",
    ),
    "care.refused.id_reserved": ("이 번호는 쓸 수 없습니다.", "This id is not for senders to give."),
    "care.refused.exercise_of_real": ("실제 사람은 훈련 대상이 될 수 없습니다.", "Nobody real becomes an exercise."),
    "care.refused.real_of_exercise": (
        "훈련용 사람에게 실제 신청을 할 수 없습니다.",
        "Nobody of an exercise becomes real.",
    ),
    "care.refused.not_yet": ("아직 오지 않은 시각입니다.", "That is still to come."),
    "care.refused.own_work": (
        "이 단계는 그 단계의 일이 끝나면 저절로 넘어갑니다.",
        "It goes on by itself when the work of its stage is done.",
    ),
    "care.refused.person_taken": (
        "같은 번호로 다른 사람이 이미 있습니다.",
        "Somebody else stands under this id already.",
    ),
    "care.refused.bad_fact": (
        "{field}: 이 값을 적을 수 없습니다.",
        "{field}: there is no such fact, or it has no such value.",
    ),
    "care.refused.oneself": ("자기 자신과는 관계를 맺을 수 없습니다.", "Nobody is tied to themselves."),
    "care.refused.unknown_tie": ("그런 관계가 없습니다({id}).", "There is no such tie ({id})."),
    "care.refused.nothing_given": ("동의한 적이 없습니다.", "No consent was given that could be withdrawn."),
    "care.refused.consent_given": (
        "이미 동의했습니다. 거부하려면 철회하세요.",
        "Consent was given already: it can be withdrawn.",
    ),
    "care.refused.not_shared": (
        "제공기관과의 정보 공유에 동의하지 않았습니다.",
        "The person has not agreed to share this with providers.",
    ),
}

WORDS: dict[str, tuple[str, str]] = {**_WORDS, **_LOG, **_NAMES, **_REFUSED}
