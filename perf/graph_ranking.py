"""Which paths are shown: hubs last and a choice of relations against shortest-first, the answer on the path being known.

Usage: OSLER_DATA=… python perf/graph_ranking.py [--cases N] [--seed N]

Published cases (phenopackets), at most two per disease. Paths go from one finding of a case to another.
Each question with the differences and their 95 % intervals over diseases; the first two on `has_phenotype` alone:

- one pair: up to three pairs a case that have more than ten such paths, one of them through the case's own disease. Is it
  among the first ten? All are equally short, so shortest-first has ten chances in the number of paths.
- all pairs: every disease is weighed by the paths through it between any two findings, each path counting 1
  (shortest-first) or its score (hubs last). Is the case's own disease among the first ten? Ties share their places.
- relation choice: both questions walking along everything (shortest-first, and hubs last), and along the one relation that says
  what a disease shows, hubs last; for one pair, up to three pairs a case that the case's own disease joins.

The profiles cite the cases' publications: this measures the order of paths, not diagnosis.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np

from osler.benchmarks.phenopackets import PacketSource, read_item
from osler.data.paths import data_dir
from osler.knowledge.graph import Graph, PathFinder, load_graph
from osler.knowledge.graph.paths import DAMPING
from osler.scoring.paired import paired_bootstrap

SHOWN = 10
Judged = tuple[float, float]  # hubs last, shortest-first


def one_pair(finder: PathFinder, terms: list[int], answer: int, rng: random.Random) -> list[Judged]:
    found: list[Judged] = []
    pairs = list(combinations(terms, 2))
    rng.shuffle(pairs)
    for a, b in pairs:
        rows = finder.nodes(a, b, longest=2, cap=100_000)
        at = np.flatnonzero(rows[:, 1] == answer) if rows.shape[1] == 3 else []
        if len(at) and len(rows) > SHOWN:
            found.append((float(at[0] < SHOWN), SHOWN / len(rows)))
        if len(found) == 3:
            break
    return found


def all_pairs(graph: Graph, finder: PathFinder, terms: list[int], answer: int) -> list[Judged]:
    reached = np.concatenate([finder.view.row(term) for term in terms])
    nodes, joined = np.unique(
        reached[graph.kind[reached] == graph.kinds.index("disease")], return_counts=True
    )
    paths = joined * (joined - 1) / 2
    own = nodes == answer
    if not paths[own].any():
        return [(0.0, 0.0)]
    found = []
    for weight in (paths * graph.degree[nodes] ** -DAMPING, paths):
        better, level = np.sum(weight > weight[own] + 1e-12), np.sum(np.isclose(weight, weight[own]))
        found.append(float(np.clip((SHOWN - better) / level, 0, 1)))
    return [(found[0], found[1])]


def chosen(
    finders: tuple[PathFinder, PathFinder], terms: list[int], answer: int, rng: random.Random
) -> list[list[float]]:
    """For each pair that the answer joins: whether it is shown, walking along everything shortest-first, the same with hubs
    last, and along the chosen relation with hubs last."""
    everything, one_relation = finders
    mine = [term for term in terms if answer in one_relation.view.row(term)]
    pairs = list(combinations(mine, 2))
    rng.shuffle(pairs)
    found = []
    for a, b in pairs[:3]:
        shown = []
        for finder in (everything, one_relation):
            rows = finder.nodes(a, b, longest=2, cap=100_000)
            at = np.flatnonzero(rows[:, 1] == answer) if rows.shape[1] == 3 else []
            first = float(at[0] < SHOWN) if len(at) else 0.0
            shown.append((min(1.0, SHOWN / len(rows)) if len(at) else 0.0, first))
        found.append([shown[0][0], shown[0][1], shown[1][1]])
    return found


def compared(way: str, groups: list[int], judged: np.ndarray) -> None:
    """The three ways of walking side by side, and their differences."""
    names = ("everything, shortest-first", "everything, hubs last", "has_phenotype, hubs last")
    shown = ", ".join(f"{name} {value:.3f}" for name, value in zip(names, judged.mean(0), strict=True))
    print(f"relation choice, {way} (n {len(judged):,}): {shown}")
    for first, second in ((0, 1), (0, 2), (1, 2)):
        low, high = paired_bootstrap(judged[:, first], judged[:, second], groups)
        change = judged[:, second].mean() - judged[:, first].mean()
        print(f"  {names[second]} over {names[first]}: {change:+.3f} [{low:+.3f}, {high:+.3f}]")


def main() -> None:
    read = argparse.ArgumentParser(
        description="Hub penalty against shortest-first on paths to a known answer."
    )
    read.add_argument("--cases", type=int, default=1_000)
    read.add_argument("--seed", type=int, default=0)
    given = read.parse_args()
    root = data_dir()
    archives = sorted((root / "phenopackets").glob("phenopacket-store*.zip")) if root else []
    if not archives:
        raise SystemExit("set OSLER_DATA to a folder with phenopackets/phenopacket-store*.zip")
    graph, source = load_graph(), PacketSource(archives[0])
    order = list(source.names)
    random.Random(given.seed).shuffle(order)
    finder = PathFinder(graph, graph.view(("has_phenotype",)))
    finders = PathFinder(graph), finder
    choice: dict[str, list[tuple[int, list[float]]]] = {"one pair": [], "all pairs": []}
    seen: Counter[int] = Counter()
    rows: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    for name in order:
        item = read_item(source.read(name))
        answers = {graph.find(one) for one in item.reference.diseases} - {None}
        answer = answers.pop() if len(answers) == 1 else None
        found = {graph.find(one.id) for one in item.case.with_status("present")} - {None}
        terms = sorted(term for term in found if term is not None)
        if answer is None or len(terms) < 2 or seen[answer] == 2:
            continue
        seen[answer] += 1
        rows["one pair"] += [(answer, *pair) for pair in one_pair(finder, terms, answer, random.Random(name))]
        rows["all pairs"] += [(answer, *pair) for pair in all_pairs(graph, finder, terms, answer)]
        choice["one pair"] += [(answer, row) for row in chosen(finders, terms, answer, random.Random(name))]
        (wide,), (narrow,) = (all_pairs(graph, one, terms, answer) for one in finders)
        choice["all pairs"].append((answer, [wide[1], wide[0], narrow[0]]))
        if seen.total() == given.cases:
            break
    print(f"{seen.total():,} cases of {len(seen):,} diseases; {SHOWN} shown")
    for way, judged in rows.items():
        groups, hubs, plain = (list(column) for column in zip(*judged, strict=True))
        low, high = paired_bootstrap(plain, hubs, groups)
        change = np.mean(hubs) - np.mean(plain)
        print(f"{way} (n {len(judged):,}): hubs last {np.mean(hubs):.3f}, shortest-first {np.mean(plain):.3f}, "
              f"difference {change:+.3f} [{low:+.3f}, {high:+.3f}]")  # fmt: skip
    for way, found in choice.items():
        compared(way, [answer for answer, _ in found], np.array([row for _, row in found]))


if __name__ == "__main__":
    main()
