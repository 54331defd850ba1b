"""Mondo and the Disease Ontology: identities of diseases, their hierarchy, where they sit, and their symptoms."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from osler.errors import InputError
from osler.knowledge.graph.build import Builder, name_key
from osler.ontology.mondo import read_equivalents
from osler.ontology.obo import parse_obo

_MONDO_RELATIONS = {
    "rdfs:subClassOf": "is_a",
    "RO:0004026": "disease_has_location",
    "RO:0004027": "disease_has_inflammation_site",
    "RO:0004029": "disease_has_feature",
    "disease_has_major_feature": "disease_has_feature",
    "predisposes_towards": "predisposes_towards",
}
_MONDO_KINDS = {"MONDO": "disease", "UBERON": "body part", "HP": "phenotype"}


def add_mondo(builder: Builder, folder: Path) -> None:
    """Mondo's classes, joined to the diseases that they are exactly equivalent to, and its edges that Osler reads."""
    archive = next(iter(sorted(folder.glob("mondo*.zip"))), None)
    groups: dict[str, set[int]] = defaultdict(set)
    for disease, mondo in read_equivalents(folder).items():
        if disease in builder.index:
            groups[mondo].add(builder.index[disease])
    for mondo, nodes in groups.items():
        if len(nodes) == 1:
            builder.alias(mondo, next(iter(nodes)))
    if archive is None:
        builder.notices.append("mondo: there is no mondo.zip, so only its ids are known, not its hierarchy")
        return
    tables = members(archive, ("class-stats.tsv", "_doid.sssom.tsv", "edges.tsv"))
    source = builder.add_source("Mondo", _mondo_release(tables), "CC BY 4.0")
    for line in _lines(tables, "class-stats.tsv"):
        identity, name = _curie(line[0]), line[1].strip('"')
        if identity.startswith("MONDO:") and name and not name.startswith("obsolete "):
            node = builder.node(identity, name, "disease")
            builder.synonyms.append((name, node))
    for nodes, mondo in ((nodes, mondo) for mondo, nodes in groups.items() if len(nodes) > 1):
        for node in sorted(nodes):
            builder.edge(builder.node(mondo, "", "disease"), "exact_match", node, source)
    _join_doid(builder, tables)
    if any(name.startswith("HISTORY/") for name in tables):
        source = builder.add_source("Mondo, an older table of edges", "", "CC BY 4.0")
    for line in _lines(tables, "reports/edges.tsv"):
        _mondo_edge(builder, line, source)


def _mondo_edge(builder: Builder, line: list[str], source: int) -> None:
    if len(line) != 3:
        return
    relation = _MONDO_RELATIONS.get(re.split(r"[#/]", line[1])[-1])
    kind = _MONDO_KINDS.get(line[2].partition(":")[0])
    # Classes that the newer release has no label for are gone from it.
    if relation is None or kind is None or line[0] not in builder.index or not line[0].startswith("MONDO:"):
        return
    if kind != "body part" and line[2] not in builder.index:
        return
    builder.edge(builder.index[line[0]], relation, builder.node(line[2], "", kind), source)


def _join_doid(builder: Builder, tables: dict[str, str]) -> None:
    """A DOID is another id of the Mondo class that alone claims it."""
    claims: dict[str, set[str]] = defaultdict(set)
    for line in _lines(tables, "_doid.sssom.tsv"):
        if len(line) > 3 and line[2] == "skos:exactMatch" and line[0] in builder.index:
            claims[line[3]].add(line[0])
    for doid, classes in claims.items():
        if len(classes) == 1:
            builder.alias(doid, builder.index[next(iter(classes))])


def add_disease_ontology(builder: Builder, folder: Path) -> None:
    """The Disease Ontology's classes, hierarchy and disease–symptom pairs; symptoms are HPO terms where names agree."""
    archive = next(iter(sorted(folder.glob("disease-ontology*.zip"))), None)
    if archive is None:
        raise InputError(f"{folder} holds no disease-ontology.zip")
    tables = members(archive, ("HumanDO.tsv", "disease-symptom.tsv", ".obo"))
    source = builder.add_source("Disease Ontology", "", "CC0 1.0")
    classes = [[cell.strip('"') for cell in line] for line in _lines(tables, "HumanDO.tsv")]
    by_label: dict[str, list[str]] = defaultdict(list)
    for identity, label, *_ in (line for line in classes if len(line) > 2):
        node = builder.node(identity, label, "disease")
        builder.synonyms.append((label, node))
        if identity not in by_label[label]:
            by_label[label].append(identity)
    for identity, _, parents in (line for line in classes if len(line) == 3):
        for parent in by_label.get(parents, ()):
            builder.edge(builder.index[identity], "is_a", builder.index[parent], source)
    _older_names(builder, tables)
    phenotypes = _names_of_phenotypes(builder)
    for disease, label, symptom, name in (x for x in _lines(tables, "disease-symptom.tsv") if len(x) == 4):
        found = phenotypes.get(name_key(name), set())
        node = next(iter(found)) if len(found) == 1 else builder.node(symptom, name, "phenotype")
        builder.edge(builder.node(disease, label, "disease"), "has_symptom", node, source)


def _older_names(builder: Builder, tables: dict[str, str]) -> None:
    """Synonyms of classes that are still there, from the older complete file where the archive has it."""
    for name, text in tables.items():
        if name.endswith(".obo") and "doid" in name:
            for term in parse_obo(text.splitlines()).terms:
                if term.id in builder.index and not term.obsolete:
                    node = builder.index[term.id]
                    builder.synonyms += [(s.text, node) for s in term.synonyms if s.scope == "EXACT"]


def _names_of_phenotypes(builder: Builder) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for i, (name, kind) in enumerate(zip(builder.names, builder.kinds, strict=True)):
        if kind == "phenotype":
            found[name_key(name)].add(i)
    for text, i in builder.synonyms:
        if builder.kinds[i] == "phenotype":
            found[name_key(text)].add(i)
    return found


def members(archive: Path, endings: tuple[str, ...]) -> dict[str, str]:
    """Text of the members whose names end so."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [name for name in opened.namelist() if name.endswith(endings)]
            return {name: opened.read(name).decode("utf-8") for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{archive} cannot be read ({error}); fetch it again") from None


def _lines(tables: dict[str, str], ending: str) -> Iterator[list[str]]:
    """Cells of the table's lines, without comments and the header."""
    for name, text in tables.items():
        if name.endswith(ending):
            lines = (line for line in text.splitlines() if line and not line.startswith("#"))
            next(lines, None)
            yield from (line.split("\t") for line in lines)


def _mondo_release(tables: dict[str, str]) -> str:
    match = re.search(r"mondo/releases/(\d{4}-\d{2}-\d{2})", "".join(text[:3000] for text in tables.values()))
    return match[1] if match else ""


def _curie(cell: str) -> str:
    return cell.strip("<>").rsplit("/", 1)[-1].replace("_", ":", 1)
