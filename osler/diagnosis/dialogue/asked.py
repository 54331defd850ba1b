"""Reads what kind of question about a differential is asked, by plain rules over its words.

Knows nothing of names (`named.py`), and nothing of how a question is answered.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Kind = Literal["why", "why not", "what if", "how sure", "compare", "change", "next", "steps", "sources", "finding", "meaning", "inheritance", "unknown"]  # fmt: skip
# The first pattern that is found gives the kind; those after it are what else it may be.
_ASKED: tuple[tuple[Kind, str], ...] = (
    ("change", r"\bwhat (?:would|could|might|must|has to|needs? to) (?:it take|have to|need to|make|put|move|push|bring|lift|change|flip)\b|\b(?:what|which)\b.*\b(?:would|could)\b.*\b(?:take|need|make|put|push|move|bring|lift)\b.*\b(?:first|top|ahead|above|lead|prefer|favou?r|choose)\b|\b(?:when|how|(?:under|in) wh(?:at|ich) \w+) (?:would|could|can|might)\b.*\b(?:be|come|become|get|reach|move|rise)\b.*\b(?:first|top|lead|ahead)\b|\b(?:would|could)\b.*\b(?:overturn|topple|upset|dethrone|reverse)\b|\bchange (?:the|your) (?:order|mind|answer|differential|ranking)|\bcounterfactual|\bovertakes?\b|\bflip\b"),
    ("what if", r"\b(?:if|suppos\w+|assum\w+|imagin\w+|pretend)\b|^(?:let's |let us )?say,? (?:that |he|she|they|the|there|it|we|this)\b|^(?:(?:and|but|so|now) )?(?:with|add|include|tak\w+ (?:away|out)|leav\w+|drop|delete|remove|set aside|ignor\w+|disregard\w*)\b|^(?:(?:and|but|so|now) )?no (?!one\b|other|idea|thanks|need|more|way|reason|doubt|problem|matter)|\bwithout\b|\bhad (?:no|not)\b|\b(?:would|still)\b.* with\b|\b(?:ignoring|leaving out|disregarding)\b"),
    ("why not", r"\bwhy (?:not|is(?: it| that| this)? not)\b|\brul(?:e|ed|es|ing)\b.*\bout\b|\b(?:why|how come)\b.*(?:n't\b|\b(?:not|never|low|lower|last|behind|below|unlikely|exclud\w+|discard\w+|reject\w+|dismiss\w+|dropped|down|disagree\w*|doubt\w*)\b)|\bagainst\b|\b(?:could|couldn't|can|can't|might|may|must|is|isn't|would|wouldn't) (?:it|this|that|he|she|they|(?:the|this) patient|we) (?:not )?(?:also )?(?:be|have|really|just)\b(?! (?:first|sure|certain))|\bconsider\w*\b|\b(?:you|we|i|they|one) (?:\w+ )?miss(?:ed|ing)?\b|\boverlook\w*|\bforgot(?:ten)?\b|\bthought of\b|\bi(?:'d| would| do| still)? (?:think|believe|suspect|say|guess|bet|favou?r|prefer)\b|\bconvince\b|\b(?:on the table|in the running|in play|makes? .*(?:less likely|unlikely|improbable))\b|^(?:and |so |but )?not (?!sure|certain)|(?:\bnot|n't) (?:really |quite |well )?(?:fit|match|agree|explain\w*|typical|consistent|compatible)\b|\bexclud\w*|\b(?:possible|plausible|conceivable|an option)\b"),
    ("compare", r"\b(?:rather than|instead of|versus|vs\.?|compar\w+|differ\w*|distinguish\w*|discriminat\w*|separat\w+|between|apart|over(?! *(?:\d|half\b|one\b|ninety|eighty|fifty)))\b|\b(?:likely|likelier|probable|better|higher|lower|ahead|fits?)\b.* than\b|\btell\b.* from\b"),
    ("finding", r"\b(?:matter\w*|relevan\w+|weigh\w*|contribut\w+|count(?:s|ed|ing)?|important|influenc\w*|affects?|effect|role|impact|change anything|into account)\b|\b(?:do|does|did|doesn't|is|are)\b.*\b(?:speaks?|support|fit|fits|point|points|explain\w*|typical|compatible|consistent|part of|seen in|occur)\b|\bwhy did you (?:ignore|use|include|leave|take)\b"),
    ("steps", r"\bwhat (?:did|does|has) (?:you|it|they|(?:the|this|that|your) (?:method|run|model|system|engine|answer|tool|program))\b.* (?:do|done|look\w*|retriev\w+|search\w*|read|tr(?:y|ied)|found|find|use|used)\b|\b(?:passages?|documents?|guidelines?) (?:were|was|are|did|have|has|does|do|is)\b|\bwhat happened in (?:the|this) run\b"),
    ("sources", r"\bwhere (?:does|do|did|has|have) .* (?:come|came|taken|get|got)\b"),
    ("next", r"\bwhat (?:else |next|now)|\b(?:ask|test|examine|look for|look at|find out|check|do)\b.*\b(?:next|now|else|first)\b|\bnext (?:question|step|test)|\bwhat (?:should|to) (?:i|we|one|be|ask|do|test)\b|\bwh(?:ich|at) (?:\w+ )?(?:tests?|questions?|exam\w*|finding|investigations?|information)\b|\bwhat\b.*\bmissing\b|\b(?:recommend|advis\w+)\b|\b(?:should|shall) (?:i|we) (?:ask|check|test|examine|look|do|order)\b"),
    ("how sure", r"\bhow (?:sure|certain|confident|likely|probable|reliable|good|far|much)\b|\bconfiden\w+|\bprobab\w+|\blikelihood\b|\bchances?\b|\bodds\b|\bcertain\w*|\bdefinite\w*|\bsure\b|\b(?:un)?likely\b|\btrust\w*|\brely\b|\breliab\w+|\bbelieve\b|\d *(?:%|per ?cent\b)|\bpercent\w*"),
    ("steps", r"\bwhat did you (?:do|look|retrieve|search|calculate|read)|\bhow did you\b|\bsteps?\b|\bretriev\w+|\bcalculat\w+"),
    ("sources", r"\bsources?\b|\bcit\w+|\breferences?\b|\bpapers?\b|\bpublications?\b|\bpublished\b|\bliterature\b|\bstud(?:y|ies)\b|\bwhere (?:is|are|does|do|did|was|has)\b|\bhow do you know\b|\bbased\b|\bsays? so\b|\bwho says\b"),
    ("how sure", r"^what(?:'s| is| was) (?:the|your) (?:diagnosis|answer|conclusion|verdict|best guess|top diagnosis)\b"),
    ("why", r"\bwhy\b|\bdriv(?:es?|ing)\b|\bhow come\b|\bwhat (?:makes|made|led|leads|speaks|points|argues)\b|\breason\w*\b|\bbecause\b|\bexplain\b|\bspeaks? for\b|\bfor (?:it|that|this)$|\bsupports?\b|\bevidence\b|\bgrounds?\b|\bbasis\b|\bjustif\w+|\b(?:walk|talk|take) me through\b|\brationale\b|\barguments?\b"),
)  # fmt: skip
_FOLLOWS = r"^(?:ok(?:ay)?,? )?(?:and|or|but|so|then|what about|how about|same for|the same for)\b"
# "I wonder if …" supposes nothing.
_ONLY_ASKS = r"\b(?:wonder\w*|know|tell me|ask\w*|see|sure|doubt|question|check) (?:if|whether)\b|\bas if\b|\bif (?:any|so|possible|you (?:can|could|may|please)|i may)\b"
# What a ranking of diseases has nothing to say about.
BEYOND: tuple[tuple[str, str], ...] = (
    (
        r"\b(?:treat\w*|therap(?:y|ies|eutic)|medicat\w*|medicines?|drugs?|dos(?:e|es|age)|prescri\w+|surg(?:ery|ical)|operat(?:e|ion)|prognos\w+|die|dies|dying|surviv\w+|life expectancy|cured?|curable|contagious)\b",
        "The ranking says nothing of treatment or outcome.",
    ),
    (
        r"\b(?:famil(?:y|ies)|relatives?|siblings?|parents?|mother|father|brother|sister|cousin|uncle|aunt|consanguin\w+)\b",
        "A family history is not read: the ranking rests on the patient's own findings, age and sex.",
    ),
    (
        r"\b(?:prevalen\w+|inciden(?:ce|t)|how (?:common|rare|frequent|often|many (?:people|patients|cases|persons)))\b|\b(?:is|are|isn't|aren't) (?:it|this|that|they|\|) (?:an? )?(?:very |so |too |really |quite )?(?:common|rare|frequent)\b",
        "How common a disease is among people is not held here, and does not enter the ranking.",
    ),
    (
        r"\b(?:have|has|had) both\b|\b(?:two|several|more than one|multiple) (?:diseases?|diagnos[ei]s|conditions?|disorders?)\b|\b(?:at once|at the same time|coexist\w*)\b",
        "The ranking takes the patient to have one disease: two at once are not assessed.",
    ),
    (
        r"\bin common\b",
        "What diseases have in common is not told; ask what tells them apart.",
    ),
    (
        r"\b(?:ethnic\w*|ancestry|travel\w*|smok\w+|alcohol|occupation|diet|exposure|weather)\b",
        "What a patient does or where they come from is not read: the ranking rests on findings, age and sex.",
    ),
)
_INHERITED = (
    r"\b(?:hereditary|inherit\w*|genetic|heritable|autosomal|recessive|dominant|x linked|runs? in|mode of)\b"
)
_COMMON_DISEASE = r"\b(?:common(?:er|est)?|everyday|banal|ordinary)\b(?<!in common)"
_MEANS = r"^(?:(?:and|so|but|ok|okay|then) )*(?:what(?:'s| is| are| exactly is)|what (?:does|do|is) .*\bmean\w*\b|define|definition of|describe|meaning of|explain what|tell me (?:more )?about|what do (?:you|we|they) (?:mean|understand) by|(?:what|who) .*\bcalled\b)"
_OWN_QUESTION = r"\b(?:is|are|was|were|am|do|does|did|can|could|would|will|should|has|have|had|means?|how|who|when|where|which|what|why|show|tell|give|explain|list|define|describe)\b"
MOST_ASKED = 500
# "isnt" is "isn't" without its apostrophe.
_CONTRACTED = "is|are|was|were|does|did|do|has|had|have|could|would|should"


def storable(text: str) -> str:
    """A text without half characters (lone surrogates), which nothing can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def cleaned(question: str) -> str:
    """A question without marks of markup, control characters and odd spaces; otherwise as it was typed."""
    text = unicodedata.normalize("NFKC", storable(question)).replace("’", "'").replace("‘", "'")
    text = re.sub(r"</?[A-Za-z][^<>]*>", " ", text)
    text = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in text)
    text = re.sub(rf"\b({_CONTRACTED})nt\b", r"\1n't", text, flags=re.I)
    return " ".join(text.split())


