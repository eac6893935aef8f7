"""What is said of a city's pack: its services, its providers, and what a district says otherwise than its city."""

WORDS: dict[str, tuple[str, str]] = {
    "care.unit.visit": ("회", "visit"),
    "care.unit.hour": ("시간", "hour"),
    "care.unit.meal": ("끼", "meal"),
    "care.unit.day": ("일", "day"),
    "care.unit.trip": ("회 동행", "trip"),
    "care.by.private": ("민간 기관", "private institution"),
    "care.by.public": ("공공 기관", "public institution"),
    "care.hours.any": ("언제나", "any time"),
    "care.hours.office": ("근무 시간", "office hours"),
    "care.hours.off_hours": ("야간·주말·공휴일", "nights, weekends and public holidays"),
    "care.log.override": (
        "{area}: {rule}을(를) {value}(으)로 따로 정했습니다.",
        "{area}: it set its own {rule} to {value}.",
    ),
    "care.log.override_ended": (
        "{area}: {rule}은(는) 다시 시의 기준을 따릅니다.",
        "{area}: for {rule} the city's rule holds again.",
    ),
    "care.log.staff": (
        "{provider}: 수행 인력 {count}명을 정했습니다.",
        "{provider}: its staff was set, {count} in all.",
    ),
    "care.log.hook": ("{provider}: 알림 주소를 정했습니다.", "{provider}: the address for its notices was set."),
    "care.log.hook_ended": ("{provider}: 알림 주소를 지웠습니다.", "{provider}: it gets no notices any more."),
    "care.pack.loaded": (
        "{city} {version}: 지역 {areas}곳, 서비스 {services}종, 기관 {providers}곳, 쉬는 항목 {retired}개.",
        "{city} {version}: {areas} areas, {services} services, {providers} providers, {retired} retired.",
    ),
    "care.pack.people": (
        "모의 인력 {members}명을 만들었습니다. 실제 사람이 아닙니다.",
        "{members} simulated members were made; none is a real person.",
    ),
    "care.pack.uncovered": (
        "{area}: {service}을(를) 제공하는 기관이 없습니다.",
        "{area}: nobody delivers {service} there.",
    ),
    "care.refused.unknown_area": ("{id}: 없는 지역입니다.", "{id}: there is no such area."),
    "care.refused.unknown_city": ("{id}: 불러온 도시가 아닙니다.", "{id}: no pack of this city is loaded."),
    "care.refused.unknown_gu": ("{id}: 불러온 도시의 구가 아닙니다.", "{id}: no gu of a city that is loaded."),
    "care.refused.not_overridable": (
        "{rule}: 시가 구마다 달리 정하도록 허용하지 않은 항목입니다.",
        "{rule}: the city does not let a gu set this.",
    ),
    "care.refused.bad_value": (
        "{rule}: 1부터 {most}까지의 정수여야 합니다.",
        "{rule}: it must be a whole number from 1 to {most}.",
    ),
    "care.refused.not_worker": (
        "{id}: 서비스 수행 인력이 아닙니다.",
        "{id}: this member is no worker who delivers services.",
    ),
    "care.refused.bad_hook": (
        "알림 주소는 비밀번호 없는 http 또는 https 주소여야 하며, 내부 주소일 수 없습니다.",
        "The address must be http or https, without a password, and never one of the inside.",
    ),
    "care.refused.bad_secret": (
        "비밀값은 {least}자에서 {most}자 사이의 영문, 숫자, 기호여야 합니다.",
        "The secret must be {least} to {most} letters, digits and signs.",
    ),
    "care.refused.override_clash": (
        "{area}에서 따로 정한 값 때문에 {rule}이(가) 1부터 {most}까지의 범위를 벗어납니다. 먼저 그 값을 바꾸십시오.",
        "With what {area} has set by itself, {rule} would not be within 1 to {most}: change that first.",
    ),
    "care.refused.provider_elsewhere": (
        "{id}: {city}의 기관으로 이미 등록되어 있습니다.",
        "{id}: it stands already as a provider of {city}.",
    ),
}
