"""Preference pairs from two runs over the same cases: right without the evidence and wrong with it, as DPO trains on.

Source: Xia et al. 2024 (RULE, arXiv 2407.05131): over-reliance on retrieved contexts is trained away with pairs whose prompt shows
the contexts, whose chosen reply is the right answer, and whose rejected reply is the one that the contexts led to. The chosen reply is the
model's own from the run without evidence, so that no gold text is needed. Rows have `prompt`, `chosen`, `rejected` (TRL's names).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.errors import UsageError
from osler.evaluation.language_sections import main_value
from osler.evaluation.store import Record, canonical_traces, decode_line, read_manifest, read_records


def spoiled(without: Path, with_evidence: Path) -> Iterator[dict[str, Any]]:
    """A pair for each case that is right in the first run and wrong in the second. Raises UsageError for runs that do not pair."""
    manifests = [read_manifest(folder) for folder in (without, with_evidence)]
    if manifests[0]["benchmark"] != manifests[1]["benchmark"]:
        raise UsageError(f"{without} and {with_evidence} are runs of different benchmarks")
    right = {_key(one): one for one in read_records(without) if main_value(one) == 1.0}
    wrong = {_key(one): one for one in read_records(with_evidence) if main_value(one) == 0.0}
    replies = _last_calls(without, {one["item"] for one in right.values()})
    prompts = _last_calls(with_evidence, {one["item"] for one in wrong.values()})
    for key, record in wrong.items():
        before = replies.get(right[key]["item"]) if key in right else None
        after = prompts.get(record["item"])
        if before and after and before[1] != after[1]:
            yield {"id": key[0], "prompt": after[0], "chosen": before[1], "rejected": after[1]}


def _key(record: Record) -> tuple[str, int]:
    return record["id"], record.get("epoch", 0)


def _last_calls(folder: Path, items: set[int]) -> dict[int, tuple[str, str]]:
    """The prompt and the reply of the last call of each case, from its trace."""
    found: dict[int, tuple[str, str]] = {}
    for line in canonical_traces(folder):
        row = decode_line(line.rstrip(b"\n"))
        if row is None or row["item"] not in items:
            continue
        for step in row["trace"].get("steps", ()):
            prompt = step.get("data", {}).get("prompt")
            if prompt and step.get("text"):
                found[row["item"]] = (prompt, step["text"])
    return found
