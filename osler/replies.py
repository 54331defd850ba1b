"""Results as plain data: the same objects from `--json` on the command line, from the API and for MCP clients.

Knows nothing of how they are sent.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from osler.case import Case, Measurement
from osler.trace import Trace

if TYPE_CHECKING:
    from osler.evaluation.compare import Comparison
    from osler.session import Outcome


def findings(case: Case) -> dict[str, Any]:
    """What was read of a case: `osler findings --json`."""
    from osler.runtime import FlatFinding

    return {
        "findings": [FlatFinding.of(finding).model_dump() for finding in case.findings],
        "measurements": [_measurement(measurement) for measurement in case.measurements],
        "demographics": case.demographics.model_dump(exclude_none=True),
        "notices": [notice.model_dump() for notice in case.notices],
    }


def _measurement(m: Measurement) -> dict[str, Any]:
    quantity = m.quantity
    return {
        "label": m.term.label,
        "value": quantity.value if quantity else None,
        "comparator": quantity.comparator if quantity else "",
        "unit": quantity.unit if quantity else None,
        "start": m.span.start if m.span else None,
        "end": m.span.end if m.span else None,
        "code": m.term.id or None,
        "interpretation": m.interpretation,
    }


def answer(found: Outcome) -> dict[str, Any]:
    """A method's answer, what it cost and how it was reached: `osler ask --json`."""
    said = found.answer
    return {
        "answer": {"kind": said.kind, **said.model_dump(mode="json", exclude_defaults=True)},
        "method": found.made.name,
        "fidelity": found.made.part.fidelity,
        "model": found.models.get("main"),
        "calls": found.calls,
        "cached": found.cached,
        "tokens": {"prompt": found.prompt_tokens, "completion": found.completion_tokens},
        "cost": round(found.cost, 6),
        "trace": Trace.model_dump(found.trace, mode="json", exclude_defaults=True),
        "notices": [{"code": "research", "text": "For research and education; not a medical device."},
                    *({"code": "model", "text": text} for text in found.notices)],
    }  # fmt: skip


def comparison(found: Comparison) -> dict[str, Any]:
    """Two runs, one object per metric, first places (or right answers) won and lost beside the main one:
    `osler compare --json`."""
    result: dict[str, Any] = {}
    listed: set[str] = set()
    for name, paired in found.metrics.items():
        result[name] = {**asdict(paired), "ci": list(paired.ci), "p_clustered": found.p_clustered[name]}
        if name in found.effects:
            result[name]["effect"] = found.effects[name]
        if name in found.p_holm:
            result[name]["p_holm"] = found.p_holm[name]
        section, _, metric = name.rpartition(" ")
        if metric in ("R@1", "GTPA@1") or (section in found.flips and section not in listed):
            listed.add(section)
            result[name]["changes"] = found.changes[section]
            if section in found.flips:
                flips = found.flips[section]
                result[name]["flips"] = {
                    **asdict(flips),
                    "harm_ci": list(flips.harm_ci),
                    "rescue_ci": list(flips.rescue_ci),
                }
    if found.contamination is not None:
        result["contamination"] = found.contamination.as_dict()
    return result
