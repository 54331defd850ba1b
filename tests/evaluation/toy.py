"""Five diseases over six findings, small enough to reason about; and a ranker that counts shared findings."""

from types import SimpleNamespace

import numpy as np
import orjson

from osler.knowledge.compile import compile_knowledge
from osler.knowledge.hpoa import parse_hpoa
from osler.knowledge.profiles import Knowledge
from osler.ontology.hpo import Ontology, compile_ontology, compile_texts
from osler.ontology.obo import TermRecord

ROOT = "HP:0000118"
TERMS = [TermRecord(ROOT, "Phenotypic abnormality")] + [
    TermRecord(f"HP:000000{i}", f"Finding {i}", parents=[ROOT]) for i in range(1, 7)
]

HEADER = "database_id disease_name qualifier hpo_id reference evidence onset frequency sex modifier aspect biocuration"
# Disease, name, term, references, aspect.
ROWS = """
OMIM:100001|Alpha syndrome 1|HP:0000001|PMID:11|P
OMIM:100001|Alpha syndrome 1|HP:0000002|PMID:12|P
OMIM:100002|Alpha syndrome 2|HP:0000001|PMID:12|P
OMIM:100002|Alpha syndrome 2|HP:0000003|OMIM:100002|P
OMIM:100003|Beta disease|HP:0000004|PMID:13|P
OMIM:100004|Gamma disease|HP:0000005|OMIM:100004|P
OMIM:100004|Gamma disease|HP:0000006|PMID:11;OMIM:100004|P
OMIM:100005|Only inherited|HP:0000002|PMID:14|I
"""


def toy_knowledge():
    lines = []
    for row in ROWS.strip().splitlines():
        disease, name, term, references, aspect = row.split("|")
        lines.append("\t".join([disease, name, "", term, references, "PCS", "", "1/1", "", "", aspect, ""]))
    rows = parse_hpoa("\t".join(HEADER.split()) + "\n" + "\n".join(lines)).rows
    arrays = compile_ontology(TERMS, name="toy", release="1", checksum="t", root=ROOT)
    ontology = Ontology(arrays, lambda: compile_texts(TERMS))
    meta = {"name": "toy", "release": "1", "checksum": "k"}
    return Knowledge(compile_knowledge(rows, ontology, meta=meta), ontology)


LISTED = frozenset(f"OMIM:10000{i}" for i in range(1, 5))


def packet(name, diagnosis, present, publication=None, absent=()):
    """A phenopacket as published: its id and metaData name the publication, its interpretation the diagnosis."""
    features = [{"type": {"id": f"HP:000000{i}", "label": ""}} for i in present]
    features += [{"type": {"id": f"HP:000000{i}", "label": ""}, "excluded": True} for i in absent]
    disease = {"id": diagnosis, "label": "what it is"}
    return {
        "id": name,
        "subject": {"id": "proband", "sex": "FEMALE"},
        "phenotypicFeatures": features,
        "interpretations": [{"id": name, "progressStatus": "SOLVED", "diagnosis": {"disease": disease}}],
        "metaData": {
            "created": "2025-01-01T00:00:00Z",
            "createdBy": "a test",
            "resources": [],
            "phenopacketSchemaVersion": "2.0",
            "externalReferences": [{"id": publication}] if publication else [],
        },
    }


PACKETS = {
    "a_cited.json": packet("PMID_11_a", "OMIM:100001", [1, 2], "PMID:11"),
    "b_clean.json": packet("PMID_20_b", "OMIM:100001", [1, 2], "PMID:20", absent=[4]),
    "c_unknown.json": packet("PMID_20_c", "OMIM:100002", [1, 2], "PMID:20"),
    "d_emptied.json": packet("PMID_13_d", "OMIM:100003", [4], "PMID:13"),
    "e_unlisted.json": packet("PMID_21_e", "OMIM:999999", [5, 6], "PMID:21"),
    "f_unpublished.json": packet("case f", "OMIM:100004", [5]),
}


def packets(*names):
    return [(i, (name, orjson.dumps(PACKETS[name]))) for i, name in enumerate(names or PACKETS)]


class CountingRanker:
    """Score = how many of the case's present findings the disease has; notes everything it is shown."""

    def __init__(self, knowledge):
        self.knowledge = knowledge
        self.seen = []

    def query(self, item):
        return frozenset(f.id for f in item.case.findings if f.status == "present")

    def rank(self, query, withheld, key):
        self.seen.append(SimpleNamespace(query=query, withheld=withheld))
        return self._scores(query, withheld or frozenset())

    def _scores(self, query, withheld):
        base = self.knowledge
        scores = np.zeros(len(base))
        for row in range(len(base.rows)):
            if base.rows.aspect[row] == 0 and not withheld & set(base.references_of(row)):
                scores[base.rows.disease[row]] += base.ontology.ids[int(base.rows.term[row])] in query
        return scores

    def posterior(self, scores, query, key):
        weights = np.exp(scores)
        return weights / weights.sum(), float(1 / (1 + np.exp(scores.max())))
