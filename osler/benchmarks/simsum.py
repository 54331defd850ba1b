"""SimSUM records in the published layout: a table of respiratory visits, a note beside each row, spans of symptoms.

Layout (Rabaey et al. 2024, arXiv 2409.08936): `SimSUM.csv` has one row per visit with the columns of COLUMNS, where
yes/no variables are "yes" or "no", `fever` is none, low or high, `days_at_home` a count, and `text` and
`advanced_text` the note and its compact version. `normal_span_annotations.json` (and `adv_…`) map the row's number
to a list of `{"symptom", "text", "start", "end"}`, offsets in characters; a symptom that the note denies is annotated
too.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from osler.case import Case
from osler.errors import InputError
from osler.registry import benchmark

TABLE, SPANS = "SimSUM.csv", "normal_span_annotations.json"
BACKGROUND = ("policy", "self_empl", "season", "asthma", "smoking", "COPD", "hay_fever", "pneu", "cold")
SYMPTOMS = ("dysp", "cough", "pain", "fever", "nasal")
COLUMNS = (*BACKGROUND, *SYMPTOMS, "antibiotics", "days_at_home", "text", "advanced_text")
# Column of the table → name in the span files.
SPAN_NAMES = {
    "dysp": "dyspnea",
    "cough": "cough",
    "pain": "respiratory pain",
    "fever": "fever",
    "nasal": "nasal symptoms",
}


@dataclass(frozen=True)
class SymptomSpan:
    """Where the note speaks of a symptom (a column name), whether to state or to deny it."""

    symptom: str
    start: int
    end: int


@dataclass(frozen=True)
class Visit:
    """One record. `table` holds every column but the notes and `days_at_home`."""

    table: dict[str, str]
    days_at_home: int
    text: str
    advanced_text: str = ""
    spans: tuple[SymptomSpan, ...] = ()

    def case(self) -> Case:
        """What an extractor is shown: the note."""
        return Case(text=self.text)

    def has(self, variable: str) -> bool:
        """Whether a variable is on; low fever counts as fever, winter as the season that is on."""
        return self.table[variable] in ("yes", "low", "high", "winter")


@benchmark(
    "simsum",
    source="Rabaey et al. 2024 (SimSUM)",
    needs=("--data folder with SimSUM.csv, or --sample N",),
    fidelity="paper",
)
def read_visits(folder: Path) -> list[Visit]:
    """Simulated respiratory visits: find symptom spans with and without the table, and estimate a treatment effect.

    Raises InputError when the table or the spans are missing or do not fit the layout.
    """
    spans = _read_spans(_find(folder, SPANS))
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with _find(folder, TABLE).open(newline="", encoding="utf-8") as stream:
        table = csv.DictReader(stream)
        missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
        if missing:
            raise InputError(f"{TABLE} has no column {', '.join(missing)}; it is not in the SimSUM layout")
        return [_visit(number, row, spans.get(str(number), ())) for number, row in enumerate(table)]


def write_visits(folder: Path, visits: Sequence[Visit]) -> None:
    """Write records in the published layout into an existing folder."""
    with (folder / TABLE).open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, list(map(str, COLUMNS)))
        table.writeheader()
        for visit in visits:
            rest = {
                "days_at_home": visit.days_at_home,
                "text": visit.text,
                "advanced_text": visit.advanced_text,
            }
            table.writerow({**visit.table, **rest})
    spans = {
        str(number): [
            {
                "symptom": SPAN_NAMES[span.symptom],
                "text": visit.text[span.start : span.end],
                "start": span.start,
                "end": span.end,
            }
            for span in visit.spans
        ]
        for number, visit in enumerate(visits)
    }
    (folder / SPANS).write_text(json.dumps(spans, ensure_ascii=False, indent=1), encoding="utf-8")


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / "data" / "spans" / name, folder / "spans" / name):
        if path.is_file():
            return path
    raise InputError(f"{folder} has no {name}; --data takes a folder in the SimSUM layout")


def _read_spans(path: Path) -> dict[str, tuple[SymptomSpan, ...]]:
    columns = {name: column for column, name in SPAN_NAMES.items()}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            row: tuple(SymptomSpan(columns[s["symptom"]], int(s["start"]), int(s["end"])) for s in spans)
            for row, spans in content.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name} is not in the SimSUM layout ({error!r})") from None


def _visit(number: int, row: dict[str, str], spans: tuple[SymptomSpan, ...]) -> Visit:
    text = row["text"] or ""
    bad = next((name for name in COLUMNS if row[name] is None), None)
    if bad is not None or not row["days_at_home"].strip().isdecimal():
        raise InputError(f"{TABLE}, record {number}: {bad or 'days_at_home'} is missing or not a count")
    if any(not 0 <= span.start < span.end <= len(text) for span in spans):
        raise InputError(f"{SPANS}, record {number}: a span lies outside the note")
    table = {name: row[name] for name in (*BACKGROUND, *SYMPTOMS, "antibiotics")}
    return Visit(table, int(row["days_at_home"]), text, row["advanced_text"], spans)
