"""The case as a what-if changes it: clause by clause, and nothing where it is not clear what is supposed.

A clause ends at "and", "or", "but" or a comma outside a finding's name. A finding has the status that its own clause says; one that
stands bare has that of the clause it is listed with ("no fever and seizures", "fever and seizures were absent").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from osler.case import Case, Finding, Sex, Status, Term
from osler.diagnosis.dialogue.asked import as_well
from osler.diagnosis.dialogue.named import bare, findings_in
from osler.findings.text import find_findings
from osler.knowledge.search import words_of
from osler.ontology.hpo import Ontology

_CONDITION = r"\b(?:what\s+(?:would\s+)?happens?\s+if|what\s+if|suppos\w+(?:\s+that)?|assum\w+(?:\s+that)?|imagin\w+(?:\s+that)?|pretend(?:\s+that)?|if)\b|^\W*(?:let\W?s\s+)?say\b"
# Where no "if" says it: the word itself is part of what is supposed.
_WITHOUT = r"\b(?:without|with|add|include|tak\w+\s+(?:away|out)|delete|ignor\w+|disregard\w*|leav\w+|remov\w+|drop\w*|set\s+aside)\b"
_IT = r"\b(?:it|that|this|they|those|these|both|all of (?:them|it))\b"
_NO = r"\b(?:absent|absence(?: of)?|not|no|nor|never|without|lack\w*|missing|gone|negative(?: for)?|neither|cannot|disappear\w*|vanish\w*|resolved|went away|ruled out|excluded|den(?:y|ies|ied)|free (?:of|from)|instead of|rather than|in place of)\b|\b\w+n't\b"
_UNKNOWN = r"\b(?:(?:un|not )known|ignor\w+|disregard\w*|left out|leav\w+\b.*\bout|remov\w+|tak\w+\b.*\b(?:away|out)|delete|drop(?:ped|ping)?|set aside|not mentioned|(?:did not|didn't) know)\b"
# A denial that says "absent" and no more: not "was not high".
_PLAINLY = r"(?:\bnot|\bnever|n't)\s+(?:there|present|have|had|got|seen|found|known|suffer|show)\b"
_SAYS = r"\b(?:had|has|have|were|was|is|are|with|present|positive|there|add|include)\b"
_ASKS = r"^\s*(?:then\s+)?(?:would|who|does|do|is|how|what|which|where|could|why)\b"
_FAMILY = r"\b(?:mother|father|brother|sister|parents?|sibling|uncle|aunt|cousin|grand\w+|relatives?|family|son|daughter|twin|maternal|paternal)s?\b"
_TIME = r"\b(?:older|younger|lasted|lasting|since|until|ago|later|earlier|began|begun|started|onset|duration|weeks? long|days? long)\b"
_UNIT = r"(?:[ -]*(year|month|week|day)s?)"
_AGE = rf"\b(\d{{1,3}}){_UNIT}[ -]+old\b|\bage(?:d| of| were| was| is)? +(\d{{1,3}}){_UNIT}?(?![\d.])|\b(?:were|was|is) +(?:only +)?(\d{{1,3}}){_UNIT}?(?= *(?:$|[?.!,;]|and\b|but\b|too\b|also\b|as well\b|instead\b))"
_DAYS = {"year": 365.25, "month": 30.4375, "week": 7.0, "day": 1.0}
_SEX: tuple[tuple[Sex, str], ...] = (
    ("female", r"\b(?:female|woman|girl)\b"),
    ("male", r"\b(?:male|man|boy)\b"),
)


_IDLE_IN_CLAUSE = (
    r"\b(?:he|she|they|old|(?:only|just)(?= +(?:aged|\d))|had|were|also|too|as well|both|present|known)\b"
)
# Words beside a finding that change nothing; any other word that is not read could turn what is meant.
_SAFE_TEXT = """a an the this that these those his her hers their its it he she they him them who which of in on at for to from by as and or
if so then now there with had has have having was were is are am be been being did do does got get getting develop developed show showed
shown shows found seen noted observed reported recorded present positive known really actually truly also too still even both all as well
patient patient person case man woman boy girl child finding findings feature features symptom symptoms sign signs we you i say said
suppose supposed supposing assume assuming imagine pretend let us what happens happen would instead turned turns out add added include
history after all ray xray examination exam imaging became become becomes indeed included suddenly definitely clearly certainly please me my your one"""
_SAFE = frozenset(_SAFE_TEXT.split())
# How much of a finding there is: not read, said to be so, and no reason to refuse.
_DEGREES = frozenset(
    [
        "mild",
        "mildly",
        "moderate",
        "moderately",
        "severe",
        "severely",
        "slight",
        "slightly",
        "marked",
        "pronounced",
        "profound",
        "chronic",
        "acute",
        "bilateral",
        "unilateral",
        "left",
        "right",
        "progressive",
        "congenital",
        "big",
        "large",
        "small",
        "bad",
        "new",
        "some",
        "subtle",
        "obvious",
    ]
)
_CUTS = r"[,;]|\b(?:and|or|but)\b|\b(?:instead of|rather than|in place of|nor)\b"


class Unclear(Exception):
    """What was supposed could not be read; the message says why."""


@dataclass
class _Clause:
    """A part of a what-if: its words, how it is joined, its findings; `status` "" where it says none."""

    words: str
    joined: str
    terms: list[Term]
    status: str = ""
    before: bool = False  # the words that give the status come before the finding


class Supposition(BaseModel):
    """What is supposed: findings with their status (None: not known), an age in days, a sex; and words that were not read."""

    findings: list[tuple[Term, Status | None]] = Field(default_factory=list)
    age_days: float | None = None
    sex: Sex | None = None
    unread: list[str] = Field(default_factory=list)

    def words(self) -> list[str]:
        """Each thing supposed in words."""
        said = [f"{term.label} is {status or 'not known'}" for term, status in self.findings]
        if self.age_days is not None:
            said.append(f"the patient is {self.age_days / 365.25:.3g} years old")
        return [*said, f"the patient is {self.sex}"] if self.sex else said

    def on_top_of(self, before: Supposition) -> Supposition:
        """Both together; where they differ this one holds."""
        own = {term.id for term, _ in self.findings}
        kept: list[tuple[Term, Status | None]] = [one for one in before.findings if one[0].id not in own]
        return Supposition(
            findings=kept + self.findings,
            age_days=before.age_days if self.age_days is None else self.age_days,
            sex=self.sex or before.sex,
        )

    def applied(self, now: Case, ontology: Ontology) -> tuple[Case, list[str]]:
        """A changed copy of a case, and what follows for its other findings, in words. Raises Unclear for a contradiction."""
        self._agrees(ontology)
        case, follows = now.model_copy(deep=True), []
        for term, status in self.findings:
            case.findings = [one for one in case.findings if one.id != term.id]
            for one in list(case.findings):
                if status != "present" and one.status == "present" and _is_a(one.term, term, ontology):
                    follows.append(
                        f"{one.label} is a kind of {term.label}, so it is then {status or 'not known'} too."
                    )
                elif status == "present" and one.status == "absent" and _is_a(term, one.term, ontology):
                    follows.append(f"{term.label} is a kind of {one.label}, so that is then not absent.")
                else:
                    continue
                case.findings.remove(one)
            if status is not None:
                case.findings.append(Finding(term=term, status=status))
        update: dict[str, object] = {"age_days": self.age_days, "sex": self.sex}
        update = {key: value for key, value in update.items() if value is not None}
        if update:
            case.demographics = case.demographics.model_copy(update=update)
        return case, follows

    def holds(self, case: Case) -> bool:
        """Whether a case is as supposed already."""
        known = {one.id: one.status for one in case.findings}
        return (
            all(known.get(term.id) == status for term, status in self.findings)
            and self.age_days in (None, case.demographics.age_days)
            and self.sex in (None, case.demographics.sex)
        )

    def _agrees(self, ontology: Ontology) -> None:
        for special, one in self.findings:
            for general, other in self.findings:
                if one == "present" and other == "absent" and _is_a(special, general, ontology):
                    raise Unclear(
                        f"{special.label} is a kind of {general.label}: it cannot be present while that is absent."
                    )


def _is_a(special: Term, general: Term, ontology: Ontology) -> bool:
    a, b = ontology.resolve(special.id), ontology.resolve(general.id)
    return a.id is not None and b.id is not None and ontology.is_a(a.index, b.index)


def parted(question: str) -> tuple[str, str]:
    """A question's main clause, and what it supposes ("would it be first" and "the fever were absent")."""
    words = question.replace("’", "'")
    found = list(re.finditer(_CONDITION, words, re.I))
    if found:
        return words[: found[0].start()], words[found[-1].end() :]
    start = re.search(_WITHOUT, words, re.I)
    return (words[: start.start()], words[start.start() :]) if start else ("", words)


