"""A run to be killed: squares of numbers as records. `python numbers_run.py FOLDER N PAUSE [JOBS]` starts or resumes it."""

import functools
import sys
import time
from pathlib import Path

from osler.evaluation.run import run_items
from osler.evaluation.store import RunStore


def square(batch, pause=0.0):
    time.sleep(pause)
    return [
        ({"item": i, "square": number**2, "text": "ä" * 20}, {"item": i, "ms": 1.5}) for i, number in batch
    ]


def make_square(pause):
    return functools.partial(square, pause=pause)


def run(folder, n, pause=0.0, jobs=1):
    manifest = {"benchmark": "numbers", "items": n}
    store = (
        RunStore.resume(folder) if (folder / "manifest.json").exists() else RunStore.create(folder, manifest)
    )
    with store:
        run_items(store, [str(i) for i in range(n)], int, functools.partial(make_square, pause), jobs)


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), *map(int, sys.argv[4:]))
