"""What it takes to find something out: a cost class and a plain question for every term, from its place in the ontology.

The table below says it all; the nearest roots above a term decide. Knows nothing of diseases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from osler.data.arrays import Arrays, Strings, pack_strings
from osler.data.cache import cached_arrays, digest
from osler.ontology.hpo import Ontology

FORMAT = 8
# Two whole words, not the parts of an abbreviation.
_SLASH = re.compile(r"([A-Za-z]{4,})/([A-Z]?)([a-z]{3,})")
HISTORY, EXAMINATION, LABORATORY, IMAGING, INVASIVE = range(5)
# Name, and how much one bit of information is worth when it has to be got this way.
CLASSES: tuple[tuple[str, float], ...] = (
    ("history", 1.0),
    ("examination", 0.95),
    ("laboratory", 0.6),
    ("imaging", 0.4),
    ("invasive or genetic", 0.2),
)
# Umbrella terms ("Abnormal eye physiology") group findings; nobody asks them, so they count for little.
UMBRELLA = re.compile(r"(?i)^abnormal\b|\babnormalit(y|ies)\b|\banomal(y|ies) of\b")
UMBRELLA_WORTH = 0.1
# Roots of branches and the class of what lies under them; the nearest above a term count, the least of them.
ROOTS: tuple[tuple[str, int], ...] = (
    ("HP:0000118", EXAMINATION),  # phenotypic abnormality
    ("HP:0000152", EXAMINATION),  # head or neck
    ("HP:0000478", EXAMINATION),  # eye
    ("HP:0000504", HISTORY),  # abnormality of vision
    ("HP:0001098", IMAGING),  # abnormal fundus morphology
    ("HP:0000598", EXAMINATION),  # ear
    ("HP:0000364", HISTORY),  # hearing abnormality
    ("HP:0001574", EXAMINATION),  # integument
    ("HP:0001507", EXAMINATION),  # growth
    ("HP:0025142", HISTORY),  # constitutional symptom
    ("HP:0001608", HISTORY),  # voice
    ("HP:0001197", HISTORY),  # prenatal development or birth
    ("HP:0002664", INVASIVE),  # neoplasm
    ("HP:0000707", EXAMINATION),  # nervous system
    ("HP:0012638", HISTORY),  # nervous system physiology
    ("HP:0012639", IMAGING),  # nervous system morphology
    ("HP:0012759", HISTORY),  # neurodevelopmental abnormality
    ("HP:0000708", HISTORY),  # behaviour
    ("HP:0001250", HISTORY),  # seizure
    ("HP:0002353", IMAGING),  # EEG abnormality
    ("HP:0003457", IMAGING),  # EMG abnormality
    ("HP:0002921", INVASIVE),  # cerebrospinal fluid
    ("HP:0000924", EXAMINATION),  # skeletal system
    ("HP:0009122", IMAGING),  # axial skeleton morphology
    ("HP:0002650", EXAMINATION),  # scoliosis
    ("HP:0000240", EXAMINATION),  # skull size
    ("HP:0000929", EXAMINATION),  # skull
    ("HP:0001999", EXAMINATION),  # facial shape
    ("HP:0000271", EXAMINATION),  # face
    ("HP:0000163", EXAMINATION),  # mouth
    ("HP:0000766", EXAMINATION),  # sternum
    ("HP:0011314", IMAGING),  # long bones
    ("HP:0009121", IMAGING),  # axial skeleton
    ("HP:0003330", IMAGING),  # bone structure
    ("HP:0040064", EXAMINATION),  # limbs
    ("HP:0033127", EXAMINATION),  # musculoskeletal system
    ("HP:0011805", INVASIVE),  # muscle morphology
    ("HP:0011804", HISTORY),  # muscle physiology
    ("HP:0001626", EXAMINATION),  # cardiovascular system
    ("HP:0001627", IMAGING),  # heart morphology
    ("HP:0002597", IMAGING),  # vasculature
    ("HP:0011675", IMAGING),  # arrhythmia
    ("HP:0002086", HISTORY),  # respiratory system
    ("HP:0012252", IMAGING),  # respiratory system morphology
    ("HP:0025031", HISTORY),  # digestive system
    ("HP:0025033", IMAGING),  # digestive system morphology
    ("HP:0001392", IMAGING),  # liver
    ("HP:0000119", HISTORY),  # genitourinary system
    ("HP:0000077", IMAGING),  # kidney
    ("HP:0000079", IMAGING),  # urinary system
    ("HP:0000078", EXAMINATION),  # genital system
    ("HP:0010935", IMAGING),  # upper urinary tract
    ("HP:0001939", LABORATORY),  # metabolism and homeostasis
    ("HP:0001945", HISTORY),  # fever
    ("HP:0012531", HISTORY),  # pain
    ("HP:0001871", LABORATORY),  # blood
    ("HP:0001892", HISTORY),  # abnormal bleeding
    ("HP:0002715", LABORATORY),  # immune system
    ("HP:0002719", HISTORY),  # recurrent infections
    ("HP:0000818", LABORATORY),  # endocrine system
    ("HP:0025354", INVASIVE),  # cellular phenotype
    ("HP:0000769", EXAMINATION),  # breast
    ("HP:0045027", EXAMINATION),  # thoracic cavity
)
_FORMS = (
    "Has the patient had {}?",
    "On examination, do you find {}?",
    "Do laboratory tests show {}?",
    "Does imaging or a recording show {}?",
    "Does a biopsy or another special test show {}?",
)


class Questions:
    """For every term: `cost` (int8, position in `CLASSES`), `worth` (float32), `askable` (bool), and its question."""

    def __init__(self, arrays: Arrays):
        self.cost: np.ndarray = arrays["cost"]
        self.askable: np.ndarray = arrays["askable"]
        self.texts: Strings = arrays.strings("question")
        self.worth = np.array([worth for _, worth in CLASSES], np.float32)[self.cost]
        self.worth[arrays["umbrella"]] *= UMBRELLA_WORTH

    def cost_name(self, term: int) -> str:
        """The name of a term's cost class."""
        return CLASSES[int(self.cost[term])][0]


