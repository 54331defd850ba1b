"""SearchRAG: drawn queries, snippets kept by the entropy they take away, by likelihoods or by samples."""

from __future__ import annotations

import math
import re

import pytest
import scripted
from corpora import Toy, passage
from scripted import Script, one, question

from osler.case import Blob
from osler.compose import compose
from osler.errors import UsageError
from osler.llm import CallFailed
from osler.methods.search_rag import entropy_of

CASE = question(4)
HELPS = passage("helps", "Troponin rules out infarction.", url="https://example.org/a")
MUDDLES = passage("muddles", "Troponin may mean anything.", url="https://example.org/b")
IDLE = passage("idle", "Troponin is a protein.")
CORPUS = [HELPS, MUDDLES, IDLE]
# Log-probabilities of A, B, C and D with each snippet in view; even without one.
BELIEFS = {
    "rules out infarction": [math.log(p) for p in (0.85, 0.05, 0.05, 0.05)],
    "is a protein": [math.log(0.25)] * 4,
}
UNSURE = [math.log(p) for p in (0.4, 0.3, 0.2, 0.1)]


class Believer(Script):
    """Draws a query of its own each time; is surer with the helpful snippet, less sure with the others."""

    def __init__(self, query=lambda n: f"troponin {n}", likelihoods=True):
        super().__init__(self.reply)
        self.query, self.drawn, self.likelihoods, self.sampled = query, 0, likelihoods, 0

    def reply(self, call):
        if call.continuations:
            if not self.likelihoods:
                return CallFailed("this server gives no log-probabilities of a prompt")
            return next((rows for words, rows in BELIEFS.items() if words in call.text), UNSURE)
        if call.fields == ["query"]:
            self.drawn += 1
            return {"query": self.query(self.drawn)}
        if call.fields == ["answer"]:  # a sample
            self.sampled += 1
            return {"answer": "A" if "rules out infarction" in call.text else "AB"[self.sampled % 2]}
        return None


def test_only_the_snippet_that_lowers_the_entropy_is_in_view_of_the_answer():
    script = Believer()
    done = one("search-rag", CASE, script, retriever=Toy(CORPUS))
    assert "rules out infarction" in script.calls[-1].text
    assert "may mean anything" not in script.calls[-1].text and "is a protein" not in script.calls[-1].text
    step = done.step("select")
    assert step.data["entropy"] == pytest.approx(entropy_of((0.4, 0.3, 0.2, 0.1)))
    helps = entropy_of((0.4, 0.3, 0.2, 0.1)) - entropy_of((0.85, 0.05, 0.05, 0.05))
    assert step.data["drops"] == [
        pytest.approx(helps),
        0.0,
        pytest.approx(step.data["entropy"] - math.log(4)),
    ]
    assert step.data["kept"] == 1
    assert (step.evidence[0].record, step.evidence[0].supports) == ("helps", True)
    assert {item.supports for item in step.evidence[1:]} == {None}


def test_queries_are_drawn_at_once_at_a_high_temperature_without_options_and_each_different_one_is_searched():
    toy, script = Toy(CORPUS), Believer(query=lambda n: ["troponin", "Troponin ", "infarction"][n % 3])
    one("search-rag(queries=6, results=1)", CASE, script, retriever=toy)
    drawn = script.stages()[0]
    assert len(drawn) == 6 and {call.sampling.temperature for call in drawn} == {1.0}
    assert len({call.draw for call in drawn}) == 6
    assert not any("Clopidogrel" in call.text for call in drawn)
    assert sorted(toy.asked) == ["Troponin", "infarction"]  # as it was first written


def test_three_stages_and_the_stated_number_of_calls():
    script = Believer()
    done = one("search-rag(queries=5, entropy=likelihood)", CASE, script, retriever=Toy(CORPUS))
    assert [len(stage) for stage in script.stages()] == [5, 4, 1] and done.seconds == 3
    assert compose("search-rag(queries=5)").calls().low <= 10 <= compose("search-rag(queries=5)").calls().high
    assert compose("search-rag(entropy=likelihood)").calls().high == 34
    assert compose("search-rag").calls().high == 135


def test_the_prompt_of_a_likelihood_shows_case_options_and_the_fenced_snippet():
    script = Believer()
    one("search-rag(entropy=likelihood)", CASE, script, retriever=Toy(CORPUS))
    without, with_one = [call for call in script.calls if call.continuations][:2]
    assert without.continuations == (" A", " B", " C", " D")
    assert "The search found no passage." in without.text and without.text.endswith("Answer:")
    assert "<<< passage [1]" in with_one.text and "never an instruction" in with_one.text
    assert scripted.fences(with_one.text) and CASE.text in with_one.text


def test_a_model_without_likelihoods_is_sampled_instead():
    script = Believer(likelihoods=False)
    done = one("search-rag(samples=4)", CASE, script, retriever=Toy([HELPS]))
    samples = [call for call in script.calls if call.fields == ["answer"]]
    assert len(samples) == 8 and {call.sampling.temperature for call in samples} == {1.0}
    assert len({call.draw for call in samples}) == 8
    assert done.step("select").data["kept"] == 1 and "rules out" in script.calls[-1].text
    with pytest.raises(CallFailed, match="no log-probabilities"):
        one("search-rag(entropy=likelihood)", CASE, Believer(likelihoods=False), retriever=Toy([HELPS]))


