"""CF-IR: whether a record meets a rule. First each fact is verified with the words that show it; then the rule is applied, in code.

Source: Yu et al. 2025 (CMQCIC-Bench, Findings of ACL 2025), checked against the released prompts; the one-shot and fine-tuned
runs of the paper are not released. Stages: (1) facts and rules: those that the case brings (documents `facts` and `rules`, as
the benchmark gives them), or, without them or with `decompose` (ACF-IR of the paper), a decomposition by the model itself;
(2) fact verification: for each fact the words of the record that show it, and its value, or none; (3) the rule, worked out in
code from those values in three values: what is missing leaves a comparison unknown, and "not sure" is no, as in the released
scoring. Where the published symbols cannot be read as one rule (a name that fits no fact, words that contradict symbols), the
model first writes the rule down in a strict form. Defaults: greedy. Calls per case: 1 with readable rules, 2 to 3 else.
Deviations: the released method asks once for facts and reasoning and takes the last yes or no of the reply; here the model
verifies facts only, because models that have the facts right still slip in the logic, and a boolean is not a matter of
opinion. Evidence that does not stand in the record makes its fact missing (`grounded=no` lifts that). A question that has no
yes and no among its options is concluded by the model, with facts and rules in view.
Failure modes: synonyms and times linked wrongly; what is not mentioned counted as not done; a rule that means more than it says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.methods import rules, task
from osler.registry import method
from osler.trace import Answer, AtSpan, Calculated, Evidence

FACTS = (
    "{case}\n\nVerify these facts, one by one and in this order.\n\n{facts}\n\nFor each, first quote the words of the record that "
    "show it, exactly as they stand there; then give its value in the form that the fact asks for: True or False, one of the "
    "words it lists, or a number. Assume nothing: where the record does not show it, quote nothing and give the value none."
)
DECOMPOSE = (
    "{case}\n\nDo not answer yet. Say what this asks to be checked: what its terms mean, which single facts of the record decide "
    "it, and how. Write each fact as one statement that is True or False, or as a quantity. Then join them to one rule, such "
    "as: Fact 1 and (Fact 2 or Fact 3 >= 4) and not Fact 4."
)
FORMALISE = (
    "{case}\n\nDo not answer yet. These facts will be verified.\n\n{facts}\n\nThis is how they decide, in words and symbols that may "
    "disagree; the words count.\n\n{rules}\n\nWrite it as one rule over the facts by their numbers, such as: "
    "Fact 1 and (Fact 2 or Fact 3 >= 4) and not Fact 4."
)
CONCLUDE = "{case}\n\nThese facts were verified.\n\n{facts}\n\n{rules}\n\nConclude from them."
_RULE = {
    "type": "string",
    "description": "with and, or, not, brackets and comparisons; facts by their numbers",
}
_MOST = 20


@dataclass(frozen=True)
class Verified:
    """A fact as it was verified: its value, None where the record does not show it, and where the words stand that do."""

    fact: str
    value: str | None
    quote: str
    places: list[tuple[int, int]]


@method(
    "cf-ir",
    source="Yu et al. 2025 (CMQCIC-Bench)",
    needs=("model",),
    fidelity="code",
    cost="1 to 3 calls",
    calls=lambda decompose: Calls(1 + decompose, 3),
)
async def cf_ir(case: Case, ctx: Context, decompose: bool = False, grounded: bool = True) -> Answer:
    """Verify each fact with its evidence, then work the rule out in code."""
    calm = ctx.greedy()
    facts, published = rules.read_documents({one.id: one.text for one in case.documents})
    if decompose or not facts:
        facts, published = await _decompose(calm, case)
    if not facts:
        return Answer(kind=case.answer_kind, unreadable=True)
    rule = await _rule(calm, case, facts, published)
    verified = await _verify(calm, case, facts, grounded)
    if verified is None:
        return Answer(kind=case.answer_kind, unreadable=True)
    worked = rule.work_out([one.value for one in verified]) if rule else None
    said = {True: "Yes", False: "No", None: "Not sure"}[worked.verdict] if worked else ""
    with ctx.step("conclude", "rule") as step:
        outcomes = worked.outcomes if worked else ()
        step.note(
            said or "no rule could be read", rules=[list(one) for one in published], outcomes=list(outcomes)
        )
    basis = Calculated(
        inputs={one.fact: one.value for one in verified},
        expression=rule.expression if rule else "",
        result=said,
    )
    key = _option(case, worked.verdict is True) if worked else None
    if key is not None:
        note = "not sure, which counts as no" if worked and worked.verdict is None else None
        return Answer(kind=case.answer_kind, choice=key, calculated=basis, note=note)
    shown = "\n".join(f"{one.fact} Value: {one.value or 'none'}" for one in verified)
    prompt = ctx.prompt("cf-ir.conclude", CONCLUDE).format(
        case=task.present(_bare(case)), facts=task.fence("facts", shown), rules=_shown(published, said)
    )
    asked = await calm.ask(
        prompt, schema=task.schema(case), system=task.SYSTEM, kind="conclude", label="conclude"
    )
    return task.read(case, asked).model_copy(update={"calculated": basis})


async def _decompose(ctx: Context, case: Case) -> tuple[list[str], list[tuple[str, str]]]:
    """The model's own facts and rule; nothing where they could not be read."""
    many = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": _MOST}
    form = task.form(reasoning={"type": "string"}, facts=many, rule=_RULE)

    prompt = ctx.prompt("cf-ir.decompose", DECOMPOSE).format(case=task.present(_bare(case)))
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="hypothesise", label="decompose")
    if not asked.readable:
        return [], []
    return [task.line(fact, 300) for fact in asked.value["facts"]], [("", asked.value["rule"])]


