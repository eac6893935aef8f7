"""Labels of the board."""

WORDS: dict[str, tuple[str, str]] = {
    # Why a home was not taken in.
    "homes.bad_id": (
        "{column} '{value}'은(는) 쓸 수 없습니다. 소문자, 숫자, 붙임표(-)로 3~64자, 첫 글자는 붙임표가 아닌 것.",
        "The {column} '{value}' cannot be used: 3 to 64 lower-case letters, digits, hyphens; no hyphen first.",
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
    "homes.gateway_taken": (
        "게이트웨이 {gateway}은(는) 이미 {home} 댁의 것입니다.",
        "The gateway {gateway} already belongs to the home {home}.",
    ),
}
