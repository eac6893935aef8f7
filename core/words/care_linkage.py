"""What the care chain says of orders, of workers' tasks, and of what was really done."""

_LOG = {
    "care.log.order_offered": (
        "주문 {order}: 계획 항목 {item}({units}단위)을(를) {provider} 기관에 의뢰했습니다.",
        "Order {order}: item {item} of the plan ({units} units) was offered to {provider}.",
    ),
    "care.log.order_accepted": (
        "주문 {order}: {provider} 기관이 맡았습니다.",
        "Order {order}: {provider} has taken it.",
    ),
    "care.log.order_declined": (
        "주문 {order}: {provider} 기관이 거절하여 구청으로 돌아왔습니다.",
        "Order {order}: {provider} has declined; it is back at the gu-office.",
    ),
    "care.log.order_lapsed": (
        "주문 {order}: {provider} 기관이 기한 안에 답하지 않아 구청으로 돌아왔습니다.",
        "Order {order}: {provider} did not answer in time; it is back at the gu-office.",
    ),
    "care.log.order_cancelled": (
        "주문 {order}({provider})이(가) 취소되었습니다.",
        "Order {order} ({provider}) was cancelled.",
    ),
    "care.log.order_done": ("주문 {order}({provider})이(가) 끝났습니다.", "Order {order} ({provider}) is done."),
    "care.log.order_ended": (
        "주문 {order}({provider}): 기간이 끝났으나 남은 단위가 있어 구청이 확인합니다.",
        "Order {order} ({provider}): its time is over and units are missing; the gu-office looks into it.",
    ),
    "care.log.task_assigned": (
        "일정 {task}(주문 {order})을(를) {worker}에게 배정했습니다(알림: {told}).",
        "Task {task} (order {order}) was given to {worker} (told: {told}).",
    ),
    "care.log.task_missed": (
        "일정 {task}(주문 {order})의 방문 기록이 없습니다.",
        "Task {task} (order {order}): nobody has recorded a visit.",
    ),
    "care.log.task_cancelled": (
        "일정 {task}이(가) 취소되었습니다(알림: {told}).",
        "Task {task} was cancelled (told: {told}).",
    ),
    "care.log.task_conflict": (
        "일정 번호 {key}에 다른 내용이 왔습니다: 주문 {order}, {worker}, {planned_at}, {units}단위.",
        "Something else came under the task's id {key}: order {order}, {worker}, {planned_at}, {units} units.",
    ),
    "care.log.recorded": (
        "서비스 기록 {record}(주문 {order}): {outcome}, {units}단위.",
        "Service record {record} (order {order}): {outcome}, {units} units.",
    ),
    "care.log.record_kept": (
        "기록 {record}(주문 {order})은(는) 반영하지 않고 따로 보관했습니다({why}).",
        "Record {record} (order {order}) does not count and is kept ({why}).",
    ),
    "care.log.overlap": (
        "기록 {record}의 시간이 다른 분 댁의 기록 {other}와(과) 겹칩니다.",
        "Record {record} overlaps record {other} at another person's.",
    ),
    "care.log.hook_failed": (
        "{provider} 기관의 시스템에 하루 동안 알리지 못했습니다: {hook}.",
        "The software of {provider} could not be told for a day: {hook}.",
    ),
}

