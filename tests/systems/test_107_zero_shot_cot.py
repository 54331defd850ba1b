"""Row 107, Zero-shot CoT: with a scripted model the strategy makes two calls, trigger then extraction, and reads the final
option out of a rambling answer."""

from spoken import Spoken, through

from osler.case import Case, Option

CASE = Case(
    question="A man has painless jaundice and weight loss. What is the most likely cause?",
    options=[
        Option(key=k, text=t)
        for k, t in zip("ABC", ("Gallstones", "Hepatitis", "Pancreatic cancer"), strict=True)
    ],
    answer_kind="choice",
)
RAMBLE = (
    "One might think of A at first, since stones are common; then again B was in the news. Weight loss without pain "
    "makes me think of the pancreas, though I have been wrong before."
)


def test_trigger_then_extraction_and_the_option_is_read_out_of_a_rambling_reply():
    replies = iter(
        [RAMBLE, "Well, A was tempting, and B too, but on balance the final answer is: (C), I would say."]
    )
    model = Spoken(lambda text, schema: next(replies))
    trace = through("zero-shot-cot(extract=true)", CASE, model)
    assert len(model.sent) == 2
    assert "step by step" in model.prompt(0) and RAMBLE not in model.prompt(0)
    assert RAMBLE in model.prompt(1) and "Pancreatic cancer" in model.prompt(1)
    assert trace.answer is not None and trace.answer.choice == "C"
    assert [step.label for step in trace.steps] == ["reason", "read the answer"]