def supposition(question: str, now: Case, before: Supposition | None = None) -> Supposition:
    """What a what-if supposes about a case; `before` is what was supposed in the turn before. Raises Unclear."""
    words = _before_the_question(_written_out(parted(question)[1].strip()))
    if before and before.age_days is not None:
        words = re.sub(r"^(\W*(?:and|or)\s+)?(\d{1,3})(?=\W*$)", r"were \2", words)  # "and 10?"
    if re.search(_FAMILY, words, re.I):
        raise Unclear("A what-if about relatives is not read: the ranking rests on findings of the patient.")
    rest, days = _age(words)
    clauses = _clauses(rest, now)
    sexes: list[Sex] = [one for one, pattern in _SEX if re.search(pattern, words, re.I)]
    if len(sexes) > 1 or any(_denies_sex(one.words) for one in clauses):
        raise Unclear("It is not clear which sex is meant; say “were female” or “were male”.")
    stated = [one for one in clauses if one.status]
    if (
        before
        and before.findings
        and not any(one.terms for one in clauses)
        and stated
        and re.search(_IT, words, re.I)
    ):
        stated[0].terms = [term for term, _ in before.findings]
    given = Supposition(
        unread=[word for one in clauses if one.terms for word in _unread(one)],
        findings=_statuses(clauses, rest, before),
        age_days=days,
        sex=sexes[0] if sexes else None,
    )
    if not given.words():
        raise Unclear("Nothing that was supposed was read as a finding, an age or a sex.")
    return given.on_top_of(before) if before and as_well(words) else given


