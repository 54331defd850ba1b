"""The compiled ontology: terms by position, hierarchy as closed sparse rows, names and definitions decoded when asked for.

Made for the HPO and general enough for any is_a hierarchy (DDXPlus evidences use it too). Knows nothing about
diseases or about text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from osler.data.arrays import Arrays, Strings, pack_strings
from osler.ontology.graph import CSR, closure, csr, depths, transpose
from osler.ontology.obo import SCOPES, Synonym, TermRecord

FORMAT = 2
PHENOTYPIC_ROOT = "HP:0000118"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an id stands for in this release: `id` and `index` are None and -1 when it is unknown or has no successor.

    `note` says in words what was done and is "" when nothing had to be.
    """

    id: str | None
    index: int
    note: str = ""


class Ontology:
    """Active terms of one release, ordered by id; a term's position is its index everywhere (int32).

    Attributes: `name`, `release`, `checksum`; `ids`, `labels` (sequences of str); `parents`, `children`, `ancestors`,
    `descendants` (CSR; the last two closed and including the term itself); `phenotypic` (bool[n], under the root of
    phenotypic abnormalities); `depth` (int16[n], shortest path from a root).
    """

    def __init__(self, arrays: Arrays, texts: Callable[[], Arrays]):
        self._arrays, self._load_texts = arrays, texts
        meta = arrays.meta
        self.name: str = meta["name"]
        self.release: str = meta["release"]
        self.checksum: str = meta["checksum"]
        self.ids: Strings = arrays.strings("ids")
        self.labels: Strings = arrays.strings("labels")
        self.parents, self.children = self._csr("parents"), self._csr("children")
        self.ancestors, self.descendants = self._csr("ancestors"), self._csr("descendants")
        self.phenotypic: np.ndarray = arrays["phenotypic"]
        self.depth: np.ndarray = arrays["depth"]

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, term_id: object) -> bool:
        return term_id in self._positions

    def __repr__(self) -> str:
        return f"<Ontology {self.name} {self.release}, {len(self)} terms>"

    def index(self, term_id: str) -> int:
        """Position of an active term's own id; KeyError for any other id (see `resolve`)."""
        return self._positions[term_id]

    def resolve(self, term_id: str) -> Resolved:
        """Find a term by its id, an alternative id, or the id of an obsolete term that has one successor."""
        term_id = term_id.strip()
        index = self._positions.get(term_id, -1)
        if index >= 0:
            return Resolved(term_id, index)
        index = self._alternatives.get(term_id, -1)
        if index >= 0:
            return Resolved(
                self.ids[index], index, f"{term_id} is now {self.ids[index]} ({self.labels[index]})"
            )
        obsolete = self._obsolete.get(term_id)
        if obsolete is None:
            return Resolved(None, -1, f"{term_id} is unknown in {self.name} {self.release}")
        label, successor, consider = obsolete
        if successor >= 0:
            note = f"{term_id} ({label}) is obsolete, replaced by {self.ids[successor]} ({self.labels[successor]})"
            return Resolved(self.ids[successor], successor, note)
        hint = f"; consider {consider}" if consider else ""
        return Resolved(None, -1, f"{term_id} ({label}) is obsolete without a replacement{hint}")

    def label(self, term_id: str) -> str:
        """The label of a term, "" where the id is unknown."""
        found = self.resolve(term_id)
        return self.labels[found.index] if found.index >= 0 else ""

    def is_a(self, a: int, b: int) -> bool:
        """Whether term `a` is `b` or lies under it."""
        row = self.ancestors.row(a)
        at = int(np.searchsorted(row, b))
        return at < len(row) and int(row[at]) == b

    def synonyms(self, index: int) -> list[Synonym]:
        """All synonyms of a term in the file's order."""
        texts = self._texts
        start, stop = (int(i) for i in texts["synonyms.indptr"][index : index + 2])
        words, types = texts.strings("synonyms"), texts.meta["synonym_types"]
        codes = zip(texts["synonyms.scope"][start:stop], texts["synonyms.type"][start:stop], strict=True)
        return [
            Synonym(words[start + k], SCOPES[scope], types[kind] == "layperson", types[kind])
            for k, (scope, kind) in enumerate(codes)
        ]

    def synonym_texts(self) -> list[tuple[int, str]]:
        """(position of the term, text) of every synonym of every scope, ordered by term."""
        texts = self._texts
        owners = np.repeat(np.arange(len(self)), np.diff(texts["synonyms.indptr"]))
        return list(zip(owners.tolist(), texts.strings("synonyms"), strict=True))

    def definition(self, index: int) -> str:
        """The definition of a term, "" where there is none."""
        return self._texts.strings("definitions")[index]

    def question(self, index: int) -> str:
        """The question text that a knowledge base gives for asking about the term, "" where there is none."""
        return self._texts.strings("questions")[index]

    @property
    def alternatives(self) -> Mapping[str, int]:
        """Alternative ids → position."""
        return self._alternatives

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {term_id: i for i, term_id in enumerate(self.ids.tolist())}

    @cached_property
    def _alternatives(self) -> dict[str, int]:
        return dict(zip(self._arrays.strings("alt"), self._arrays["alt.index"].tolist(), strict=True))

    @cached_property
    def _obsolete(self) -> dict[str, tuple[str, int, str]]:
        get = self._arrays.strings
        successors = self._arrays["obsolete.index"].tolist()
        values = zip(get("obsolete.label"), successors, get("obsolete.consider"), strict=True)
        return dict(zip(get("obsolete"), values, strict=True))

    @cached_property
    def _texts(self) -> Arrays:
        return self._load_texts()

    def _csr(self, name: str) -> CSR:
        return CSR(self._arrays[f"{name}.indptr"], self._arrays[f"{name}.indices"])


