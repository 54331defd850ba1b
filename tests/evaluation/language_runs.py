"""Small runs with the simulated model, for the tests of runs with language models."""

import orjson

from osler.evaluation.language import start
from osler.evaluation.plan import Plan
from osler.llm import Model, ReplyCache
from osler.llm.simulated import Simulated


def questions(path, n=40):
    """A file of choice questions in two subsets."""
    rows = [
        {
            "question": f"Question {i}: which of these answers fits the patient described best?",
            "options": {"A": f"first {i}", "B": f"second {i}", "C": f"third {i}"},
            "answer": "ABC"[i % 3],
            "set": f"set {i % 2}",
            "organ": ["heart", "lung"][i // 2 % 2],
        }
        for i in range(n)
    ]
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


COLUMNS = {"subset": "set", "organ": "organ"}


def plan(data, method="zero-shot-cot", **about):
    """A plan over such a file."""
    return Plan("own", data, method, columns=COLUMNS, **about)


def model(profile="accuracy=0.6", cache=None, **about):
    """A simulated model, with a cache where a path is given."""
    return Model(Simulated(profile), cache=ReplyCache(cache) if cache else None, **about)


def run(folder, data, profile="accuracy=0.6", method="zero-shot-cot", cache=None, **about):
    """A finished run."""
    start(plan(data, method, **about), folder, {"main": model(profile, cache)}, concurrency=8)
    return folder
