"""Reads phenotype.hpoa, the table of HPO annotations, row by row, with nothing dropped.

Column headers of all releases since 2018 are known: `#DatabaseID … HPO_ID` and `database_id … hpo_id`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from osler.errors import InputError
from osler.ontology.obo import read_text
from osler.ontology.releases import release_in

# HPO frequency classes (HP:0040279) as half-open shares; the value used is the middle of the class.
FREQUENCY_CLASSES = {
    "HP:0040280": ("obligate", 1.0),
    "HP:0040281": ("very frequent", 0.895),  # 80-99 %
    "HP:0040282": ("frequent", 0.545),  # 30-79 %
    "HP:0040283": ("occasional", 0.17),  # 5-29 %
    "HP:0040284": ("very rare", 0.025),  # 1-4 %
    "HP:0040285": ("excluded", 0.0),
}

_COLUMNS = {
    "disease": ("database_id", "databaseid"),
    "name": ("disease_name", "diseasename"),
    "qualifier": ("qualifier",),
    "term": ("hpo_id",),
    "reference": ("reference",),
    "evidence": ("evidence",),
    "onset": ("onset",),
    "frequency": ("frequency",),
    "sex": ("sex",),
    "modifier": ("modifier",),
    "aspect": ("aspect",),
    "biocuration": ("biocuration",),
}


class Annotation(NamedTuple):
    """One row. `frequency` is a share (nan: not stated), `num`/`den` the counts (0/0: none), `frequency_class` an HPO id."""

    disease: str
    name: str
    term: str
    negated: bool
    references: tuple[str, ...]
    evidence: str
    onset: str
    frequency: float
    num: int
    den: int
    frequency_class: str
    sex: str
    modifiers: tuple[str, ...]
    aspect: str
    curated: str


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """All rows of one file, the release it names, and how many lines could not be read."""

    release: str
    rows: list[Annotation]
    skipped: int


def read_hpoa(path: Path) -> AnnotationFile:
    """Read phenotype.hpoa or phenotype.hpoa.gz. Raises InputError when it is missing, empty or not such a table."""
    return parse_hpoa(read_text(path), path.name)


def parse_hpoa(text: str, name: str = "phenotype.hpoa") -> AnnotationFile:
    """Parse the table's text; see `read_hpoa`. More than one unreadable line in a hundred is an error."""
    release, header, rows, skipped = "", None, [], 0
    for line in text.splitlines():
        if header is None:
            release = release or release_in(line)
            header = _header(line)
        elif line.strip():
            row = _row(line.split("\t"), header)
            if row is None:
                skipped += 1
            else:
                rows.append(row)
    if header is None or not rows:
        raise InputError(
            f"{name} is not an HPO annotation table (no header line or no rows); fetch it again."
        )
    if skipped * 100 > len(rows) + skipped:
        raise InputError(
            f"{name} is damaged: {skipped} of {len(rows) + skipped} lines cannot be read; fetch it again."
        )
    return AnnotationFile(release, rows, skipped)


@lru_cache(maxsize=20_000)
def parse_frequency(text: str) -> tuple[float, int, int, str]:
    """`(share, m, n, class)` of a frequency cell: counts m/n, a percentage, an HPO class, or nothing (nan).

    An impossible value (m > n, n = 0, over 100 %) counts as not stated.
    """
    text = text.strip()
    if text in FREQUENCY_CLASSES:
        return FREQUENCY_CLASSES[text][1], 0, 0, text
    num, slash, den = text.partition("/")
    if slash and num.isdigit() and den.isdigit():
        m, n = int(num), int(den)
        return (m / n, m, n, "") if 0 < n < 2**31 and m <= n else (math.nan, 0, 0, "")
    if text.endswith("%"):
        try:
            share = float(text[:-1]) / 100
        except ValueError:
            return math.nan, 0, 0, ""
        return (share if 0 <= share <= 1 else math.nan), 0, 0, ""
    return math.nan, 0, 0, ""


def _header(line: str) -> dict[str, int] | None:
    cells = [cell.strip().lower() for cell in line.lstrip("#").split("\t")]
    found = {}
    for key, names in _COLUMNS.items():
        for name in names:
            if name in cells:
                found[key] = cells.index(name)
    needed = {"disease", "name", "qualifier", "term", "reference", "frequency", "aspect"}
    return found if needed <= found.keys() else None


def _row(cells: list[str], header: dict[str, int]) -> Annotation | None:
    def cell(key: str) -> str:
        at = header.get(key, -1)
        return cells[at].strip() if 0 <= at < len(cells) else ""

    disease, term = cell("disease"), cell("term")
    if ":" not in disease or ":" not in term or len(cells) <= header["aspect"]:
        return None
    share, num, den, frequency_class = parse_frequency(cell("frequency"))
    return Annotation(
        disease=disease,
        name=cell("name"),
        term=term,
        negated=cell("qualifier").upper() == "NOT",
        references=_list(cell("reference")),
        evidence=cell("evidence").upper(),
        onset=cell("onset"),
        frequency=share,
        num=num,
        den=den,
        frequency_class=frequency_class,
        sex=cell("sex").upper(),
        modifiers=_list(cell("modifier")),
        aspect=cell("aspect").upper() or "P",
        curated=cell("biocuration"),
    )


@lru_cache(maxsize=50_000)
def _list(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in cell.split(";") if part.strip()))
