"""Row 102, MedAgents: simulated experts who split in round one and agree in round two yield exactly two rounds, a revised
report and a parsed final letter."""

from spoken import Spoken, fields, through

from osler.case import Case, Option

CASE = Case(
    question="Which valve is most often affected in rheumatic heart disease?",
    options=[
        Option(key=k, text=t)
        for k, t in zip("ABCD", ("Aortic", "Mitral", "Pulmonary", "Tricuspid"), strict=True)
    ],
    answer_kind="choice",
)


class Experts:
    """Seven experts: the first three object to the first report, all agree to the second."""

    def __init__(self):
        self.votes = 0

    def __call__(self, text, schema):
        if fields(schema) == ["specialties"]:
            n = schema["properties"]["specialties"]["minItems"]
            return {"specialties": [f"field {n}-{i}" for i in range(n)]}
        if fields(schema) == ["comment", "agree"]:
            self.votes += 1
            return {"comment": f"change {self.votes}", "agree": self.votes > 3}
        if fields(schema):
            return "After all this the report favours the second valve.\nThe answer is (B)."
        return "the revised report" if "Write the revised report" in text else "a first report"


def test_a_split_then_agreement_takes_two_rounds_one_revision_and_gives_a_letter():
    model = Spoken(Experts())
    trace = through("medagents", CASE, model)
    labels = [step.label for _, step in trace.walk()]
    assert labels.count("vote") == 14  # two rounds of seven
    assert labels.count("rewrite") == 1
    [rewriting] = [step for step in trace.steps if step.label == "rewrite"]
    assert (
        all(f"change {n}" in rewriting.data["prompt"] for n in (1, 2, 3))
        and "change 4" not in rewriting.data["prompt"]
    )
    assert rewriting.text == "the revised report"
    second_round = [step for step in trace.steps if step.label == "vote"][7:]
    assert all("the revised report" in step.data["prompt"] for step in second_round)
    assert "the revised report" in model.prompt(-1)
    assert trace.answer is not None and trace.answer.choice == "B"
