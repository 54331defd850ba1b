"""What is right, one small frozen class per kind of answer. Scorers read these; no method ever sees one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


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
class TextReference:
    """A published answer in words, and the ids of the documents that hold it."""

    text: str
    documents: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """The right reply."""
        return self.text


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


@dataclass(frozen=True, slots=True)
class CalculationReference:
    """The right result of a calculation: a number within limits, a date or a gestational age; and how it comes about.

    `form` is `decimal` (within the limits), `integer` (exactly), `date` (a day, ISO or M/D/Y) or `weeks` ("14 weeks 2 days").
    `decimals` are those the limits were published with. `calculator` is Osler's name, `inputs` its gold values as text with
    units; both may be unknown. `others` are calculators that are as right where the benchmark's one tool holds several formulas.
    `title` and `category` are the benchmark's, for breakdowns.
    """

    value: float | str
    lower: float | None = None
    upper: float | None = None
    form: Literal["decimal", "integer", "date", "weeks"] = "decimal"
    calculator: str | None = None
    inputs: Mapping[str, str | float | bool | None] = field(default_factory=dict)
    title: str = ""
    category: str = ""
    decimals: int = 0
    others: tuple[str, ...] = ()

    @property
    def answer(self) -> float | str:
        """The right reply."""
        return self.value

    @property
    def facts(self) -> dict[str, Any]:
        """How it comes about, where that is known: the calculator and its inputs."""
        return {"calculator": self.calculator, "inputs": dict(self.inputs)} if self.calculator else {}


@dataclass(frozen=True, slots=True)
class WorkflowReference:
    """Several calculations that a request calls for: each calculator's name with its result (None where none was
    published), and the data that they take, as field and value.
    """

    calculators: tuple[tuple[str, float | str | None], ...]
    fields: tuple[tuple[str, str], ...]

    @property
    def answer(self) -> str:
        """The right reply in words: each calculator with its result, one a line."""
        return "\n".join(f"{name}: {'' if value is None else value}" for name, value in self.calculators)


@dataclass(frozen=True, slots=True)
class IndicatorReference:
    """The verdict on a quality indicator (`Yes` or `No`), with what it rests on: the `templates` of the facts,
    what the record says of each (None where it says nothing, "" where that is not known), and the rules in words and symbols.
    """

    key: str
    templates: tuple[str, ...]
    values: tuple[str | None, ...]
    rules: tuple[tuple[str, str], ...]
    options: tuple[str, ...] = ("Yes", "No")
