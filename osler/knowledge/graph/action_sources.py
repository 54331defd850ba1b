"""What is done and measured: medical actions (MAXO), laboratory results (LOINC2HPO), drugs (PharmacotherapyDB)."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from osler.errors import InputError
from osler.knowledge.graph.build import Builder, Details
from osler.ontology.obo import parse_obo, read_text

_MAXO_KINDS = {"MAXO": "action", "CHEBI": "drug", "UBERON": "body part"}


def add_maxo(builder: Builder, folder: Path) -> None:
    """Medical actions, their hierarchy, and the substances and body parts that they use or act on."""
    path = folder / "maxo.obo"
    lines = read_text(path).splitlines()
    file = parse_obo(lines)
    release = file.release or next(
        (m[0] for line in lines[:80] if (m := re.search(r"\d{4}-\d{2}-\d{2}", line))), ""
    )
    source = builder.add_source("MAXO", release, "CC BY 4.0")
    terms = {term.id: term for term in file.terms if not term.obsolete}
    for identity in builder.ids.copy():  # body parts that another source names by id alone
        if identity in terms and identity.startswith("UBERON:"):
            builder.node(
                identity, terms[identity].name, "body part", [s.text for s in terms[identity].synonyms]
            )
    actions = [term for term in terms.values() if term.id.startswith("MAXO:")]
    for term in actions:
        builder.node(term.id, term.name, "action", [s.text for s in term.synonyms if s.scope == "EXACT"])
    for term in actions:
        for parent in term.parents:
            if parent in builder.index:
                builder.edge(builder.index[term.id], "is_a", builder.index[parent], source)
    for action, relation, other in _relationships(lines):
        kind = _MAXO_KINDS.get(other.partition(":")[0])
        if kind and action in terms and other in terms:
            node = builder.node(other, terms[other].name, kind)
            builder.edge(builder.index[action], relation, node, source)


def _relationships(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """(action, relation's name, other term) of MAXO's own terms."""
    names, stanza, identity = {}, "", ""
    for line in lines:
        if line.startswith("["):
            stanza = line
        elif line.startswith("id: "):
            identity = line[4:].strip()
        elif stanza == "[Typedef]" and line.startswith("name: "):
            names[identity] = line[6:].strip().replace(" ", "_")
    identity = ""
    for line in lines:
        if line.startswith("id: "):
            identity = line[4:].strip()
        elif line.startswith("relationship: ") and identity.startswith("MAXO:"):
            _, relation, other, *_ = line.split()
            yield identity, names.get(relation, relation), other


def add_loinc2hpo(builder: Builder, folder: Path) -> None:
    """Laboratory tests and the findings that a high, low, positive or normal result shows or excludes."""
    path = next(iter(sorted(folder.rglob("*annotations*.tsv"))), None)
    if path is None:
        raise InputError(f"{folder} holds no annotations.tsv")
    source = builder.add_source("LOINC2HPO", "", "BSD-3-Clause; codes: LOINC licence")
    for table in sorted(folder.rglob("LoincTableCore*.csv"))[:1]:
        for row in csv.DictReader(read_text(table).splitlines()):
            builder.node(f"LOINC:{row['LOINC_NUM']}", row.get("LONG_COMMON_NAME") or "", "test")
    result = {"H": "high", "L": "low", "POS": "positive", "N": "normal", "NEG": "normal"}
    for row in csv.DictReader(read_text(path).splitlines(), delimiter="\t"):
        term, shown = row.get("hpoTermId") or "", result.get(row.get("code") or "")
        if shown is None or term not in builder.index:
            continue
        excluded = (row.get("isNegated") or "").lower() == "true"
        if excluded and shown != "normal":
            continue
        day = (row.get("createdOn") or "")[:10]
        details = Details(date=day if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) else "")
        relation = "normal_result_excludes" if excluded else f"{shown}_result_shows"
        test = builder.node(f"LOINC:{row.get('loincId')}", "", "test")
        builder.edge(test, relation, builder.index[term], source, details)


def add_pharmacotherapy(builder: Builder, folder: Path) -> None:
    """Drugs that modify a disease (`treats`), relieve it (`palliates`), or were judged not to; the CC0 catalogue only."""
    source = builder.add_source("PharmacotherapyDB", "2016-03-15", "CC0 1.0")
    relations = {"DM": "treats", "SYM": "palliates", "NOT": "does_not_treat"}
    for drug, name, doid, disease, category in pharmacotherapy(folder):
        if category in relations:
            node = builder.node(f"DRUGBANK:{drug}", name, "drug")
            builder.edge(node, relations[category], builder.node(doid, disease, "disease"), source)


def pharmacotherapy(folder: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Drug (DrugBank id), its name, disease (DOID), its name and category (DM, SYM, NOT) of each judgement."""
    rows = _sheet(folder / "catalog.xlsx")
    head = next(rows, [])
    wanted = ("drugbank_id", "drug", "doid_id", "disease", "category")
    if not set(wanted) <= set(head):
        raise InputError(f"{folder / 'catalog.xlsx'} has no columns {', '.join(wanted)}")
    for row in rows:
        cells = dict(zip(head, row, strict=False))
        drug, name, doid, disease, category = (cells.get(column, "") for column in wanted)
        if drug and doid:
            yield drug, name, doid, disease, category


def _sheet(path: Path) -> Iterator[list[str]]:
    """Rows of the first sheet of an .xlsx file as text."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    try:
        with zipfile.ZipFile(path) as archive:
            shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    except (zipfile.BadZipFile, zlib.error, OSError, KeyError, ElementTree.ParseError) as error:
        raise InputError(f"{path} cannot be read ({error}); fetch it again") from None
    texts = ["".join(part.text or "" for part in item.iter(f"{space}t")) for item in shared]
    for row in sheet.iter(f"{space}row"):
        cells: dict[int, str] = {}
        for i, cell in enumerate(row.iter(f"{space}c")):
            value = cell.findtext(f"{space}v") or ""
            if cell.get("t") == "s" and value.isdigit() and int(value) < len(texts):
                value = texts[int(value)]
            cells[_column(cell.get("r") or "", i)] = value  # empty cells are not written
        yield [cells.get(i, "") for i in range(max(cells, default=-1) + 1)]


def _column(reference: str, otherwise: int) -> int:
    """`B7` → 1."""
    letters = "".join(c for c in reference if c.isalpha()).upper()[:3]
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1 if letters.isascii() and number > 0 else otherwise
