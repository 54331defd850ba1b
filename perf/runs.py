"""Large runs: opening and comparing two of 200,000 rows, and memory over 20,000 cases.

python perf/runs.py [rows] [cases]
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from engine import started, write_items

from osler.evaluation.store import MANIFEST, RECORDS, TIMES, TRACES, encode_line


def write_run(folder: Path, rows: int, share: float, seed: int) -> Path:
    """A run of choice questions as `osler eval` writes it, without having asked a model."""
    import orjson

    folder.mkdir()
    arguments = {"epochs": 1, "data": "items.jsonl", "benchmark": "own", "method": "zero-shot-cot"}
    manifest = {"schema": "osler.run/1", "benchmark": "own", "method": "zero-shot-cot", "arguments": arguments,
                "items": rows, "scorer": "choice", "fidelity": "code", "data": {"sha256": "x"}, "models": {"main": "m"},
                "versions": {}, "commit": None, "started": ""}  # fmt: skip
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest))
    rng = random.Random(seed)
    with (folder / RECORDS).open("wb") as cases, (folder / TIMES).open("wb") as times:
        for item in range(rows):
            gold = "ABCD"[item % 4]
            said = gold if rng.random() < share else rng.choice("ABCD")
            scores = {"correct": float(said == gold), "gold": gold, "said": said, "unreadable": 0.0,
                      "abstained": 0.0, "confidence": round(rng.random(), 2)}  # fmt: skip
            record = {"item": item, "id": f"case-{item:016x}", "group": f"{item:016x}", "subset": f"set {item % 5}",
                      "tags": {"system": f"s{item % 12}"}, "epoch": 0, "answer": {"kind": "choice", "choice": said},
                      "scores": scores, "unreadable_replies": 0, "repaired_replies": 0}  # fmt: skip
            cases.write(encode_line(record))
            spent = {"item": item, "calls": 1, "cached": 0, "prompt_tokens": 230, "completion_tokens": 140, "cost": 0.0,
                     "wall_s": 0.1, "session": "s", "at": item / 500, "cpu_s": 0.0004}  # fmt: skip
            times.write(encode_line(spent))
    return folder


def timed(title: str, work) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    print(f"  {title:42} {time.perf_counter() - wall:6.2f} s wall, {time.process_time() - cpu:6.2f} s CPU")


def compare(rows: int, base: Path) -> None:
    """Opening and comparing two runs."""
    from osler.evaluation.compare import compare_runs
    from osler.evaluation.html_report import write_report
    from osler.evaluation.language_report import figures

    first, second = write_run(base / "a", rows, 0.6, 1), write_run(base / "b", rows, 0.61, 2)
    print(f"two runs of {rows:,} rows")
    timed("open and compare", lambda: compare_runs(first, second))
    timed("figures of one, with subsets", lambda: figures(first))
    timed("report over both", lambda: write_report([first, second]))


def memory(cases: int, base: Path) -> None:
    """Growth of resident memory from the first thousand cases to the last, full trace, cache and store over HTTP."""
    from osler.evaluation.language import Plan, start
    from osler.llm import Model, ReplyCache
    from osler.llm.openai import OpenAI

    write_items(base / "items.jsonl", cases)
    server, url = started(0.0)
    marks: dict[int, float] = {}

    def show(progress) -> None:
        if progress.done in (1000, cases // 2, cases):
            marks[progress.done] = resident_mb()

    cache = ReplyCache(base / "replies.sqlite")
    model = Model(OpenAI("mock", url), cache=cache)
    start(
        Plan("own", base / "items.jsonl", "zero-shot-cot", model="openai:mock"),
        base / "run",
        {"main": model},
        show,
    )
    server.terminate()
    growth = marks[cases] - marks[1000]
    size = (base / "run" / TRACES).stat().st_size / 1e6
    print(
        f"{cases:,} cases: {marks}, growth {growth:.1f} MB; peak {peak_mb():.0f} MB; traces {size:.0f} MB on disk"
    )


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6, 1)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:]]
    rows, cases = (numbers + [200_000, 20_000][len(numbers) :])[:2]
    with tempfile.TemporaryDirectory() as name:
        memory(cases, Path(name))
    with tempfile.TemporaryDirectory() as name:
        compare(rows, Path(name))


if __name__ == "__main__":
    main()
