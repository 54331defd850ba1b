"""Trains the network of the method `qa-gnn` on solved questions over one graph and one encoder (extra `local`: torch)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from osler.context import Context
from osler.errors import InputError, UsageError
from osler.graphs import Graphs
from osler.methods.qa_gnn import TO_ANSWER, TO_QUESTION, as_working, encoded, gathered
from osler.passages import Encoder
from osler.services import Example, Services
from osler.trace import Recorder

if TYPE_CHECKING:
    from osler.knowledge.graph.joint import Learned


async def train(
    examples: Sequence[Example],
    graph: Graphs,
    encoder: Encoder,
    path: Path,
    *,
    nodes: int = 50,
    width: int = 64,
    layers: int = 3,
    rounds: int = 200,
    seed: int = 0,
) -> Learned:
    """Train until every question is answered rightly or `rounds` are over, write the weights to `path`, and say how it went.

    Each example is a case with options and an answer that chooses one of them. Raises UsageError without torch, InputError
    for an example without a right option.
    """
    try:
        from osler.knowledge.graph.joint import Shape, fit, save
    except ImportError:
        raise UsageError("training qa-gnn needs torch; install it with: pip install 'osler[local]'") from None
    if not examples:
        raise InputError("there is nothing to train on")
    relations = (*(one.name for one in graph.relations()), TO_QUESTION, TO_ANSWER)
    known = tuple(dict.fromkeys(relations))
    questions = []
    for example in examples:
        keys = [option.key for option in example.case.options]
        if example.answer.choice not in keys:
            raise InputError(f"the example {example.case.id!r} chooses none of its options")
        ctx = Context(Services(graph=graph, encoder=encoder), Recorder())
        parts = await gathered(example.case, ctx, nodes)
        vectors = await encoded(ctx, parts)
        questions.append(
            ([as_working(part, vectors, known) for part in parts], keys.index(example.answer.choice))
        )
    shape = Shape(encoder.dimensions, known, width, layers, encoder.name)
    network, learned = fit(shape, questions, rounds=rounds, seed=seed)
    save(network, path)
    return learned
