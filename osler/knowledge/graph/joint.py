"""The joint network of QA-GNN: a question with one answer and the part of a graph between them, scored together (extra `local`: torch).

Yasunaga et al. 2021 (arXiv:2104.06378): the text is a node of its own, joined to what the question
and the answer name; messages are weighed by attention over types of nodes, relations and relevance; text, text node
and pooled graph give the score. Weights are kept as plain arrays (osler/data/arrays.py), which hold no code.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch import nn  # pyright: ignore[reportMissingImports]

from osler.data.arrays import DamagedFile, read_arrays, write_arrays
from osler.errors import InputError

TEXT, QUESTION, ANSWER, OTHER = range(4)
FORMAT = 1


@dataclass(frozen=True)
class Working:
    """One question with one answer: node 0 is the text. `vectors` float32 [nodes, dimensions], `types` and `relevance` per node,
    `edges` rows of (from, to, relation number of `Shape.relations`), each edge both ways."""

    vectors: np.ndarray
    types: np.ndarray
    relevance: np.ndarray
    edges: np.ndarray


@dataclass(frozen=True)
class Shape:
    """What a network is made for: the width of its texts' vectors and the relations that it knows (the last: any other)."""

    dimensions: int
    relations: tuple[str, ...]
    width: int = 64
    layers: int = 3
    encoder: str = ""


@dataclass(frozen=True)
class Judged:
    """The score of an answer (a logit), how much each node was looked at, and the last layers' mean weight of each edge."""

    score: float
    pooled: np.ndarray
    attention: np.ndarray


def _two(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(before, after), nn.GELU(), nn.Linear(after, after))


class _Layer(nn.Module):
    """One round of messages, each weighed by attention over what a node receives."""

    def __init__(self, width: int):
        super().__init__()
        self.message = nn.Linear(3 * width, width)
        self.query = nn.Linear(3 * width, width)
        self.key = nn.Linear(4 * width, width)
        self.update = _two(width, width)

    def forward(self, nodes, kinds, relations, scores, source, target):
        message = self.message(torch.cat([nodes[source], kinds[source], relations], 1))
        query = self.query(torch.cat([nodes, kinds, scores], 1))
        key = self.key(torch.cat([nodes[target], kinds[target], scores[target], relations], 1))
        weight = (query[source] * key).sum(1) / math.sqrt(nodes.shape[1])
        # Softmax over what a node receives.
        highest = torch.full((len(nodes),), -math.inf).scatter_reduce(0, target, weight.detach(), "amax")
        raised = torch.exp(weight - highest[target])
        share = raised / torch.zeros(len(nodes)).index_add(0, target, raised)[target]
        received = torch.zeros_like(nodes).index_add(0, target, message * share[:, None])
        return self.update(received) + nodes, share


