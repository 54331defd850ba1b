"""Few-shot pools: similar examples first, never the case at hand, its vignette, or an id held out."""

import random

import pytest

from osler.benchmarks.choices import choice_item
from osler.benchmarks.pool import Pool
from osler.benchmarks.similarity import Tfidf
from osler.case import Case
from osler.errors import InputError
from osler.services import Example, Examples
from osler.trace import Answer

STEMS = [
    "A man with crushing chest pain that radiates to the left arm and sweating since this morning",
    "A woman with a productive cough, fever and crackles over the right lower lobe since yesterday",
    "A child with a barking cough and inspiratory stridor at night after a cold",
    "An old man with sudden loss of vision in one eye and a cherry red macula",
]


def example(stem, key="A"):
    item = choice_item(stem, [("A", "one"), ("B", "two")], key, "test")
    return Example(item.case, Answer(kind="choice", choice=key))


@pytest.fixture
def pool():
    return Pool([example(stem) for stem in STEMS])


def ask(text):
    return Case(question=text)


def test_a_pool_is_what_a_context_takes(pool):
    offered: Examples = pool
    assert offered.nearest(ask("chest pain"), 1)[0][1].case.question == STEMS[0]


def test_nearest_is_by_words_and_ties_keep_the_pools_order(pool):
    assert [number for number, _ in pool.nearest(ask("barking cough"), 2)] == [2, 1]
    assert [number for number, _ in pool.nearest(ask("zzz"))] == [0, 1, 2, 3]


def test_the_same_vignette_is_held_out_also_with_another_question_or_layout(pool):
    same = ask(STEMS[0].upper().replace(" ", "\n"))
    assert 0 not in [number for number, _ in pool.nearest(same)]
    longer = Pool([example(f"{STEMS[0]} {STEMS[1]} Which drug is best?")])
    other = ask(
        f"{STEMS[0]} {STEMS[1]} Which test is best and what would you tell him about his prognosis now?"
    )
    assert longer.nearest(other) == [] and longer.sample(other, 3, random.Random(0)) == []


def test_a_nearly_equal_text_is_held_out(pool):
    assert 1 not in [number for number, _ in pool.nearest(ask("Today " + STEMS[1]))]


def test_ids_held_out_never_come(pool):
    held = pool.examples[2].case.id
    assert len(Pool(pool.examples, held_out=[held])) == 3
    with pytest.raises(InputError, match="no examples"):
        Pool([])


def test_sample_is_seeded_and_without_replacement(pool):
    case = ask("anything else")
    one, two = (pool.sample(case, 3, random.Random(5)) for _ in range(2))
    assert one == two and len({e.case.id for e in one}) == 3
    assert len(pool.sample(case, 99, random.Random(5))) == 4


def test_options_do_not_count_as_similarity():
    pool = Pool([example("alpha beta gamma delta"), example("one two")])
    assert pool.nearest(Case(question="alpha"), 1)[0][0] == 0


def test_tfidf_rows_have_unit_length_and_a_hand_value():
    space = Tfidf(["fever cough", "fever rash"])
    assert space.cosine("fever cough")[0] == pytest.approx(1.0)
    idf_rare = 1 + __import__("math").log(3 / 2)  # in one of two texts; "fever", in both, has 1
    assert space.cosine("fever cough")[1] == pytest.approx(1 / (1 + idf_rare**2))
