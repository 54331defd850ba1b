"""The UMLS in its Rich Release Format: concepts of MRCONSO, kinds of MRSTY, relations of MRREL, definitions of MRDEF.

Columns are those of the UMLS Reference Manual, Metathesaurus Rich Release Format
(https://www.ncbi.nlm.nih.gov/books/NBK9685/). The files are the user's own, under the UMLS licence. MRREL says how the second
concept stands to the first, so an edge goes from CUI2 to CUI1.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from osler.errors import InputError
from osler.knowledge.graph.build import Builder

FILES = ("MRCONSO", "MRREL", "MRSTY", "MRDEF", "MRDOC")
_COLUMNS = {"MRCONSO": 18, "MRREL": 16, "MRSTY": 6, "MRDEF": 8, "MRDOC": 4}
_KINDS = {
    "T047": "disease", "T048": "disease", "T191": "disease", "T019": "disease", "T046": "disease", "T184": "phenotype",
    "T033": "phenotype", "T028": "gene", "T116": "protein", "T121": "drug", "T200": "drug", "T195": "drug", "T023": "body part",
    "T029": "body part", "T022": "body part", "T030": "body part", "T024": "body part", "T059": "test", "T034": "test", "T060": "action",
    "T061": "action",
}  # fmt: skip
# Without a RELA: which way the relation of MRREL's second concept to its first points, and what it is called.
_PLAIN = {"PAR": ("first", "is_a"), "CHD": ("second", "is_a"), "RB": ("first", "narrower_than"),
          "RN": ("second", "narrower_than"), "RO": ("second", "related_to")}  # fmt: skip
_SAME = {"isa": ("second", "is_a"), "inverse_isa": ("first", "is_a")}


def umls_files(folder: Path) -> dict[str, Path]:
    """The tables that a folder holds, plain or gzipped; empty without MRCONSO."""
    found = {}
    for name in FILES:
        path = next((p for p in (folder / f"{name}.RRF", folder / f"{name}.RRF.gz") if p.is_file()), None)
        if path is not None:
            found[name] = path
    return found if "MRCONSO" in found else {}


def add_umls(builder: Builder, folder: Path) -> None:
    """English names that are not suppressed; the preferred one is the node's own, the others are synonyms."""
    files = umls_files(folder)
    source = builder.add_source("UMLS", _release(folder), "UMLS Metathesaurus licence")
    kinds = _kinds(files.get("MRSTY"))
    for name in FILES[1:3]:
        if name not in files:
            builder.notices.append(f"umls: there is no {name}.RRF, so the graph has no {_BRINGS[name]}")
    names: dict[str, tuple[int, str]] = {}
    other: dict[str, list[str]] = {}
    for row in _rows(files["MRCONSO"], "MRCONSO"):
        cui, language, status, form, preferred, text, suppressed = (row[i] for i in (0, 1, 2, 4, 6, 14, 16))
        if language != "ENG" or suppressed not in ("N", ""):
            continue
        rank = (status == "P") + (form == "PF") + (preferred == "Y")
        if cui not in names or rank > names[cui][0]:
            names[cui] = (rank, text)
        other.setdefault(cui, []).append(text)
    for cui, (_, name) in names.items():
        synonyms = dict.fromkeys(text for text in other[cui] if text != name)
        builder.node(f"UMLS:{cui}", name, kinds.get(cui, "concept"), synonyms)
    if "MRDEF" in files:
        _definitions(builder, files["MRDEF"])
    if "MRREL" in files:
        _relations(builder, files["MRREL"], _inverses(files.get("MRDOC")), source)


_BRINGS = {"MRREL": "edges", "MRSTY": "kinds of nodes"}


def _kinds(path: Path | None) -> dict[str, str]:
    """The kind of each concept by its semantic type; of several, one that the graph has a word for."""
    found: dict[str, str] = {}
    for row in _rows(path, "MRSTY") if path else ():
        known = _KINDS.get(row[1])
        if known or row[0] not in found:
            found[row[0]] = known or row[3].lower()
    return found


def _definitions(builder: Builder, path: Path) -> None:
    """The first definition of a concept that is not suppressed."""
    for row in _rows(path, "MRDEF"):
        node = builder.index.get(f"UMLS:{row[0]}")
        if node is not None and row[6] in ("N", ""):
            builder.definitions.setdefault(node, row[5])


def _inverses(path: Path | None) -> dict[str, str]:
    """Each RELA and the one that says the same the other way, of MRDOC."""
    rows = _rows(path, "MRDOC") if path else ()
    return {row[1]: row[3] for row in rows if row[0] == "RELA" and row[2] == "rela_inverse"}


def _relations(builder: Builder, path: Path, inverses: dict[str, str], source: int) -> None:
    """Each relation once: MRREL has every one from both sides, and where MRDOC tells which belong together one is kept."""
    for row in _rows(path, "MRREL"):
        first, rel, second, rela, direction, suppressed = (row[i] for i in (0, 3, 4, 7, 13, 14))
        if suppressed not in ("N", "") or first == second:
            continue
        way, name = _SAME.get(rela) or (("second", rela) if rela else _PLAIN.get(rel, ("", "")))
        inverse = inverses.get(rela, "")
        if name == rela and inverse:
            if (inverse.startswith("inverse_"), inverse) < (rela.startswith("inverse_"), rela):
                way, name = "first", inverse
        elif name == rela and direction == "N":
            continue
        ends = [builder.index.get(f"UMLS:{cui}") for cui in (first, second)]
        if not way or ends[0] is None or ends[1] is None:
            continue
        tail, head = ends if way == "first" else ends[::-1]
        builder.edge(tail, name, head, source)  # type: ignore[arg-type]


def _release(folder: Path) -> str:
    """The version that a distribution's own notes name, such as 2025AA; empty where there are none."""
    notes = folder / "release.dat"
    if not notes.is_file():
        return ""
    pairs = (line.partition("=") for line in notes.read_text(encoding="utf-8", errors="replace").splitlines())
    return next((value.strip() for key, _, value in pairs if key.strip().endswith("release.name")), "")


def _rows(path: Path, name: str) -> Iterator[list[str]]:
    """Cells of a table; each line ends with a bar. Raises InputError for a line with another number of columns."""
    try:
        zipped = path.name.endswith(".gz")
        with (
            gzip.open(path, "rt", encoding="utf-8") if zipped else path.open(encoding="utf-8") as lines  # type: ignore[attr-defined]
        ):
            for number, line in enumerate(lines, 1):
                cells = line.rstrip("\r\n").split("|")[:-1]
                if len(cells) != _COLUMNS[name]:
                    raise InputError(
                        f"{path.name}, line {number}: {len(cells)} columns instead of the {_COLUMNS[name]} of {name}"
                    )
                yield cells
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read ({error}); check the file") from None
