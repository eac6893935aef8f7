"""What is said of accounts: why somebody does not come in, and why an account cannot be so."""

WORDS: dict[str, tuple[str, str]] = {
    # At the door.
    "access.login_needed": ("로그인이 필요합니다.", "Please log in."),
    "access.somebody_else": (
        "이 화면을 연 뒤에 다른 분이 이 기기에 로그인했습니다. 화면을 새로 열어 주세요.",
        "Somebody else has logged in on this device since this page was opened. Please open it anew.",
    ),
    "access.wrong": (
        "아이디나 비밀번호가 맞지 않습니다. 다시 확인해 주세요.",
        "The log-in or the password is not right. Please look again.",
    ),
    "access.too_often": (
        "시도가 너무 많습니다. {seconds:dur} 뒤에 다시 시도해 주세요.",
        "That was too often. Please try again in {seconds:dur}.",
    ),
    "access.insecure": (
        "암호화되지 않은 연결로는 로그인할 수 없습니다. https:// 주소로 접속해 주세요.",
        "Nobody logs in over a connection that is not encrypted. Please use the https:// address.",
    ),
    "access.session_needed": (
        "이 일은 로그인한 본인만 할 수 있습니다. 토큰으로는 할 수 없습니다.",
        "Only somebody who has logged in may do this: a token may not.",
    ),
    "access.fresh_needed": (
        "새 열쇠를 만들려면 방금 로그인한 상태여야 합니다. 로그아웃한 뒤 다시 로그인해 주세요.",
        "Another key to an account is for somebody who has just logged in: please log out and in again.",
    ),
    "access.denied": ("이 일을 할 권한이 없습니다.", "You may not do this."),
    # The plain page.
    "access.page.login": ("아이디", "Log-in"),
    "access.page.password": ("비밀번호", "Password"),
    # Of accounts.
    "access.refused.unknown_account": ("그런 계정이 없습니다.", "There is no such account."),
    "access.refused.login": (
        "아이디 '{login}'은(는) 쓸 수 없습니다. 소문자, 숫자, . _ @ + - 로 3~100자, 첫 글자는 소문자나 숫자입니다.",
        "The log-in '{login}' cannot be used: 3 to 100 lower-case letters, digits and . _ @ + -, beginning with a "
        "letter or digit.",
    ),
    "access.refused.login_taken": (
        "아이디 '{login}'은(는) 이미 쓰이고 있습니다.",
        "The log-in '{login}' is somebody's already.",
    ),
    "access.refused.login_stays": (
        "아이디는 바꿀 수 없습니다. 새 계정을 만들어 주세요.",
        "A log-in stays as it is: please make another account.",
    ),
    "access.refused.name": (
        "이름은 눈에 보이는 글자로 1~{most}자여야 합니다.",
        "A name has 1 to {most} characters that can be seen.",
    ),
    "access.refused.language": (
        "언어 '{language}'은(는) ko나 en이어야 합니다.",
        "The language '{language}' must be ko or en.",
    ),
    "access.refused.role": (
        "역할 '{role}'의 계정은 만들 수 없습니다.",
        "No account can have the role '{role}'.",
    ),
    "access.refused.area_needed": (
        "역할 '{role}'에는 담당 지역이 필요합니다. 예: gwangju/nam-gu",
        "The role '{role}' needs an area, such as gwangju/nam-gu.",
    ),
    "access.refused.area_not_wanted": (
        "역할 '{role}'에는 담당 지역을 적지 않습니다.",
        "The role '{role}' has no area.",
    ),
    "access.refused.unknown_area": (
        "지역 '{area}'은(는) 이 도시에 없습니다.",
        "The city has no area '{area}'.",
    ),
    "access.refused.unknown_member": (
        "담당자 '{member}'이(가) 없습니다. 먼저 등록해 주세요: anbu member add",
        "There is no member '{member}'. Add them first: anbu member add",
    ),
    "access.refused.provider_needed": (
        "역할 '{role}'에는 제공기관이 필요합니다.",
        "The role '{role}' needs a provider.",
    ),
    "access.refused.provider_not_wanted": (
        "역할 '{role}'에는 제공기관을 적지 않습니다.",
        "The role '{role}' has no provider.",
    ),
    "access.refused.unknown_provider": (
        "제공기관 '{provider}'이(가) 없습니다.",
        "There is no provider '{provider}'.",
    ),
    "access.refused.homes_needed": (
        "역할 '{role}'에는 가정이 1~{most}곳 필요합니다.",
        "The role '{role}' needs 1 to {most} homes.",
    ),
    "access.refused.homes_not_wanted": (
        "역할 '{role}'에는 가정을 적지 않습니다. 본인이나 가족 계정만 {most}곳까지 적습니다.",
        "The role '{role}' has no homes: only a resident's or a relative's account has up to {most}.",
    ),
    "access.refused.unknown_home": ("가정 '{home}'이(가) 없습니다.", "There is no home '{home}'."),
    "access.refused.own_account": (
        "자기 계정의 역할, 담당, 상태는 스스로 바꿀 수 없습니다. 다른 관리자에게 부탁해 주세요.",
        "Nobody changes the role, the reach or the state of their own account: please ask another administrator.",
    ),
    "access.refused.beyond_you": (
        "자기 담당 지역 밖의 계정은 만들거나 바꿀 수 없습니다.",
        "You cannot make or change an account that reaches beyond your own area.",
    ),
    "access.refused.password_length": (
        "비밀번호는 {least}~{most}자여야 합니다.",
        "A password has {least} to {most} characters.",
    ),
    "access.refused.password_own_name": (
        "비밀번호에 아이디나 이름을 쓰지 마세요.",
        "A password must not be made of the log-in or the name.",
    ),
    "access.refused.password_common": (
        "누구나 떠올릴 수 있는 비밀번호입니다. 서로 관계없는 낱말을 여러 개 이어 써 보세요.",
        "Anybody could think of this password. Try several words that have nothing to do with each other.",
    ),
    "access.refused.password_old": (
        "지금 쓰는 비밀번호가 맞지 않습니다.",
        "The present password is not right.",
    ),
    "access.refused.token_permissions": (
        "이 계정은 '{permission}' 권한을 토큰에 줄 수 없습니다.",
        "This account cannot give a token the permission '{permission}'.",
    ),
    "access.refused.token_ends": (
        "토큰은 지금부터 {days}일 안에 끝나야 합니다.",
        "A token must end within {days} days from now.",
    ),
    "access.refused.token_many": (
        "토큰은 계정마다 {most}개까지입니다. 쓰지 않는 것을 먼저 끝내 주세요.",
        "An account has {most} tokens at most: please end one that is not used.",
    ),
    "access.refused.unknown_token": ("그런 토큰이 없습니다.", "There is no such token."),
    "access.refused.unknown_session": ("그런 접속이 없습니다.", "There is no such session."),
    "access.refused.unknown_passkey": ("그런 패스키가 없습니다.", "There is no such passkey."),
    "access.refused.passkey_many": (
        "패스키는 계정마다 {most}개까지입니다. 쓰지 않는 것을 먼저 지워 주세요.",
        "An account has {most} passkeys at most: please remove one that is not used.",
    ),
    "access.refused.passkey_place": (
        "숫자 주소에서는 패스키를 쓸 수 없습니다. 이름으로 접속해 주세요. 예: https://anbu.example, http://localhost",
        "Passkeys cannot be used at an address of numbers: please use a name, such as https://anbu.example or "
        "http://localhost.",
    ),
    "access.refused.passkey": (
        "패스키를 확인하지 못했습니다. 처음부터 다시 시도해 주세요.",
        "The passkey could not be verified. Please begin again.",
    ),
    "access.refused.challenge": (
        "시간이 지났거나 이미 쓴 요청입니다. 처음부터 다시 시도해 주세요.",
        "This was begun too long ago, or used already. Please begin again.",
    ),
    "access.calendar_key": (
        "이 달력 주소는 쓸 수 없습니다. 기한이 지났거나 지운 주소입니다.",
        "This calendar's address does not hold: it has run out, or was taken back.",
    ),
    "access.refused.no_calendar": (
        "이 계정에는 그 달력이 없습니다.",
        "This account has no such calendar.",
    ),
    # What a home's own are told instead.
    "access.kin.noted": ("담당자가 메모를 남겼습니다.", "A note was written."),
    "access.kin.called": ("담당자에게 연락하고 있습니다.", "Care staff are being called."),
    "access.kin.again": ("담당자에게 다시 연락하고 있습니다.", "Care staff are being called again."),
    "access.kin.staff": ("담당자", "care staff"),
    # Break-glass.
    "access.refused.grant_reason": (
        "이유를 {least}~{most}자로 적어 주세요. 감사 기록에 남고 담당 책임자가 봅니다.",
        "Please give the reason in {least} to {most} letters: it stays in the audit, and the supervisor there reads "
        "it.",
    ),
    "access.refused.grant_hours": ("긴급 열람은 1~{most}시간까지입니다.", "Break-glass lasts 1 to {most} hours."),
    "access.refused.grant_own": (
        "이미 담당하고 있어 긴급 열람이 필요 없습니다.",
        "This is yours already: no break-glass is needed.",
    ),
    "access.refused.grant_many": (
        "긴급 열람은 한 번에 {most}건까지입니다. 끝난 것을 먼저 닫아 주세요.",
        "One account breaks the glass {most} times at once at most: please end one that is over.",
    ),
    "access.refused.grant_own_look": (
        "자기가 요청한 긴급 열람은 다른 책임자가 확인해야 합니다.",
        "Another supervisor has to look at a break-glass of your own.",
    ),
    "access.refused.unknown_viewer": (
        "이 대상자의 가정과 이어진 가족 계정이 아닙니다: '{account}'.",
        "'{account}' is no account of this person's home.",
    ),
    "access.audit.whole": (
        "감사 기록 {records}건이 모두 적힌 그대로입니다.",
        "All {records} records of the audit are as they were written.",
    ),
    "access.audit.broken": (
        "감사 기록 {record}번이 바뀌었거나 없습니다. 그 뒤의 기록은 믿을 수 없습니다.",
        "Record {record} of the audit was changed or is missing: nothing behind it can be relied on.",
    ),
    "access.audit.other_head": (
        "감사 기록 {record}번이 적어 두신 것과 다르거나 없습니다. 끝이 잘렸거나 다시 쓰인 것입니다.",
        "Record {record} of the audit is not the one that you have written down, or is missing: the end was cut off, "
        "or all of it written anew.",
    ),
    "access.refused.audit_month": ("달은 2026-11처럼 적어 주세요.", "Please write the month like 2026-11."),
    "access.refused.unknown_grant": ("그런 긴급 열람이 없습니다.", "There is no such break-glass."),
    "access.refused.oidc_off": (
        "기관 로그인이 설정되어 있지 않습니다.",
        "The organisation's log-in is not set up.",
    ),
    "access.refused.oidc": (
        "기관 로그인을 확인하지 못했습니다. 처음부터 다시 시도해 주세요.",
        "The organisation's log-in could not be verified. Please begin again.",
    ),
    "access.refused.oidc_away": (
        "기관 로그인 서버에 연결할 수 없습니다. 비밀번호나 패스키로 들어와 주세요.",
        "The organisation's log-in cannot be reached. Please use your password or a passkey.",
    ),
    "access.refused.oidc_unknown": (
        "이 기관 계정과 이어진 계정이 없습니다. 관리자에게 문의해 주세요.",
        "No account belongs to this log-in of your organisation. Please ask an administrator.",
    ),
    "access.refused.push_endpoint": (
        "알림 주소는 https:// 로 시작해야 합니다.",
        "Where notices are pushed to begins with https://.",
    ),
    "access.role.manager": ("동 담당자", "Care manager"),
    "access.role.supervisor": ("구 팀장", "Gu supervisor"),
    "access.role.admin": ("시 관리자", "City administrator"),
    "access.role.duty": ("당직", "Duty desk"),
    "access.role.worker": ("제공기관 직원", "Provider's worker"),
    "access.role.operator": ("장비 운영자", "Device operator"),
    "access.role.auditor": ("감사 담당자", "Auditor"),
    "access.role.researcher": ("연구자", "Researcher"),
    "access.role.family": ("가족", "Resident or family"),
    "access.role.system": ("프로그램", "Program"),
}
