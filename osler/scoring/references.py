"""What is right, one small frozen class per kind of answer. Scorers read these; no method ever sees one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChoiceReference:
    """The right option of a choice or label question; `options` are all keys, for figures by option and macro F1."""

    key: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoicesReference:
    """All right options of a question that may have several; `options` are all keys."""

    choices: tuple[str, ...]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiagnosisReference:
    """The right diagnosis by name (synonyms count as the same one) and, where known, by CURIE; and where it was published."""

    names: tuple[str, ...]
    diseases: tuple[str, ...] = ()
    publications: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The diagnosis in words, its id where it has none."""
        return next(iter((*self.names, *self.diseases)), "")


@dataclass(frozen=True, slots=True)
class SpanReference:
    """Evidence in a text: half-open character ranges into `source`, which is the case's text."""

    spans: tuple[tuple[int, int], ...]
    source: str

    @property
    def answers(self) -> tuple[str, ...]:
        """The words of each span."""
        return tuple(self.source[start:end] for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class CorrectionReference:
    """Whether a note has an error, in which sentence, and what the sentence should say. `sentence` is -1 where none has."""

    error: bool
    sentence: int = -1
    correction: str = ""
    error_type: str = ""

    @property
    def answer(self) -> str:
        """The right reply in the published form: CORRECT, or the sentence's number and the corrected sentence."""
        return f"{self.sentence} {self.correction}" if self.error else "CORRECT"
