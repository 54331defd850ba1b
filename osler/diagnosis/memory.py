"""Case memory: solved cases of the user's own, kept on this machine, whose nearest one adds to a disease's score.

Off by default. One private JSON-lines file (mode 0600) of coded findings and the diagnosis; no text, no name. A case is
never compared with itself, with another case of its publication, or with a relative of the same report.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from osler.case import opaque_id
from osler.data.paths import private_folder, store_dir
from osler.diagnosis.model import Model
from osler.diagnosis.query import Query
from osler.errors import InputError, UsageError

# Score that a case with exactly the same findings adds. Not fitted: how much memory helps depends on what is in it.
WEIGHT = 3.0
# Below this similarity two patients have in common what any two have.
FLOOR = 0.3


@dataclass(frozen=True)
class SolvedCase:
    """A solved case: `disease` id, `present` and `absent` term ids, and `report`, what it must not be compared within.

    `report` holds publications (PMID:…) or any name that relatives of one report share.
    """

    disease: str
    present: tuple[str, ...]
    absent: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    name: str = ""

    @property
    def id(self) -> str:
        """An opaque id made of findings and diagnosis."""
        return opaque_id(
            "memory", self.disease, *sorted(self.present), "absent", *sorted(self.absent)
        ).replace("case-", "memory-")


class Memory:
    """Solved cases in a file, or in memory only where `path` is None.

    `damaged` holds the lines of the file that could not be read, by number: they are left out, said in `notices`, and kept in
    the file as they are.
    """

    def __init__(
        self,
        cases: Iterable[SolvedCase] = (),
        path: Path | None = None,
        damaged: Mapping[int, str] | None = None,
    ):
        self.cases: list[SolvedCase] = list(cases)
        self.path = path
        self.damaged = dict(damaged or {})

    @property
    def notices(self) -> list[str]:
        """What was left out on reading, in words."""
        if not self.damaged:
            return []
        one = len(self.damaged) == 1
        return [
            f"{'line' if one else 'lines'} {', '.join(map(str, self.damaged))} of the case memory {self.path} cannot be read and "
            f"{'is' if one else 'are'} left out; the other {len(self.cases)} cases are used. Repair or delete "
            f"{'that line' if one else 'those lines'}."
        ]

    @classmethod
    def default(cls) -> Memory:
        """The user's own memory in the data directory; empty where there is none yet."""
        return cls.load(store_dir() / "memory.jsonl")

    @classmethod
    def load(cls, path: Path) -> Memory:
        """Read a memory file; a missing one is empty, and a damaged line is left out (see `notices`).

        Raises InputError when the file cannot be read at all.
        """
        if not path.exists():
            return cls(path=path)
        try:
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            raise InputError(f"the case memory {path} cannot be read: {error.strerror}") from None
        cases, damaged = [], {}
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                cases.append(_solved_case(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                damaged[number] = line
        return cls(cases, path, damaged)

    def add(self, case: SolvedCase) -> str:
        """Keep a case and return its id; the same case again changes nothing. Raises UsageError without findings."""
        if not case.present:
            raise UsageError("a case without a present finding cannot be remembered")
        if case.id not in {kept.id for kept in self.cases}:
            self._save([*self.cases, case])
        return case.id

    def remove(self, case_id: str) -> SolvedCase:
        """Forget the case whose id is or begins with `case_id`. Raises UsageError where none or several do."""
        found = [case for case in self.cases if case.id.startswith(case_id)] if case_id else []
        if len(found) != 1:
            what = "no remembered case" if not found else f"{len(found)} remembered cases"
            raise UsageError(f"{what} begins with {case_id!r}; `osler memory list` shows the ids")
        self._save([case for case in self.cases if case.id != found[0].id])
        return found[0]

    def bonus(self, query: Query, model: Model, withheld: Collection[str] | None = None) -> np.ndarray:
        """What the nearest remembered case adds to each disease's score (float64[n], 0 where there is none).

        3 · max over the disease's cases of (s − 0.3) / 0.7 where the similarity s is above 0.3.
        """
        result = np.zeros(model.n)
        for _, disease, similarity in self._similarities(query, model, frozenset(withheld or ())):
            worth = WEIGHT * max(0.0, similarity - FLOOR) / (1 - FLOOR)
            result[disease] = max(result[disease], worth)
        return result

    def nearest(self, query: Query, model: Model, top: int = 5) -> list[tuple[SolvedCase, int, float]]:
        """The remembered cases most like a query: case, disease (an index of the model's), similarity above 0.3, 0 to 1."""
        found = [one for one in self._similarities(query, model, frozenset()) if one[2] > FLOOR]
        return sorted(found, key=lambda one: -one[2])[:top]

    def _similarities(
        self, query: Query, model: Model, withheld: frozenset[str]
    ) -> Iterable[tuple[SolvedCase, int, float]]:
        own, hidden = _terms(query.present, query.absent), set(withheld)
        resolved = [self._resolved(case, model) for case in self.cases]
        for case, (present, absent) in zip(self.cases, resolved, strict=True):
            if _terms(present, absent) == own:
                hidden |= {case.id, *case.report}
        closure = _closure(query.present, model)
        for case, (present, _) in zip(self.cases, resolved, strict=True):
            disease = model.knowledge.disease_index(case.disease)
            if disease is not None and case.id not in hidden and hidden.isdisjoint(case.report):
                yield case, disease, similarity(closure, _closure(present, model), model)

    def _resolved(self, case: SolvedCase, model: Model) -> tuple[np.ndarray, np.ndarray]:
        query = Query.of(model.knowledge, case.present, case.absent)
        return query.present, query.absent

    def _save(self, cases: Sequence[SolvedCase]) -> None:
        """Replace the file in one step, readable by its owner only."""
        if self.path is not None:
            private_folder(self.path.parent)
            handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".memory.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
                    file.writelines(json.dumps(asdict(case), ensure_ascii=False) + "\n" for case in cases)
                    file.writelines(line + "\n" for line in self.damaged.values())
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self.path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        self.cases = list(cases)
        self.damaged = {len(self.cases) + 1 + i: line for i, line in enumerate(self.damaged.values())}


def _solved_case(found: dict[str, Any]) -> SolvedCase:
    lists = {name: tuple(map(str, found.pop(name))) for name in ("present", "absent", "report")}
    return SolvedCase(str(found.pop("disease")), **lists, name=str(found.pop("name", "")))


def similarity(left: np.ndarray, right: np.ndarray, model: Model) -> float:
    """simGIC of two closed sets of terms: information of the shared over that of all (Pesquita et al. 2007), 0 to 1."""
    both = model.information[np.intersect1d(left, right)].sum()
    whole = model.information[np.union1d(left, right)].sum()
    return float(both / whole) if whole > 0 else 0.0


def _closure(terms: np.ndarray, model: Model) -> np.ndarray:
    rows = [model.climb.row(int(term)) for term in terms]
    return np.unique(np.concatenate(rows)) if rows else np.empty(0, np.int32)


def _terms(present: np.ndarray, absent: np.ndarray) -> tuple[bytes, bytes]:
    return present.tobytes(), absent.tobytes()
