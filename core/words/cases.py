"""What a case says about itself: its next action, its log, its notices, and how the policy and the rota explain it."""

_NEXT: dict[str, tuple[str, str]] = {
    "case.next.answer": ("어르신의 대답을 기다립니다.", "Waits for the resident's answer."),
    "case.next.hold": ("근무 시간에 확인을 시작합니다.", "Starts when office hours begin."),
    "case.next.climb": (
        "응답이 없으면 다음 단계({rung})를 부릅니다.",
        "If nobody answers, calls the next step: {rung}.",
    ),
    "case.next.repeat": ("누군가 응답할 때까지 다시 부릅니다: {rung}.", "Calls again until somebody answers: {rung}."),
    "case.next.act": (
        "{who} 님이 도착하거나 종료하지 않으면 다시 알립니다.",
        "Comes back unless {who} arrives or closes it.",
    ),
    "case.next.close": ("{who} 님이 결과를 남기지 않으면 다시 알립니다.", "Comes back unless {who} closes it."),
}

_WHY: dict[str, tuple[str, str]] = {
    "case.why.answered_ok": (
        "사람을 부른 뒤에 괜찮다는 대답이 들어왔습니다. 직접 확인해 주세요.",
        "After people were called, an answer came that all is well. Please make sure yourself.",
    ),
    "case.why.missed_check_in": (
        "{when} 안부 전화에 {asks}번 물었지만 괜찮다는 대답을 받지 못했습니다(마지막: {result}).",
        "The check-in call of {when} was put {asks} times, and nobody answered that all is well (the last: {result}).",
    ),
    "case.why.answered_not_ok": (
        "안부를 묻자 도움이 필요하다고 대답했습니다.",
        "Asked how they are, the resident answered that they need help.",
    ),
}

_CLEARS: dict[str, tuple[str, str]] = {
    "clears.inactivity": (
        "집 안의 움직임, 문, 손으로 켠 기기, 스피커의 대답이 있으면 풀립니다.",
        "Any movement, door, appliance switched by hand or answer in the home clears it.",
    ),
    "clears.overdue": ("집 안에서 움직임이 있으면 풀립니다.", "Movement inside the home clears it."),
    "clears.wandering": ("집 안에서 움직임이 있으면 풀립니다.", "Movement inside the home clears it."),
    "clears.heat": ("온도가 내려가면 풀립니다.", "It clears when the room is cooler."),
    "clears.cold": ("온도가 올라가면 풀립니다.", "It clears when the room is warmer."),
    "clears.home_dark": ("집에서 무엇이든 다시 오면 풀립니다.", "Anything heard from the home clears it."),
    "clears.area_outage": ("집들이 다시 보이면 풀립니다.", "It clears when the homes can be seen again."),
    "clears.canary": ("점검 호출이 다시 제때 닿으면 풀립니다.", "It clears when test calls arrive in time again."),
    "clears.device": ("기기가 다시 제대로 작동하면 풀립니다.", "It clears when the device works again."),
    "clears.never": ("사람이 직접 확인해야만 풀립니다.", "Only a person can clear it."),
    "why.next_alarm": (
        "아무도 움직이지 않으면 다음 경보는 {when}입니다({at} 기준).",
        "If nobody moves, the next alarm is due at {when} (as of {at}).",
    ),
}

