"""What an answer to "are you all right?" says, and which text a recogniser made up when nobody spoke."""

from __future__ import annotations

import re
from typing import Literal

Reply = Literal["ok", "not_ok", "unclear"]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_NOT_OK = _any(
    r"(안|하나도\s*안|별로\s*안|못)\s*(괜찮|괘안|편하)|괜찮지\s*(가|는|도)?\s*(않|못)|(안|별로)\s*좋|좋지\s*(가|는)?\s*않|아파|아프|아픈|아퍼|쑤셔|어지러|어지럽|힘들|"
    r"도와|도움|못\s*(일어|움직|걷|걸)|큰일|답답|열이?\s*나|숨이?\s*(차|막)|토했|토할|다쳤|넘어졌|와\s*(줘|주세|줬으면)|보내\s*(줘|주)|불러\s*(줘|주)",
    r"\bnot (too |so |very |feeling )*(ok|okay|fine|well|good|all ?right|great)\b",
    r"\b(hurts?|hurting|pain|sick|dizzy|unwell|terrible|awful|help|bleeding|bad)\b",
    r"\b(ain't|isn't|don't feel|am not|not feeling) (ok|okay|fine|well|good|right)\b",
)
_OK = _any(
    r"괜찮(아|아요|습니다|심더|네|네요|어|어요|다|다니까|구나|당께|해라|아유)(?![가-힣])|괜찮(으니|으니까)|괘안(타|아|아요|심더|습니다|네)(?![가-힣])|(암|아무)시랑토\s*안",
    r"(잘|무사히)\s*(있어|있어요|있습니다|있다|있네|지내|지내요|지냅니다|지내고)(?![가-힣]*까)",
    r"(별일|아무\s*일|문제|이상|걱정할\s*것)(도|은|이)?\s*(없어|없습니다|없다|없네|없지|없당께|없심더)|아무렇지(도)?\s*않",
    r"(멀쩡|건강)(해|합니다|하다|하네)|컨디션(이|은)?\s*좋",
    r"\b(i'm|i am|we're|we are|doing|feeling|feel|everything is|everything's|all) (just |quite |very |really |doing )*"
    r"(ok|okay|fine|well|good|all ?right|great)\b|^(fine|ok|okay)( (thanks|thank you))?$|\bno problems?\b",
)
_PAINLESS = _any(
    r"안\s*(아(파|픕|프)|어지러|힘들)|(아프지|힘들지|어지럽지)(는|도)?\s*않|아픈\s*(데|곳)(는|가|도|은)?\s*없",
    r"\b(doesn't|does not|don't|nothing) hurts?\b|\bnot (hurt|in (any )?pain|sick|dizzy|bad)\b|\bno pain\b",
)
_DOUBT = _any(
    r"\?$|까(요)?$|(으세|시)(요|나요|지요|죠)$|면(?![가-힣])|으면\s|졌으면|어제|예전|그때|(우리\s*)?(딸|아들|손자|손주|친구|남편|영감)(은|는|이|도)\s|(드라마|노래|영화|식당|그거|이거|이것)",
    r"\b(if|hope|wish|are you|was|were|he|she|they|it is|yesterday)\b",
)
_INVENTED = _any(  # end titles, which recognisers were trained on and write down in silence
    r"시청해\s*주[셔시신]|구독과?\s*(,\s*)?좋아요|구독\s*부탁|다음\s*(영상|시간|이\s*시간)에(서|도)?\s*(만나|뵙|봬)|(mbc|kbs|sbs|ytn|jtbc|tv조선|연합)\s*(뉴스)?\s*[가-힣]{2,4}(입니다|였습니다|이었습니다)|"
    r"(mbc|kbs|sbs|ytn|jtbc)\s*뉴스|자막\s*(제공|제작|by)|한글\s*자막|이\s*시각\s*세계|배달의민족|영상이?\s*도움이\s*되",
    r"thanks? (you )?(so much |very much )?for (watching|listening|viewing)|subscribe|see you (in the )?next (video|time|one)|(subtitles?|captions?|transcribed) by|amara\.org",
)


def invented(text: str) -> bool:
    """Whether a recogniser made this text (in small letters) up out of silence, or heard a television."""
    return _INVENTED.search(text) is not None


def reply(clauses: list[str]) -> Reply:
    """What an answer without a cry says. One bad clause outweighs any good one; "yes" alone is unclear, for it also
    answers a television."""
    good = False
    for clause in clauses:
        if _NOT_OK.search(_PAINLESS.sub(" ", clause)):
            return "unclear" if _DOUBT.search(clause) else "not_ok"
        good |= bool(_OK.search(clause) or _PAINLESS.search(clause)) and not _DOUBT.search(clause)
    return "ok" if good else "unclear"
