"""Row 271, HHH: with a toy graph and FAQ, an entity question gets a graph answer with its edge shown, and an unmatched one
gets the nearest FAQ answer. (The chat box of the web page is in tests/app/test_ask_view.py and tests/app/e2e/test_ask_page.py.)"""

import asyncio

from corpora import Toy, passage
from toy_graph import toy

from osler.case import Case
from osler.compose import compose
from osler.context import Context
from osler.services import Services
from osler.trace import Recorder, replay

FAQ = [
    passage("1", "Is it safe to fly after surgery? Ask your surgeon; two weeks is usual.", title="Is it safe to fly after surgery?"),
    passage("2", "How much should I sleep? Seven hours or more.", title="How much should I sleep?"),
]  # fmt: skip


def chat(question):
    """One turn, without any language model: the answer, and what stands in the trace."""
    recorder = Recorder()
    services = Services(graph=toy(), retriever=Toy(FAQ))
    case = Case(question=question, answer_kind="text")
    answer = asyncio.run(compose("hhh").call(case, Context(services, recorder)))
    return answer, replay(recorder.events)


def test_an_entity_question_gets_a_graph_answer_with_its_edge_shown():
    answer, steps = chat("Which medicines treat adult-onset diabetes?")
    assert answer.text.startswith("Glipizide treats Type 2 diabetes.")
    assert "- Metformin –treats→ Type 2 diabetes (notes 2024-05-01)" in answer.text
    assert steps[-1].kind == "conclude" and [fact.locator.at for fact in steps[-1].evidence] == ["path"] * 3


def test_an_unmatched_question_gets_the_nearest_faq_answer():
    answer, steps = chat("When is it safe to fly again after surgery?")
    assert (
        answer.text == FAQ[0].text
        and answer.note == "the nearest stored question: Is it safe to fly after surgery?"
    )
    assert steps[-1].evidence[0].record == "1"
