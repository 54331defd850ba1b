"""kg-elicited's first half: is a published case's own disease among the look-alikes that the graph holds side by side?

Usage: OSLER_DATA=… python perf/look_alikes.py [--cases N] [--seed N]

Published cases (phenopackets), one per disease, matched by their coded findings; six look-alikes. With one, three and five
categories, and without the vote for categories. The annotations cite many of these cases' publications: this compares ways
of choosing look-alikes, and says nothing of diagnosis.
"""

from __future__ import annotations

import argparse
import asyncio
import random

import numpy as np

from osler.benchmarks.phenopackets import PacketSource, read_item
from osler.context import Context
from osler.data.paths import data_dir
from osler.errors import InputError
from osler.knowledge.graph.connect import GraphService
from osler.methods.kg_elicited import rivals_of, stated_in
from osler.scoring.resampling import estimate
from osler.services import Services
from osler.trace import Recorder

WAYS = (1, 3, 5, 0)


def main() -> None:
    read = argparse.ArgumentParser(description="How often the case's own disease is among the look-alikes.")
    read.add_argument("--cases", type=int, default=200)
    read.add_argument("--seed", type=int, default=1)
    given = read.parse_args()
    root = data_dir()
    archives = sorted((root / "phenopackets").glob("phenopacket-store*.zip")) if root else []
    if not archives:
        raise SystemExit("set OSLER_DATA to a folder with phenopackets/phenopacket-store*.zip")
    service, source = GraphService(), PacketSource(archives[0])
    order, seen = list(source.names), set()
    random.Random(given.seed).shuffle(order)
    hits: dict[int, list[float]] = {way: [] for way in WAYS}
    for name in order:
        try:
            item = read_item(source.read(name))
        except InputError:
            continue
        known = {service.graph.find(one) for one in item.reference.diseases} - {None}
        answers = frozenset(service.graph.ids[at] for at in known if at is not None)
        if not answers or answers in seen:
            continue
        seen.add(answers)
        ctx = Context(Services(graph=service), Recorder())
        stated = asyncio.run(stated_in(ctx, item.case))
        for way in WAYS:
            rivals = rivals_of(ctx, stated, categories=way)
            hits[way].append(float(any(one.id in answers for one in rivals)))
        if len(seen) == given.cases:
            break
    print(f"{len(seen):,} cases, one per disease; six look-alikes")
    for way, rows in hits.items():
        low, high = estimate(rows, list(range(len(rows)))).ci
        print(f"{f'{way} categories' if way else 'no vote'}: {np.mean(rows):.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
