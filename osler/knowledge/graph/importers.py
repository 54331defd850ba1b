"""Graphs of others in their published layouts: PrimeKG's kg.csv, Hetionet's tables, plain edge lists; which layout a path has.

PrimeKG: https://doi.org/10.7910/DVN/IXA7BM. Hetionet: https://github.com/hetio/hetionet (hetnet/tsv).
"""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from osler.errors import InputError
from osler.knowledge.graph.build import SEXES, Builder, Details
from osler.knowledge.graph.qkg_source import Facts, facts_of, is_facts
from osler.knowledge.graph.umls_source import umls_files

# Columns of an edge list under the names that people give them; only tail and head must be there.
_COLUMNS = {
    "tail": ("source", "subject", "head", "from", "x", "x_id"),
    "head": ("target", "object", "tail", "to", "y", "y_id"),
    "relation": ("relation", "predicate", "metaedge", "type", "edge_type", "p"),
    "tail_name": ("source_name", "subject_name", "head_name", "x_name"),
    "head_name": ("target_name", "object_name", "tail_name", "y_name"),
    "tail_kind": ("source_kind", "subject_kind", "source_type", "head_type", "x_type"),
    "head_kind": ("target_kind", "object_kind", "target_type", "tail_type", "y_type"),
    "frequency": ("frequency", "weight"),
    "date": ("date",),
    "sex": ("sex",),
    "age_from": ("age_from",),
    "age_to": ("age_to",),
    "group": ("group", "patient_group"),
    "advice": ("advice", "applicability"),
    "references": ("references", "reference", "pmid"),
}
ADVICE = ("applies", "likelier", "not", "recommended", "caution", "avoid")
_PRIMEKG = (
    "relation",
    "display_relation",
    "x_id",
    "x_type",
    "x_name",
    "x_source",
    "y_id",
    "y_type",
    "y_name",
    "y_source",
)
# PrimeKG writes every edge both ways; one direction is kept, from the kind that stands first here.
_PRIMEKG_KINDS = {
    "drug": "drug", "exposure": "exposure", "disease": "disease", "effect/phenotype": "phenotype", "anatomy": "body part",
    "pathway": "pathway", "biological_process": "biological process", "cellular_component": "cellular component",
    "molecular_function": "molecular function", "gene/protein": "gene",
}  # fmt: skip
_PRIMEKG_PREFIX = {
    "NCBI": "NCBIGene:{}", "DrugBank": "DRUGBANK:{}", "MONDO": "MONDO:{:0>7}", "HPO": "HP:{:0>7}", "GO": "GO:{:0>7}",
    "UBERON": "UBERON:{:0>7}", "REACTOME": "REACTOME:{}", "CTD": "CTD:{}",
}  # fmt: skip
_HETIONET_PREFIX = {
    "Gene": "NCBIGene:{}", "Compound": "DRUGBANK:{}", "Symptom": "MESH:{}", "Side Effect": "UMLS:{}", "Pathway": "Pathway:{}",
    "Pharmacologic Class": "NDFRT:{}",
}  # fmt: skip
_HETIONET_KINDS = {"Compound": "drug", "Anatomy": "body part", "Symptom": "phenotype"}
_HETIONET_VERBS = {
    "d": "downregulates", "e": "expresses", "u": "upregulates", "b": "binds", "c": "causes", "p": "palliates", "r": "resembles",
    "t": "treats", "a": "associates", "l": "localizes", "i": "interacts", "r>": "regulates",
}  # fmt: skip
_HETIONET_OWN = {
    "DpS": "presents", "GcG": "covaries", "PCiC": "includes", "GpBP": "participates", "GpCC": "participates",
    "GpMF": "participates", "GpPW": "participates",
}  # fmt: skip


def layout_of(path: Path) -> str:
    """`hetionet` or `umls` (folders with their tables), `primekg`, `qkg` or `edges`. Raises InputError for anything else."""
    if path.is_dir():
        if _hetionet_files(path):
            return "hetionet"
        if umls_files(path):
            return "umls"
        if (path / "kg.csv").is_file():
            return "primekg"
        raise InputError(
            f"{path} holds neither kg.csv (PrimeKG), nor *nodes.tsv with *edges.sif (Hetionet), nor MRCONSO.RRF (UMLS)"
        )
    if not path.is_file():
        raise InputError(f"there is no graph file {path}")
    if is_facts(path):
        return "qkg"
    with _table(path) as rows:
        head = next(rows, [])
    return "primekg" if set(_PRIMEKG) <= set(head) else "edges"