_LOG: dict[str, tuple[str, str]] = {
    "case.log.opened": ("돌봄콜이 열렸습니다: {concern} ({urgency}).", "Care Call opened: {concern} ({urgency})."),
    "case.log.joined": ("같은 일에 신호가 더해졌습니다: {concern}.", "A further signal joined: {concern}."),
    "case.log.raised": ("더 급한 일이 되었습니다: {concern}.", "Became more urgent: {concern}."),
    "case.log.repeated": (
        "다시 신호가 와서 다시 알립니다: {concern}.",
        "Signalled again, so people are called again: {concern}.",
    ),
    "case.log.cleared": (
        "원인이 사라졌다는 신호가 왔지만 사람이 확인할 때까지 열어 둡니다: {concern}.",
        "The cause seems over, and the case stays open until a person has made sure: {concern}.",
    ),
    "case.log.resolved": (
        "원인이 해소되어 스스로 종료되었습니다: {concern}.",
        "Closed by itself, its cause is over: {concern}.",
    ),
    "case.log.held": ("급하지 않아 근무 시간까지 기다립니다.", "Not urgent: waits for office hours."),
    "case.log.released": ("기다리던 시간이 되어 시작합니다.", "The waiting is over, it starts now."),
    "case.log.asked": (
        "스피커로 안부를 물었습니다({number}번째).",
        "Asked the resident through the speaker (time {number}).",
    ),
    "case.log.asked_shown": (
        "불빛과 화면으로 안부를 물었습니다({number}번째).",
        "Asked the resident by light and screen (time {number}).",
    ),
    "case.log.answered_ok": (
        "어르신이 괜찮다고 대답하여 종료했습니다.",
        "The resident answered that they are well: closed.",
    ),
    "case.log.answered_not_ok": (
        "어르신이 도움이 필요하다고 대답했습니다.",
        "The resident answered that they need help.",
    ),
    "case.log.answered_badly": ("안부 물음의 결과: {result}.", "What came of the question: {result}."),
    "case.log.answered_late": (
        "뒤늦은 대답이 들어왔습니다: {result}. 상태는 그대로입니다.",
        "A late answer came in: {result}. Nothing changes by it.",
    ),
    "case.log.no_answer": ("제시간에 대답이 없었습니다.", "No answer came in time."),
    "case.log.ask_failed": ("물음을 집에 전하지 못했습니다.", "The question did not reach the home."),
    "case.log.climbed": ("응답이 없어 다음 단계로 올라갑니다.", "Nobody answered: climbs to the next step."),
    "case.log.repeats": ("마지막 단계를 다시 부릅니다.", "The last step is called again."),
    "case.log.called_post": ("{rung}에 연락합니다.", "Calls {rung}."),
    "case.log.called": ("{rung} 단계 호출: {who}", "Calls {who} ({rung})."),
    "case.log.nobody_on_call": ("{rung}: 지금 부를 사람이 없습니다.", "{rung}: nobody can be called now."),
    "case.log.unreachable": ("연락 불가: {who}", "{who} can't be reached in any way."),
    "case.log.owner_unreachable": (
        "맡은 {who} 님에게 닿지 않아 다시 부르기 시작합니다.",
        "{who} has the case and can't be reached: calling starts again.",
    ),
    "case.log.acknowledged": ("{who} 님이 맡았습니다.", "{who} took the case."),
    "case.log.taken_over": ("{who} 님이 이어서 맡았습니다.", "{who} took the case over."),
    "case.log.arrived": ("{who} 님이 도착했습니다.", "{who} arrived."),
    "case.log.given_back": (
        "{who} 님이 맡을 수 없다고 하여 다시 부르기 시작합니다.",
        "{who} can't do it after all: calling starts again.",
    ),
    "case.log.also": ("{who} 님도 응답했습니다.", "{who} answered too."),
    "case.log.forgotten": (
        "{who} 님이 맡은 뒤 소식이 없어 다시 부르기 시작합니다.",
        "Nothing was heard after {who} took it: calling starts again.",
    ),
    "case.log.closed": ("{who} 님이 종료했습니다: {outcome}.", "{who} closed it: {outcome}."),
    "case.log.noted": ("{who}: {text}", "{who}: {text}"),
    "case.log.unreadable": (
        "기록이 손상되어 읽을 수 없어 이 사례를 닫았습니다. 끝나지 않은 일은 새 사례로 이어집니다.",
        "Its record is damaged and cannot be read, so it was closed. What was not over goes on as a new case.",
    ),
    "case.log.clock_back": (
        "서버 시계가 뒤로 가서 기다림을 다시 시작했습니다.",
        "The server's clock went back: the wait starts anew.",
    ),
    "case.log.sent": ("발송: {who} ({channel})", "Sent to {who} ({channel})."),
    "case.log.told": (
        "더 오시지 않아도 된다고 알림: {who} ({channel})",
        "Told {who} that they are not needed any more ({channel}).",
    ),
    "case.log.sent_home": ("집에 전했습니다.", "Handed to the home."),
    "case.log.delivered": ("전달됨: {who} ({channel})", "Delivered to {who} ({channel})."),
    "case.log.seen": ("읽음: {who} ({channel})", "Seen by {who} ({channel})."),
    "case.log.channel_failed": (
        "발송 실패: {who} ({channel}): {error}",
        "Could not send to {who} by {channel}: {error}",
    ),
    "case.log.speaker_failed": ("집에 전하지 못했습니다: {error}", "Could not hand it to the home: {error}"),
}

