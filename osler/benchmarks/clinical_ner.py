"""Clinical entities in text, of several corpora, mapped to one set of OMOP classes; taggers and generators alike.

Source: Abdul et al. 2024, "Named Clinical Entity Recognition Benchmark" (arXiv 2410.05046): NCBI disease, BC5CDR, CHIA
and BioRED under the classes condition, measurement, drug, procedure, gene, gene variant. Read here: PubTator files (the
layout of NCBI, BC5CDR and BioRED) and JSON lines `{"id", "text", "entities": [{"start", "end", "label"}]}`.

An extractor is a function from a text to entities. A generator, which answers with the text tagged in place
(`<span class="drug">aspirin</span>`), becomes one by `tagged_by`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.entities import Entity, partial_counts, strict_counts, token_counts

CLASSES = ("condition", "measurement", "drug", "procedure", "gene", "gene variant")
# Entity types of the corpora, lower case; what is not here belongs to no class and is left out.
SOURCE_CLASSES: dict[str, str] = {
    **dict.fromkeys(
        ("disease", "specificdisease", "diseaseclass", "compositemention", "modifier"), "condition"
    ),
    **dict.fromkeys(("symptom", "sign", "diseaseorphenotypicfeature", "phenotype"), "condition"),
    **dict.fromkeys(("chemical", "chemicalentity", "medication"), "drug"),
    **dict.fromkeys(("lab", "test", "laboratory"), "measurement"),
    "geneorgeneproduct": "gene",
    "sequencevariant": "gene variant",
    **{name: name for name in CLASSES},
}
_TITLE_OR_ABSTRACT = re.compile(r"^([^|\t]+)\|([ta])\|(.*)$")
_TAG = re.compile(r'<span class="([^"<>]+)">(.*?)</span>', re.DOTALL)

Extractor = Callable[[str], Sequence[Entity]]


@dataclass(frozen=True)
class Document:
    """A text and its gold entities, in OMOP classes, as half-open character offsets."""

    id: str
    text: str
    entities: tuple[Entity, ...]


@benchmark(
    "clinical-ner",
    source="Abdul et al. 2024 (Named Clinical Entity Recognition Benchmark)",
    needs=("--data PubTator file or JSON lines",),
    fidelity="abstract",
)
def read_documents(path: Path) -> list[Document]:
    """Tagged clinical texts under OMOP classes: strict, partial and token F1 of an extractor.

    Raises InputError with the line of whatever does not fit the layout.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as UTF-8 text") from None
    documents = list(
        _json_lines(text, path.name) if text.lstrip().startswith("{") else _pubtator(text, path.name)
    )
    if not documents:
        raise InputError(f"{path} holds no documents")
    return documents


def evaluate_entities(documents: Sequence[Document], extract: Extractor) -> dict[str, Any]:
    """P, R and F1 pooled over documents: strict, partial and by token, in all and for each class that occurs."""
    gold = [document.entities for document in documents]
    found = [tuple(extract(document.text)) for document in documents]
    ways = {"strict": strict_counts, "partial": partial_counts}
    result: dict[str, Any] = {
        "benchmark": "clinical-ner",
        "n": len(documents),
        "entities": sum(map(len, gold)),
    }
    for name, counts in ways.items():
        result[name] = counts(found, gold).figures()
    texts = [document.text for document in documents]
    result["token"] = token_counts(found, gold, texts).figures()
    present = [
        label
        for label in CLASSES
        if any(entity.label == label for side in (*gold, *found) for entity in side)
    ]
    result["by_class"] = {
        label: {
            name: counts(_only(found, label), _only(gold, label)).figures() for name, counts in ways.items()
        }
        for label in present
    }
    return result


def osler_extractor(text: str) -> list[Entity]:
    """Osler's own findings (conditions) and measurements, whatever their status; it knows no drugs or procedures."""
    from osler.findings.numbers import read_measurements
    from osler.findings.text import find_findings

    spans = [
        ("condition", span) for finding in find_findings(text) for span in finding.spans or [finding.span]
    ]
    spans += [("measurement", measurement.span) for measurement in read_measurements(text)]
    return sorted({Entity(span.start, span.end, label) for label, span in spans if span is not None})


def tagged_by(generate: Callable[[str], str]) -> Extractor:
    """An extractor from a generator that answers with the text tagged in place."""
    return lambda text: read_tagged(generate(text), text)


def read_tagged(reply: str, text: str) -> list[Entity]:
    """Entities of a tagged reply as offsets in the original text.

    Each tagged mention is looked for after the one before it, so repeated words keep their order. A mention that the
    text does not hold there was made up: it is returned as an empty span at the end, which counts as wrong everywhere.
    """
    entities, position, invented = [], 0, 0
    for label, mention in _TAG.findall(reply):
        start = text.find(mention, position) if mention.strip() else -1
        name = SOURCE_CLASSES.get(label.strip().lower()) or str(label)
        if start < 0:
            invented += 1
            entities.append(Entity(len(text) + invented, len(text) + invented, name))
        else:
            position = start + len(mention)
            entities.append(Entity(start, position, name))
    return entities


def _only(documents: Sequence[Sequence[Entity]], label: str) -> list[list[Entity]]:
    return [[entity for entity in entities if entity.label == label] for entities in documents]


def _json_lines(text: str, name: str) -> Iterator[Document]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            marked = [(int(e["start"]), int(e["end"]), str(e["label"])) for e in row["entities"]]
            yield _document(str(row["id"]), str(row["text"]), marked, f"{name}, line {number}")
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{name}, line {number}: not in the layout ({type(error).__name__})") from None


def _pubtator(text: str, name: str) -> Iterator[Document]:
    """Documents are separated by empty lines: `id|t|title`, `id|a|abstract`, then tab-separated annotations."""
    number = 1
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        parts: dict[str, str] = {}
        marked: list[tuple[int, int, str]] = []
        identifier = ""
        for line in block.split("\n"):
            head = _TITLE_OR_ABSTRACT.match(line)
            cells = line.split("\t")
            if head:
                identifier, parts[head[2]] = head[1], head[3]
            elif len(cells) >= 5 and cells[1].isdecimal() and cells[2].isdecimal():
                marked.append((int(cells[1]), int(cells[2]), cells[4]))
            elif line.strip() and len(cells) < 4:
                raise InputError(f"{name}, line {number}: neither PubTator nor JSON lines")
            number += 1
        number += 1
        if parts:
            yield _document(identifier, f"{parts.get('t', '')} {parts.get('a', '')}".rstrip(), marked, name)


def _document(identifier: str, text: str, marked: Sequence[tuple[int, int, str]], place: str) -> Document:
    if any(not 0 <= start < end <= len(text) for start, end, _ in marked):
        raise InputError(f"{place}: an entity lies outside its text")
    mapped = ((start, end, SOURCE_CLASSES.get(label.strip().lower())) for start, end, label in marked)
    return Document(identifier, text, tuple(sorted(Entity(s, e, label) for s, e, label in mapped if label)))
