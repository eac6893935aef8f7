"""What is said about gateways: enrolling them, refusing them, and what happened to one."""

WORDS: dict[str, tuple[str, str]] = {
    # To an operator
    "enrol.bad_id": (
        "게이트웨이 이름 '{id}'은(는) 쓸 수 없습니다. 소문자, 숫자, 붙임표(-)로 3~64자, city·admin·anbu는 안 됩니다.",
        "The gateway's id '{id}' cannot be used: 3 to 64 lower-case letters, digits, hyphens; not city, admin or anbu.",
    ),
    "enrol.bad_serial": (
        "제조번호 '{serial}'은(는) 쓸 수 없습니다. 영문자, 숫자, 점, 밑줄, 붙임표로 3~64자여야 합니다.",
        "The serial '{serial}' cannot be used: 3 to 64 letters, digits, dots, underscores, hyphens.",
    ),
    "enrol.known": (
        "'{id}'은(는) 이미 등록되어 있습니다. 새 코드가 필요하면 --again을 쓰세요.",
        "'{id}' is registered already: --again gives it a new code.",
    ),
    "enrol.unknown": ("'{id}'은(는) 등록되지 않은 게이트웨이입니다.", "No gateway '{id}' is registered."),
    "enrol.code": (
        "{id} (제조번호 {serial}): 등록 코드 {code}, {until}까지 한 번만 쓸 수 있습니다. 어디에도 저장되지 않습니다.",
        "{id} (serial {serial}): claim code {code}, good once, until {until}. It is kept nowhere.",
    ),
    "enrol.revoked": (
        "{id}의 권한을 거두었습니다. 브로커와의 연결은 몇 초 안에 끊깁니다.",
        "{id} is revoked; its connection to the broker ends within seconds.",
    ),
    "enrol.none": ("등록된 게이트웨이가 없습니다.", "No gateway is registered."),
    "enrol.state.waiting": ("등록 코드를 기다림", "waits to be claimed"),
    "enrol.state.admitted": ("사용 중", "admitted"),
    "enrol.state.revoked": ("권한 거둠", "revoked"),
    # What happened to one
    "enrol.log.registered": ("등록함", "registered"),
    "enrol.log.new_code": ("새 등록 코드를 냄", "given a new claim code"),
    "enrol.log.claimed": ("코드로 자기 열쇠를 등록함", "claimed with its code"),
    "enrol.log.claimed_twice": (
        "이미 쓴 코드가 다른 열쇠로 다시 쓰였습니다. 누군가 코드를 알고 있으니 기기를 확인하세요.",
        "its used code came again with another key: somebody else knows the code; look after the box",
    ),
    "enrol.log.code_locked": (
        "틀린 코드가 너무 많이 들어와 코드를 없앴습니다.",
        "its code was taken back after too many wrong ones",
    ),
    "enrol.log.rotating": ("새 열쇠를 준비함", "prepared a new key"),
    "enrol.log.rotated": ("열쇠를 바꿈", "changed its key"),
    "enrol.log.revoked": ("권한을 거둠", "revoked"),
    # To a gateway, and to whoever reads its log
    "api.claim_wrong": (
        "제조번호나 등록 코드가 맞지 않습니다.",
        "The serial or the claim code is wrong.",
    ),
    "api.claim_expired": (
        "등록 코드의 기한이 지났습니다. 새 코드를 받으세요.",
        "The claim code has run out: ask for a new one.",
    ),
    "api.claim_used": (
        "이미 쓴 등록 코드입니다. 관제 담당자에게 알렸습니다.",
        "This claim code has been used already; the operators have been told.",
    ),
    "api.too_often": ("너무 자주 시도했습니다. 잠시 뒤 다시 하세요.", "Too often: try again a little later."),
    "api.gateway_key": (
        "이 게이트웨이의 이름과 열쇠가 맞지 않습니다.",
        "The id and the key are not those of an admitted gateway.",
    ),
    "api.no_broker": (
        "지금은 브로커에 닿지 않습니다. 같은 요청을 다시 보내세요.",
        "The broker cannot be reached now: send the same again.",
    ),
    "api.no_gateway": ("'{id}'은(는) 등록되지 않은 게이트웨이입니다.", "No gateway '{id}' is registered."),
    "enrol.needs_tls": (
        "열쇠는 HTTPS로만 보냅니다. '{city}'은(는) https://로 시작해야 합니다.",
        "A key is sent over HTTPS only: '{city}' must begin with https://.",
    ),
    "enrol.away": ("{city}에 닿지 않습니다: {why}", "{city} cannot be reached: {why}"),
    "enrol.odd_answer": (
        "관제에서 알 수 없는 답({status})이 왔습니다.",
        "The city has given an answer that nobody understands ({status}).",
    ),
    "enrol.bad_file": ("{file}을(를) 읽을 수 없습니다: {why}", "{file} cannot be read: {why}"),
    "enrol.another": (
        "이제 {former}이(가) 아니라 {gateway}의 열쇠입니다. anbu gateway를 다시 시작하세요.",
        "The key is not that of {former} any more but of {gateway}: start anbu gateway anew.",
    ),
    "enrol.claimed": (
        "{gateway}로 등록되었습니다. 열쇠는 {file}에 있습니다. 이제 anbu gateway로 시작하세요.",
        "Claimed as {gateway}; the key is in {file}. Now start anbu gateway.",
    ),
}