class JointNetwork(nn.Module):
    """Scores answers one at a time; a question's answers are compared by the softmax of their scores."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        width = shape.width
        self.text = nn.Linear(shape.dimensions, width)
        self.node = nn.Linear(shape.dimensions, width)
        self.kinds = nn.Embedding(4, width)
        self.relation = nn.Embedding(len(shape.relations) + 1, width)
        self.joined = _two(3 * width, width)
        self.relevance = _two(1, width)
        self.layers = nn.ModuleList([_Layer(width) for _ in range(shape.layers)])
        self.look = nn.Linear(width, width)
        self.score = _two(3 * width, width)
        self.last = nn.Linear(width, 1)

    def forward(self, working: Working):
        """(score, weight of each node in the pooled graph, weight of each edge averaged over the layers)."""
        vectors = torch.as_tensor(working.vectors)
        types = torch.as_tensor(working.types, dtype=torch.long)
        edges = torch.as_tensor(working.edges, dtype=torch.long)
        source, target = edges[:, 0], edges[:, 1]
        nodes, kinds = torch.nn.functional.gelu(self.node(vectors)), self.kinds(types)
        scores = self.relevance(torch.as_tensor(working.relevance, dtype=torch.float32)[:, None])
        relations = self.joined(torch.cat([self.relation(edges[:, 2]), kinds[source], kinds[target]], 1))
        shares = []
        for layer in self.layers:
            nodes, share = layer(nodes, kinds, relations, scores, source, target)
            shares.append(share)
        text = torch.nn.functional.gelu(self.text(vectors[0]))
        pooled = torch.softmax(nodes[1:] @ self.look(text) / math.sqrt(len(text)), 0)
        graph = pooled @ nodes[1:] if len(nodes) > 1 else torch.zeros_like(text)
        score = self.last(self.score(torch.cat([text, nodes[0], graph])))[0]
        return score, pooled, torch.stack(shares).mean(0)

    def judge(self, working: Working) -> Judged:
        """The same as numbers, without gradients."""
        with torch.no_grad():
            score, pooled, shares = self(working)
        return Judged(float(score), pooled.numpy(), shares.numpy())


@dataclass(frozen=True)
class Learned:
    """How training went: rounds over all questions, the last mean loss (nats), and the share of questions answered rightly."""

    rounds: int
    loss: float
    accuracy: float


def fit(
    shape: Shape,
    questions: Sequence[tuple[Sequence[Working], int]],
    *,
    rounds: int = 200,
    rate: float = 1e-3,
    enough: float = 0.05,
    seed: int = 0,
) -> tuple[JointNetwork, Learned]:
    """Train on questions, each with the working graphs of its answers and the place of the right one, until solved.

    Cross-entropy over a question's answers, RAdam as in the paper. It stops when every question is answered rightly with a mean loss below
    `enough`, or after `rounds`. The same seed gives the same weights on one machine.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the graphs are small: handing work out costs more than it saves
    try:
        return _fit(shape, questions, rounds, rate, enough, seed)
    finally:
        torch.set_num_threads(threads)


def _fit(
    shape: Shape,
    questions: Sequence[tuple[Sequence[Working], int]],
    rounds: int,
    rate: float,
    enough: float,
    seed: int,
) -> tuple[JointNetwork, Learned]:
    torch.manual_seed(seed)
    network = JointNetwork(shape)
    optimiser = torch.optim.RAdam(network.parameters(), lr=rate)
    order, mean, right, done = np.random.default_rng(seed), math.inf, 0.0, 0
    while done < rounds and (right < 1.0 or mean >= enough):
        losses, hits = [], 0
        for at in order.permutation(len(questions)):
            answers, truth = questions[int(at)]
            scores = torch.stack([network(answer)[0] for answer in answers])
            loss = torch.nn.functional.cross_entropy(scores[None], torch.tensor([truth]))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            losses.append(float(loss.detach()))
            hits += int(scores.argmax()) == truth
        mean, right, done = float(np.mean(losses)), hits / len(questions), done + 1
    return network.eval(), Learned(done, mean, right)


def save(network: JointNetwork, path: Path) -> None:
    """Write the weights and the shape to one file, at once or not at all."""
    weights = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    write_arrays(path, weights, {"format": FORMAT, "shape": asdict(network.shape)})


def load(path: Path) -> JointNetwork:
    """A network from its file. Raises InputError for a file that is none, or is damaged."""
    try:
        arrays = read_arrays(path)
        shape = dict(arrays.meta["shape"])
        if arrays.meta["format"] != FORMAT:
            raise InputError(f"{path} was made by another version of Osler; train it again")
        network = JointNetwork(Shape(**{**shape, "relations": tuple(shape["relations"])}))
        network.load_state_dict({name: torch.tensor(value) for name, value in arrays.items()})
    except (OSError, DamagedFile, KeyError, TypeError, RuntimeError) as error:
        raise InputError(f"{path} is no file of weights of qa-gnn ({error})") from None
    return network.eval()