def files_of(path: Path) -> list[Path]:
    """The files that a graph is read from."""
    if path.is_dir():
        return _hetionet_files(path) or [*umls_files(path).values()] or [path / "kg.csv", *_facts_files(path)]
    return [path]


def _facts_files(folder: Path) -> list[Path]:
    """QKG's facts beside PrimeKG's table."""
    return [path for path in sorted(folder.glob("*.jsonl*")) if is_facts(path)]


def add_primekg(builder: Builder, path: Path) -> None:
    """PrimeKG's kg.csv: ten kinds of nodes; a grouped disease is also known by the Mondo id of each member.

    In a folder with QKG's facts, the edges that these name hold for the groups of people that they say.
    """
    tables = files_of(path)
    facts: Facts = {key: groups for table in tables[1:] for key, groups in facts_of(table).items()}
    source = builder.add_source("PrimeKG", "", "CC BY 4.0 (its sources have terms of their own)")
    order = list(_PRIMEKG_KINDS)
    with _table(tables[0]) as rows:
        at = {name: i for i, name in enumerate(next(rows, []))}
        if not set(_PRIMEKG) <= set(at) or (facts and not {"x_index", "y_index"} <= set(at)):
            raise InputError(
                f"{path} is not PrimeKG's kg.csv; it lacks {', '.join(sorted(set(_PRIMEKG) - set(at)))}"
            )
        columns = [at[name] for name in _PRIMEKG]
        indexes = [at.get(name, 0) for name in ("x_index", "y_index")]
        for row in rows:
            if len(row) < len(at):
                continue
            relation, shown, *ends = (row[i] for i in columns)
            x, y = _primekg_node(builder, *ends[:4]), _primekg_node(builder, *ends[4:])
            ranks = [order.index(kind) if kind in order else len(order) for kind in (ends[1], ends[5])]
            if (ranks[0], x) > (ranks[1], y):
                x, y = y, x
            word = shown.strip().replace(" ", "_")
            name = relation if word == relation else f"{relation}:{word}"
            low, high = sorted(row[i] for i in indexes) if facts else ("", "")
            groups = facts.get((low, high, relation))
            if groups == ():
                continue  # the copy from the other end of an edge with groups
            if groups:
                facts[low, high, relation] = ()
            # Other copies from the other end are dropped when the graph is compiled.
            builder.edge(x, name, y, source, Details(groups=groups) if groups else None)


def _primekg_node(builder: Builder, local: str, kind: str, name: str, source: str) -> int:
    if source == "MONDO_grouped":
        node = builder.node(f"MONDO_grouped:{local}", name, _PRIMEKG_KINDS.get(kind, kind))
        for member in local.split("_"):
            builder.alias(f"MONDO:{member:0>7}", node)
        return node
    pattern = _PRIMEKG_PREFIX.get(source, f"{source}:{{}}")
    return builder.node(pattern.format(local.removesuffix(".0")), name, _PRIMEKG_KINDS.get(kind, kind))


def add_hetionet(builder: Builder, folder: Path) -> None:
    """Hetionet's nodes table (id, name, kind) and edges table (source, metaedge, target)."""
    source = builder.add_source("Hetionet", "1.0", "CC0 1.0 (its sources have terms of their own)")
    nodes_file, edges_file = files_of(folder)
    places = {}
    with _table(nodes_file, "\t") as rows:
        _expect(nodes_file, next(rows, []), ["id", "name", "kind"])
        for row in rows:
            if len(row) != 3:
                raise InputError(f"{nodes_file.name}: a line has {len(row)} columns instead of 3")
            kind, _, local = row[0].partition("::")
            pattern = "{}" if ":" in local else _HETIONET_PREFIX.get(kind, f"{kind}:{{}}")
            places[row[0]] = builder.node(
                pattern.format(local), row[1], _HETIONET_KINDS.get(kind, kind.lower())
            )
            builder.alias(row[0], places[row[0]])
    with _table(edges_file, "\t") as rows:
        _expect(edges_file, next(rows, []), ["source", "metaedge", "target"])
        for row in rows:
            if len(row) != 3:
                raise InputError(f"{edges_file.name}: a line has {len(row)} columns instead of 3")
            tail, metaedge, head = row
            if tail not in places or head not in places:
                raise InputError(
                    f"{edges_file.name} names a node that {nodes_file.name} lacks: {tail} or {head}"
                )
            builder.edge(places[tail], _verb(metaedge), places[head], source)


