"""Reads an ontology from an OBO 1.2/1.4 flat file or an OBO Graphs JSON file into plain term records.

Only what Osler uses is kept: name, definition, comment, synonyms with scope and type, is_a parents, alternative ids,
obsolescence with its replacements. Knows nothing about any particular ontology.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from osler.errors import InputError

SCOPES = ("EXACT", "BROAD", "NARROW", "RELATED")


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a term. `scope` is EXACT, BROAD, NARROW or RELATED; `type` is the file's own word or ""."""

    text: str
    scope: str = "EXACT"
    layperson: bool = False
    type: str = ""


@dataclass(slots=True)
class TermRecord:
    """One term as the file states it."""

    id: str
    name: str = ""
    definition: str = ""
    comment: str = ""
    synonyms: list[Synonym] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    alt_ids: list[str] = field(default_factory=list)
    obsolete: bool = False
    replaced_by: list[str] = field(default_factory=list)
    consider: list[str] = field(default_factory=list)


@dataclass(slots=True)
class OntologyFile:
    """All terms of one file, in the file's order, and the release it names ("" where it names none)."""

    release: str
    terms: list[TermRecord]


def read_ontology(path: Path) -> OntologyFile:
    """Read hp.obo, hp.json or either gzipped. Raises InputError when the file is missing, empty or garbled."""
    text = read_text(path)
    if not text.strip():
        raise InputError(f"{path.name} is empty; fetch it again from the ontology's release page.")
    parsed = parse_json(text, path.name) if text.lstrip().startswith("{") else parse_obo(text.splitlines())
    if not any(term.parents for term in parsed.terms):
        raise InputError(
            f"{path.name} holds no terms with parents; it is not a complete OBO or OBO Graphs JSON file."
        )
    return parsed


def read_text(path: Path) -> str:
    """The decoded text of a plain or gzipped UTF-8 file; InputError says what is wrong with it."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        return raw.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except (OSError, EOFError, UnicodeDecodeError, gzip.zlib.error) as error:  # type: ignore[attr-defined]
        raise InputError(f"{path.name} cannot be read ({error}); fetch it again or check the path.") from None


def parse_obo(lines: Iterable[str]) -> OntologyFile:
    """Parse OBO lines. Unknown tags are skipped, as the format asks for; stanzas other than [Term] too."""
    release, terms = "", []
    for kind, tags in _stanzas(lines):
        if kind == "":
            release = next((_release(value) for tag, value in tags if tag == "data-version"), "")
        elif kind == "Term":
            record = _record(tags)
            if record is not None:
                terms.append(record)
    return OntologyFile(release, terms)


def parse_json(text: str, name: str = "the file") -> OntologyFile:
    """Parse an OBO Graphs JSON document (hp.json). Raises InputError when it is not one."""
    import orjson

    try:
        graph = orjson.loads(text)["graphs"][0]
        nodes, edges = graph["nodes"], graph.get("edges", [])
        meta = graph.get("meta", {})
        records = {}
        for node in nodes:
            record = _node(node)
            if record is not None:
                records[record.id] = record
        for edge in edges:
            if edge["pred"] in ("is_a", "subClassOf") and curie(edge["sub"]) in records:
                records[curie(edge["sub"])].parents.append(curie(edge["obj"]))
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(f"{name} is not an OBO Graphs JSON file ({error!r}); fetch it again.") from None
    for record in records.values():
        record.parents = [parent for parent in record.parents if parent in records]
    release = _release(str(meta.get("version", "")))
    return OntologyFile(release, list(records.values()))


def curie(iri: str) -> str:
    """`http://purl.obolibrary.org/obo/HP_0001250` → `HP:0001250`; a CURIE is returned as it is."""
    if not iri.startswith("http"):
        return iri
    return re.sub(r"^([A-Za-z]+)_", r"\1:", iri.rstrip("/").rsplit("/", 1)[-1], count=1)


def _stanzas(lines: Iterable[str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    kind, tags = "", []
    for line in lines:
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            yield kind, tags
            kind, tags = line[1:-1], []
        elif line and not line.startswith("!"):
            tag, separator, value = line.partition(":")
            if separator:
                tags.append((tag, value.strip()))
    yield kind, tags


def _record(tags: list[tuple[str, str]]) -> TermRecord | None:
    record = TermRecord(id="")
    for tag, value in tags:
        if tag == "id":
            record.id = _plain(value)
        elif tag == "name":
            record.name = _unescape(value)
        elif tag == "def":
            record.definition = _quoted(value)[0]
        elif tag == "comment":
            record.comment = _unescape(value)
        elif tag == "synonym":
            synonym = _synonym(value)
            if synonym is not None:
                record.synonyms.append(synonym)
        elif tag == "is_a":
            record.parents.append(_plain(value))
        elif tag == "alt_id":
            record.alt_ids.append(_plain(value))
        elif tag == "is_obsolete":
            record.obsolete = _plain(value) == "true"
        elif tag == "replaced_by":
            record.replaced_by.append(_plain(value))
        elif tag == "consider":
            record.consider.append(_plain(value))
    return record if record.id else None


def _synonym(value: str) -> Synonym | None:
    text, rest = _quoted(value)
    words = rest.split("[", 1)[0].split()
    scope = words[0] if words and words[0] in SCOPES else "RELATED"
    kind = words[1] if len(words) > 1 else ""
    return Synonym(text, scope, kind == "layperson", kind) if text else None


_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"(.*)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def _quoted(value: str) -> tuple[str, str]:
    """The text in the first quotation marks, unescaped, and what follows it."""
    match = _QUOTED.match(value)
    return (_unescape(match[1]), match[2]) if match else ("", value)


def _unescape(value: str) -> str:
    return (
        _ESCAPE.sub(lambda m: {"n": "\n", "t": "\t", "W": " "}.get(m[1], m[1]), value)
        if "\\" in value
        else value
    )


def _plain(value: str) -> str:
    """A value without its trailing comment ("! name") and qualifiers ("{…}")."""
    return value.split("!", 1)[0].split("{", 1)[0].strip()


def _release(version: str) -> str:
    """`hp/releases/2025-01-16` or an address with that in it → `2025-01-16`."""
    match = re.search(r"\d{4}-\d{2}-\d{2}", version)
    return match[0] if match else version.rsplit("/", 1)[-1]


_JSON_SCOPE = {"Exact": "EXACT", "Broad": "BROAD", "Narrow": "NARROW", "Related": "RELATED"}


def _node(node: dict) -> TermRecord | None:
    if node.get("type", "CLASS") != "CLASS" or not (
        node.get("lbl") or node.get("meta", {}).get("deprecated")
    ):
        return None
    meta = node.get("meta", {})
    record = TermRecord(id=curie(node["id"]), name=node.get("lbl", ""), obsolete=bool(meta.get("deprecated")))
    record.definition = meta.get("definition", {}).get("val", "")
    record.comment = " ".join(meta.get("comments", []))
    for item in meta.get("synonyms", []):
        kind = curie(str(item.get("synonymType", ""))).rsplit("#", 1)[-1]
        scope = _JSON_SCOPE.get(item["pred"].removeprefix("has").removesuffix("Synonym"), "RELATED")
        record.synonyms.append(Synonym(item["val"], scope, kind == "layperson", kind))
    for item in meta.get("basicPropertyValues", []):
        predicate, value = item["pred"].rsplit("/", 1)[-1], curie(item["val"])
        if predicate.endswith("hasAlternativeId"):
            record.alt_ids.append(value)
        elif predicate == "IAO_0100001":
            record.replaced_by.append(value)
        elif predicate.endswith("consider"):
            record.consider.append(value)
    return record
