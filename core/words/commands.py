"""What the command line tells an operator."""

WORDS: dict[str, tuple[str, str]] = {
    # What keeps a city from being well
    "health.late": ("작업자 {worker}가 응답하지 않습니다.", "The worker {worker} does not go round."),
    "health.canary": ("{area}의 점검 호출이 제때 닿지 않습니다.", "The test call of {area} does not arrive in time."),
    "health.unproven": ("{area}의 점검 호출이 아직 닿지 않았습니다.", "No test call of {area} has arrived yet."),
    "health.overdue": ("기한이 지난 돌봄콜이 {cases}건 있습니다.", "{cases} Care Calls are past their deadline."),
    "health.outbox": (
        "보내야 할 메시지가 {age:dur} 동안 나가지 않았습니다.",
        "A message has been waiting to leave for {age:dur}.",
    ),
    # What if
    "whatif.replayed": (
        "{home}: {since}부터 {until}까지 {days}일을 다시 돌려 보았습니다. 그 앞의 {learned}일에서 습관을 배웠습니다.",
        "{home}: {days} days replayed, {since} to {until}; habits were learned from the {learned} days before.",
    ),
    "whatif.too_few": (
        "다시 돌려 볼 수 있었던 날이 {days}일뿐이어서 한 달 수치를 말할 수 없습니다. {enough}일은 있어야 합니다.",
        "Only {days} days could be replayed, too few to speak of a month: {enough} are needed.",
    ),
    "whatif.before": ("지금대로", "as it is"),
    "whatif.after": ("바꾸면", "as changed"),
    "whatif.alarms": ("알림", "alarms"),
    "whatif.questions": ("한 달에 스피커로 먼저 묻는 일", "questions by the speaker, a month"),
    "whatif.calls": ("한 달에 바로 사람을 부르는 일", "people called at once, a month"),
    "whatif.visits": (
        "한 달에 사람에게 가는 일(물음의 {share}%는 대답이 없다고 봄)",
        "cases that reach a person, a month ({share}% of questions taken as unanswered)",
    ),
    "whatif.delay": (
        "쓰러진 뒤 누군가 묻기까지 걸리는 시간, 중앙값 / 95%",
        "hours from a collapse until somebody is asked, median / p95",
    ),
    "whatif.told": ("이미 물은 뒤여서 세지 않은 때", "moments not counted, somebody had been asked already"),
    "whatif.added": ("더해지는 알림: {count}건", "Alarms added: {count}"),
    "whatif.removed": ("없어지는 알림: {count}건", "Alarms removed: {count}"),
    "whatif.shifted": (
        "그대로인 알림 가운데 더 일찍 {sooner}건, 더 늦게 {later}건",
        "Of those that stay, sooner: {sooner}, later: {later}",
    ),
    "whatif.asks": ("먼저 물음", "asks first"),
    "whatif.people": ("사람 부름", "calls people"),
    "whatif.no_home": ("등록된 집 가운데 '{home}'은(는) 없습니다.", "No home '{home}' is enrolled."),
    "whatif.no_log": (
        "{home}: 최근 {days}일의 기록이 없어 다시 돌려 볼 것이 없습니다.",
        "{home}: the log holds nothing of the last {days} days to replay.",
    ),
    "whatif.no_setting": (
        "'{value}'은(는) 바꿔 볼 수 없습니다. 이름=값으로 적고, 이름은 다음 가운데 하나입니다: {known}.",
        "'{value}' cannot be tried: write name=value, the name being one of {known}.",
    ),
    # Budgets that outcomes have changed
    "tuning.more": (
        "{days}일 동안 도움이 필요했던 일이 {true}번 있어(괜찮았던 일 {false}번) 더 일찍 묻습니다.",
        "In {days} days help was needed {true} times (all was well {false} times): this home is asked sooner.",
    ),
    "tuning.fewer": (
        "{days}일 동안 괜찮은데 물은 일이 {false}번으로 예산({allowed}번)보다 많아 더 늦게 묻습니다"
        "(도움이 필요했던 일 {true}번).",
        "In {days} days all was well {false} times where {allowed} were within the budget "
        "(help was needed {true} times): this home is asked later.",
    ),
    "tuning.back": (
        "{days}일 동안 괜찮았던 일 {false}번(예산 {allowed}번), 도움이 필요했던 일 {true}번이어서 "
        "평소 예산에 가까워집니다.",
        "In {days} days all was well {false} times ({allowed} within the budget) and help was needed {true} times: "
        "back towards the usual budget.",
    ),
    "tuning.replay": (
        "지난 {days}일로 다시 돌려 보면 알림 {added}건이 더해지고 {removed}건이 없어지며, "
        "쓰러진 뒤 묻기까지(중앙값 / 95%) {p50_before} / {p95_before}시간이 {p50_after} / {p95_after}시간이 됩니다.",
        "Replayed over {days} days: {added} alarms added, {removed} removed; hours from a collapse until somebody is "
        "asked (median / p95) {p50_before} / {p95_before} become {p50_after} / {p95_after}.",
    ),
    "tuning.none": ("결과에 따라 예산이 바뀐 집이 없습니다.", "No outcome has changed a budget."),
    "whatif.nothing": (
        "무엇을 바꿔 볼지 --set 이름=값으로 적어 주세요. 이름은 다음 가운데 하나입니다: {known}.",
        "Say what to change with --set name=value, the name being one of {known}.",
    ),
}
