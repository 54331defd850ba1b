"""Row 247, TCMD: a TCMD-style file loads; shuffling options with three seeds exposes a position-biased scripted model through
the consistency figure."""

import json

import pytest
from asking import answers

from osler.benchmarks.own import Own, read_map
from osler.benchmarks.shuffle import shuffled
from osler.errors import UsageError
from osler.scoring.consistency import consistency

SEEDS = (1, 2, 3)


@pytest.fixture
def items(tmp_path):
    rows = [
        {
            "question": f"第{i}题：下列哪一种方剂适用于第{i}号证候的治疗？",
            "options": {
                "A": f"方剂甲{i}",
                "B": f"方剂乙{i}",
                "C": f"方剂丙{i}",
                "D": f"方剂丁{i}",
                "E": "以上都不是",
            },
            "answer": "ABCD"[i % 4],
            "subject": ["方剂学", "中药学"][i % 2],
        }
        for i in range(60)
    ]
    path = tmp_path / "tcmd.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return list(Own.items(path, columns=read_map("subject=subject")))


def measured(items, spec):
    """The consistency of a model over three orders of the options."""
    orders = [[shuffled(item, seed) for item in items] for seed in SEEDS]
    said = [answers(order, spec) for order in orders]
    texts, places = [], []
    for i in range(len(items)):
        shown = [order[i].case.options for order in orders]
        keys = [own[i].choice for own in said]
        place = [
            next((p for p, o in enumerate(s) if o.key == key), None)
            for s, key in zip(shown, keys, strict=True)
        ]
        texts.append([None if p is None else s[p].text for s, p in zip(shown, place, strict=True)])
        places.append(place)
    return consistency(texts, places, [item.group for item in items])


def test_the_file_loads_by_subject(items):
    assert len(items) == 60 and items[0].tags == {"subject": "方剂学"} and len(items[0].case.options) == 5


def test_shuffling_moves_texts_keeps_keys_and_takes_the_reference_along(items):
    item = items[0]
    right = next(o.text for o in item.case.options if o.key == item.reference.key)
    moved = [shuffled(item, seed) for seed in SEEDS]
    for one in moved:
        assert [o.key for o in one.case.options] == list("ABCDE")
        assert next(o.text for o in one.case.options if o.key == one.reference.key) == right
        assert one.group == item.group and one.key != item.key
    assert len({tuple(o.text for o in one.case.options) for one in moved}) == 3
    assert shuffled(item, 1) == shuffled(item, 1)


def test_options_that_speak_of_others_keep_their_place():
    from osler.benchmarks.choices import choice_item

    options = [("A", "gout"), ("B", "lupus"), ("C", "sprain"), ("D", "A and B"), ("E", "none of the above")]
    item = choice_item("Which of these is it?", options, "E", "test")
    for seed in range(5):
        shown = [option.text for option in shuffled(item, seed).case.options]
        assert shown[:2] == ["gout", "lupus"] and shown[3:] == ["A and B", "none of the above"]
    labels = choice_item("Is it?", [("yes", "yes"), ("no", "no")], "no", "test", kind="label")
    with pytest.raises(UsageError, match="words"):
        shuffled(labels, 1)


def test_the_consistency_figure_exposes_position_bias(items):
    steady = measured(items, "accuracy=1.0")
    biased = measured(items, "accuracy=1.0,position_bias=0.9")
    assert steady.same.value == 1.0 and steady.agreement.value == 1.0
    assert biased.same.value < 0.4 and biased.same.ci.high < steady.same.ci.low
    assert biased.places[0] > 0.8 and max(steady.places) < 0.5
