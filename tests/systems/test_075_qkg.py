"""Row 75, QKG: on a toy diabetes graph with age and renal conditions, an edge counts for one patient and not another; McNemar
compares runs with and without matching."""

from __future__ import annotations

import json

from spoken import Spoken, fields, through

from osler.case import Case, Option
from osler.knowledge.graph.connect import GraphService
from osler.scoring.paired import mcnemar_exact

# The published layout of QKG's facts, one a line: a triple of PrimeKG and the groups of people that it is said of.
FACTS = [
    ("Metformin", "indication", [
        ("", "Definitely Applicable", "first choice"),
        ("patients with kidney failure", "Definitely NOT Applicable", "lactic acidosis"),
    ]),
    ("Glibenclamide", "indication", [
        ("", "Definitely Applicable", "lowers glucose"),
        ("over 70 years", "Definitely NOT Applicable", "long low glucose"),
    ]),
    ("Linagliptin", "indication", [("", "Definitely Applicable", "no dose change")]),
]  # fmt: skip
OPTIONS = [
    Option(key=key, text=name)
    for key, name in zip("ABC", ("Metformin", "Glibenclamide", "Linagliptin"), strict=True)
]


def graph_of(folder):
    lines = []
    for index, (drug, relation, groups) in enumerate(FACTS):
        ends = {
            "x": {"index": index, "name": drug, "type": "drug"},
            "y": {"index": 9, "name": "diabetes", "type": "disease"},
        }
        said = [
            {"patient_characteristics": g or None, "applicability": a, "evidence": e} for g, a, e in groups
        ]
        lines.append(json.dumps({"triplet": {**ends, "relation": relation}, "relation_constraints": said}))
    path = folder / "facts.jsonl"
    path.write_text("\n".join(lines))
    return GraphService(str(path))


def patient(number):
    """Young and well, young with failing kidneys, old and well, in turn; the right drug is the first that applies."""
    age, kidneys = ((40, False), (50, True), (80, False))[number % 3]
    ill = "and kidney failure" if kidneys else "and healthy kidneys"
    text = f"Patient {number}, {age} years old, with diabetes {ill}."
    asked = "Which drug, if metformin was not tolerated?" if number % 3 == 2 else "Which drug first?"
    case = Case(id=str(number), text=text, question=asked, options=OPTIONS, answer_kind="choice")
    person = {
        "age": age, "sex": None, "has": ["kidney failure"] if kidneys else [], "lacks": [] if kidneys else ["kidney failure"],
        "summary": text,
    }  # fmt: skip
    return case, person, ("A", "B", "C")[number % 3]


def reasoned(number):
    """What the reasoner says at first: always the drug that the graph, matched to nobody, would let pass."""
    return ("A", "A", "B")[number % 3]


def answered(number, graph, method):
    """The reasoner claims that its drug treats; it gives the drug up where the validator finds no edge for it."""
    case, person, _ = patient(number)
    first = reasoned(number)
    drugs = {option.key: option.text for option in OPTIONS}
    order = [first, *(key for key in "ABC" if key != first)]
    looks = iter([("check", drugs[key], "diabetes") for key in order] + [("report", None, None)])
    provider = Spoken(None)

    def numbers():
        shown = provider.prompt(-1)
        return [
            [int(line[1 : line.index("]")])] if line else []
            for line in (
                next(
                    (row for row in shown.splitlines() if row.startswith("[") and f"] {drugs[key]} –" in row),
                    "",
                )
                for key in order
            )
        ]

    def say(text, schema):
        asked = fields(schema)
        if asked == ["reasoning", "claims", "answer"]:
            claims = [
                {"option": key, "claim": f"{drugs[key]} treats", "supports": key == first} for key in order
            ]
            return {"reasoning": "so", "claims": claims, "answer": first}
        if "summary" in asked:
            return person
        if "action" in asked:
            action, one, two = next(looks)
            return {"thought": "so", "action": action, "first": one, "second": two, "relation": None}
        if asked == ["reasoning", "claims"]:
            rows = [
                {"status": "supported" if found else "not covered", "edges": found} for found in numbers()
            ]
            return {"reasoning": "so", "claims": rows}
        own = any(f"{first} supports" in line and "→ supported" in line for line in text.splitlines())
        other = next(key for key in order[1:] if f"{drugs[key]} treats → supported" in text)
        return {"reasoning": "so", "answer": first if own else other}

    provider.say = say
    return through(method, case, provider, graph=graph)


def test_an_edge_counts_for_one_patient_and_not_another(tmp_path):
    graph = graph_of(tmp_path)
    well, ill = (answered(number, graph, "qkg(compress=no)") for number in (0, 1))
    (kept,) = [step for _, step in well.walk() if step.label == "validation"]
    (changed,) = [step for _, step in ill.walk() if step.label == "validation"]
    assert (
        "Metformin –indication→ diabetes" in [item.quote for item in kept.evidence]
        and kept.data["left_out"] == 0
    )
    assert "Metformin –indication→ diabetes" not in [item.quote for item in changed.evidence]
    assert changed.data["left_out"] == 1
    assert (well.answer.choice, ill.answer.choice) == ("A", "B")
    old = answered(2, graph, "qkg(compress=no)")
    assert old.answer.choice != "B" and "revised" in (old.answer.note or "")


def test_mcnemar_compares_runs_with_and_without_matching(tmp_path):
    graph, right = graph_of(tmp_path), {"with": [], "without": []}
    for number in range(24):
        for arm, method in (("with", "qkg(compress=no)"), ("without", "qkg(match=no, compress=no)")):
            right[arm].append(answered(number, graph, method).answer.choice == _best(number))
    pairs = list(zip(right["with"], right["without"], strict=True))
    wins, losses = sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
    assert (sum(right["with"]), sum(right["without"])) == (24, 8)
    assert (wins, losses) == (16, 0) and mcnemar_exact(wins, losses) < 0.001


def _best(number):
    """The first drug in the order of the options that applies to the patient, the one that was given up left out."""
    return ("A", "B", "A")[number % 3]
