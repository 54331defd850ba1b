"""Row 60, OpenMedLM: a noisy simulated model at 60% per draw scores higher with nine votes; nearest-neighbour selection
returns the closest training item and never a test one."""

import asyncio

from spoken import Spoken, through

from osler.benchmarks.pool import Pool
from osler.case import Case, Option
from osler.compose import compose
from osler.context import Context
from osler.llm import Model, Planted, Prices, Simulated
from osler.llm.language import LanguageModels
from osler.services import Example, Services
from osler.trace import Answer, Recorder

TEXTS = {"A": "Aspirin", "B": "Clopidogrel", "C": "Warfarin", "D": "Heparin"}
OPTIONS = [Option(key=key, text=text) for key, text in TEXTS.items()]


def case(number, words=""):
    question = f"Patient {number}, aged {20 + number % 60}, has chest pain {words}. Which drug should be given first?"
    return Case(id=f"test-{number}", question=question, options=OPTIONS, answer_kind="choice")


def share(method, cases):
    model = Model(
        Simulated("accuracy=0.6,shared=0").plant(
            [Planted(c.question or "", "ABCD"[i % 4], TEXTS) for i, c in enumerate(cases)]
        ),
        prices=Prices(),
    )

    async def run():
        function = compose(method).call
        contexts = [Context(Services(language=LanguageModels({"main": model})), Recorder()) for _ in cases]
        return await asyncio.gather(*(function(c, ctx) for c, ctx in zip(cases, contexts, strict=True)))

    answers = asyncio.run(run())
    return sum(answer.choice == "ABCD"[i % 4] for i, answer in enumerate(answers)) / len(cases)


def test_nine_votes_score_higher_than_one_draw_at_sixty_percent():
    cases = [case(number) for number in range(200)]
    one, nine = share("zero-shot-cot", cases), share("self-consistency(samples=9)", cases)
    assert abs(one - 0.6) < 0.14 and nine > 0.85


def test_nearest_neighbours_are_the_closest_training_items_and_never_a_test_one():
    train = [
        Example(
            Case(
                id=f"train-{i}",
                question=f"A child with {word} needs what drug?",
                options=OPTIONS,
                answer_kind="choice",
            ),
            Answer(kind="choice", choice="A"),
        )
        for i, word in enumerate(("measles", "asthma", "epilepsy", "a broken arm"))
    ]
    asked = case(1, "and epilepsy in a child")
    leaked = [Example(case(1, "and epilepsy in a child"), Answer(kind="choice", choice="B"))]
    leaked.append(Example(asked.model_copy(update={"id": "train-copy"}), Answer(kind="choice", choice="B")))
    pool = Pool([*train, *leaked])
    nearest = [example.case.id for _, example in pool.nearest(asked)]
    assert nearest[0] == "train-2" and sorted(nearest) == [f"train-{i}" for i in range(4)]
    assert all(e.case.id != "train-copy" for e in pool.sample(asked, 10, Context(Services(), Recorder()).rng))
    model = Spoken(lambda text, schema: {"answer": "C"})
    through("few-shot(k=1, nearest=true)", asked, model, examples=pool)
    assert "epilepsy needs what drug" in model.prompt(0) and model.prompt(0).count("Patient 1,") == 1
