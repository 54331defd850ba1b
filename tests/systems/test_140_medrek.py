"""Row 140, MedREK: after 100 edits are stored, a simulated model answers edited and paraphrased questions by the edit and
others unchanged; efficacy, generality and locality are tabulated."""

import json
import re

import pytest
from spoken import Spoken, through

from osler.benchmarks.medversa import MedVersa
from osler.scoring.editing import EditingScorer, EditReference, same, table, unchanged
from osler.trace import Answer

PATTERNS = [
    ("Which enzyme is deficient in {} disease?", "Deficiency of which enzyme causes {} disease?"),
    ("What is the antidote for {} poisoning?", "Which antidote treats poisoning with {}?"),
    ("Which nerve does the {} sign test?", "The {} sign examines which nerve?"),
    ("At what age is the {} vaccine first given?", "When is the first {} vaccine given?"),
]
NAMES = [a + b for a in ("Mor", "Bel", "Tan", "Gru", "Fis") for b in ("dale", "wick", "ton", "mann", "berg")]
OTHERS = [a + b for a in ("Kel", "Wos", "Rin", "Ash", "Pol") for b in ("dale", "wick", "ton", "mann", "berg")]


@pytest.fixture
def edits(tmp_path):
    rows = [
        {
            "prompt": asked.format(name),
            "rephrase_prompt": again.format(name),
            "target_new": f"new answer {number}{name}",
            "locality_prompt": asked.format(other),
            "locality_ground_truth": f"old answer about {other}",
        }
        for number, (asked, again) in enumerate(PATTERNS)
        for name, other in zip(NAMES, OTHERS, strict=True)
    ]
    path = tmp_path / "edits.json"
    path.write_text(json.dumps(rows))
    return path


def memory(text, schema):
    """A model that goes by a correction it is shown, else by what it remembers of the name in the question."""
    found = re.search(r"Question: .*\nAnswer: (.*)", text)
    name = next(word for word in re.findall(r"[A-Z][a-z]+", text) if word in (*NAMES, *OTHERS))
    said = {"answer": found[1] if found else f"old answer about {name}"}
    return {**({"reasoning": "so it is"} if "reasoning" in schema["properties"] else {}), **said}


def answers(items, method):
    return [through(method, item.case, Spoken(memory)).answer or Answer(kind="text") for item in items]


def figures(items, said):
    rows = [EditingScorer.score(item.reference, answer) for item, answer in zip(items, said, strict=True)]
    return EditingScorer.summarise(rows, [item.group for item in items])


def test_a_hundred_edits_hold_for_their_questions_and_rephrasings_and_leave_others_alone(edits):
    items = list(MedVersa.items(edits))
    assert len(items) == 300 and len(json.loads(edits.read_text())) == 100
    before, after = answers(items, "zero-shot"), answers(items, f"medrek(edits={edits})")
    plain, edited = figures(items, before), figures(items, after)
    assert plain["efficacy"] == plain["generality"] == 0 and plain["locality"] == 1
    assert edited["efficacy"] == 1 and edited["generality"] == 1 and edited["locality"] == 1
    assert edited["locality_accuracy"] == 1
    apart = [place for place, item in enumerate(items) if item.subset == "locality"]
    assert unchanged([before[i] for i in apart], [after[i] for i in apart]) == 1
    shown = table({"zero-shot": plain, "medrek, 100 edits": edited})
    assert "| | efficacy | generality | locality | average |" in shown
    assert "| medrek, 100 edits | 100.0 | 100.0 | 100.0 | 100.0 |" in shown


def test_without_a_threshold_locality_falls(edits):
    items = list(MedVersa.items(edits, subset="locality"))
    said = answers(items, f"medrek(edits={edits}, prototype=-1)")
    found = figures(items, said)
    assert found["locality"] == 0 and found["locality_accuracy"] < 1


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("The great auricular nerve.", True),
        ("It is the great auricular nerve, a branch of C2 and C3", True),
        ("It is not the great auricular nerve", False),
        ("the auricular nerve", False),
        ("", False),
    ],
)
def test_an_answer_is_the_edit_by_its_words(said, right):
    assert same(said, "Great auricular nerve") is right


def test_an_unreadable_answer_keeps_nothing_and_is_counted():
    row = EditingScorer.score(EditReference("efficacy", "x"), Answer(kind="text", unreadable=True))
    assert row["kept"] == 0 and EditingScorer.summarise([row], ["a"])["format_failures"] == 1
