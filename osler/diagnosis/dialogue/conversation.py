"""A dialogue about a differential: why, why not, what if, how sure, what next; each reply quotes the engine's evidence.

Source: Lakkaraju et al. 2022 (arXiv 2202.01875): explanations as a conversation, in which a person asks back. Plain rules read the
kind of question and the diseases and findings it names; the engine, and the trace where there is one, answer. No language model.
How a question was read is said where it was not read by its own words; what is not understood, or names what nothing here knows, is
said to be so. A follow-up ("and Marfan syndrome?", "why not that one?") takes kind, disease or supposition from the turn before.
A what-if ranks a changed copy; the case itself is never changed. Whatever a question says, it is data: nothing in it is done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from osler.case import Case, Term
from osler.diagnosis.dialogue.asked import (
    MOST_ASKED,
    Kind,
    about_none,
    beyond,
    cleaned,
    follows,
    in_that_case,
    inherited,
    kinds_of,
    means,
    of_common_disease,
    own_question,
    storable,
)
from osler.diagnosis.dialogue.families import Family
from osler.diagnosis.dialogue.named import (
    HIGH,
    Diseases,
    by_place,
    diseases,
    findings_in,
    like_a_name,
    near_names,
    pronoun,
    unusual,
)
from osler.diagnosis.dialogue.plain_words import Plain
from osler.diagnosis.dialogue.provenance import answered_by_run
from osler.diagnosis.dialogue.replies import ANSWERS, common, supposed
from osler.diagnosis.dialogue.spelling import corrected, status_corrected
from osler.diagnosis.dialogue.supposed import Supposition, Unclear, parted
from osler.diagnosis.dialogue.turn import Asking, Row, State, Turn
from osler.diagnosis.engine import Engine
from osler.findings.text import find_findings
from osler.knowledge.search import words_of
from osler.trace import Trace

__all__ = ["Row", "Turn", "reply"]
# "How common is scoliosis in Marfan syndrome?" is asked of a profile.
_FREQUENT = re.compile(r"\b(?:common|rare|frequent|often|prevalen\w+)\b", re.I)
# What may stand beside the name of what is to be defined.
_BESIDES = re.compile(
    r"(?:\W*\b(?:and|so|but|then|what|s|is|are|does|do|the|a|an|exactly|mean\w*|by|you|we|they|define|definition|of|describe|explain|tell|me|more|about|meaning|this|that|syndrome|disease|disorder|called|finding|term|please|here|understand|word)\b|[|\s])*"
)
# Kinds that ask about diseases: a name that nothing here knows is then not passed over.
_ABOUT: tuple[Kind, ...] = ("why", "why not", "how sure", "compare", "change", "sources", "unknown")


def reply(
    question: str,
    case: Case,
    engine: Engine,
    past: Sequence[Turn] = (),
    trace: Trace | None = None,
    model: bool = False,
) -> Turn:
    """Answer one question about a case's differential. `model` says that a method with a model can be offered.

    `past` are the turns before it, oldest first. Never raises for words it does not understand: it says so.
    """
    question = storable(question)
    plain = cleaned(question) if len(question) <= MOST_ASKED else question
    if len(plain) > MOST_ASKED:
        return _refused(
            question, f"A question of at most {MOST_ASKED} characters is read; ask in fewer words."
        )
    state = State(engine, case)
    if state.query.empty:
        return _refused(
            question, "No finding is present or absent yet, so there is no differential to explain."
        )
    before = next((turn for turn in reversed(past) if turn.answered), None)
    plain, spelt = status_corrected(plain, engine.knowledge, Plain())
    reading = _Reading(plain, state, before, trace)
    turn = _read(reading)
    if turn is None or not turn.answered or reading.doubtful:
        # Misspelt words are put right only where that lets the question be answered, or a whole name be read.
        near = [
            *(state.name(one) for one in state.order[:HIGH].tolist()),
            *(one.label for one in case.findings),
        ]
        meant, notes = corrected(plain, engine.knowledge, Plain(), words_of(" ".join(near)))
        again = _read(_Reading(meant, state, before, trace)) if notes else None
        if again is not None and again.answered:
            again.text[:0] = notes
            turn = again
    if turn is None:
        return _not_understood(question, model)
    turn.question = question
    if turn.answered:
        turn.text[:0] = spelt
        ids = {one.record.partition(" ")[0] for one in turn.evidence}
        known = {one: engine.knowledge.disease_index(one) for one in sorted(ids)}
        turn.names = {one: state.name(found) for one, found in known.items() if found is not None}
    return turn


def _read(reading: _Reading) -> Turn | None:
    """The reply to a question as it stands, or a refusal that says why; None where nothing was understood."""
    try:
        turn = reading.answered()
    except Unclear as why:
        return _refused(reading.words, str(why), *_guide(reading, reading.state.case))
    if turn is not None and turn.answered:
        turn.text = [*reading.said, *turn.text]
        if reading.unread:
            turn.text.append(f"Not read: {', '.join(f'“{word}”' for word in reading.unread[:4])}.")
        turn.suppose = turn.suppose or reading.under
    return turn


@dataclass
class _Reading:
    """A question as it is read, step by step: kind, names, and what the turn before lends it."""

    words: str
    state: State
    before: Turn | None
    trace: Trace | None

    def __post_init__(self) -> None:
        base = self.state.engine.knowledge
        self.said: list[str] = []
        self.doubtful = False
        self.kinds = kinds_of(self.words)
        self.families: dict[int, Family] = {}
        self.unread: list[str] = []
        self.follows = follows(self.words)
        self.under: Supposition | None = None
        lent = self.before.about if self.before else []
        self.known = [one for one in map(base.disease_index, lent) if one is not None]

    def answered(self) -> Turn | None:
        """The reply, a refusal, or None where nothing was understood. Raises Unclear."""
        kind = self.kinds[0] if self.kinds else self._lent_kind()
        if kind == "what if":
            return self._what_if()
        findings = self._findings(kind)
        named = self._diseases(findings, kind)
        self.doubtful = bool(named.notes and named.left)
        aside = self._aside(kind, named, findings)
        if aside is not None:
            return aside
        if findings and not named.found and kind in ("finding", "why", "unknown"):
            kind = "finding"
        elif kind == "finding" and not findings:
            other: list[Kind] = [one for one in self.kinds[1:] if one != "next"]
            kind = other[0] if other else "why"
        if unknown := self._unknown(named, kind, findings):
            return self._not_known(unknown)
        if kind == "steps" and self.trace is None:
            return _refused(self.words, "No method has been run here, so there are no steps to tell.", _CAN)
        kind = self._settled(kind, named)
        if kind in ("next", "steps", "unknown"):
            named.notes = []
        self.said += named.notes
        self.unread = [word for run in named.left for word in run] if kind in _ABOUT else []
        return self._by_engine(kind, self._pointed(named, kind), findings)

    def _aside(self, kind: Kind, named: Diseases, findings: Sequence[Term]) -> Turn | None:
        """The reply to what is asked beside the order: common disease, inheritance, meanings, and what is not held."""
        if of_common_disease(named.rest) and not named.found and not findings:
            return common(self._asking([], []), self.state)
        if inherited(named.rest) and not findings:
            return ANSWERS["inheritance"](self._asking(self._pointed(named, "inheritance"), []), self.state)
        if findings and _FREQUENT.search(named.rest):
            return ANSWERS["finding"](self._asking(self._pointed(named, kind), findings), self.state)
        if why := beyond(named.rest):
            return _refused(self.words, why, _CAN)
        if (
            means(self.words)
            and set(self.kinds) <= {"how sure", "why", "why not"}
            and (named.found or findings)
            and _BESIDES.fullmatch(named.rest)
        ):
            self.said += [] if findings else named.notes
            return ANSWERS["meaning"](
                self._asking(
                    named.found if not findings else [one for one in named.found if one in named.exact],
                    findings,
                ),
                self.state,
            )
        if self.kinds[:1] == ["why"] and not named.exact and (run := unusual(self.words)):
            return answered_by_run(self._asking([], []), self.state, run)
        return None

    def _lent_kind(self) -> Kind:
        """The kind of the turn before for words that only go on from it: "and Marfan syndrome?", or a name alone."""
        if self.before is None or self.before.kind in ("next", "steps", "unknown"):
            return "unknown"
        named = diseases(self.words, self.state.engine.knowledge, self.state.order)
        alone = not named.left and (named.found or findings_in(self.words, self.state.case))
        alone = alone and not own_question(self.words)
        return self.before.kind if self.follows or alone else "unknown"

    def _what_if(self) -> Turn | None:
        """A what-if: the diseases of its main clause, and what it supposes."""
        base, order, case = self.state.engine.knowledge, self.state.order, self.state.case
        lent = self.before.suppose if self.before else None
        if not self.kinds and lent is not None:
            named = diseases(self.words, base, order, loosely=False)
            named.found = named.found or by_place(self.words, order)
            if named.found and not any(
                one.id in {own.id for own in case.findings} for one in findings_in(self.words, case)
            ):
                self.said += named.notes
                self.families |= named.families
                return supposed(self._asking(named.found, []), self.state, lent)
        aside = findings_in(self.words, case)
        ahead, rest = parted(self.words)
        rest = " ".join(words_of(rest))
        for span in sorted((one.span for one in find_findings(rest) if one.span), key=lambda one: -one.start):
            rest = rest[: span.start] + " , " + rest[span.end :]
        named = diseases(f"{ahead} , {rest}" if aside else self.words, base, order, aside, loosely=False)
        main = diseases(parted(self.words)[0], base, order)
        clear = [one for one in named.found if one in named.exact]
        if clear and not aside and not main.found:
            name = self.state.name(clear[0])
            raise Unclear(
                f"{name} is a disease, and a what-if changes findings of the patient. Ask “why not {name}?”"
            )
        if unknown := [one for one in self._unknown(main, "why", []) if like_a_name(one)]:
            return self._not_known(unknown)
        self.said += main.notes
        self.families |= main.families | named.families
        asking = self._asking(list(dict.fromkeys([*main.found, *clear])), aside)
        return ANSWERS["what if"](replace(asking, suppose=lent if self._goes_on() else None), self.state)

    def _goes_on(self) -> bool:
        alone = not self.kinds and not own_question(self.words)
        return self.follows or alone or in_that_case(self.words)

    def _findings(self, kind: Kind) -> list[Term]:
        """Findings that are not the name of a disease that is asked about."""
        case = self.state.case
        found = findings_in(self.words, case)
        if kind in ("finding", "why", "unknown"):
            return found
        own = {one.id for one in case.findings}
        return [one for one in found if one.id in own and kind not in ("why not", "how sure", "compare")]

    def _diseases(self, findings: Sequence[Term], kind: Kind) -> Diseases:
        base, order = self.state.engine.knowledge, self.state.order
        own = {one.id for one in self.state.case.findings}
        exact = diseases(self.words, base, order, loosely=False)
        aside = [one for one in findings if one.id in own or not exact.exact]
        words = self.words
        if kind == "finding":  # "the aortic root" is part of a finding's name, and so of no disease's
            for one in {word for term in aside for word in words_of(term.label)} - {"of", "the", "syndrome"}:
                words = re.sub(rf"\b{re.escape(one)}\b", " , ", words, flags=re.I)
        named = diseases(words, base, order, aside, begins=kind == "unknown")
        self.families |= named.families
        return named

    def _unknown(self, named: Diseases, kind: Kind, findings: Sequence[Term]) -> list[str]:
        """Names that nothing here has: where no disease or finding is named, or one is to be compared with it."""
        if kind not in _ABOUT or (kind == "unknown" and not self.follows):
            return []
        if (named.found or findings) and not (kind == "compare" and len(named.found) < 2):
            return []
        return [" ".join(run) for run in named.left]

    def _settled(self, kind: Kind, named: Diseases) -> Kind:
        """The kind, with what naming two diseases, none of them, or a disease alone means."""
        two, words = len(named.found) > 1, self.words.casefold()
        if kind in ("why not", "unknown") and not named.found and about_none(words):
            return "how sure"
        if kind == "why not" and two and not words.startswith(("why not", "and why not")):
            return "compare"
        if kind in ("why", "how sure") and two:
            return "compare"
        found = named.found or by_place(words, self.state.order)
        if kind != "unknown" or named.left or not found:
            return kind
        if len(found) > 1:
            return "compare"
        name = self.state.name(found[0])
        read: Kind = "why" if found[0] == int(self.state.order[0]) else "why not"
        self.said.append(f"Read as “{read} {name}?”")
        return read

    def _pointed(self, named: Diseases, kind: Kind) -> list[int]:
        """The diseases meant: by name, by place, or by a pronoun."""
        # "what would make it first?" is about "it".
        found = named.found or (by_place(self.words, self.state.order) if kind != "change" else [])
        if not named.found and about_none(self.words) and kind in ("how sure", "why not"):
            return []
        if found or kind in ("next", "steps"):
            return found
        return self.known[:1] if pronoun(self.words) else []

    def _by_engine(self, kind: Kind, named: list[int], findings: Sequence[Term]) -> Turn | None:
        if kind not in ANSWERS:
            return None
        state, lent = self.state, self.before.suppose if self.before and self._goes_on() else None
        if lent is not None and kind not in ("steps", "sources"):
            changed, _ = lent.applied(state.case, state.engine.knowledge.ontology)
            state = State(state.engine, changed)
            if state.query.empty:
                return None
            self.under = lent
            self.said.append(f"Still supposing that {' and '.join(lent.words())}:")
        return ANSWERS[kind](self._asking(named, findings), state)

    def _asking(self, named: list[int], findings: Sequence[Term]) -> Asking:
        kept = {one: family for one, family in self.families.items() if one in named}
        return Asking(self.words, named, list(findings), self.known, self.trace, None, self.follows, kept)

    def _not_known(self, unknown: Sequence[str]) -> Turn:
        """The refusal of names that are not known, with those spelt nearly like them."""
        base = self.state.engine.knowledge
        turn = _refused(self.words)
        for name in unknown[:2]:
            turn.text.append(f"“{name[:80]}” is not known here as a disease or a finding.")
            near = near_names(name, base)
            turn.choices += near
            turn.text.append(
                f"Near names: {'; '.join(near)}." if near else "No name here is spelt nearly like it."
            )
        turn.text.append(
            f"Known are the {self.state.profiled:,} profiled diseases of {base.name} {base.release} by the names they have there."
        )
        return turn


def _guide(reading: _Reading, case: Case) -> list[str]:
    """What can be asked instead, with findings of the case as examples."""
    present = next((one.label for one in case.findings if one.status == "present"), "Fever")
    if "what if" in reading.kinds:
        return [
            "A what-if takes findings, each present, absent or not known, also several joined by “and”, an age, or a sex: "
            f"“what if {present} were absent and Seizure present?”, “what if she were 12 years old?”"
        ]
    return [_CAN]


_CAN = (
    "The engine and the trace answer: why is it first, why not another disease, what if a finding were absent or present, how sure, what "
    "a finding counts, what tells two diseases apart, what would change the order, what to ask next, and where it is from."
)


def _refused(question: str, *text: str) -> Turn:
    return Turn(question=question, kind="unknown", answered=False, text=list(text))


def _not_understood(question: str, model: bool) -> Turn:
    turn = _refused(question, "That was not understood.", _CAN)
    if model:
        turn.text.append(
            "A method with a language model may answer it: ask it in the form above, for example of the method zero-shot-cot."
        )
    return turn