def kinds_of(question: str) -> list[Kind]:
    """What a question may ask, the likeliest first."""
    words = re.sub(_ONLY_ASKS, " ", " ".join(cleaned(question).casefold().split()))
    found: list[Kind] = [kind for kind, pattern in _ASKED if re.search(pattern, words)]
    if (
        re.match(r"(?:why|how come)\b", words)
        and found[:1] == ["what if"]
        and not re.search(r"\bif\b|\bwithout\b", words)
    ):
        found.remove("what if")  # "why did you ignore the rash?"
    return found


def kind_of(question: str, before: Kind | None = None) -> Kind:
    """What a question asks; that of the turn before for a follow-up ("and Marfan syndrome?")."""
    found = kinds_of(question)
    if found:
        return found[0]
    return before if before is not None and follows(question) else "unknown"


def own_question(question: str) -> bool:
    """Whether it is a question with words of its own, not a name alone; "what about …" is none."""
    return bool(re.search(_OWN_QUESTION, re.sub(_FOLLOWS, " ", cleaned(question).casefold())))


def beyond(rest: str) -> str:
    """Why words (without the names in them) ask for what a ranking says nothing of; "" where they do not."""
    return next((said for pattern, said in BEYOND if re.search(pattern, rest, re.I)), "")


def inherited(rest: str) -> bool:
    """Whether words without names ask for the inheritance."""
    return bool(re.search(_INHERITED, rest, re.I))


