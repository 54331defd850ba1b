"""Screening of studies: recall and precision of what was kept against labelled inclusions, and the reading that was spared.

Recall (sensitivity) is over all studies that should be included, those that the search never found among them, so that search and screening
are judged together; `recall_of_found` judges the screening alone. Specificity and work saved over sampling at the recall
reached (WSS; Cohen et al. 2006) are over the records that were screened. Knows nothing of methods.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from osler.registry import scorer


@scorer("screening", source="recall, precision, specificity; WSS by Cohen et al. 2006")
def screening_scores(
    kept: Collection[str], screened: Collection[str], relevant: Collection[str]
) -> dict[str, float | None]:
    """`recall`, `recall_of_found`, `precision`, `specificity`, `WSS`; None where there is nothing to divide by.

    `kept` are the records that were included, `screened` all that were looked at, `relevant` those labelled as included.
    """
    right, found = set(relevant), set(relevant) & set(screened)
    hits, others = len(right & set(kept)), set(screened) - right
    recall_of_found = _share(hits, len(found))
    spared = _share(len(set(screened) - set(kept)), len(set(screened)))
    return {
        "recall": _share(hits, len(right)),
        "recall_of_found": recall_of_found,
        "precision": _share(hits, len(set(kept))),
        "specificity": _share(len(others - set(kept)), len(others)),
        "WSS": None if spared is None or recall_of_found is None else spared - (1 - recall_of_found),
    }


def screening_of(stages: Mapping[str, Any], relevant: Collection[str]) -> dict[str, dict[str, float | None]]:
    """The scores of a file of Quicker's stages: after `screening`, and after the `assessment` of whole texts.

    `stages` is the parsed file; `relevant` are document names with or without their corpus ("corpus/document").
    """
    held = {name: entry["content"] for name, entry in stages["stages"].items()}
    screened = [one["record"] for one in held["screening"]["decisions"]]
    names = {record: record if record in relevant else record.partition("/")[2] for record in screened}
    kept = [one["record"] for one in held["screening"]["decisions"] if one["decision"] != "exclude"]
    included = [one["record"] for one in held["assessment"]["studies"] if one.get("fits", True)]
    every = [names[record] for record in screened]
    return {
        "screening": screening_scores([names[record] for record in kept], every, relevant),
        "assessment": screening_scores(
            [names[record] for record in included if record in names], every, relevant
        ),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