def _denies_sex(words: str) -> bool:
    sex = "|".join(pattern for _, pattern in _SEX)
    denied = re.search(_NO, words, re.I) and re.search(sex, words, re.I)
    beside = re.search(rf"\b(?:not|never|no longer)\b(?: \w+){{0,2}} (?:{sex})", words, re.I)
    return bool(beside or (denied and not find_findings(words)))


def _age(words: str) -> tuple[str, float | None]:
    """The words without the age, and the age in days. Raises Unclear for any other time."""
    if re.search(_TIME, words, re.I):
        raise Unclear(
            "A what-if about time (how long, since when, older or younger) is not read; say “were 12 years old”."
        )
    found = list(re.finditer(_AGE, words, re.I))
    rest = re.sub(_AGE, " ", words, flags=re.I)
    if len(found) > 1 or re.search(rf"\d{_UNIT}\b", rest, re.I):
        raise Unclear("It is not clear which age is meant; say “were 12 years old”.")
    if not found:
        return rest, None
    number, unit = (next((one for one in found[0].groups()[at::2] if one), None) for at in (0, 1))
    days = float(number or 0) * _DAYS[(unit or "year").lower()]
    clause = re.split(r"[,;]|\b(?:and|but)\b", words[: found[0].end()])[-1]
    if days > 130 * 365.25 or re.search(_NO, clause, re.I):
        raise Unclear("It is not clear which age is meant; say “were 12 years old”.")
    return rest, days


def _clauses(words: str, now: Case) -> list[_Clause]:
    """The words cut at "and", "or", "but" and commas, but not inside the name of a finding."""
    names = [one.span for one in find_findings(words) if one.span]
    held = [(span.start, span.end) for span in names]
    held += [m.span() for one in now.findings for m in re.finditer(re.escape(one.label), words, re.I)]
    found, start, joined = [], 0, ""
    cuts = list(re.finditer(_CUTS, words, re.I))
    for cut in [*(one for one in cuts if not any(a <= one.start() < b for a, b in held)), None]:
        part = words[start : cut.start() if cut else None]
        if part.strip(" ?.!"):
            found.append(_Clause(part, joined, findings_in(part, now)))
            joined = ""
        if cut:
            of = (
                " " in cut[0] or cut[0].casefold() == "nor"
            )  # "instead of" says itself what becomes of the finding
            start = cut.start() if of else cut.end()
            joined = "but" if of or joined == "but" else cut[0].lower()
    kept: list[_Clause] = []
    for one in found:
        if kept and re.search(_ASKS, one.words, re.I):
            break  # the question itself: "…, would it still be first?"
        made = _read(one)
        if made.status and not made.terms and kept:
            made.terms = kept[-1].terms  # "the scoliosis were present, or absent"
        kept.append(made)
    return kept


def _read(clause: _Clause) -> _Clause:
    """A clause with its status. Raises Unclear for a double negation, and where nothing in it is understood."""
    words = clause.words
    unknown, no = re.search(_UNKNOWN, words, re.I), list(re.finditer(_NO, words, re.I))
    if not unknown and len(no) > 1:
        raise Unclear("A double negation is not read; say “were present” or “were absent”.")
    if not clause.terms:
        _check_idle(words)
        says = re.search(r"\bpresent\b", words, re.I)
    else:
        says = re.search(_SAYS, words, re.I)
    clause.status = "unknown" if unknown else "absent" if no else "present" if says else ""
    told = unknown or (no[0] if no else says)
    named = [one.span.start for one in find_findings(words) if one.span]
    clause.before = bool(told and named and told.start() < named[0])
    return clause