_REFUSED = {
    "care.refused.unknown_item": ("계획 항목 {id}이(가) 없습니다.", "There is no item {id} of a plan."),
    "care.refused.unknown_order": ("주문 {id}이(가) 없습니다.", "There is no order {id}."),
    "care.refused.unknown_task": ("일정 {id}이(가) 없습니다.", "There is no task {id}."),
    "care.refused.not_linkage": (
        "서비스 연계 단계에서만 의뢰할 수 있습니다(지금: {stage}).",
        "Services are offered once the plan is agreed (now: {stage}).",
    ),
    "care.refused.plan_not_agreed": ("합의된 계획이 아닙니다({plan}).", "Plan {plan} is not the agreed one."),
    "care.refused.order_person_gone": (
        "전출하거나 사망하신 분께는 새로 계획하지 않습니다.",
        "They have moved away or died: nothing is planned for them.",
    ),
    "care.refused.order_past": (
        "계획 항목 {item}의 기간이 이미 지났습니다.",
        "The time of item {item} is over already.",
    ),
    "care.refused.order_service": (
        "{provider} 기관은 {service} 서비스를 제공하지 않습니다.",
        "{provider} does not offer {service}.",
    ),
    "care.refused.order_area": ("{provider} 기관은 {area}에 가지 않습니다.", "{provider} does not serve {area}."),
    "care.refused.order_live": ("이미 의뢰되었습니다: 주문 {order}.", "It is ordered already: order {order}."),
    "care.refused.order_waits": ("주문 {order}의 답변 기한이 남아 있습니다.", "Order {order} may still be answered."),
    "care.refused.order_state": (
        "주문 {order}: {state} 상태에서 {to}(으)로 바꿀 수 없습니다.",
        "Order {order} is {state}: {to} is not possible.",
    ),
    "care.refused.order_unfinished": (
        "주문 {order}: {units}단위 가운데 {recorded}단위만 기록되었습니다. 기간이 지나면 사유를 적어 끝낼 수 있습니다.",
        "Order {order}: {recorded} of {units} units are recorded; after its end it can be finished with a reason.",
    ),
    "care.refused.beyond_order": (
        "주문 {order}은(는) {units}단위이며 이미 {taken}단위가 찼습니다.",
        "Order {order} is for {units} units, of which {taken} are taken.",
    ),
    "care.refused.task_span": ("주문 {order}의 기간을 벗어났습니다.", "It lies outside the time of order {order}."),
    "care.refused.task_hours": (
        "이 서비스는 정해진 시간대에만 제공됩니다({hours}).",
        "This service is given at certain hours only ({hours}).",
    ),
    "care.refused.task_past": ("이미 지난 시각에는 배정할 수 없습니다.", "That time is past."),
    "care.refused.record_time": (
        "주문 {order}: 시작과 끝 시각이 맞지 않습니다(24시간 이내, 지금보다 앞). 보낸 기록은 따로 보관했습니다.",
        "Order {order}: these times can't be (24 hours at most, none to come). What you sent is kept.",
    ),
    "care.refused.record_span": (
        "주문 {order}의 기간을 벗어난 기록이라 따로 보관했습니다.",
        "It lies outside the time of order {order}. What you sent is kept.",
    ),
    "care.refused.record_task": (
        "일정 {task}은(는) 주문 {order}의 일정이 아닙니다. 보낸 기록은 따로 보관했습니다.",
        "Task {task} is none of order {order}. What you sent is kept.",
    ),
}

_EVIDENCE = {
    "evidence.service.missed": (
        "예정된 돌봄 서비스가 {hours}시간이 지나도록 기록되지 않았습니다(주문 {order}).",
        "A planned care visit has no record {hours} hours after its time (order {order}).",
    ),
    "evidence.service.closed_door": (
        "돌봄 서비스 방문 때 문이 닫혀 있었고 응답이 없었습니다(주문 {order}, 기록 {record}).",
        "A care worker found the door closed and nobody answered (order {order}, record {record}).",
    ),
    "evidence.service.worry": (
        "돌봄 서비스 담당자가 걱정되는 점을 기록했습니다(주문 {order}, 기록 {record}).",
        "A care worker has noted a worry (order {order}, record {record}).",
    ),
    "evidence.service.lapsed": (
        "{provider} 기관이 주문 {order}에 기한 안에 답하지 않았습니다. 다른 기관을 찾아야 합니다.",
        "{provider} did not answer order {order} in time: another provider is needed.",
    ),
    "evidence.service.unplaced": (
        "계획 항목 {item}을(를) 맡은 기관이 기한이 지나도록 없습니다.",
        "Nobody has taken item {item} of the plan, and its deadline has passed.",
    ),
    "evidence.service.ended": (
        "주문 {order}의 기간이 끝났으나 기록되지 않은 단위가 있습니다.",
        "Order {order} is over and some of its units were never recorded.",
    ),
}

WORDS: dict[str, tuple[str, str]] = {**_LOG, **_REFUSED, **_EVIDENCE}