def test_whether_it_gives_likelihoods_is_asked_once_a_run():
    for likelihoods in (True, False):
        script, shared = Believer(likelihoods=likelihoods), {}
        for number in range(3):
            one("search-rag(samples=2)", question(number), script, retriever=Toy([HELPS]), shared=shared)
        asked = [call for call in script.calls if "Yes or no?" in call.text]
        assert len(asked) == 1 and asked[0].continuations == (" yes", " no")


def test_a_server_that_is_down_is_no_model_without_likelihoods():
    def say(call):
        if call.continuations:
            return CallFailed("503 from the server of log-probabilities", status=503, retry=True)
        return {"query": "troponin"} if call.fields == ["query"] else None

    with pytest.raises(CallFailed, match="503"):
        one("search-rag", CASE, Script(say), retriever=Toy([HELPS]))


def test_samples_that_cannot_be_read_have_no_say():
    def say(call):
        if call.fields == ["answer"]:
            return "Hm." if "protein" in call.text else {"answer": "AB"[len(script.calls) % 2]}
        return {"query": "troponin"} if call.fields == ["query"] else None

    script = Script(say)
    done = one("search-rag(entropy=sampling)", CASE, script, retriever=Toy([IDLE]))
    assert done.step("select").data["drops"] == [None] and "no readable answer" in done.step("select").text


@pytest.mark.parametrize("kind", ["text", "number", "differential", "choices"])
def test_other_kinds_of_answer_are_sampled(kind):
    script = Script(lambda call: {"query": "troponin"} if call.fields == ["query"] else None)
    done = one("search-rag(samples=2)", question(1, kind), script, retriever=Toy(CORPUS))
    assert not any(call.continuations for call in script.calls) and done.answer.kind == kind
    with pytest.raises(UsageError, match="entropy=sampling"):
        one("search-rag(entropy=likelihood)", question(1, kind), script, retriever=Toy(CORPUS))


def test_cases_with_images_are_sampled():
    class Shelf:
        def get(self, sha256):
            return b"a scan", "image/png"

    script = Script(lambda call: {"query": "troponin"} if call.fields == ["query"] else None)
    case = question(1, images=[Blob(sha256="ab" * 32, media_type="image/png")])
    one("search-rag", case, script, retriever=Toy(CORPUS), images=Shelf())
    assert not any(call.continuations for call in script.calls)


def test_at_most_so_many_snippets_the_one_that_lowers_it_most_first():
    rows = {
        f"fact {n}": [math.log(p) for p in (share, *[(1 - share) / 3] * 3)]
        for n, share in enumerate((0.5, 0.9, 0.7))
    }

    def say(call):
        if call.continuations:
            return next((row for words, row in rows.items() if words in call.text), [math.log(0.25)] * 4)
        return {"query": "fact"} if call.fields == ["query"] else None

    script = Script(say)
    found = [passage(f"d{n}", f"This is fact {n}.") for n in range(3)]
    one("search-rag(snippets=2)", CASE, script, retriever=Toy(found))
    assert re.findall(r"This is fact \d", script.calls[-1].text) == ["This is fact 1", "This is fact 2"]
    few = Script(say)
    one("search-rag(candidates=1, entropy=likelihood)", CASE, few, retriever=Toy(found))
    assert sum(bool(call.continuations) for call in few.calls) == 2


def test_an_address_that_cannot_be_read_is_no_exam_site():
    odd = passage("odd", "Troponin rules it out.", url="http://[x")
    script = Believer()
    one("search-rag", CASE, script, retriever=Toy([odd, HELPS]))
    assert any("Troponin rules it out." in call.text for call in script.calls)


def test_sites_of_exam_questions_are_left_out_and_named():
    leak = passage("leak", "Troponin: the answer is A.", url="https://www.quizlet.com/1")
    script = Believer()
    done = one("search-rag", CASE, script, retriever=Toy([leak, HELPS]))
    assert "https://www.quizlet.com/1" in done.step("exam sites").text
    assert not any("Troponin: the answer" in call.text for call in script.calls)
    allowed = Believer()
    one("search-rag(exam_sites=true)", CASE, allowed, retriever=Toy([leak, HELPS]))
    assert any("Troponin: the answer" in call.text for call in allowed.calls)
    addresses = [ref for item in done.step("select").evidence for ref in item.references]
    assert addresses == ["https://example.org/a"]


def test_without_a_readable_query_the_question_is_searched_and_without_a_result_nothing_is_measured():
    toy = Toy([passage("z", "Nothing of the kind.")])
    script = Script(lambda call: "Hm." if call.fields == ["query"] else None)
    done = one("search-rag(queries=2)", CASE, script, retriever=toy)
    assert toy.asked == [f"{CASE.text} {CASE.question}"] and "select" not in done.labels
    assert "The search found no passage." in script.calls[-1].text and done.answer.choice == "A"


def test_entropy_in_nats():
    assert entropy_of([1.0, 0.0]) == 0 and entropy_of([0.5, 0.5]) == pytest.approx(math.log(2))
