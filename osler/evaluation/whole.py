"""Benchmarks that are scored in one go: hpo-gsc, simsum, clinical-ner. Their run has a single record, the figures.

They take seconds, so a killed run is simply done again; folder, manifest, lock and resuming are those of every run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from osler.errors import UsageError
from osler.evaluation.manifest import make_manifest
from osler.evaluation.store import Record, RunStore, read_manifest, read_records, read_times

Arguments = Mapping[str, Any]  # data (path or None), limit, seed, sample

# Figures that no two runs share: they go to the sidecar.
_TIMED = ("mchar_per_s",)


def start(benchmark: str, arguments: Arguments, folder: Path) -> None:
    """Score a benchmark into a new run folder. Raises UsageError for a folder in use, InputError for bad data."""
    manifest = make_manifest(benchmark, "embedded", items=1, arguments=dict(arguments))
    with RunStore.create(folder, manifest) as store:
        _score(store, benchmark, arguments)


def resume(folder: Path, jobs: int = 1, data: Path | None = None) -> None:
    """Score what was not scored; `data` names where the same data now lie. One process, whatever `jobs` says."""
    manifest = read_manifest(folder)
    arguments = manifest["arguments"] | ({"data": str(data)} if data else {})
    with RunStore.resume(folder) as store:
        if not store.done:
            _score(store, manifest["benchmark"], arguments)


def figures(folder: Path) -> dict[str, Any]:
    """The figures of a finished run. Raises UsageError when it was not finished."""
    records, times = read_records(folder), read_times(folder)
    if not records:
        raise UsageError(f"{folder} holds no figures yet; finish it with: osler eval --resume {folder}")
    timed = {name: value for time in times for name, value in time.items() if name in _TIMED}
    result = {name: value for name, value in records[0].items() if name != "item"} | timed
    return result | {"failures": [], "run": str(folder)}


def _score(store: RunStore, benchmark: str, arguments: Arguments) -> None:
    result = SCORERS[benchmark](arguments)
    timed: Record = {name: result.pop(name) for name in _TIMED if name in result}
    store.append([{"item": 0, **result}], [{"item": 0, **timed}])


def _hpo_gsc(given: Arguments) -> dict[str, Any]:
    from osler.benchmarks.hpo_gsc import evaluate_hpo_gsc

    return evaluate_hpo_gsc(Path(given["data"]), limit=given["limit"], seed=given["seed"])


def _simsum(given: Arguments) -> dict[str, Any]:
    from osler.benchmarks.simsum import read_visits
    from osler.benchmarks.simsum_network import EFFECT, draw_visits
    from osler.evaluation.simsum import evaluate_simsum
    from osler.knowledge import load_knowledge

    drawn = given["sample"] is not None
    visits = draw_visits(given["sample"], given["seed"]) if drawn else read_visits(Path(given["data"]))
    result = evaluate_simsum(visits[: given["limit"]], load_knowledge("hpo").ontology)
    if drawn:
        result["effect"]["planted_log_ratio"] = EFFECT
    return {"benchmark": "simsum", **result}


def _clinical_ner(given: Arguments) -> dict[str, Any]:
    from osler.benchmarks.clinical_ner import evaluate_entities, osler_extractor, read_documents

    return evaluate_entities(read_documents(Path(given["data"]))[: given["limit"]], osler_extractor)


SCORERS: dict[str, Callable[[Arguments], dict[str, Any]]] = {
    "hpo-gsc": _hpo_gsc,
    "simsum": _simsum,
    "clinical-ner": _clinical_ner,
}
