"""The figures of a run folder, whatever benchmark it is of: the object that `osler eval --json` prints."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osler.errors import UsageError
from osler.evaluation.store import read_manifest

OWN = ("phenopackets", "ddxplus")
WHOLE = ("hpo-gsc", "simsum", "clinical-ner")


def module_of(manifest: Mapping[str, Any]) -> Any:
    """The module that a run was made by: each has `figures` and, but for those of language runs, `start` and `resume`."""
    name = manifest["benchmark"]
    if "models" in manifest:
        return importlib.import_module("osler.evaluation.language_report")
    if name not in (*OWN, *WHOLE):
        raise UsageError(f"this version of Osler does not know runs of {name}")
    return importlib.import_module(f"osler.evaluation.{name if name in OWN else 'whole'}")


def figures(folder: Path) -> dict[str, Any]:
    """A run's figures. Raises UsageError where the folder is no run, or one that this version does not know."""
    return module_of(read_manifest(folder)).figures(folder)