_REFUSED: dict[str, tuple[str, str]] = {
    "case.refused.closed": ("이미 종료된 돌봄콜입니다.", "This Care Call is closed already."),
    "case.refused.not_yours": (
        "맡은 사람만 내려놓을 수 있습니다. 대신 가시려면 “제가 맡겠습니다”를 눌러 주세요.",
        "Only who has it can give it back. To go in their place, take it.",
    ),
    "case.refused.no_case": ("그런 돌봄콜이 없습니다.", "There is no such Care Call."),
    "case.refused.no_contact": (
        "안전으로 종료하려면 전화, 방문 또는 스피커로 직접 확인해야 합니다.",
        "To close it as safe, the resident must have been reached by phone, visit or speaker.",
    ),
    "case.refused.unknown_outcome": (
        "결과는 true_emergency, safe, care, technical, exercise 가운데 하나입니다.",
        "The outcome is one of true_emergency, safe, care, technical, exercise.",
    ),
    "case.refused.unknown_contact": (
        "확인 방법은 phone, visit, speaker 가운데 하나입니다.",
        "The contact is one of phone, visit, speaker.",
    ),
}

# For lock screens: no name, no address, nothing about health.
_NOTICES: dict[str, tuple[str, str]] = {
    "notice.call.immediate": ("돌봄콜 #{case} 긴급 확인 필요", "Care Call #{case} needs you now"),
    "notice.call.urgent": ("돌봄콜 #{case} 빠른 확인 필요", "Care Call #{case} needs you soon"),
    "notice.call.soon": ("돌봄콜 #{case} 오늘 확인 필요", "Care Call #{case} needs a look today"),
    "notice.call.routine": ("돌봄콜 #{case} 확인 요청", "Care Call #{case} asks for a look"),
    "notice.owner": ("맡으신 돌봄콜 #{case} 다시 확인 필요", "Your Care Call #{case} needs you again"),
    "notice.task": ("돌봄 서비스 일정이 배정되었습니다", "A care visit was given to you"),
    "notice.task_cancelled": ("배정된 돌봄 서비스 일정이 취소되었습니다", "A care visit of yours was cancelled"),
    "notice.stand_down": ("돌봄콜 #{case} 다른 분이 맡았습니다", "Care Call #{case} was taken by somebody else"),
    "notice.closed": ("돌봄콜 #{case} 종료되었습니다", "Care Call #{case} is closed"),
}

_ROTA: dict[str, tuple[str, str]] = {
    "rota.off.no_shift": ("{rung}: 지금은 근무 시간이 아닙니다.", "{rung}: no shift is on now."),
    "rota.off.no_member": ("{rung}: 이 지역을 맡은 사람이 없습니다.", "{rung}: nobody answers for this area."),
    "rota.off.away": ("{member} 님은 자리에 없고 대신할 사람이 없습니다.", "{member} is away, and nobody stands in."),
    "rota.off.inactive": ("{member} 님은 지금 활동하지 않습니다.", "{member} is not active."),
    "rota.off.no_reach": ("{member} 님의 연락 방법이 없습니다.", "There is no way to reach {member}."),
    "rota.off.unknown": ("{member}: 등록되지 않은 사람입니다.", "{member}: nobody of that name is enrolled."),
}

_ROUTE: dict[str, tuple[str, str]] = {
    "route.concern": ("{concern}: 급한 정도는 {urgency}입니다.", "{concern}: its urgency is {urgency}."),
    "route.branch": ("갈래: {branch}", "Branch: {branch}"),
    "route.ladder": ("사다리: {ladder}", "Ladder: {ladder}"),
    "route.asks": ("먼저 어르신께 묻습니다(최대 {asks}번).", "The resident is asked first ({asks} times at most)."),
    "route.no_asks": ("묻지 않고 바로 사람을 부릅니다.", "People are called without asking first."),
    "route.synthetic": (
        "아무도 살지 않는 점검용 집이어서 사람을 부르지 않습니다.",
        "Nobody lives in this home, it is for tests: no person is called.",
    ),
    "route.hold": ("{until}까지 기다립니다.", "Waits until {until}."),
}

