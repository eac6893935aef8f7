"""What a cry for help is in English, and what makes a story of it. Text comes in small letters, with plain apostrophes."""

from __future__ import annotations

import re

_I = r"\b(i|we|he|she|my \w+|somebody|someone)( am| are| is|'m|'re|'s|'ve| have| has|'d| just| think| all| also| really)*"
_CANT = r"\b(can't|can ?not|cannot|couldn't|unable to|won't|not able to)"
DISTRESS = re.compile(
    r"^(oh |please |somebody |someone |anybody |can anybody |can somebody |hey |god )*help( me| us| please| now)*( help)*( me| please)*$"
    r"|\bhelp me\b(?! (find|with|remember|to |choose|understand|look|cook|write|turn))"
    r"|\bi (really )?need (some )?help\b(?! (with|to|finding))"
    r"|\b(call|phone|get|ring|fetch|need|want)( me)?( an?| the| my| some)? (ambulance|911|999|112|119|doctor|police|paramedics?|fire brigade|nurse)\b"
    rf"|{_I} (fell|fallen)\b(?! (asleep|in love|behind|for|out with|short|ill))|\bhad a (bad |nasty )?fall\b"
    rf"|{_CANT} (breathe|get up|get off|move|stand|walk|get out|feel my|reach|lift)|\bwon't (move|stop bleeding|wake up)\b"
    r"|\b(on|off) the floor\b.*\b(can't|cannot|stuck|help)|\b(stuck|lying|trapped) (on|in|under) the\b|\b(trapped|locked in)\b|\bi'm trapped\b"
    r"|\b(trouble|difficulty|hard time) breathing\b|\bhard to breathe\b|\bshort of breath\b|\bstruggling to breathe\b|\bi('m| am) choking\b"
    r"|\bchest (really |still |is )*(hurts|pain|tight|aches)|\b(pains?|tightness) in my (chest|heart)\b|\bheart (hurts|attack)\b|\bmy heart is (racing|stopping)\b"
    r"|\b(having|had|have) a (stroke|seizure|fit|heart attack)\b|\bdrooping\b|\b(arm|face|leg|hand|side) (is|went|has gone|feels) numb\b"
    r"|\b(i('m| am)|it's|is|head is|nose is|won't stop) bleeding\b|\bblood everywhere\b|\blots of blood\b"
    r"|\bbroke my (hip|leg|arm|wrist|ankle|back|neck)|\b(leg|arm|hip|wrist|ankle|bone) is broken\b|\bhit my head\b|\bhurt (myself|my (head|back|hip)) badly\b|\bbadly hurt\b"
    r"|\b(going to|gonna|about to|might|will) (faint|pass out|collapse)\b|\bi (just )?(fainted|passed out|collapsed)\b|\bgoing black\b"
    r"|^(fire|there('s| is) (a )?fire|fire fire)$|\b(there's|there is) a fire\b(?! (place|alarm))|\bis on fire\b|\bsmell gas\b|\bsmoke (everywhere|in the)\b"
    r"|\b(in|into) my (house|home|room)\b.*|\b(somebody|someone|burglar|thief) (broke|is breaking) in|\bintruder\b|\b(don't|stop) (hit|hurt|hitting|hurting)( me)?\b|\bhurting me\b"
    r"|\bi('m| am| think i'm| am) dying\b(?! (for|to))|\bsave me\b(?! (a|some|the|from))|\bhurts so (much|bad)|\b(terrible|awful|a lot of|so much|severe|great) pain\b|\bemergency\b"
    r"|\btoo many (pills|tablets)|\bwrong (medicine|pills|tablets)|\b(drank|swallowed) (bleach|poison|detergent)|\boverdose"
)
DESPAIR = re.compile(
    r"\b(want|wanted|wish|going|like) to (die|be dead|kill myself|end (it|my life|things)|end it all)\b|\bkill(ing)? myself\b|\bsuicid|\bend my life\b|\bend it all\b"
    r"|\bwish i (was|were) (dead|never born)|\bbetter off (dead|without me)|\b(don't|do not) want to (live|be alive|be here anymore|wake up)|\bno (reason|point|sense) (to|in) (live|living|go on|going on)"
    r"|\bcan't go on\b|\bcannot go on\b|\bnot worth living\b|\btired of living\b|\bhurt myself on purpose\b|\brather be dead\b|\bgoing to end it\b"
)
TOLD = re.compile(
    r"\b(movie|film|drama|tv|television|news|song|story|book|dream|radio|show|yesterday|last (night|week|month|year)|years? ago|used to|(he|she|they) (said|says|shouts?|told)|"
    r"what (should|do|if)|how (do|to)|alarm test)\b"
)
DENIED = re.compile(
    r"\b(didn't|did not|haven't|have not|never|don't need|do not need|no need|almost|nearly|don't call|do not call|not (having|bleeding|dying|hurt|in)|isn't|wasn't|if)\b"
)