def _unread(clause: _Clause) -> list[str]:
    """Words of a clause that neither name a finding nor say its status: "mild". Raises Unclear for a doubt about the finding."""
    if re.search(r"\b(?:wrong|mistaken|in doubt|doubtful|uncertain|unsure)\b", clause.words, re.I):
        raise Unclear("A doubt is not read; say “were absent”, or “were not known”.")
    rest = clause.words
    for one in reversed(find_findings(rest)):
        rest = rest[: one.span.start] + " " + rest[one.span.end :] if one.span else rest
    for pattern in (_UNKNOWN, _NO, _IDLE_IN_CLAUSE, _AGE, *(pattern for _, pattern in _SEX)):
        rest = re.sub(pattern, " ", rest, flags=re.I)
    own = {word for term in clause.terms for word in words_of(term.label)}
    left = [word for word in words_of(rest) if word not in own and word not in _SAFE and len(word) > 1]
    degrees = [word for word in left if word in _DEGREES]
    denied = clause.status == "absent" and re.search(r"\b(?:not?|never|without)\b|n't\b", clause.words, re.I)
    if turning := left if denied else [word for word in left if word not in _DEGREES]:
        said = ", ".join(f"“{word}”" for word in dict.fromkeys(turning))
        raise Unclear(f"Not read: {said}, which could change what is meant.")
    return degrees


def _written_out(words: str) -> str:
    """The words with "weren't" as "were not"."""
    words = re.sub(r"\b(?:can't|cannot)\b", "can not", words.replace("’", "'"), flags=re.I)
    return re.sub(r"n't\b", " not", words, flags=re.I)


def _before_the_question(words: str) -> str:
    """The words up to a question that follows without a comma ("the scoliosis were absent would it still be first")."""
    for asks in re.finditer(r"\s(?:then )?(?:would|what|which|how|does|will|could|is it)\b", words, re.I):
        given = words[: asks.start()]
        if find_findings(given) and re.search(rf"{_SAYS}|{_NO}|{_UNKNOWN}", given, re.I):
            return given
    return words


def _check_idle(words: str) -> None:
    """Raises Unclear where a clause without a finding holds a word that could be one."""
    rest = words
    for pattern in (*(pattern for _, pattern in _SEX), _UNKNOWN, _NO, _IDLE_IN_CLAUSE):
        rest = re.sub(pattern, " ", rest, flags=re.I)
    if not bare(rest):
        raise Unclear(f"“{' '.join(words.split())[:80].strip(' ?.!')}” is not read as a finding.")


def _statuses(
    clauses: Sequence[_Clause], words: str, before: Supposition | None
) -> list[tuple[Term, Status | None]]:
    """Each finding with the status supposed (None: not known). Raises Unclear where a clause could mean either."""
    read = {one.id: one.status for one in find_findings(words)}
    given: dict[str, tuple[Term, str]] = {}
    for at, clause in enumerate(clauses):
        for term in clause.terms:
            status = clause.status or _listed_with(clauses, at, before)
            plainly = re.sub(_PLAINLY, " ", clause.words, flags=re.I)
            denied = re.search(r"\b(?:not|never)\b|n't\b", plainly, re.I) and status == "absent"
            reader = read.get(term.id)
            if (reader == "absent" and status == "present") or (denied and reader not in (None, "absent")):
                raise Unclear(f"It is not clear whether {term.label} is meant to be present or absent.")
            if clause.joined == "or" and status == "present" and at and clauses[at - 1].terms != clause.terms:
                raise Unclear(
                    "“or” leaves open which one is meant; ask one at a time, or join them with “and”."
                )
            if given.setdefault(term.id, (term, status))[1] != status:
                raise Unclear(f"{term.label} is supposed to be two things.")
    known: dict[str, Status | None] = {"present": "present", "absent": "absent", "unknown": None}
    return [(term, known[status]) for term, status in given.values()]


def _listed_with(clauses: Sequence[_Clause], at: int, before: Supposition | None) -> str:
    """The status of a bare finding: of the words before the list that it is in, or after it, or of the turn before. Raises Unclear."""
    if not any(one.status for one in clauses):
        same = {status or "unknown" for _, status in before.findings} if before else {"present"}
        return same.pop() if len(same) == 1 else "present"
    if clauses[at].joined == "but" and at and clauses[at - 1].status == "absent" and clauses[at - 1].before:
        return "present"  # "no fever but a cleft palate"
    offered = set()
    for place in range(at - 1, -1, -1):
        if clauses[place + 1].joined == "but":
            break
        if clauses[place].status:
            offered |= {clauses[place].status} if clauses[place].before else set()
            break
    for place in range(at + 1, len(clauses)):
        if clauses[place].joined == "but":
            break
        if clauses[place].status:
            offered |= set() if clauses[place].before else {clauses[place].status}
            break
    if len(offered) != 1:
        label = clauses[at].terms[0].label
        raise Unclear(f"It is not clear whether {label} is meant to be present or absent.")
    return offered.pop()
