"""What is said of providers' claims, the ledger and the year's budget."""

_STATES = {
    "bill.submitted": ("청구됨", "Submitted"),
    "bill.verified": ("확인됨", "Verified"),
    "bill.approved": ("승인됨", "Approved"),
    "bill.paid": ("지급됨", "Paid"),
    "bill.returned": ("반려됨", "Returned"),
    "bill.withdrawn": ("철회됨", "Withdrawn"),
}

_LOG = {
    "care.log.claim_submitted": (
        "{provider} 기관이 기록 {records}건, {won}원을 청구했습니다(청구 {claim}).",
        "{provider} claimed {won} won for {records} records (claim {claim}).",
    ),
    "care.log.claim_resubmitted": (
        "{provider} 기관이 청구 {claim}을(를) 다시 냈습니다: 기록 {records}건, {won}원(뺀 기록 {dropped}건).",
        "{provider} handed in claim {claim} again: {records} records, {won} won ({dropped} records dropped).",
    ),
    "care.log.claim_verified": (
        "{provider} 기관의 청구 {claim}({won}원)이 확인되었습니다.",
        "Claim {claim} of {provider} ({won} won) was verified.",
    ),
    "care.log.claim_returned": (
        "{provider} 기관의 청구 {claim}({won}원)이 반려되었습니다.",
        "Claim {claim} of {provider} ({won} won) was returned.",
    ),
    "care.log.claim_withdrawn": (
        "{provider} 기관이 청구 {claim}({won}원)을 철회했습니다.",
        "{provider} withdrew claim {claim} ({won} won).",
    ),
    "care.log.claim_approved": (
        "{provider} 기관의 청구 {claim}({won}원)이 승인되었습니다.",
        "Claim {claim} of {provider} ({won} won) was approved.",
    ),
    "care.log.claim_paid": (
        "{provider} 기관의 청구 {claim}({won}원)이 지급되었습니다.",
        "Claim {claim} of {provider} ({won} won) was paid.",
    ),
    "care.log.budget_decided": (
        "{city}의 {year}년 예산에 {won}원을 더하기로 했습니다.",
        "{won} won more were decided for {city} in {year}.",
    ),
}

_REFUSED = {
    "care.refused.unknown_claim": ("청구 {id}을(를) 찾을 수 없습니다.", "There is no claim {id}."),
    "care.refused.unknown_record": ("{id}: 없는 제공 기록입니다.", "{id}: there is no such service record."),
    "care.refused.unknown_budget": ("{city}에 {year}년 예산이 없습니다.", "{city} has no budget for {year}."),
    "care.refused.claim_size": (
        "한 번에 1건부터 {most}건까지 청구할 수 있습니다.",
        "A claim has from 1 to {most} records.",
    ),
    "care.refused.claim_won": ("한 번에 {most}원까지 청구할 수 있습니다.", "A claim asks for {most} won at most."),
    "care.refused.record_twice": ("기록 {id}이(가) 두 번 들어 있습니다.", "Record {id} stands in it twice."),
    "care.refused.record_of_another": ("기록 {id}은(는) 다른 기관의 것입니다.", "Record {id} is another provider's."),
    "care.refused.record_not_done": (
        "기록 {id}은(는) 제공이 완료된 기록이 아닙니다.",
        "Record {id} is of nothing that was done.",
    ),
    "care.refused.record_claimed": (
        "기록 {id}은(는) 이미 청구 {claim}에 들어 있습니다.",
        "Record {id} is in claim {claim} already.",
    ),
    "care.refused.record_elsewhere": (
        "기록 {id}은(는) 다른 구의 것입니다. 청구는 구마다 따로 합니다.",
        "Record {id} is of another district: each has its own claim.",
    ),
    "care.refused.record_exercise": (
        "기록 {id}: 훈련 기록과 실제 기록을 함께 청구할 수 없습니다.",
        "Record {id}: an exercise and real work are not claimed together.",
    ),
    "care.refused.claim_beyond_order": (
        "주문 {order}의 {units}단위를 넘습니다.",
        "That is more than the {units} units of order {order}.",
    ),
    "care.refused.not_of_claim": ("기록 {id}은(는) 이 청구에 없습니다.", "Record {id} is not in this claim."),
    "care.refused.claim_state": (
        "지금 상태({state})에서는 할 수 없는 일입니다: {act}.",
        "In its state ({state}) one can't do this: {act}.",
    ),
    "care.refused.own_claim": (
        "{id}: 자신이 낸 청구를 확인, 반려, 승인, 지급할 수 없습니다.",
        "{id}: nobody judges or pays a claim that they handed in.",
    ),
    "care.refused.own_provider": (
        "{id}: 자신이 속한 기관의 청구를 확인, 반려, 승인, 지급할 수 없습니다.",
        "{id}: nobody judges or pays a claim of their own provider.",
    ),
    "care.refused.four_eyes": (
        "{id}: 확인한 사람이 승인할 수 없습니다. 다른 사람이 승인해야 합니다.",
        "{id}: whoever verified a claim can't approve it; somebody else must.",
    ),
    "care.refused.no_reason": ("반려하는 까닭을 적어야 합니다.", "Say why it is returned."),
    "care.refused.beyond_budget": (
        "올해 예산이 {short}원 모자랍니다. 추가 결정이 있어야 지급할 수 있습니다.",
        "This year's budget is {short} won short: it takes a decision on record to pay this.",
    ),
    "care.refused.not_theirs": (
        "{id}: {area} 지역을 담당하는 사람이 아닙니다.",
        "{id} does not answer for {area}.",
    ),
}

WORDS: dict[str, tuple[str, str]] = {**_STATES, **_LOG, **_REFUSED}
