"""What a sentence says of a finding: present, absent, uncertain, family, historical or hypothetical."""

from __future__ import annotations

import pytest

from osler.findings.scope import read_scopes

# In each sentence the findings stand in braces; after the bar the status expected of each.
PRESENT = """
He has {seizures}. | present
{Seizures} since age 4. | present
The patient presented with {ataxia} and {hypotonia}. | present present
He had a 3-day history of {fever}. | present
She gave a two-year history of {headache}. | present
Referred for a {heart murmur}. | present
Both parents have {epilepsy}. | family
Two brothers with {epilepsy}. | present
"""
NEGATION = """
He has no {seizures}. | absent
There is no evidence of {ataxia}. | absent
No {fever}, {vomiting} or {rash}. | absent absent absent
No {fever}, {vomiting}, and {rash}. | absent absent absent
No {fever} nor {rash}. | absent absent
Neither {seizures} nor {ataxia}. | absent absent
She denies {fever}, {cough}, {vomiting}. | absent absent absent
Negative for {fever}, {cough}, and {rash}. | absent absent absent
Without {seizures} or {ataxia}. | absent absent
He did not have {seizures}. | absent
He never had {seizures}. | absent
The infant is free of {edema}. | absent
Absence of {nystagmus}. | absent
MRI ruled out {cerebral atrophy}. | absent
Deep tendon reflexes were normal, with no {clonus}. | absent
No history of {seizures}. | absent
Patient has {ataxia} without {seizures}. | present absent
LYMPH: No {lymphadenopathy} was appreciated in the neck. | absent
no {seizures}. No {ataxia}. | absent absent
She wasn't febrile and didn't have {vomiting}. | absent
"""
AFTER = """
{Seizures} were ruled out. | absent
{Seizures} have been excluded. | absent
{Seizures} ruled out by EEG. | absent
{Ataxia} is unlikely. | absent
{Ataxia} unlikely. | absent
{Ataxia} was not present. | absent
{Nystagmus} was not seen. | absent
{Seizures}: no | absent
{Seizures} (-) | absent
{Seizures} and {ataxia} were absent. | absent absent
{Fever}, {rash} and {cough} were denied. | absent absent absent
He has {seizures} and {ataxia} was absent. | present absent
He has {seizures}, {ataxia} was ruled out. | present absent
The patient had {ataxia}; {seizures} were denied. | present absent
Screening for {hearing loss} was negative. | absent
"""
NOT_NEGATION = """
No increase in {seizures} was noted. | present
No change in the {rash}. | present
Not only {seizures} but also {ataxia} were seen. | present present
The {seizures} did not improve. | present
There is no doubt about the {ataxia}. | present
No cause for the {ataxia} was found. | present
Patient no. 3 had {seizures}. | present
Gram-negative {sepsis}. | present
She walks without difficulty despite {ataxia}. | present
"""
CONJUNCTION = """
No {seizures}, but {ataxia}. | absent present
No {seizures}; however, {ataxia} was seen. | absent present
He denies {fever} although {cough} is present. | absent present
No {seizures} except for {febrile seizures}. | absent present
She has no {fever}, has {ataxia}. | absent present
No {fever}, {ataxia}. | absent present
{Ataxia}, no {seizures}, and {short stature}. | present absent present
He never had {seizures} but has {ataxia}. | absent present
No {seizures}. {Ataxia} is present. | absent present
"""
UNCERTAIN = """
Mum is worried about {deafness}. | uncertain
Possible {seizures}. | uncertain
Suspected {epilepsy}. | uncertain
Findings suggestive of {cardiomyopathy}. | uncertain
She may have {ataxia}. | uncertain
Cannot exclude {seizures}. | uncertain
{Seizures} cannot be ruled out. | uncertain
{Seizures} have not been ruled out. | uncertain
{Seizures} are suspected. | uncertain
Nausea makes {migraine} highly likely. | uncertain
? {seizures} | uncertain
{Seizures}? | uncertain
"""
FAMILY = """
Mother has {epilepsy}. | family
Family history of {seizures}. | family
No family history of {seizures}. | family
His mother has {epilepsy} but he has {ataxia}. | family present
Her brother had {ataxia} and the patient has {seizures}. | family present
Her sister and mother have {ataxia}. | family
Two siblings of his father had {deafness}. | family
{Epilepsy} in his maternal uncle. | family
{Deafness} and {ataxia} in a cousin. | family family
{Epilepsy} runs in the family. | family
Suspected {epilepsy} in his brother. | family
Mother reports {seizures}. | present
His mother noticed that he had {ataxia}. | present
Brought by his mother because of {ataxia}. | present
Two brothers with {ataxia} are described. | present
The daughter of consanguineous parents had {ataxia}. | present
Father healthy. Mother healthy. {Ataxia} from birth. | present
"""
HISTORY = """
He has not had any further {seizures} since 2019. | historical
There were no more {seizures}. | historical
Past medical history: {eczema}, {thrombocytopenia}. | historical historical
History of {seizures}. | historical
Past history of {asthma} and {eczema}. | historical historical
He had {seizures} as a child. | historical
As a child he had {asthma}. | historical
{Febrile seizures} in infancy. | historical
Previous {pneumonia}. | historical
{Vomiting} resolved. | historical
She had {sinusitis} in the past and has chronic {headache}. | historical present
He has {dyspnea}, over the past few nights {orthopnea} and {edema}. | present present present
{Weakness} prior to {seizures}. | present present
He had {asthma} ten years ago. | historical
Family history and physical: {ataxia}. | present
"""
HYPOTHETICAL = """
If he develops {chest pain}, go to the ED. | hypothetical
Return if she has a {seizure}. | hypothetical
If {fever} develops, call. | hypothetical
Return if {vomiting} or {rash} occurs. | hypothetical hypothetical
EEG to rule out {seizures}. | hypothetical
Screening for {hearing loss}. | hypothetical
He was tested for {hearing loss}. | hypothetical
She is at risk for {osteoporosis}. | hypothetical
Risk of {seizures}. | hypothetical
R/o {pneumonia}. | hypothetical
{Fall} precautions. | hypothetical
"""
SENTENCES = """
Dr. Smith saw no evidence of e.g. {ataxia}. | absent
No {fever}. {Ataxia} present. | absent present
- no {fever}⏎- {ataxia}⏎- {seizures} | absent present present
1. no {fever}⏎2. {ataxia} | absent present
no evidence of⏎{Ataxia} or {seizures} | absent absent
There was no {fever}⏎Examination showed {ataxia} | absent present
Weight 3.5 kg, no {fever}. | absent
"""
SECTIONS = """
Family history: {epilepsy}. {Ataxia} in uncle. | family family
FAMILY HISTORY⏎{Epilepsy}.⏎EXAMINATION⏎{Ataxia}. | family present
Family history: negative for {epilepsy}. | family
Past medical history: {asthma}, {eczema}. | historical historical
Past medical history: {asthma}, no {seizures}.⏎⏎On examination: {ataxia}. | historical absent present
Differential diagnosis:⏎- {Ataxia}⏎- {Pneumonia} | hypothetical hypothetical
Family history: his father has {asthma} and two aunts {migraine}.⏎⏎She walks with {ataxia}. | family family present
"""


def _cases():
    for name, block in list(globals().items()):
        if name.isupper() and isinstance(block, str):
            for line in block.strip().splitlines():
                sentence, _, expected = line.rpartition("|")
                yield pytest.param(
                    sentence.strip(), expected.split(), id=f"{name.lower()}: {sentence.strip()}"
                )


def _unmark(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without braces, and the spans that stood in them."""
    text, spans, start = "", [], 0
    for character in marked.replace("⏎", "\n"):
        if character == "{":
            start = len(text)
        elif character == "}":
            spans.append((start, len(text)))
        else:
            text += character
    return text, spans


@pytest.mark.parametrize(("sentence", "expected"), list(_cases()))
def test_status(sentence, expected):
    text, spans = _unmark(sentence)
    assert [reading.status for reading in read_scopes(text, spans)] == expected


def test_a_denied_family_history_says_so_in_its_note():
    text, spans = _unmark("No family history of {seizures}.")
    assert read_scopes(text, spans)[0].note == "said to be absent in the family"


def test_a_trigger_that_belongs_to_a_finding_opens_no_scope():
    text, spans = _unmark("{Absent speech}, {seizures} and {ataxia}.")
    assert {reading.status for reading in read_scopes(text, spans)} == {"present"}