def compile_ontology(
    records: Sequence[TermRecord], *, name: str, release: str, checksum: str, root: str
) -> Arrays:
    """Arrays of an `Ontology` from term records; `root` is the id above which nothing counts as phenotypic.

    Parents that are not active terms are dropped. Raises ValueError when is_a has a cycle.
    """
    active = sorted((r for r in records if not r.obsolete), key=lambda r: r.id)
    active = [r for i, r in enumerate(active) if i == 0 or active[i - 1].id != r.id]
    position = {record.id: i for i, record in enumerate(active)}
    parents = [[position[p] for p in record.parents if p in position] for record in active]
    closed = closure(parents)
    graphs = {"parents": csr(parents), "ancestors": csr(closed)}
    graphs["children"] = transpose(graphs["parents"], len(active))
    graphs["descendants"] = transpose(graphs["ancestors"], len(active))
    roots = [i for i, above in enumerate(parents) if not above]
    under = position.get(root, -1)
    arrays: dict[str, np.ndarray] = {f"{key}.indptr": graph.indptr for key, graph in graphs.items()}
    arrays |= {f"{key}.indices": graph.indices for key, graph in graphs.items()}
    arrays |= pack_strings("ids", [r.id for r in active]) | pack_strings("labels", [r.name for r in active])
    arrays["phenotypic"] = np.array([under in above for above in closed], dtype=bool)
    arrays["depth"] = depths(graphs["children"], roots, len(active))
    arrays |= _redirections(records, position)
    return Arrays(arrays, {"name": name, "release": release, "checksum": checksum})


def compile_texts(records: Sequence[TermRecord], questions: Mapping[str, str] | None = None) -> Arrays:
    """The side file of an `Ontology`: definitions, synonyms and questions, in the order of the compiled terms."""
    active = {r.id: r for r in reversed(records) if not r.obsolete}
    ordered = [active[term_id] for term_id in sorted(active)]
    flat = [synonym for record in ordered for synonym in record.synonyms]
    types = sorted({synonym.type for synonym in flat})
    indptr = np.zeros(len(ordered) + 1, dtype=np.int32)
    np.cumsum([len(record.synonyms) for record in ordered], out=indptr[1:])
    arrays: dict[str, np.ndarray] = {"synonyms.indptr": indptr}
    arrays["synonyms.scope"] = np.array([SCOPES.index(s.scope) for s in flat], dtype=np.int8)
    arrays["synonyms.type"] = np.array([types.index(s.type) for s in flat], dtype=np.int8)
    arrays |= pack_strings("synonyms", [s.text for s in flat])
    arrays |= pack_strings("definitions", [r.definition for r in ordered])
    arrays |= pack_strings("questions", [(questions or {}).get(r.id, "") for r in ordered])
    return Arrays(arrays, {"synonym_types": types})


def _redirections(records: Sequence[TermRecord], position: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Tables of alternative ids and of obsolete terms with their single successor (-1 where there is none)."""
    alternative = {}
    for record in records:
        if not record.obsolete:
            alternative |= {alt: position[record.id] for alt in record.alt_ids if alt not in position}
    obsolete = [r for r in records if r.obsolete and r.id not in position and r.id not in alternative]
    following = [_successor(record, position, alternative) for record in obsolete]
    arrays = pack_strings("alt", list(alternative)) | pack_strings("obsolete", [r.id for r in obsolete])
    arrays |= pack_strings("obsolete.label", [r.name.removeprefix("obsolete ") for r in obsolete])
    arrays |= pack_strings("obsolete.consider", [", ".join(r.replaced_by[1:] + r.consider) for r in obsolete])
    arrays["alt.index"] = np.array(list(alternative.values()), dtype=np.int32)
    arrays["obsolete.index"] = np.array(following, dtype=np.int32)
    return arrays


def _successor(record: TermRecord, position: Mapping[str, int], alternative: Mapping[str, int]) -> int:
    """Index of the term that replaces an obsolete one, followed through alternative ids; -1 where there is none."""
    found = {position.get(r, alternative.get(r, -1)) for r in record.replaced_by}
    return found.pop() if len(found) == 1 else -1
