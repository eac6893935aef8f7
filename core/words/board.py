"""What the board and the API say to people: labels, and why something was not done."""

WORDS: dict[str, tuple[str, str]] = {
    # What a gateway has noted.
    "note.sos_at_pairing": (
        "{device}: 버튼을 등록한 지 1분 안에 온 SOS라서, 등록하면서 난 신호로 보고 알리지 않았습니다.",
        "{device}: an SOS within a minute of the button's joining the home. It was taken for its joining and alarmed "
        "nobody.",
    ),
    "note.sos_at_commissioning": (
        "{device}: 설치 점검 중에 처음 누른 SOS라서, 점검으로 보고 알리지 않았습니다.",
        "{device}: the first SOS of this button, while the home was being commissioned. It was taken for its proof and "
        "alarmed nobody.",
    ),
    "note.commissioning_begun": ("{device}: 설치 점검을 시작했습니다.", "{device}: commissioning has begun."),
    "note.commissioning_ended": ("{device}: 설치 점검을 끝냈습니다.", "{device}: commissioning has ended."),
    "note.other": ("{device}: {what}", "{device}: {what}"),
    # Why a home was not taken in.
    "homes.bad_id": (
        "{column} '{value}'은(는) 쓸 수 없습니다. 소문자, 숫자, 붙임표(-)로 3~64자, 첫 글자는 붙임표가 아닌 것.",
        "The {column} '{value}' cannot be used: 3 to 64 lower-case letters, digits, hyphens; no hyphen first.",
    ),
    "homes.reserved": (
        "'{prefix}'(으)로 시작하는 이름은 시스템 점검용이라 쓸 수 없습니다.",
        "Names that begin with '{prefix}' are the city's own tests'.",
    ),
    "homes.bad_area": (
        "area 값 '{value}'은(는) 쓸 수 없습니다. gwangju/nam-gu/bongseon-1-dong처럼 적어 주세요.",
        "The area '{value}' cannot be used: write it as gwangju/nam-gu/bongseon-1-dong.",
    ),
    "homes.bad_name": (
        "resident는 {most}자까지이고, 보이지 않는 문자는 쓸 수 없습니다.",
        "The resident's name may have {most} characters and no invisible ones.",
    ),
    "homes.bad_risk": (
        "risk 값 '{value}'은(는) low, normal, high 중 하나여야 합니다.",
        "The risk '{value}' must be low, normal or high.",
    ),
    "homes.bad_language": (
        "language 값 '{value}'은(는) ko나 en이어야 합니다.",
        "The language '{value}' must be ko or en.",
    ),
    "homes.bad_timezone": (
        "timezone 값 '{value}'은(는) 알 수 없는 시간대입니다. Asia/Seoul처럼 적어 주세요.",
        "Nobody knows the timezone '{value}': write it as Asia/Seoul.",
    ),
    "homes.bad_residents": (
        "residents 값 '{value}'은(는) 1에서 {most} 사이의 수여야 합니다.",
        "The number of residents '{value}' must be from 1 to {most}.",
    ),
    "homes.bad_ceiling": (
        "조용해도 되는 최대 시간은 0시간보다 길고 {most}시간을 넘지 않아야 합니다.",
        "The silence ceiling must be above 0 and at most {most} hours.",
    ),
    "homes.bad_budget": (
        "alarm_budget 값 '{value}'은(는) 한 달에 {least}~{most}번이어야 합니다.",
        "The alarm_budget '{value}' must be from {least} to {most} false alarms a month.",
    ),
    "homes.bad_ask_by": (
        "ask_by 값 '{value}'은(는) voice, light, none 중 하나여야 합니다.",
        "The ask_by '{value}' must be voice, light or none.",
    ),
    "homes.no_speaker": (
        "스피커가 없는 댁에는 말로 물을 수 없습니다(ask_by를 light나 none으로 적어 주세요).",
        "A home without a speaker cannot be asked by voice: ask_by must be light or none.",
    ),
    "homes.bad_wording": (
        "물음 문구(wording)는 {most}자까지이고, 보이지 않는 문자는 쓸 수 없습니다.",
        "The wording of the question may have {most} characters and no invisible ones.",
    ),
    "homes.bad_yes": (
        "{column} 값 '{value}'은(는) yes나 no여야 합니다.",
        "The {column} '{value}' must be yes or no.",
    ),
    "homes.bad_width": (
        "칸이 {cells}개입니다. 제목 줄처럼 {columns}개여야 합니다.",
        "The line has {cells} cells; the header has {columns}.",
    ),
    "homes.bad_csv": (
        "이 줄부터는 CSV로 읽을 수 없습니다({error}).",
        "From here on this is not CSV ({error}).",
    ),
    "homes.no_column": ("제목 줄에 없는 열: {columns}.", "The header lacks: {columns}."),
    "homes.odd_column": (
        "제목 줄에 모르는 열이거나 두 번 나온 열: {columns}.",
        "The header has columns that are unknown or stand twice: {columns}.",
    ),
    "homes.twice": (
        "{what}은(는) {line}번째 줄에 이미 나왔습니다.",
        "The {what} already stands in line {line}.",
    ),
    "homes.not_yours": (
        "'{home}': 맡은 지역의 가정이 아니어서 저장하지 않았습니다.",
        "'{home}' is not a home of your area; nothing was stored.",
    ),
    "homes.gateway_taken": (
        "게이트웨이 {gateway}은(는) 이미 {home} 댁의 것입니다.",
        "The gateway {gateway} already belongs to the home {home}.",
    ),
    # Why the API did not do something.
    "api.cloud_key": (
        "이 클라우드의 서명이 맞지 않거나 너무 오래되었습니다.",
        "The signature is not this cloud's, or too old.",
    ),
    "api.cloud_replay": (
        "같은 요청이 이미 왔습니다. 새로 서명해 보내세요.",
        "This very request came before: sign it anew.",
    ),
    "api.cloud_unreadable": ("이 요청은 읽을 수 없습니다.", "This request cannot be read."),
    "api.cloud_kind": (
        "heartbeat, lost, mains, note, device는 댁의 게이트웨이만 말할 수 있습니다.",
        "A home's gateway alone says heartbeat, lost, mains, note and device.",
    ),
    "api.cloud_foreign": (
        "이 클라우드의 스피커가 있는 댁이 아닙니다.",
        "That home's speaker does not belong to this cloud.",
    ),
    "api.host": (
        "토큰 없이는 이 컴퓨터(localhost)에서만 쓸 수 있습니다.",
        "Without a token this is open to this machine (localhost) only.",
    ),
    "api.origin": (
        "다른 사이트의 페이지가 보낸 요청은 받지 않습니다.",
        "Requests sent by another site's page are not taken.",
    ),
    "api.token": ("올바른 토큰이 필요합니다.", "A valid token is needed."),
    "api.too_large": ("보낸 내용이 너무 큽니다.", "What was sent is too large."),
    "api.unavailable": (
        "지금 데이터베이스에 연결할 수 없습니다. 잠시 뒤 다시 시도해 주세요.",
        "The database cannot be reached now. Please try again in a moment.",
    ),
    "api.key_reused": (
        "같은 Idempotency-Key로 다른 요청을 이미 보냈습니다.",
        "This Idempotency-Key was used with another request before.",
    ),
    "api.not_allowed": ("이 계정에는 허용되지 않은 일입니다.", "Your account may not do this."),
    "api.nobody": ("누가 하는 일인지(by) 적어 주세요.", "Please say who does it (by)."),
    "api.no_case": ("돌봄콜 #{id}은(는) 없습니다.", "There is no Care Call #{id}."),
    "api.no_home": ("'{home}'(이)라는 댁은 없습니다.", "There is no home '{home}'."),
    "api.empty_note": ("메모 내용(note)을 적어 주세요.", "Please write the note (note)."),
    "api.no_outcome": (
        "종료하려면 결과를 골라 주세요(outcome: true_emergency, safe, care, technical, exercise).",
        "To close it, choose how it ended (outcome: true_emergency, safe, care, technical, exercise).",
    ),
    "api.bad_form": ("입력한 내용을 다시 확인해 주세요.", "Please check what you have entered."),
    "api.not_utf8": ("파일은 UTF-8이어야 합니다.", "The file must be UTF-8."),
    "api.bad_until": (
        "외출이 끝나는 때(until)는 지금부터 {hours}시간 안이어야 합니다. 더 길어지면 그때 다시 기록해 주세요.",
        "The absence must end (until) within {hours} hours from now. Please say it again then if it lasts longer.",
    ),
    # The board.
    # What a person can do.
    # Logging in.
}
