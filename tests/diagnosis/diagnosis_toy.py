"""A made-up knowledge base, random but seeded, with citations to withhold."""

import numpy as np

from osler.data.arrays import Arrays
from osler.knowledge.compile import compile_knowledge
from osler.knowledge.hpoa import Annotation
from osler.knowledge.profiles import Knowledge
from osler.ontology.hpo import Ontology, compile_ontology, compile_texts
from osler.ontology.obo import Synonym, TermRecord

ROOT = "HP:0000118"


def term_id(i):
    return ROOT if i == 0 else f"HP:9{i:06d}"


def make_ontology(rng, terms):
    records = [TermRecord(ROOT, "Phenotypic abnormality")]
    for i in range(1, terms):
        above = rng.choice(min(i, 1 + i // 2), size=min(i, 1 + int(rng.random() < 0.3)), replace=False)
        lay = [Synonym(f"plain words {i}", "EXACT", True, "layperson")] if i % 3 else []
        records.append(
            TermRecord(term_id(i), f"Sign {i}", parents=[term_id(int(a)) for a in above], synonyms=lay)
        )
    checksum = f"toy-{terms}-{rng.integers(1 << 40)}"
    arrays = compile_ontology(records, name="toy", release="1", checksum=checksum, root=ROOT)
    return Ontology(arrays, lambda: compile_texts(records))


def annotation(disease, term, reference, num=0, den=0, negated=False, aspect="P"):
    share = num / den if den else float("nan")
    return Annotation(
        disease,
        f"Disease {disease}",
        term,
        negated,
        (reference,),
        "PCS",
        "",
        share,
        num,
        den,
        "",
        "",
        (),
        aspect,
        "",
    )


def make_knowledge(seed=0, terms=60, diseases=25):
    rng = np.random.default_rng(seed)
    ontology = make_ontology(rng, terms)
    rows = []
    for d in range(diseases):
        for k in range(int(rng.integers(1, 9))):
            term = term_id(int(rng.integers(1, terms)))
            den = int(rng.integers(0, 12))
            num = int(rng.integers(0, den + 1)) if den else 0
            reference = f"PMID:{100 * d + k % 3}" if rng.random() < 0.8 else f"OMIM:{d + 1}"
            rows.append(annotation(f"OMIM:{d + 1}", term, reference, num, den, negated=rng.random() < 0.05))
    meta = {"name": "toy", "release": "1", "checksum": f"{ontology.checksum}-{diseases}"}
    compiled: Arrays = compile_knowledge(rows, ontology, meta=meta)
    return Knowledge(compiled, ontology)
