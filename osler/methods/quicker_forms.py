"""The forms that Quicker's calls fill, and what is kept of a filled one. Knows nothing of prompts or of the order of stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osler.methods import evidence, grade, task
from osler.passages import Passage

OUTCOMES = 7
_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": _TEXT}


PICO = task.form(
    reasoning=_TEXT,
    population=_TEXT,
    interventions={**_LIST, "minItems": 1, "maxItems": 8},
    comparators={**_LIST, "maxItems": 8},
    outcomes={**_LIST, "minItems": 1, "maxItems": OUTCOMES},
    designs={"type": "array", "items": {"type": "string", "enum": list(grade.DESIGNS)}},
)
QUERIES = task.form(queries={**_LIST, "minItems": 1, "maxItems": 3})
SCREEN = task.form(reason=_TEXT, decision={"type": "string", "enum": ["include", "exclude", "unsure"]})
_DOMAIN = task.form(reason=_TEXT, concern={"type": "string", "enum": list(grade.CONCERNS)})
GRADE = task.form(
    **dict.fromkeys(grade.DOMAINS, _DOMAIN), raised={"type": "string", "enum": list(grade.RAISES)}
)


def appraisal(outcomes: int) -> dict[str, Any]:
    """The form of one study, with a finding for each outcome in their order."""
    return task.form(
        design={"type": "string", "enum": list(grade.DESIGNS)},
        findings={**_LIST, "minItems": outcomes, "maxItems": outcomes},
        bias_reason=_TEXT,
        risk_of_bias={"type": "string", "enum": ["low", "some concerns", "high"]},
        fits={"type": "boolean", "description": "whether it still answers the question"},
    )


def recommendation(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The form of the recommendation: the case's own answer, after direction, strength and citations."""
    fields = dict(answer["properties"])
    last = fields.pop("answer")
    more = {
        "direction": {"type": "string", "enum": ["for", "against", "neither"]},
        "strength": {"type": "string", "enum": ["strong", "conditional"]},
        "citations": evidence.CITATIONS,
        "answer": last,
    }
    return task.form(**fields, **more)


def study(
    record: Mapping[str, Any], said: Mapping[str, Any] | None, outcomes: Sequence[str]
) -> dict[str, Any]:
    """A study as it is kept; one whose appraisal could not be read stays, with nothing known of it."""
    kept = {name: record[name] for name in ("record", "title", "date", "text", "start", "end")}
    if said is None:
        return {
            **kept,
            "design": "other",
            "findings": {},
            "risk_of_bias": "high",
            "bias_reason": "not appraised",
            "fits": True,
        }
    findings = dict(zip(outcomes, said["findings"], strict=True))
    about = {name: said[name] for name in ("design", "risk_of_bias", "bias_reason", "fits")}
    return {**kept, **about, "findings": findings}


def outcome(name: str, designs: Sequence[str], said: Mapping[str, Any] | None) -> dict[str, Any]:
    """An outcome's domains and the certainty they come to; one that could not be judged is very low."""
    if said is None:
        return {"outcome": name, "certainty": grade.LEVELS[0], "reason": "the domains could not be read"}
    domains = {domain: said[domain] for domain in grade.DOMAINS}
    concerns = {domain: judged["concern"] for domain, judged in domains.items()}
    certainty = grade.certainty(designs, concerns, said["raised"])
    return {"outcome": name, **domains, "raised": said["raised"], "certainty": certainty}


def passage(record: Mapping[str, Any]) -> Passage:
    """A record of the file as a passage; its place is that of the words that were found."""
    corpus, _, document = str(record["record"]).partition("/")
    text = str(record.get("text") or "")
    start = int(record.get("start") or 0)
    return Passage(
        text, document, start, start + len(text), "", 0.0, corpus=corpus,
        title=str(record.get("title") or ""), date=str(record.get("date") or ""),
    )  # fmt: skip