_NAMES: dict[str, tuple[str, str]] = {
    "concern.sos": ("SOS 호출", "SOS"),
    "concern.unreadable_sos": ("읽을 수 없는 SOS", "unreadable SOS"),
    "concern.late_report": ("늦게 도착한 신호", "late report"),
    "concern.fall": ("낙상", "fall"),
    "concern.distress": ("도움 요청", "call for help"),
    "concern.despair": ("힘든 마음을 전한 말", "words of despair"),
    "concern.misheard": ("도움 요청일 수 있는 말", "what may be a call for help"),
    "concern.smoke": ("연기", "smoke"),
    "concern.gas": ("가스", "gas"),
    "concern.co": ("일산화탄소", "carbon monoxide"),
    "concern.leak": ("누수", "water leak"),
    "concern.inactivity": ("움직임 없음", "no activity"),
    "concern.overdue": ("귀가 지연", "overdue return"),
    "concern.wandering": ("배회", "wandering"),
    "concern.missed_check_in": ("안부 전화 무응답", "missed check-in call"),
    "concern.heat": ("더위", "heat"),
    "concern.cold": ("추위", "cold"),
    "concern.drift": ("생활 변화", "changed daily life"),
    "concern.home_dark": ("집 연결 끊김", "home out of sight"),
    "concern.device": ("기기 이상", "device trouble"),
    "concern.area_outage": ("지역 장애", "area outage"),
    "concern.application": ("돌봄 신청", "application for care"),
    "concern.service_worry": ("서비스 중 걱정되는 일", "a worry during a service"),
    "concern.visit_overdue": ("의무 방문 지연", "compulsory visit overdue"),
    "concern.care_overdue": ("돌봄 절차 지연", "care overdue"),
    "concern.canary": ("점검 호출 실패", "failed test call"),
    "urgency.immediate": ("즉시", "immediate"),
    "urgency.urgent": ("급함", "urgent"),
    "urgency.soon": ("오늘 안", "soon"),
    "urgency.routine": ("일상", "routine"),
    "state.verifying": ("확인 중", "verifying"),
    "state.alerting": ("호출 중", "alerting"),
    "state.acknowledged": ("담당자 응답", "acknowledged"),
    "state.arrived": ("도착", "arrived"),
    "state.closed": ("종료", "closed"),
    "outcome.true_emergency": ("실제 응급", "true emergency"),
    "outcome.safe": ("안전", "safe"),
    "outcome.technical": ("기술 문제", "technical"),
    "outcome.exercise": ("훈련", "exercise"),
    "outcome.care": ("돌봄 서비스로 연결", "went on as care"),
    "result.ok": ("괜찮다고 함", "all is well"),
    "result.not_ok": ("도움이 필요하다고 함", "needs help"),
    "result.unclear": ("알아듣지 못함", "not understood"),
    "result.silence": ("대답 없음", "silence"),
    "result.offline": ("집의 기기 연결 끊김", "the home's device offline"),
    "contact.phone": ("전화", "phone"),
    "contact.visit": ("방문", "visit"),
    "contact.speaker": ("스피커", "speaker"),
    "contact.button": ("단추", "button"),
    "contact.sensor": ("센서", "sensor"),
    "role.manager": ("돌봄 매니저", "care manager"),
    "role.supervisor": ("책임자", "supervisor"),
    "role.duty": ("당직자", "duty officer"),
    "role.worker": ("서비스 제공 인력", "care worker"),
    "role.canary": ("점검 프로그램", "test program"),
}

WORDS: dict[str, tuple[str, str]] = {
    **_NEXT,
    **_WHY,
    **_CLEARS,
    **_LOG,
    **_REFUSED,
    **_NOTICES,
    **_ROTA,
    **_ROUTE,
    **_NAMES,
}