def of_common_disease(rest: str) -> bool:
    """Whether words without names ask of diseases that are common."""
    return bool(re.search(_COMMON_DISEASE, rest, re.I))


def means(question: str) -> bool:
    """Whether it asks what something is."""
    return bool(re.match(_MEANS, question.casefold()))


def follows(question: str) -> bool:
    """Whether a question goes on from the one before by its first words."""
    return bool(re.match(_FOLLOWS, cleaned(question).casefold()))


def in_that_case(question: str) -> bool:
    """Whether a question asks under what was supposed before ("why not, then?")."""
    return bool(re.search(r"\b(?:then|in that case|in this case|that way)\b", question, re.I))


def as_well(question: str) -> bool:
    """Whether what is supposed comes on top of what was supposed before."""
    return bool(re.search(r"\b(?:too|also|as well|additionally|in addition|both|on top)\b", question, re.I))


def about_none(question: str) -> bool:
    """Whether it asks for the probability that none of the diseases fits."""
    return bool(
        re.search(
            r"\b(?:none|neither|(?:some|any)thing (?:else|different|(?:that is )?not)|(?:an)?other disease|not (?:in|on|among) (?:the|this|your|these)|not listed|outside (?:the|this|your)|missing from)\b",
            question,
            re.I,
        )
    )