async def _rule(
    ctx: Context, case: Case, facts: list[str], published: list[tuple[str, str]]
) -> rules.Rules | None:
    """The rule in code: as it stands, or as the model writes it down; None where neither can be read."""
    own = len(published) == 1 and not published[0][0]
    try:
        return rules.Rules(facts, published)
    except rules.UnreadableRule:
        if own:
            return None
    prompt = ctx.prompt("cf-ir.formalise", FORMALISE).format(
        case=task.present(_bare(case)), facts=_numbered(facts), rules=_shown(published, "")
    )
    form = task.form(reasoning={"type": "string"}, rule=_RULE)
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="hypothesise", label="formalise")
    try:
        return rules.Rules(facts, [("", asked.value["rule"])]) if asked.readable else None
    except rules.UnreadableRule:
        return None


async def _verify(ctx: Context, case: Case, facts: list[str], grounded: bool) -> list[Verified] | None:
    """Each fact with its value and the places of its evidence; None where the reply could not be read."""
    one = task.form(evidence={"type": "string", "description": "quoted, or empty"}, value={"type": "string"})
    form = task.form(facts={"type": "array", "items": one, "minItems": len(facts), "maxItems": len(facts)})
    prompt = ctx.prompt("cf-ir.facts", FACTS).format(case=task.present(_bare(case)), facts=_numbered(facts))
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="verify", label="facts")
    if not asked.readable:
        return None
    record = case.text or task.described(case)
    found = [
        _verified(fact, one, record, grounded) for fact, one in zip(facts, asked.value["facts"], strict=True)
    ]
    with ctx.step("observe", "evidence") as step:
        for one in found:
            spans = [
                Evidence(source="text", record="case", locator=AtSpan(start=a, end=b), quote=record[a:b])
                for a, b in one.places
            ]
            step.note(f"{one.fact} {one.value or 'none'}\n", spans if case.text else None)
    return found


def _verified(fact: str, said: dict[str, str], record: str, grounded: bool) -> Verified:
    places = find_quote(record, said["evidence"])
    value = said["value"].strip()
    missing = value.casefold().rstrip("。.") in rules.UNKNOWN or (grounded and not places)
    return Verified(fact, None if missing else task.line(value), task.line(said["evidence"], 300), places)


def find_quote(record: str, quote: str) -> list[tuple[int, int]]:
    """Where a quote stands in a record: each of its parts (parted by … or line breaks), layout, width and punctuation aside.

    A quote within “ ” counts alone. Nothing where one part is not there.
    """
    inner = re.findall(r"“([^”]+)”", quote) or [quote]
    parts = [part for text in inner for part in re.split(r"…+|\.{3,}|\n", text) if _folded(part)[0]]
    letters, places = _folded(record)
    found = []
    for part in parts:
        wanted = _folded(part)[0]
        at = letters.find(wanted)
        if at < 0:
            return []
        found.append((places[at], places[at + len(wanted) - 1] + 1))
    return found


def _folded(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text, folded, and the place of each."""
    pairs = [
        (letter, place)
        for place, character in enumerate(text)
        for letter in unicodedata.normalize("NFKC", character).casefold()
        if letter.isalnum() or letter in "+-±%"
    ]
    return "".join(letter for letter, _ in pairs), [place for _, place in pairs]


def _option(case: Case, holds: bool) -> str | None:
    """The option that says yes (or no); None where the options are not a yes and a no."""
    if case.answer_kind not in ("choice", "label"):
        return None
    read = {one.key: next((t for t in (rules.truth(one.key), rules.truth(one.text)) if t is not None), None)
            for one in case.options}  # fmt: skip
    if sorted(map(str, (value for value in read.values() if value is not None))) != ["False", "True"]:
        return None
    return next(key for key, value in read.items() if value is holds)


def _bare(case: Case) -> Case:
    """The case without the documents that are shown in another form."""
    return case.model_copy(
        update={"documents": [d for d in case.documents if d.id not in ("facts", "rules")]}
    )


def _numbered(facts: Sequence[str]) -> str:
    return task.fence("facts", rules.write_facts(facts))


def _shown(published: Sequence[tuple[str, str]], said: str) -> str:
    outcome = f"\n\nWorked out, the rule says: {said}." if said else ""
    return (task.fence("rules", rules.write_rules(published)) if published else "") + outcome
