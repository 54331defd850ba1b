"""Makes a study from the file that describes it: YAML or JSON with name, seed, arms, readers and cases.

    name: Vignettes of spring
    seed: 7
    arms: [search, model]            # or {name: …, help: none | search | model, method: …, search: true}
    readers: 4                       # or a list of names
    readers_per_case: 2              # default: every reader reads every case
    entries: 10                      # how long a list may be
    cases: cases.jsonl               # beside the file; or the rows themselves
    instructions: What readers are told at the start.

A case: id, text, diagnosis (a name, or several that mean the same), diseases (ids), and for the quality score close, related and
distant names; differential is an expert's whole list, for completeness.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from osler.data.paths import private_folder
from osler.errors import InputError, UsageError
from osler.evaluation.reader_study.design import allocate
from osler.evaluation.reader_study.study import (
    Arm,
    Plan,
    Reader,
    Study,
    StudyCase,
    new_code,
    write_private,
)

MOST_BYTES, MOST_CASES, MOST_READERS = 50_000_000, 5_000, 1_000
_KNOWN = {"name", "seed", "arms", "readers", "readers_per_case", "entries", "cases", "instructions"}
_LISTS = ("diagnosis", "diseases", "close", "related", "distant", "differential")
_OWN = {"unassisted": "none", "search": "search", "model": "model"}


def make(file: Path, folder: Path) -> Study:
    """Lay out the study that a file describes in a new private folder.

    Raises InputError for a file that cannot be read, UsageError for a design that cannot be or a folder that is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder; name a new one for the study")
    told = _read(file)
    try:
        arms = [Arm.model_validate(_arm(one)) for one in told["arms"]]
        cases = [StudyCase.model_validate(_case(row)) for row in _cases(told["cases"], file.parent)]
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{file}: {where}: {first['msg']}") from None
    _refuse_doubled("arm", [arm.name for arm in arms])
    _refuse_doubled("case", [case.id for case in cases])
    readers = [Reader(code=new_code(), name=name) for name in _names(told["readers"])]
    plan = allocate(
        [case.id for case in cases], [reader.code for reader in readers], [arm.name for arm in arms],
        _whole(told, "seed", 0), told.get("readers_per_case") and _whole(told, "readers_per_case", 1),
    )  # fmt: skip
    made = Plan(
        name=str(told.get("name") or file.stem), seed=_whole(told, "seed", 0), entries=_whole(told, "entries", 10),
        instructions=str(told.get("instructions") or ""), arms=arms, cases=cases, readers=readers, plan=plan,
    )  # fmt: skip
    write_private(private_folder(folder) / "study.json", made.model_dump_json(indent=1))
    return Study(folder)


def _read(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError(f"{file} is larger than {MOST_BYTES // 1_000_000} MB")
        told = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        raise InputError(f"{file} cannot be read as YAML or JSON") from None
    if not isinstance(told, dict) or not {"arms", "readers", "cases"} <= set(told):
        raise InputError(f"{file} describes no study: it has to say arms, readers and cases")
    if strange := sorted(map(str, set(told) - _KNOWN)):
        raise InputError(f"{file}: a study has no {strange[0]!r}; it has {', '.join(sorted(_KNOWN))}")
    if not isinstance(told["arms"], list):
        raise InputError(f"{file}: arms is a list, such as [search, model]")
    return told


def _arm(one: Any) -> Any:
    if isinstance(one, str):
        if one not in _OWN:
            raise InputError(f"{one!r} is no arm; name {', '.join(_OWN)}, or give {{name: …, help: …}}")
        return {"name": one, "help": _OWN[one]}
    return one


def _case(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return row | {name: [row[name]] for name in _LISTS if isinstance(row.get(name), str)}


def _cases(told: Any, beside: Path) -> list[Any]:
    if isinstance(told, str):
        path = beside / told
        try:
            if path.stat().st_size > MOST_BYTES:
                raise InputError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB")
            told = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        except (OSError, ValueError, RecursionError):
            raise InputError(f"{path} cannot be read as JSON lines, a case a line") from None
    if not isinstance(told, list) or not 1 <= len(told) <= MOST_CASES:
        raise InputError(f"a study has 1 to {MOST_CASES} cases")
    return told


def _names(told: Any) -> list[str]:
    if isinstance(told, int) and not isinstance(told, bool):
        told = [f"reader {number}" for number in range(1, min(told, MOST_READERS + 1) + 1)]
    if not isinstance(told, list) or not 1 <= len(told) <= MOST_READERS:
        raise InputError(f"readers is a number or a list of names, 1 to {MOST_READERS}")
    names = [str(name)[:80] for name in told]
    _refuse_doubled("reader", names)
    return names


def _whole(told: dict[str, Any], name: str, default: int) -> int:
    value = told.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{name} is a whole number")
    return value


def _refuse_doubled(what: str, names: list[str]) -> None:
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"there are two {what}s named {doubled!r}")
