"""Figures of a run with a language model, made from its records alone: the scorer's, by subset, replies, cost, time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from osler import registry
from osler.evaluation.run import wall_seconds
from osler.evaluation.store import Record, read_manifest, read_records, read_times
from osler.scoring.intervals import few_groups
from osler.scoring.spending import per_case


def figures(folder: Path) -> dict[str, Any]:
    """The result object of a run, as `osler eval --json` prints it. Raises UsageError when the folder is not a run."""
    return figures_of(folder, read_manifest(folder), read_records(folder), read_times(folder))


def figures_of(
    folder: Path, manifest: Record, records: Sequence[Record], times: Sequence[Record]
) -> dict[str, Any]:
    """The same of a run that was read already."""
    scorer = registry.get("scorer", manifest["scorer"]).object
    epochs = manifest.get("arguments", {}).get("epochs", 1)
    summary = summarise(scorer, records, epochs)
    subsets: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        subsets[record.get("subset") or ""].append(record)
    return {
        "benchmark": manifest["benchmark"],
        "method": manifest["method"],
        "model": manifest["models"].get("main"),
        "entry": (manifest.get("entries") or {}).get("main", {}).get("name"),
        "fidelity": manifest.get("fidelity"),
        **summary,
        "subsets": {
            name: summarise(scorer, rows, epochs)
            for name, rows in sorted(subsets.items())
            if len(subsets) > 1
        },
        "replies": {
            "unreadable": sum(record["unreadable_replies"] for record in records),
            "repaired": sum(record["repaired_replies"] for record in records),
        },
        **spent(times),
        "per_case": per_case(times),
        "wall_s": wall_seconds(times),
        "failures": [],
        "unfinished": manifest["items"] - len(records),
        "over_budget": over_budget(records),
        "notices": [*manifest.get("departures", ()), *notices_of(summary, records)],
        "run": str(folder),
    }


def notices_of(summary: dict[str, Any], records: Sequence[Record]) -> list[str]:
    """What a reader of the figures must know; Wilson's interval of single cases needs no groups."""
    few = None if summary.get("interval") == "Wilson" else few_groups([record["group"] for record in records])
    found = [few] if few else []
    if stopped := over_budget(records):
        found.append(
            f"{stopped} cases ended by their own budget (--case-budget); they count as abstained, so as wrong"
        )
    return found


def over_budget(records: Sequence[Record]) -> int:
    """How many cases were ended by their own budget."""
    return sum(record.get("note", "").startswith("case budget") for record in records)


def summarise(scorer: Any, records: Sequence[Record], epochs: int) -> dict[str, Any]:
    """The scorer's figures over records; with epochs, cases are resampled first and their draws within them."""
    if not records:
        return {"n": 0, "ci": {}, "format_failures": 0}
    cases = [record["item"] // epochs for record in records] if epochs > 1 else None
    return scorer.summarise([r["scores"] for r in records], [r["group"] for r in records], cases)


def spent(times: Sequence[Record]) -> dict[str, Any]:
    """Calls, tokens and money of the run (None where a price is not known), and CPU milliseconds per case."""
    cpu = np.array([time["cpu_s"] * 1000 for time in times]) if times else np.zeros(0)
    return {
        "calls": sum(time["calls"] for time in times),
        "cached": sum(time["cached"] for time in times),
        "tokens": {
            "prompt": sum(time["prompt_tokens"] for time in times),
            "completion": sum(time["completion_tokens"] for time in times),
        },
        "cost": None
        if any("unpriced" in time for time in times)
        else round(sum(time["cost"] for time in times), 6),
        "cpu_ms": {
            "median": float(np.median(cpu)) if len(cpu) else None,
            "p95": float(np.quantile(cpu, 0.95)) if len(cpu) else None,
            "mean": float(cpu.mean()) if len(cpu) else None,
            "of": "batches: cases overlap, so those written together share their CPU time equally",
        },
    }