def questions_of(ontology: Ontology) -> Questions:
    """The questions of an ontology, compiled once into the user's cache."""
    key = f"questions-{ontology.name}-{digest(ontology.checksum, FORMAT)}"
    return Questions(cached_arrays(key, lambda: _compile(ontology)))


def _compile(ontology: Ontology) -> Arrays:
    cost = cost_classes(ontology)
    texts, askable = [], np.zeros(len(ontology), bool)
    umbrella = np.zeros(len(ontology), bool)
    for term in range(len(ontology)):
        own = ontology.question(term)
        lay = [s.text for s in ontology.synonyms(term) if s.layperson]
        askable[term] = bool(own or lay)
        umbrella[term] = not own and UMBRELLA.search(ontology.labels[term]) is not None
        if own:  # a question put to the patient is history, wherever its term stands
            cost[term] = HISTORY
        texts.append(own or _FORMS[int(cost[term])].format(_in_words(ontology.labels[term], lay)))
    return Arrays({"cost": cost, "askable": askable, "umbrella": umbrella} | pack_strings("question", texts))


def cost_classes(ontology: Ontology, roots: Sequence[tuple[str, int]] = ROOTS) -> np.ndarray:
    """Cost class of each term (int8): the least of the nearest roots above it, history where there is none.

    A root counts for a term unless another root lies between them.
    """
    known = {ontology.index(root): kind for root, kind in roots if root in ontology}
    below = {root: ontology.descendants.row(root) for root in known}
    classes = np.full(len(ontology), INVASIVE + 1, np.int8)
    for root, kind in known.items():
        nearest = np.zeros(len(ontology), bool)
        nearest[below[root]] = True
        between = [other for other in known if other != root and ontology.is_a(other, root)]
        for other in between:
            nearest[below[other]] = False
        classes[nearest] = np.minimum(classes[nearest], kind)
    return np.where(classes > INVASIVE, HISTORY, classes).astype(np.int8)


def _in_words(label: str, lay: Sequence[str]) -> str:
    """The label as it stands in a question, with the shortest lay wording in brackets where it says something else.

    Lay synonyms come in every part of speech ("tired"), so they cannot stand in the sentence themselves.
    """
    words = _inside_sentence(label)
    plain = min(lay, key=len, default="")
    return (
        words if not plain or plain.casefold() in label.casefold() else f"{words} ({_inside_sentence(plain)})"
    )


def _inside_sentence(words: str) -> str:
    """A label as it stands within a sentence: its first letter small unless the word is an abbreviation or a name, "or" for a slash."""
    if "ratio" not in words:
        words = _SLASH.sub(lambda one: f"{one[1]} or {one[2].lower()}{one[3]}", words)
    first = re.match(r"[A-Za-z]+", words)
    if not first or (len(first[0]) > 1 and not first[0][1:].islower()) or len(first[0]) == 1:
        return words
    return words[0].lower() + words[1:]
