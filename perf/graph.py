"""Paths per CPU second: Osler's search, compiled and plain, against a plain breadth-first search in numpy, in one run.

Usage: python perf/graph.py [--nodes N] [--edges N] [--pairs N] [--own]

Without --own, on a made-up graph the size of PrimeKG (129,375 nodes, 4,050,249 edges walked both ways, so 8.1 million
steps; heavy-tailed degrees, wiring at random); with it, on Osler's own graph. Pairs of nodes with a neighbour are drawn
at random; each search gives the shortest paths of up to four edges, at most 50. The baseline gives the first 50 that it
meets, Osler's the best 50. Both are checked to agree on the length. Also: seconds to load from the cache, bytes of the
arrays, and what a fresh process grows by on opening and searching.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from osler.data.arrays import read_arrays, write_arrays
from osler.errors import UsageError
from osler.knowledge.graph import PathFinder, load_graph
from osler.knowledge.graph.build import Builder
from osler.knowledge.graph.paths import expand
from osler.knowledge.graph.store import Graph


def made_up(nodes: int, edges: int, skew: float) -> Graph:
    rng = np.random.default_rng(1)
    builder = Builder()
    source = builder.add_source("made up")
    for i in range(nodes):
        builder.node(f"N:{i:06}", f"node {i}", "thing")
    share = 1 / np.arange(1, nodes + 1) ** skew
    share /= share.sum()
    # A little more than asked for: repeated and reflexive edges fall away.
    ends = rng.choice(nodes, (2, int(edges * 1.02)), p=share).astype(np.int32)
    ends = np.unique(np.sort(ends[:, ends[0] != ends[1]], axis=0), axis=1)
    ends = ends[:, rng.permutation(ends.shape[1])[:edges]]
    builder.tail.frombytes(ends[0].tobytes())
    builder.head.frombytes(ends[1].tobytes())
    builder.relations.update({f"relation_{i}": i for i in range(30)})
    builder.relation.frombytes(rng.integers(0, 30, ends.shape[1]).astype(np.int16).tobytes())
    builder.source.frombytes(np.full(ends.shape[1], source, np.int16).tobytes())
    began = time.process_time()
    arrays = builder.compile({"name": "made up"})
    print(f"compiled in {time.process_time() - began:.1f} CPU s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.arrays"
        write_arrays(path, arrays, arrays.meta)
        del builder, arrays
        for engine in ("numba", "numpy"):
            subprocess.run([sys.executable, __file__, "--serve", str(path), "--engine", engine], check=True)
        began = time.perf_counter()
        graph = Graph(read_arrays(path))
        print(f"loaded and checked in {time.perf_counter() - began:.2f} s")
    return graph


def serve(path: Path, engine: str) -> None:
    """What a fresh process grows by on opening a compiled graph, and on searching it 600 times."""
    before = resident()
    graph = Graph(read_arrays(path))
    opened = resident()
    rng, joined = np.random.default_rng(7), np.flatnonzero(graph.degree)
    finder = PathFinder(graph, engine=engine)  # type: ignore[arg-type]
    for a, b in rng.choice(joined, (600, 2)).tolist():
        finder.nodes(a, b)
    print(
        f"fresh process, {engine}: opened +{opened - before:.0f} MB, searched +{resident() - before:.0f} MB"
    )


def resident() -> float:
    """Megabytes of memory that the process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def breadth_first(graph: Graph) -> Callable[[int, int], tuple[int, int]]:
    """The plain way: levels from one end until the other is met, then back along them. (length, paths), first 50 met."""
    view, level = graph.everything, np.full(len(graph), -1, np.int8)

    def find(a: int, b: int) -> tuple[int, int]:
        level[a] = 0
        touched, front, length = [np.array([a])], np.array([a]), 0
        while length < 4 and level[b] < 0 and len(front):
            length += 1
            reached = np.unique(expand(view, front)[0])
            front = reached[level[reached] < 0]
            level[front] = length
            touched.append(front)
        found = [(b,)] if level[b] >= 0 else []
        for step in range(length - 1, -1, -1):
            longer = []
            for path in found:
                row = view.row(path[0])
                longer += [(int(node), *path) for node in row[level[row] == step][: 50 - len(longer)]]
                if len(longer) == 50:
                    break
            found = longer
        for part in touched:
            level[part] = -1
        return (length if found else 0), len(found)

    return find


