"""What a few words from a home mean: a cry for help, an answer, or a recogniser's invention.

A small lexicon, judged clause by clause. It knows what it was told and nothing else; whatever it does not know is
"unclear", which climbs.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from core.events import Answer

Reply = Literal["ok", "not_ok", "unclear"]
Understood = Literal["ok", "not_ok", "unclear", "silence", "offline"]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_CRY = _any(
    r"살려\s*(줘|주세요|줘요|달라|주십시오)|사람\s*살려",
    r"^(누가|누구|제발|나|나 좀|저 좀|좀|여기|여기요)?\s*도와\s*(줘|주세요|줘요|주십시오)",
    r"(119|구급차|앰뷸런스)\s*(좀|를|에|을)?\s*(불러|신고|전화)",
    r"(넘어졌|넘어져서|쓰러졌|쓰러져서|쓰러질 것)",
    r"못\s*일어나|일어나질?\s*못|일어날\s*수(가)?\s*없|움직일\s*수(가)?\s*없|못\s*움직이",
    r"숨(을|이)?\s*(못\s*쉬|안\s*쉬어|막혀|쉴\s*수(가)?\s*없)|숨쉬기(가)?\s*힘들",
    r"(가슴|심장)(이|도)?\s*(너무|많이|막)?\s*(아파|아프|답답|조여|쥐어)",
    r"죽고\s*싶|불이야|불\s*(이)?\s*났",
    r"^(please )?help( me)?( help( me)?)*( please)?$|\bhelp me\b(?! (find|with|remember|to|choose|understand))",
    r"\b(call|phone|get) (me )?(an? |the )?(ambulance|911|999|112|119)\b",
    r"\bi('ve| have)? (just )?(fell|fallen)\b(?! (asleep|in love|behind))",
    r"\bcan('t| ?not) (breathe|get up|move)\b",
    r"\bchest (really |still )?(hurts|pain)|\bpains? in my chest|\bheart attack\b",
    r"\b(want to die|kill myself)\b|\bthere('s| is) a fire\b|\bsave me\b",
)
_TOLD = _any(  # a story, somebody else, another day
    r"드라마|영화|뉴스|텔레비전|티비|유튜브|라디오|노래|소설|책에|꿈에|옛날|예전|어제|그저께|지난|작년",
    r"\b(movie|film|drama|tv|news|song|story|book|dream|radio|yesterday|last (night|week|month|year)|years ago)\b",
)
_DENIED = _any(  # what can't be done ("못", "can't") is a cry, not a denial
    r"(안|않)\s*(넘어|쓰러|아파|아프|도와|막혀)|지(는|도)?\s*(않|마|말)|필요\s*(는|가)?\s*없|뻔\s*했",
    r"\b(didn't|did not|haven't|have not|not|never|don't|do not|no need|almost|nearly)\b",
)
_NOT_OK = _any(
    r"안\s*괜찮|괜찮지\s*(가|는|도)?\s*(않|못)|안\s*좋|좋지\s*(가|는)?\s*않|아파|아프|아픈|어지러|어지럽|힘들|도와|못\s*(일어|움직|걷|걸)|큰일",
    r"\bnot (ok|okay|fine|well|good|all ?right|feeling well)\b",
    r"\b(hurts?|hurting|pain|sick|dizzy|unwell|terrible|awful|help|bleeding)\b",
    r"\b(ain't|isn't|don't feel) (ok|okay|fine|well|good|right)\b",
)
_OK = _any(
    r"괜찮(아|아요|습니다|네|네요|어|어요|다|다니까|구나)(?![가-힣])|괜찮(으니|으니까)",
    r"(잘|무사히)\s*(있어|있어요|있습니다|있다|지내|지내요|지냅니다|지내고)(?![가-힣]*까)",
    r"(별일|아무\s*일|문제|이상)(도|은|이)?\s*(없어|없습니다|없다|없네|없지)",
    r"멀쩡(해|합니다|하다)",
    r"\b(i'm|i am|we're|we are|doing|feeling|feel|everything is|everything's|it's|all) (just |quite |very |doing )?"
    r"(ok|okay|fine|well|good|all ?right|great)\b|^(fine|ok|okay)( (thanks|thank you))?$|\bno problems?\b",
)
_PAINLESS = _any(
    r"안\s*아(파|픕)|(아프지(는|도)?)\s*않|아픈\s*(데|곳)(는|가|도)?\s*없",
    r"\b(doesn't|does not|don't|nothing) hurts?\b|\bnot (hurt|in (any )?pain|sick|dizzy)\b|\bno pain\b",
)
_DOUBT = _any(r"\?$|까(요)?$|면(?![가-힣])|\b(if|hope|wish|are you|was|were)\b")
_INVENTED = _any(  # what speech recognisers write when nobody spoke: the end titles they were trained on
    r"시청해\s*주셔서|시청해\s*주셔서\s*감사|구독과?\s*좋아요|다음\s*(영상|시간)에서?\s*(만나|뵙)|(mbc|kbs|sbs|ytn)\s*뉴스|자막\s*(제공|by)|한글\s*자막",
    r"thanks? (you )?for watching|subscribe|see you (in the )?next (video|time)|subtitles? by|amara\.org",
)


def _clauses(text: str) -> list[str]:
    clean = unicodedata.normalize("NFC", text).replace("’", "'").lower()
    pieces = re.findall(r"[^.,!?;…\n]+\??", clean)
    return [" ".join(piece.split()) for piece in pieces if piece.strip(" ?")]


def invented(text: str) -> bool:
    """Whether a recogniser made this sentence up out of silence."""
    return _INVENTED.search(unicodedata.normalize("NFC", text).lower()) is not None


def heard(text: str) -> Literal["distress"] | None:
    """Whether words that a speaker heard unasked are a cry for help. A story, another day or a denial is none."""
    if invented(text):
        return None
    for clause in _clauses(text):
        if _CRY.search(clause) and not _TOLD.search(clause) and not _DENIED.search(clause):
            return "distress"
    return None


def reply(text: str) -> Reply:
    """What the answer to "are you all right?" says. One bad clause outweighs any good one; "yes" alone is unclear, for
    it also answers a television."""
    if invented(text):
        return "unclear"
    good = False
    for clause in _clauses(text):
        cry = _CRY.search(clause) and not _DENIED.search(clause)
        if cry or _NOT_OK.search(_PAINLESS.sub(" ", clause)):
            return "not_ok"
        good |= bool(_OK.search(clause) or _PAINLESS.search(clause)) and not _DOUBT.search(clause)
    return "ok" if good else "unclear"


def understand(answer: Answer) -> Understood:
    """An answer as the case needs it: the speaker's own verdict where it gave one, else the words judged."""
    match answer.result:
        case "ok" | "not_ok" | "unclear" | "silence" | "offline":
            return answer.result
        case None:
            return reply(answer.text) if answer.text.strip() else "silence"
    return "unclear"
