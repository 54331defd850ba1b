"""Error detection and correction in notes, as MEDEC scores it: flag accuracy, sentence accuracy, quality of the correction.

Reply form: `CORRECT`, or the sentence's number and the corrected sentence. Anything else is unreadable: wrong on all three,
and counted. Sentence accuracy asks for the right number, or for no number where the note is right. A correction is scored
where the note has an error: `correction_exact` (same words), `ROUGE-1` against the gold sentence. As in the shared task, a
missing correction scores 0 and a correction of a note without error counts against the flag, not here.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from osler.registry import scorer
from osler.scoring.choice import failures, state_of
from osler.scoring.names import folded
from osler.scoring.references import CorrectionReference
from osler.scoring.resampling import estimate
from osler.scoring.rouge import rouge_1
from osler.trace import Answer

_RIGHT = re.compile(r"\W*CORRECT\W*", re.IGNORECASE)
_FIX = re.compile(r"\W*(?:sentence\s+)?(\d{1,4})\b[\s.:)\]-]*(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Correction:
    """What a reply says: an error or none, the sentence (-1 for none) and its correction. `readable` is False for no form."""

    error: bool
    sentence: int
    text: str
    readable: bool = True


@scorer("error-correction", source="Ben Abacha et al. 2025 (MEDEC); ROUGE-1: Lin 2004")
class ErrorCorrection:
    """Flag, sentence and correction of a planted error, each with its interval."""

    primary: ClassVar[str] = "flag"

    @staticmethod
    def score(reference: CorrectionReference, answer: Answer) -> dict[str, Any]:
        """`flag`, `sentence` (1.0 or 0.0), and for notes with an error `correction_exact` and `ROUGE-1`."""
        said = read_correction(answer.text or "") if not answer.unreadable else _NOTHING
        values: dict[str, Any] = {
            **state_of(answer),
            "flag": float(said.readable and said.error == reference.error),
            "sentence": float(said.readable and said.sentence == reference.sentence),
            "error_type": reference.error_type or "none",
            "said_error": said.error if said.readable else None,
        }
        values["unreadable"] = float(not said.readable and not answer.abstained)
        if reference.error:
            values["correction_exact"] = float(
                bool(said.text) and folded(said.text) == folded(reference.correction)
            )
            values["ROUGE-1"] = rouge_1(said.text, reference.correction)
        return values

    @staticmethod
    def summarise(
        rows: Sequence[Mapping[str, Any]],
        groups: Sequence[Hashable],
        cases: Sequence[Hashable] | None = None,
    ) -> dict[str, Any]:
        """The four figures with intervals (corrections over notes with an error), and the flag by error type."""
        figures: dict[str, Any] = {"n": len(rows) if cases is None else len(set(cases)), "ci": {}}
        for name in ("flag", "sentence", "correction_exact", "ROUGE-1"):
            places = [i for i, row in enumerate(rows) if name in row]
            own = [cases[i] for i in places] if cases is not None else None
            found = estimate([rows[i][name] for i in places], [groups[i] for i in places], own)
            figures[name], figures["ci"][name] = found.value, list(found.ci)
        figures["n_errors"] = sum("ROUGE-1" in row for row in rows)
        types = sorted({row["error_type"] for row in rows})
        figures["flag_by_type"] = {kind: _share(rows, kind) for kind in types}
        return {**figures, **failures(rows)}


def read_correction(text: str) -> Correction:
    """The reply in the published form; `readable` is False for any other."""
    stripped = text.strip()
    if _RIGHT.fullmatch(stripped):
        return Correction(False, -1, "")
    found = _FIX.fullmatch(stripped)
    if found and found[2].strip():
        return Correction(True, int(found[1]), found[2].strip().strip('"'))
    return _NOTHING


_NOTHING = Correction(False, -2, "", readable=False)


def _share(rows: Sequence[Mapping[str, Any]], kind: str) -> dict[str, float]:
    hits = [row["flag"] for row in rows if row["error_type"] == kind]
    return {"n": len(hits), "flag": sum(hits) / len(hits)}