def rate(
    find: Callable[[int, int], Any], pairs: Sequence[tuple[int, int]], seconds: float
) -> tuple[float, list[Any]]:
    """Pairs per CPU second, stopping after about so many seconds; and what was found."""
    found, began = [], time.process_time()
    for a, b in pairs:
        found.append(find(a, b))
        if time.process_time() - began > seconds:
            break
    return len(found) / (time.process_time() - began), found


def main() -> None:
    read = argparse.ArgumentParser(description="Speed of the graph's path search.")
    read.add_argument("--nodes", type=int, default=129_375)
    read.add_argument("--edges", type=int, default=4_050_249)
    read.add_argument("--skew", type=float, default=0.6, help="how much wider the widest nodes are")
    read.add_argument("--pairs", type=int, default=3_000)
    read.add_argument("--seconds", type=float, default=8, help="at most so many CPU seconds for each search")
    read.add_argument("--engine", choices=["numba", "numpy"], help="this one alone")
    read.add_argument("--own", action="store_true", help="Osler's own graph")
    read.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = read.parse_args()
    if given.serve:
        serve(given.serve, given.engine)
        return
    graph = load_graph() if given.own else made_up(given.nodes, given.edges, given.skew)
    steps, bytes_ = len(graph.everything.indices), graph.stats()["bytes"]
    print(
        f"{graph!r}: {steps:,} steps, arrays {bytes_ / 1e6:.0f} MB, widest node {int(graph.degree.max()):,}"
    )
    rng = np.random.default_rng(7)
    # Codes hang together among themselves alone.
    code = graph.kinds.index("code") if "code" in graph.kinds else -1
    joined = np.flatnonzero((graph.degree > 0) & (graph.kind != code))
    pairs = [(int(a), int(b)) for a, b in rng.choice(joined, (given.pairs, 2)) if a != b]
    searches: dict[str, Callable[[int, int], Any]] = {}
    for engine in [given.engine] if given.engine else ["numba", "numpy"]:
        try:
            searches[f"osler, {engine}"] = PathFinder(graph, engine=engine).nodes
        except UsageError:
            print(f"osler, {engine}: not installed")
    began = time.process_time()
    for find in searches.values():
        find(*pairs[0])
    print(f"first call of each: {time.process_time() - began:.2f} CPU s (compiling, the first time)")
    searches["plain breadth-first"] = breadth_first(graph)
    results = {}
    for name, find in searches.items():
        per_second, results[name] = rate(find, pairs, given.seconds)
        print(f"{name:22} {per_second:10,.0f} pairs per CPU s   ({len(results[name]):,} pairs)")
    mine, plain = results[list(searches)[-2]], results["plain breadth-first"]
    lengths = [max(rows.shape[1] - 1, 0) for rows in mine]
    assert all(x == y[0] for x, y in zip(lengths, plain, strict=False)), "the searches disagree on a length"
    if not given.engine and "osler, numba" in results:
        same = [np.array_equal(x, y) for x, y in zip(results["osler, numba"], mine, strict=False)]
        print(f"compiled and plain give the same paths on {sum(same):,} of {len(same):,} pairs")
    shares = ", ".join(f"{i or 'none'}: {lengths.count(i) / len(lengths):.0%}" for i in range(5))
    print(f"lengths {shares}; at the cap {sum(len(rows) == 50 for rows in mine) / len(mine):.0%}")


if __name__ == "__main__":
    main()
