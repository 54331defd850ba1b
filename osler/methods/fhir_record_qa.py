"""fhir-record-qa: first choose the FHIR resources that bear on a question, then answer from them alone; nothing leaves the machine.

Source: Kothari and Gupta 2025 (arXiv 2501.13687), known from its abstract: Task 1 finds the resources relevant to a question,
Task 2 answers from them, both by small models that run privately. Stages: select (a score for each resource; those
chosen are evidence), conclude. Defaults: at most 12 resources, chosen by words and by the type that the question asks for, from 0.5
on (of those that fit best the newest first, where the question asks for the latest); the answer is the chosen resources' own lines.
Calls per case: none; with `reader=model` one, in which the chosen resources stand fenced and numbered. `selector=FILE` takes a
tiny model that was tuned with osler.training.resource_selector. Deviations: the paper fine-tunes language models for both tasks;
here the first may be done by a tuned logistic model, and the second without any. Failure modes: a question that needs counting or comparing over time.
The resources are the case's documents (osler.findings.fhir_text.documents_of makes them of a bundle).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from osler.case import Case, Document
from osler.context import Context
from osler.errors import InputError
from osler.methods import by_words, evidence, resource_selector
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer, AtSpan, Evidence

WORDING = (
    "Passages are resources of one patient's FHIR record, chosen for the question.\n\n{passages}\n\n{case}\n\n"
    "Answer from them alone, in one or two sentences, and cite their numbers."
)
_LEAST, MOST_SAID = 0.5, 6
_LATEST = re.compile(r"\b(?:last|latest|newest|current|most recent)\b", re.I)
_DATE = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d(?:T[\d:.]+)?")
_TELLS = re.compile(
    r"[^:]*\b(?:value|dos\w*|onset|date|period|reaction|effective|component|performed|authored|occurrence)\b[^:]*:",
    re.I,
)
_SAYS_LITTLE = re.compile(
    r"^(?:Status|Intent|Clinical status|Verification status|Category|Class|Severity|Priority|Mode|Issued|Record(?:ed|er).*)\b:",
    re.I,
)


@method("fhir-record-qa", source="Kothari and Gupta 2025", fidelity="abstract", answers=("text",),
        cost="no model calls; with reader=model 1 call")  # fmt: skip
async def fhir_record_qa(
    case: Case,
    ctx: Context,
    most: Annotated[int, Field(ge=1, le=100)] = 12,
    reader: Literal["words", "model"] = "words",
    selector: Path | None = None,
) -> Answer:
    """Choose the FHIR resources that bear on a question, then answer from them; no model needed."""
    question = (case.question or "").strip()[:2000]
    if not question or not case.documents:
        raise InputError("give a question and a FHIR record")
    chosen = await _select(question, case.documents, ctx, most, selector)
    if not chosen:
        with ctx.step("conclude") as step:
            step.note("no resource bears on the question\n")
        return Answer(kind="text", abstained=True, note="no resource of the record bears on the question")
    if reader == "model":
        shown = [
            Passage(one.text, one.id, 0, len(one.text), "record", score, title=one.title)
            for one, score in chosen
        ]
        asked = case.model_copy(update={"documents": [], "text": ""})
        return await evidence.answer(asked, ctx, shown, ctx.prompt("fhir-record-qa", WORDING))
    said = [_line(question, one) for one, _ in chosen]
    with ctx.step("conclude") as step:
        step.note("".join(f"{one.quote}\n" for one in said), said)
    words = dict.fromkeys((one.quote or "").partition(": ")[2] or one.quote or "" for one in said)
    return Answer(kind="text", text="; ".join(words), confidence=round(chosen[0][1], 4))


async def _select(
    question: str, resources: list[Document], ctx: Context, most: int, selector: Path | None
) -> list[tuple[Document, float]]:
    """The resources that bear on the question, the likeliest first; a step keeps all scores."""
    model = resource_selector.Selector.load(selector) if selector else None
    size = sum(len(one.text) for one in resources)
    if model:
        scores = (await by_words.apart(size, model.probabilities, question, resources)).tolist()
        least = model.threshold
    else:
        scores = await by_words.apart(size, resource_selector.by_cues, question, resources)
        least = _LEAST
    order = sorted(range(len(resources)), key=lambda at: (-scores[at], at))
    chosen = [(resources[at], float(scores[at])) for at in order if scores[at] >= least]
    if _LATEST.search(question):
        best = max((score for _, score in chosen), default=0.0)
        near = [pair for pair in chosen if pair[1] >= best - 0.05]
        chosen = sorted(near, key=lambda pair: max(_DATE.findall(pair[0].text), default=""), reverse=True)
    chosen = chosen[:most]
    with ctx.step("retrieve", "select resources") as step:
        found = [_evidence(one, 0, len(one.text), score) for one, score in chosen]
        step.note(
            f"{len(chosen)} of {len(resources)} resources\n", found, selected=[one.id for one, _ in chosen]
        )
    return chosen


def _line(question: str, one: Document) -> Evidence:
    """The lines of a resource that say what it is, with value and date, as evidence at their place."""
    first = one.text.find("\n") + 1
    lines = [line for line in one.text[first:].split("\n") if line and not _SAYS_LITTLE.match(line)]
    kept = lines[:1] + [line for line in lines[1:] if _TELLS.match(line)][:MOST_SAID]
    start = one.text.find(kept[0], first) if kept else 0
    end = start + len(kept[0]) if kept else len(one.text)
    said = ", ".join([kept[0], *(line.partition(": ")[2] for line in kept[1:])]) if kept else one.text
    return _evidence(one, start, end, None, said)


def _evidence(one: Document, start: int, end: int, score: float | None, quote: str | None = None) -> Evidence:
    return Evidence(
        source="record",
        record=one.id,
        locator=AtSpan(start=start, end=end),
        quote=quote or one.text[start:end],
        score=None if score is None else round(score, 4),
        supports=True,
    )
