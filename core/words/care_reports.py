"""What the reports of the care chain are called, their columns, and why one was not given."""

_NAMES = {
    "care.report.times": ("돌봄콜에서 계획과 첫 서비스까지 걸린 시간", "From the Care Call to plan and first service"),
    "care.report.services": ("서비스와 기관별 이용", "Use by service and provider"),
    "care.report.workload": ("담당자별 업무량", "Workload by owner"),
    "care.report.responses": ("돌봄콜 응답 시간", "Response times of Care Calls"),
    "care.report.outcomes": ("돌봄의 결과", "What came of care"),
    "care.report.budget": ("예산", "Budget"),
    "care.report.profile": ("이용자의 특성", "Who receives care"),
}

_COLUMNS = {
    "step": ("단계", "step"),
    "priority": ("우선순위", "priority"),
    "urgency": ("긴급도", "urgency"),
    "episodes": ("돌봄 절차(건)", "episodes"),
    "calls": ("돌봄콜(건)", "Care Calls"),
    "n": ("수", "n"),
    "median_h": ("중앙값(시간)", "median (h)"),
    "p90_h": ("90% 값(시간)", "90 % (h)"),
    "median_min": ("중앙값(분)", "median (min)"),
    "p90_min": ("90% 값(분)", "90 % (min)"),
    "part": ("구분", "part"),
    "group": ("항목", "group"),
    "service": ("서비스", "service"),
    "provider": ("기관", "provider"),
    "users": ("이용자(명)", "people"),
    "units": ("제공량", "units"),
    "won": ("금액(원)", "won"),
    "city_won": ("시 부담(원)", "city's share (won)"),
    "gu_won": ("구 부담(원)", "district's share (won)"),
    "owner": ("담당", "owner"),
    "episodes_open": ("진행 중인 절차", "episodes open"),
    "episodes_overdue": ("기한이 지난 절차", "episodes overdue"),
    "episodes_closed": ("종결한 절차", "episodes closed"),
    "visits_open": ("남은 방문", "visits open"),
    "visits_overdue": ("기한이 지난 방문", "visits overdue"),
    "visits_closed": ("마친 방문", "visits closed"),
    "follow_ups_open": ("남은 사후관리", "follow-ups open"),
    "follow_ups_overdue": ("기한이 지난 사후관리", "follow-ups overdue"),
    "follow_ups_closed": ("마친 사후관리", "follow-ups closed"),
    "measure": ("지표", "measure"),
    "mean": ("평균 변화", "mean change"),
    "low": ("95% 신뢰구간 하한", "95 % interval from"),
    "high": ("95% 신뢰구간 상한", "95 % interval to"),
    "percent": ("비율(%)", "%"),
}

WORDS: dict[str, tuple[str, str]] = {
    **_NAMES,
    **{f"care.report.column.{name}": said for name, said in _COLUMNS.items()},
    "care.refused.no_time": ("끝나는 때가 시작하는 때보다 늦어야 합니다.", "It must end after it begins."),
    "care.refused.below_floor": (
        "{floor}명보다 적어 개인이 드러날 수 있으므로 보여 드리지 않습니다.",
        "Fewer than {floor}: a person could be told from it, so it is not shown.",
    ),
}
