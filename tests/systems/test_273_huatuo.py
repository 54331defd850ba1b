"""Row 273, Huatuo-26M: a sample JSON-lines shard streams without loading whole; recall@k and generation overlap are computed, and
the same shard registers as corpus."""

import gzip
import json
from itertools import islice

import pytest
from commands import osler
from spoken_server import served

from osler.benchmarks import huatuo
from osler.benchmarks.huatuo import Huatuo
from osler.errors import InputError

ROWS = [
    {
        "questions": [["高血压患者应该怎样饮食？", "血压高吃什么好？"]],
        "answers": ["高血压患者应限制钠盐摄入，多吃蔬菜。"],
    },
    {"questions": ["痛风急性发作怎么办？"], "answers": ["痛风急性期可用秋水仙碱，并注意休息。"]},
    {"questions": [["感冒怎么办？"]], "answers": ["https://example.org/consult/1"]},
    {
        "question": "维生素C缺乏有什么表现？",
        "answer": "维生素C缺乏可致坏血病，牙龈出血。",
        "label": "营养科",
        "related_diseases": "坏血病",
    },
]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def shard(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    path = tmp_path / "test_datasets.jsonl"
    path.write_text(lines(ROWS), encoding="utf-8")
    return path


def test_a_shard_streams_line_by_line(tmp_path):
    path = tmp_path / "train_datasets.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(lines([ROWS[0]]) for _ in range(5000))
        file.write("this is no JSON\n")
    # What stands behind is not looked at: a reader that loads the shard would stumble over its last line.
    first, second, third = islice(huatuo.pairs(path), 3)
    assert first.question == ROWS[0]["questions"][0][0] and (second.where, third.answer) == (
        "train_datasets.jsonl.gz line 2", ROWS[0]["answers"][0],
    )  # fmt: skip
    items = Huatuo.items(path)
    assert len({item.key for item in islice(items, 4000)}) == 4000
    with pytest.raises(InputError, match="line 5001 is not valid JSON"):
        list(items)


def test_recall_at_k_of_a_shards_own_answers(shard, capfd):
    found = osler(capfd, "corpus", "eval", "huatuo", "--data", shard)
    assert found["n"] == 3 and found["R@5"] == found["R@100"] == found["RR"] == 1.0
    assert {"R@5", "R@20", "R@100", "RR"} <= set(found["ci"])
    one = osler(capfd, "corpus", "eval", "huatuo", "--data", shard, "--metrics", "R@1", "--limit", "2")
    assert one["n"] == 2 and one["R@1"] == 1.0


def test_generation_overlap_is_counted_character_by_character(shard, capfd, tmp_path):
    """A model that says the answer to one question, half of another and nothing of the third."""

    def say(prompt, schema):
        said = (
            "高血压患者应限制钠盐摄入，多吃蔬菜。"
            if "高血压" in prompt
            else "秋水仙碱"
            if "痛风" in prompt
            else "不知道"
        )
        return {"reasoning": "…", "answer": said}

    with served(say) as model:
        found = osler(
            capfd,
            "eval",
            "huatuo",
            "--data",
            shard,
            "--method",
            "zero-shot",
            *model,
            "--out",
            tmp_path / "run",
        )
    # Gout: 4 of the answer's 16 characters, all of the 4 said: precision 1, recall 1/4, F1 2/5. Vitamin C: none.
    assert found["precision"] == pytest.approx((1 + 1 + 0) / 3)
    assert found["recall"] == pytest.approx((1 + 1 / 4 + 0) / 3)
    assert found["f1"] == pytest.approx((1 + 2 / 5 + 0) / 3) == found["rouge_l"]


def test_the_same_shard_registers_as_corpus_and_is_cited(shard, capfd):
    done = osler(capfd, "corpus", "add", "huatuo", shard)
    assert done["documents"] == 3 and done["skipped"] == {"an address in place of the text": 1}
    [found] = osler(capfd, "corpus", "search", "秋水仙碱", "--corpus", "huatuo")["results"]
    assert found["text"] == ROWS[1]["answers"][0] and found["title"] == "痛风急性发作怎么办？"


def test_a_shard_that_is_none_names_the_line(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"questions": [], "answers": ["a"]}\n')
    with pytest.raises(InputError, match=r"x.jsonl line 1 has no questions"):
        list(Huatuo.items(tmp_path / "x.jsonl"))
    with pytest.raises(InputError, match="no split 'test'"):
        list(Huatuo.items(tmp_path / "x.jsonl", split="test"))
