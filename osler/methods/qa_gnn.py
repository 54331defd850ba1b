"""QA-GNN: relevant parts of a graph and the text, reasoned over jointly by a small network; no language model is asked.

Source: Yasunaga et al. 2021 (QA-GNN, NAACL 2021, arXiv 2104.06378), from the paper. Stages: (1) link: nodes that the
text and question name, and those of each option; (2) gather, for each option: the paths of up to two edges between
both, and the neighbours of what was linked; (3) relevance: each node's name is held against the text with that
option, and the best `nodes` stay; (4) joint reasoning: the text is joined to what the question and the option name,
and a graph network with attention scores question, option and graph together; (5) the option with the highest score
is the answer, its confidence the softmax over options. The way that attention took from the text to the chosen option
stands in the trace with its weights, and is the evidence. Defaults: 50 nodes an option. Calls per case: none.
`weights` is a file that `osler.training.qa_gnn.train` makes, for one encoder.
Deviations: texts and names are encoded by the run's encoder and kept fixed, where the paper tunes a language model
with the network, so relevance is the cosine of both instead of a language model's probability; 3 layers of width 64
(the paper: 5 of 200) and 50 nodes (200) by default, for graphs and training sets of one machine; one head of
attention.
Failure modes: an option that the graph does not know is scored by its text alone; attention shows where the network
looked, which need not be why; what it learned of one graph and encoder holds for no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from osler.calls import Calls
from osler.case import Case, Option
from osler.context import Context
from osler.errors import UsageError
from osler.graphs import Linked
from osler.methods import edges, task
from osler.registry import method
from osler.trace import Answer, AtPath, Evidence

if TYPE_CHECKING:
    from osler.knowledge.graph.joint import JointNetwork, Judged, Working

TO_QUESTION, TO_ANSWER = "names (question)", "names (answer)"
_STEP = re.compile(r" –[^→]*→ | ←[^–]*– ")
_NEIGHBOURS = 20


@dataclass
class Part:
    """The part of a graph between a question and one option: names by id, which it names, edges as (from, to, relation)."""

    option: Option
    text: str
    names: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    joins: dict[tuple[str, str, str], Evidence] = field(default_factory=dict)
    relevance: dict[str, float] = field(default_factory=dict)
    pruned: list[str] = field(default_factory=list)

    def add(self, fact: Evidence) -> None:
        """Take in an edge or a path: its nodes with their names, its steps with their relations."""
        place = fact.locator
        if not isinstance(place, AtPath):
            return
        names = _STEP.split(fact.quote or "")
        if len(names) != len(place.nodes):
            return
        self.names |= dict(zip(place.nodes, names, strict=True))
        for at, relation in enumerate(place.relations):
            a, b = place.nodes[at : at + 2]
            for one in relation.split("|"):
                tail, head = (b, a) if one.startswith("^") else (a, b)
                self.joins.setdefault((tail, head, one.removeprefix("^")), fact)

    @property
    def ids(self) -> list[str]:
        """Nodes in the order of the network, which has the text before them."""
        return list(self.names)


def _network(weights: Path | None) -> JointNetwork:
    if weights is None:
        raise UsageError(
            "qa-gnn reasons with a network that was trained: -m weights=FILE (osler.training.qa_gnn.train makes one)"
        )
    try:
        from osler.knowledge.graph.joint import load
    except ImportError:
        raise UsageError("qa-gnn needs torch; install it with: pip install 'osler[local]'") from None
    return load(weights.expanduser())


@method(
    "qa-gnn",
    source="Yasunaga et al. 2021 (QA-GNN)",
    needs=("graph", "encoder"),
    fidelity="paper",
    cost="no model calls; a small trained network",
    calls=lambda: Calls(0, 0),
    answers=("choice",),
    graph=("background",),
    questions=("multi-hop", "explainable"),
    options_in_query=True,
)
async def qa_gnn(
    case: Case, ctx: Context, weights: Path | None = None, nodes: Annotated[int, Field(ge=1, le=500)] = 50
) -> Answer:
    """Score each option jointly with the part of a graph that bears on it, by a trained network."""
    if not case.options:
        raise UsageError("qa-gnn chooses among options; this case has none")
    network = _network(weights)
    parts = await gathered(case, ctx, nodes)
    vectors = await encoded(ctx, parts)
    judged = []
    for part in parts:
        working = as_working(part, vectors, network.shape.relations)
        if working.vectors.shape[1] != network.shape.dimensions:
            raise UsageError(
                f"these weights were trained with the encoder {network.shape.encoder!r}; name it with --encoder"
            )
        judged.append((part, working, network.judge(working)))
    with ctx.step("verify", "joint reasoning") as step:
        step.note("".join(f"{part.option.key} {one.score:.4f}\n" for part, _, one in judged))
    return _concluded(ctx, judged)


async def gathered(case: Case, ctx: Context, nodes: int) -> list[Part]:
    """For each option the part of the graph that bears on it, pruned to the nodes that are most relevant."""
    own = "\n".join(part for part in (case.text or task.described(case), case.question) if part)
    asked = await ctx.graph_link(own, label="link question")
    around = [fact for one in asked for fact in await ctx.graph_triples(one.id, top=_NEIGHBOURS)]
    parts = []
    for option in case.options:
        part = Part(option, f"{own}\n{option.text}")
        answer = await ctx.graph_link(option.text, label=f"link {option.key}")
        for one in (*asked, *answer):
            part.names[one.id] = one.name
        part.asked, part.answer = _ids(asked), _ids(answer)
        found = list(around)
        for one in answer:
            found += await ctx.graph_triples(one.id, top=_NEIGHBOURS)
            for other in asked:
                found += await ctx.graph(other.id, one.id, longest=2)
        for fact in edges.distinct(found):
            part.add(fact)
        parts.append(part)
    await _prune(ctx, parts, nodes)
    return parts


def _ids(found: Sequence[Linked]) -> list[str]:
    return list(dict.fromkeys(one.id for one in found))


async def _prune(ctx: Context, parts: Sequence[Part], nodes: int) -> None:
    """Keep the nodes nearest to text and option, and always those that they name; one step says what went."""
    vectors = await encoded(ctx, parts)
    with ctx.step("verify", "relevance") as step:
        for part in parts:
            text = vectors[part.text]
            part.relevance = {at: float(vectors[name] @ text) for at, name in part.names.items()}
            linked = {*part.asked, *part.answer}
            order = sorted(part.names, key=lambda at: (at not in linked, -part.relevance[at], at))
            kept = set(order[: max(nodes, len(linked))])
            part.pruned = [at for at in order if at not in kept]
            part.names = {at: name for at, name in part.names.items() if at in kept}
            part.joins = {key: fact for key, fact in part.joins.items() if key[0] in kept and key[1] in kept}
            shown = ", ".join(f"{part.names[at]} {part.relevance[at]:.2f}" for at in order if at in kept)
            step.note(f"{part.option.key}: {shown}; {len(part.pruned)} left out\n")


async def encoded(ctx: Context, parts: Sequence[Part]) -> dict[str, np.ndarray]:
    """Vectors of all texts and names, each once."""
    texts = list(dict.fromkeys(text for part in parts for text in (part.text, *part.names.values())))
    return dict(zip(texts, await ctx.embed(texts, "passage"), strict=True))


def as_working(part: Part, vectors: dict[str, np.ndarray], relations: Sequence[str]) -> Working:
    """The part as the network reads it: the text first, joined to what question and option name; each edge both ways."""
    from osler.knowledge.graph.joint import ANSWER, OTHER, QUESTION, TEXT, Working

    place = {at: number for number, at in enumerate(part.ids, 1)}
    number = {name: at for at, name in enumerate(relations)}
    rows = [(place[a], place[b], number.get(name, len(relations))) for a, b, name in part.joins]
    rows += [(0, place[at], number.get(TO_QUESTION, len(relations))) for at in part.asked]
    rows += [(0, place[at], number.get(TO_ANSWER, len(relations))) for at in part.answer]
    rows += [(b, a, name) for a, b, name in rows]
    rows = rows or [(0, 0, len(relations))]
    types = [ANSWER if at in part.answer else QUESTION if at in part.asked else OTHER for at in part.ids]
    stacked = np.stack([vectors[part.text], *(vectors[part.names[at]] for at in part.ids)]).astype(np.float32)
    relevance = np.array([1.0, *(part.relevance[at] for at in part.ids)], np.float32)
    return Working(stacked, np.array([TEXT, *types]), relevance, np.array(rows, np.int64))


def _concluded(ctx: Context, judged: Sequence[tuple[Part, Working, Judged]]) -> Answer:
    """The best option with its probability; the step holds the way of attention to it, and where else the network looked."""
    scores = np.array([one.score for _, _, one in judged])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = int(scores.argmax())
    part, working, one = judged[best]
    way = attention_path(part, working, one)
    looked = sorted(zip(part.ids, one.pooled.tolist(), strict=True), key=lambda row: -row[1])[:10]
    with ctx.step("conclude", "attention") as step:
        said = " → ".join([row["name"] for row in way]) or "no way to the option in the graph"
        step.note(
            said,
            [fact.model_copy(update={"supports": True}) for fact in _facts(part, way)],
            path=way,
            looked_at=[
                {"id": at, "name": part.names[at], "weight": round(weight, 4)} for at, weight in looked
            ],
            scores={
                row.option.key: round(float(score), 4)
                for (row, _, _), score in zip(judged, scores, strict=True)
            },
        )
    return Answer(kind="choice", choice=part.option.key, confidence=round(float(shares[best]), 4))


def attention_path(part: Part, working: Working, one: Judged) -> list[dict[str, Any]]:
    """From the text to a node of the option along the heaviest edges (largest product of weights); empty where none leads there.

    Each step has the node's id and name, the relation and the weight of the edge that led to it.
    """
    ids = ["", *part.ids]
    goals = {number for number, at in enumerate(ids) if at in part.answer}
    starts = {number for number, at in enumerate(ids) if at in part.asked} or goals
    weight: dict[tuple[int, int], float] = {}
    for (a, b, _), share in zip(working.edges.tolist(), one.attention.tolist(), strict=True):
        weight[a, b] = max(weight.get((a, b), 0.0), share)
    # The text is joined to the option itself; the way asked for goes through what the question names.
    best: dict[int, tuple[float, tuple[int, ...]]] = {
        number: (weight.get((0, number), 0.0), (0, number)) for number in starts
    }
    for _ in range(3):
        for (a, b), share in weight.items():
            if (
                a
                and b
                and a in best
                and b not in best[a][1]
                and best[a][0] * share > best.get(b, (0.0, ()))[0]
            ):
                best[b] = (best[a][0] * share, (*best[a][1], b))
    _, nodes = max((best[goal] for goal in goals if goal in best), default=(0.0, ()))
    steps = []
    for a, b in pairwise(nodes):
        relation = next((name for (tail, head, name) in part.joins if {tail, head} == {ids[a], ids[b]}), "")
        row = {"id": ids[b], "name": part.names[ids[b]], "relation": relation or TO_QUESTION}
        steps.append({**row, "weight": round(weight[a, b], 4)})
    return steps


def _facts(part: Part, way: Sequence[dict[str, Any]]) -> list[Evidence]:
    """The edges of the graph along the way."""
    pairs = [(a["id"], b["id"], b["relation"]) for a, b in pairwise(way)]
    found = [part.joins.get((a, b, name)) or part.joins.get((b, a, name)) for a, b, name in pairs]
    return edges.distinct(fact for fact in found if fact is not None)
