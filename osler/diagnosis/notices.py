"""What must be said with a differential: what it is conditional on, when the findings say little, and emergency signs."""

from __future__ import annotations

import numpy as np

from osler.case import Notice
from osler.diagnosis.model import Model
from osler.diagnosis.query import Query
from osler.diagnosis.shares import percent

# Findings that can need help within minutes or hours, whatever the cause; terms below them count too.
EMERGENCIES = (
    ("HP:0001259", "coma"),
    ("HP:0002133", "status epilepticus"),
    ("HP:0002098", "respiratory distress"),
    ("HP:0002878", "respiratory failure"),
    ("HP:0002104", "apnea"),
    ("HP:0001695", "cardiac arrest"),
    ("HP:0031273", "shock"),
    ("HP:0100806", "sepsis"),
    ("HP:0100749", "chest pain"),
    ("HP:0002138", "subarachnoid hemorrhage"),
    ("HP:0001342", "cerebral hemorrhage"),
    ("HP:0001297", "stroke"),
    ("HP:0001287", "meningitis"),
    ("HP:0002647", "aortic dissection"),
    ("HP:0002204", "pulmonary embolism"),
    ("HP:0001658", "myocardial infarction"),
    ("HP:0012819", "myocarditis"),
    ("HP:0100845", "anaphylactic shock"),
    ("HP:0001919", "acute kidney injury"),
    ("HP:0006554", "acute hepatic failure"),
    ("HP:0001951", "episodic ammonia intoxication"),
    ("HP:0001953", "diabetic ketoacidosis"),
    ("HP:0001943", "hypoglycemia"),
    ("HP:0002239", "gastrointestinal hemorrhage"),
    ("HP:0005214", "intestinal obstruction"),
    ("HP:0031368", "intestinal perforation"),
    ("HP:0033400", "acute abdomen"),
    ("HP:0001663", "ventricular fibrillation"),
    ("HP:0004756", "ventricular tachycardia"),
    ("HP:0002516", "increased intracranial pressure"),
    ("HP:0002105", "hemoptysis"),
    ("HP:0002047", "malignant hyperthermia"),
    ("HP:0031589", "suicidal ideation"),
)
FEW_FINDINGS = 3
# Mean information below which findings are shared by one disease in twelve or more.
LOW_INFORMATION = 2.5
# A presentation has something to go by when one finding is in fewer than one disease in 150.
TELLING_INFORMATION = 5.0


def notices_for(
    query: Query, model: Model, none_fits: float, prior: bool, reads_lists: bool = False
) -> list[Notice]:
    """The notices of one differential: those of the query first, then what holds for the result.

    `prior`: the knowledge base's priors were used; `reads_lists`: the ranker takes a hint from lists of exclusions.
    """
    found = list(query.notices)
    if query.empty:
        found.append(
            Notice(code="no-findings", text="No finding of the patient is known: this is the prior order.")
        )
    elif not len(query.present):
        text = "Only absent findings are known: they rank almost nothing apart."
        found.append(Notice(code="only-absent", text=text))
    else:
        found += _unspecific(query, model)
    found += _emergency(query, model)
    if reads_lists and len(query.looked_for):
        text = (
            f"The record lists {len(query.looked_for)} excluded findings. Which findings a report excludes tells what was "
            "suspected, and that counted as a hint; the method embedded-strict leaves it out."
        )
        found.append(Notice(code="looked-for", text=text))
    if none_fits > 0.5:
        text = f"The findings fit none of the known diseases well (probability that none fits: {percent(none_fits)})."
        found.append(Notice(code="none-fits", text=text))
    found.append(_conditional(model, prior))
    return found


def _unspecific(query: Query, model: Model) -> list[Notice]:
    information = model.information[query.present]
    telling = information.mean() >= LOW_INFORMATION and information.max() >= TELLING_INFORMATION
    if len(query.present) >= FEW_FINDINGS and telling:
        return []
    why = (
        f"only {len(query.present)} present finding{'s' if len(query.present) > 1 else ''}"
        if len(query.present) < FEW_FINDINGS
        else "findings that many diseases share"
    )
    text = (
        f"Non-specific presentation ({why}): common conditions explain most such cases, and they are not assessed here. "
        "The knowledge hpo+ddxplus adds 49 common ones."
        if model.knowledge.name == "hpo"
        else f"Non-specific presentation ({why}): the order is uncertain."
    )
    return [Notice(code="non-specific", text=text)]


def _emergency(query: Query, model: Model) -> list[Notice]:
    ontology = model.ontology
    roots = np.array([ontology.index(term) for term, _ in EMERGENCIES if term in ontology], np.int32)
    signs = [
        int(term)
        for term in query.present
        if np.isin(ontology.ancestors.row(int(term)), roots, kind="sort").any()
    ]
    if not signs:
        return []
    names = ", ".join(ontology.labels[term] for term in signs)
    text = (
        f"Possible emergency sign: {names}. Urgent causes are for clinicians at once, not for a ranked list."
    )
    return [Notice(code="emergency", text=text)]


def _conditional(model: Model, prior: bool) -> Notice:
    if model.knowledge.name.startswith("hpo"):
        text = (
            f"Probabilities hold if one of these {int((model.sizes > 0).sum()):,} profiled diseases is present; they are "
            "mostly rare and genetic. Common disease is not assessed"
            + (", but for the 49 conditions of DDXPlus." if "ddxplus" in model.knowledge.name else ".")
        )
    else:
        text = (
            f"Probabilities hold if one of these {model.n:,} profiled conditions is present. Findings are taken as "
            "independent given the condition, so a leading probability is surer than it should be."
        )
    if prior:
        text += " The knowledge base's own prior probabilities are used."
    return Notice(code="conditional", text=text)
