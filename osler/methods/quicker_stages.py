"""The stages of an evidence synthesis as a file that a person may edit: what each holds, and which must be made anew.

A stage keeps what it was made from (a digest of the question and of all stages before it). A stage that is edited by hand stays as
it was edited, because what it was made from has not changed; every later stage was made from something else now and is made again.
A stage that stands but was made with another model, corpus, prompt or setting is refused, since it would be told as this run's.
The file is JSON, private (mode 0600), written whole after each stage. Knows nothing of models.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osler.case import Case, opaque_id
from osler.errors import InputError, UsageError
from osler.methods import grade

STAGES = ("question", "search", "screening", "assessment", "recommendation")
_RECORD: dict[str, Any] = {"record": str, "title": str, "date": str, "text": str, "start": int, "end": int}
# What each row of a stage must have: a kind, or the words that it may be.
_ROWS: dict[str, dict[str, Any]] = {
    "question": {"interventions": str, "comparators": str, "outcomes": str},
    "search": {"queries": str, "found": _RECORD},
    "screening": {"decisions": {"record": str, "decision": ("include", "exclude", "unsure")}},
    "assessment": {
        "studies": {**_RECORD, "design": str, "findings": dict, "risk_of_bias": str, "fits": bool},
        "outcomes": {"outcome": str, "certainty": grade.LEVELS},
    },
    "recommendation": {"citations": str},
}
FORMAT = "osler.evidence/1"


class Stages:
    """The stages of one case: in memory, or in a file where `path` is given (a folder takes a file a case)."""

    def __init__(
        self, case: Case, path: Path | None = None, made_with: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.made_with = {name: json.loads(json.dumps(with_)) for name, with_ in (made_with or {}).items()}
        self.about = {"question": case.question or "", "text": case.text}
        self.path = path
        if path is not None and path.is_dir():
            self.path = path / f"{opaque_id('evidence', *self.about.values())}.json"
        self.held: dict[str, dict[str, Any]] = {}
        if self.path is not None and self.path.exists():
            self.held = self._read(self.path)

    def kept(self, name: str) -> Any:
        """What a stage holds where it still stands; None where it must be made.

        Raises UsageError where it stands and was made with another model, corpus, prompt or setting than this run's.
        """
        entry = self.held.get(name)
        if not entry or entry["made_from"] != self._digest(name):
            return None
        own, then = self.made_with.get(name, {}), entry.get("made_with") or {}
        other = [key for key in own if key in then and then[key] != own[key]]
        if other:
            said = "; ".join(f"{key} {then[key]!r}, now {own[key]!r}" for key in other)
            raise UsageError(
                f"{self.path}, stage {name}, was made with {said}; name another file, run as then, or take the stage out "
                "of the file to make it anew"
            )
        return entry["content"]

    def put(self, name: str, content: Any) -> None:
        """Keep what a stage came to, and write the file. Later stages that no longer follow stay until they are made again."""
        self.held[name] = {
            "made_from": self._digest(name),
            "made_with": self.made_with.get(name, {}),
            "content": content,
        }
        if self.path is not None:
            self._write(self.path)

    def _digest(self, name: str) -> str:
        before = [self.held[one]["content"] for one in STAGES[: STAGES.index(name)] if one in self.held]
        words = json.dumps([self.about, before], sort_keys=True, ensure_ascii=False)
        return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    def _read(self, path: Path) -> dict[str, dict[str, Any]]:
        try:
            found = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"the stages {path} cannot be read: {error}") from None
        if (
            not isinstance(found, dict)
            or found.get("format") != FORMAT
            or not isinstance(found.get("stages"), dict)
        ):
            raise InputError(f"{path} is no file of stages ({FORMAT}); name another or remove it")
        if found.get("about") != self.about:
            raise UsageError(
                f"{path} holds the stages of another question; name another file, or a folder for many"
            )
        return {
            name: _checked(name, found["stages"][name], path) for name in STAGES if name in found["stages"]
        }

    def _write(self, path: Path) -> None:
        whole = {
            "format": FORMAT,
            "about": self.about,
            "stages": {n: self.held[n] for n in STAGES if n in self.held},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".stages.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(whole, stream, indent=2, ensure_ascii=False)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _check_row(where: str, row: Any, rows: Any) -> None:
    """Raises InputError where a row of a stage is not what the next stages read. `rows` is a kind, or kinds by field."""
    if not isinstance(rows, dict):
        if not isinstance(row, rows):
            raise InputError(f"{where}: {row!r} is no text")
        return
    if not isinstance(row, dict):
        raise InputError(f"{where}: {row!r} is no object with {', '.join(rows)}")
    for field, kind in rows.items():
        value = row.get(field)
        if isinstance(kind, tuple) and value not in kind:
            raise InputError(f"{where}: {field!r} is {value!r}, not one of: {', '.join(map(str, kind))}")
        if not isinstance(kind, tuple) and (
            not isinstance(value, kind) or (kind is int and isinstance(value, bool))
        ):
            raise InputError(f"{where}: {field!r} is missing or of another kind")


def _checked(name: str, entry: Any, path: Path) -> dict[str, Any]:
    """A stage as it was read, where it has the fields that the next stages need. Raises InputError that names them."""
    content = entry.get("content") if isinstance(entry, dict) else None
    needed = {
        "question": {"population": str, "interventions": list, "comparators": list, "outcomes": list},
        "search": {"queries": list, "found": list},
        "screening": {"decisions": list},
        "assessment": {"studies": list, "outcomes": list},
        "recommendation": {"answer": object, "citations": list},
    }[name]
    if not isinstance(content, dict):
        raise InputError(f"{path}, stage {name}: holds no content")
    for field, kind in needed.items():
        if not isinstance(content.get(field, None), kind) or field not in content:
            raise InputError(f"{path}, stage {name}: {field!r} is missing or of another kind")
    for field, rows in _ROWS.get(name, {}).items():
        for number, row in enumerate(content[field], 1):
            _check_row(f"{path}, stage {name}, {field}, row {number}", row, rows)
    made_with = entry.get("made_with")
    return {
        "made_from": str(entry.get("made_from", "")),
        "made_with": made_with if isinstance(made_with, dict) else {},
        "content": content,
    }
