"""What sits beside medical knowledge in practice: the codes of ICD-10-CM, and Osler's own calculators with what they need."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from osler import registry
from osler.errors import InputError
from osler.knowledge.graph.build import Builder, Details, name_key
from osler.knowledge.graph.disease_sources import members


def add_icd10cm(builder: Builder, folder: Path) -> None:
    """Every code with its place in the hierarchy; a disease has the code that Mondo or its own name gives it.

    A node's name begins with its code, so that a disease's name stays the disease's. Read from the order file
    (icd10cm-order-….txt) of a release, in the folder or in an archive there.
    """
    path, text = _order_file(folder)
    year = re.search(r"(20\d\d)", path)
    source = builder.add_source("ICD-10-CM", year[1] if year else "", "public domain (NCHS, CMS)")
    diseases, taken = _own_names(builder, "disease"), _all_names(builder)
    codes: dict[str, int] = {}
    for line in text.splitlines():
        code, described = line[6:14].strip(), line[77:].strip()
        if len(line) < 78 or not re.fullmatch(r"[A-Z]\d\w{1,5}", code):
            raise InputError(f"{path} is not an order file of ICD-10-CM: {line[:40]!r}")
        dotted = code[:3] + (f".{code[3:]}" if len(code) > 3 else "")
        known = builder.index.get(f"ICD10CM:{dotted}")  # where Mondo names it
        node = codes[code] = builder.node(f"ICD10CM:{dotted}", f"{dotted} {described}", "code")
        parent = next((codes[code[:n]] for n in range(len(code) - 1, 2, -1) if code[:n] in codes), None)
        if parent is not None:
            builder.edge(node, "is_a", parent, source)
        same = diseases.get(name_key(described), ())
        if known is None and len(same) == 1:
            builder.edge(same[0], "has_code", node, source)
        if name_key(described) not in taken:
            builder.synonyms.append((described, node))


def _all_names(builder: Builder) -> set[str]:
    """Every name and synonym so far: what comes beside them must not make them ambiguous."""
    return {name_key(name) for name in builder.names} | {name_key(text) for text, _ in builder.synonyms}


def _own_names(builder: Builder, kind: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, (name, of) in enumerate(zip(builder.names, builder.kinds, strict=True)):
        if of == kind:
            found.setdefault(name_key(name), []).append(at)
    return found


def _order_file(folder: Path) -> tuple[str, str]:
    """Name and text of the newest order file."""
    plain = sorted(folder.glob("**/icd10cm*order*.txt"))
    if plain:
        try:
            return plain[-1].name, plain[-1].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{plain[-1]} cannot be read ({error})") from None
    for archive in sorted(folder.glob("*.zip")):
        try:
            with zipfile.ZipFile(archive) as opened:
                names = sorted(n for n in opened.namelist() if re.search(r"icd10cm[^/]*order[^/]*\.txt$", n))
                if names:
                    return names[-1], opened.read(names[-1]).decode("utf-8")
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, UnicodeDecodeError) as error:
            raise InputError(f"{archive} cannot be read ({error}); fetch it again") from None
    raise InputError(f"{folder} holds no order file of ICD-10-CM (icd10cm-order-….txt)")


def add_mondo_codes(builder: Builder, folder: Path) -> None:
    """The ICD-10-CM codes that Mondo judges to be exactly a disease."""
    archive = next(iter(sorted(folder.glob("mondo*.zip"))), None)
    if archive is None:
        return
    source = builder.add_source("Mondo's codes", "", "CC0 1.0")
    for text in members(archive, ("_icd10cm.sssom.tsv",)).values():
        for line in text.splitlines():
            cells = line.split("\t")
            if len(cells) > 4 and cells[2] == "skos:exactMatch" and cells[0] in builder.index:
                node = builder.node(cells[3], "", "code")
                builder.edge(builder.index[cells[0]], "has_code", node, source)


def add_calculators(builder: Builder) -> None:
    """Calculators, and what each needs: findings of the HPO where an input names them, else what is measured or asked.

    They are found by the registry: the graph knows of no single one.
    """
    source = builder.add_source("Osler's calculators", "", "Apache-2.0; each cites its sources")
    taken = _all_names(builder)
    for part in registry.parts("calculator"):
        calculator = part.object
        synonyms = [text for text in (part.name, *calculator.aliases) if name_key(text) not in taken]
        node = builder.node(f"CALC:{part.name}", calculator.title, "calculator", synonyms)
        cited = Details(references=tuple(f"DOI:{one.doi}" for one in calculator.sources if one.doi))
        for given in calculator.inputs:
            terms = [builder.index[term] for term in given.terms if term in builder.index]
            for at in terms or [_concept(builder, given)]:
                builder.edge(node, "needs", at, source, cited if cited.references else None)


def _concept(builder: Builder, given: object) -> int:
    """What an input asks for, one node for all calculators that ask for it."""
    name = getattr(given, "measure", None) or getattr(given, "label", "") or getattr(given, "name", "")
    return builder.node(f"INPUT:{name_key(name).replace(' ', '-')}", f"{name} (input)", "input")