def _verb(metaedge: str) -> str:
    """`CtD` → treats, `Gr>G` → regulates; an unknown abbreviation stays as it is."""
    letters = "".join(c for c in metaedge if c.islower() or c == ">")
    return _HETIONET_OWN.get(metaedge) or _HETIONET_VERBS.get(letters, metaedge)


def add_edge_list(builder: Builder, path: Path) -> None:
    """A table of edges with a header (see docs/graph.md), or three columns (head, relation, tail) without one."""
    source = builder.add_source(path.name)
    with _table(path) as rows:
        first = next(rows, [])
        at = _columns(first)
        if at is None and len(first) != 3:
            raise InputError(
                f"{path.name} needs a header with columns source and target, or three columns: head, relation, tail"
            )
        if at is None:
            at = {"tail": 0, "relation": 1, "head": 2}
            _list_edge(builder, first, at, source, path)
        for row in rows:
            if any(row):
                _list_edge(builder, row, at, source, path)


def _columns(head: list[str]) -> dict[str, int] | None:
    names = [cell.strip().lower() for cell in head]
    found = {
        key: names.index(name) for key, known in _COLUMNS.items() for name in known[::-1] if name in names
    }
    # "head, relation, tail" is a triple, where "head" is what the edge starts from.
    return found if "tail" in found and "head" in found and found["tail"] != found["head"] else None


def _list_edge(builder: Builder, row: list[str], at: dict[str, int], source: int, path: Path) -> None:
    cell = {key: row[i].strip() if i < len(row) else "" for key, i in at.items()}
    if not cell["tail"] or not cell["head"]:
        raise InputError(f"{path.name}: an edge lacks one of its ends: {' '.join(row)[:80]!r}")
    tail = builder.node(cell["tail"], cell.get("tail_name", ""), cell.get("tail_kind", ""))
    head = builder.node(cell["head"], cell.get("head_name", ""), cell.get("head_kind", ""))
    sex = cell.get("sex", "").upper()
    sex = {"M": "MALE", "F": "FEMALE"}.get(sex, sex)
    if sex not in SEXES:
        raise InputError(f"{path.name}: sex is male or female, not {cell['sex']!r}")
    references = tuple(
        text.strip() for text in cell.get("references", "").replace("|", ";").split(";") if text.strip()
    )
    details = Details(
        frequency=_number(cell.get("frequency", ""), path), date=cell.get("date", ""), sex=sex,
        age_from=_number(cell.get("age_from", ""), path), age_to=_number(cell.get("age_to", ""), path),
        references=references, groups=_advised(cell, path),
    )  # fmt: skip
    builder.edge(
        tail, cell.get("relation") or "related_to", head, source, details if details != Details() else None
    )


def _advised(cell: dict[str, str], path: Path) -> tuple[tuple[str, str, str], ...]:
    """The group of people that an edge is said of, and what is advised for it (`applies` where nothing is said)."""
    advice = cell.get("advice", "").lower()
    if advice not in ("", *ADVICE):
        raise InputError(f"{path.name}: advice is one of {', '.join(ADVICE)}, not {advice[:40]!r}")
    group = cell.get("group", "")
    return ((group, advice or "applies", ""),) if group or advice else ()


def _number(text: str, path: Path) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError:
        raise InputError(f"{path.name}: {text[:40]!r} is no number") from None


def _hetionet_files(folder: Path) -> list[Path]:
    nodes = sorted(folder.glob("*nodes.tsv*"))
    edges = sorted(folder.glob("*edges.sif*"))
    return [nodes[0], edges[0]] if nodes and edges else []


def _expect(path: Path, head: list[str], columns: list[str]) -> None:
    if head != columns:
        raise InputError(
            f"{path.name} should have the columns {', '.join(columns)}, not {', '.join(head)[:80]}"
        )


@contextmanager
def _table(path: Path, separator: str = "") -> Iterator[Iterator[list[str]]]:
    """Rows of a CSV or TSV file, plain or gzipped; the separator is guessed from the first line where none is given."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with (
            gzip.open(path, "rb") if zipped else path.open("rb") as opened,
            io.TextIOWrapper(opened, encoding="utf-8-sig", newline="") as text,  # pyright: ignore[reportArgumentType]
        ):
            first = text.readline()
            text.seek(0)
            mark = separator or ("\t" if "\t" in first else ",")
            yield csv.reader(
                text, delimiter=mark, quoting=csv.QUOTE_NONE if mark == "\t" else csv.QUOTE_MINIMAL
            )
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} cannot be read ({error}); check the file") from None
