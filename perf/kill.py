"""kill -9 at random moments, then resume: nothing lost, nothing doubled, the same canonical records as a whole run.

python perf/kill.py [kills] [seed]
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine import write_items

from osler.evaluation.store import canonical_lines, canonical_traces, read_records

METHOD = ("--method", "self-consistency", "-m", "samples=2")
MODEL = ("--model", "simulated:accuracy=0.7,latency_ms=40,malformed=0.1")


def osler(words: list[str], cache: Path) -> subprocess.Popen[str]:
    """An `osler` process with a cache folder of its own."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-m", "osler", *words], env=environment, **pipes)  # type: ignore[call-overload]


def result(words: list[str], cache: Path) -> dict:
    """What a run to its end prints."""
    process = osler(words, cache)
    out, errors = process.communicate()
    if process.returncode:
        sys.exit(f"osler {words[0]} ended with {process.returncode}: {errors[-400:]}")
    return json.loads(out)


def items_of(path: Path) -> list[int]:
    return [json.loads(line)["item"] for line in path.read_bytes().splitlines()]


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:]]
    kills, seed = (numbers + [20, 1][len(numbers) :])[:2]
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        write_items(base / "items.jsonl", 2000)
        words = [
            "eval",
            "own",
            "--data",
            f"{base}/items.jsonl",
            *METHOD,
            *MODEL,
            "--concurrency",
            "16",
            "--json",
        ]
        whole, killed, again = base / "whole", base / "killed", base / "again"
        result([*words, "--out", str(whole)], base / "one")
        kept = []
        for _ in range(kills):
            started = (killed / "manifest.json").exists()
            go_on = ["eval", "--resume", str(killed), "--concurrency", "16"]
            process = osler(go_on if started else [*words, "--out", str(killed)], base / "two")
            time.sleep(rng.uniform(0.1, 1.5))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kept.append(len(read_records(killed)) if (killed / "manifest.json").exists() else 0)
        last = result(["eval", "--resume", str(killed), "--json"], base / "two")
        print(f"finished cases after each of {kills} kills: {kept}")
        assert kept == sorted(kept), "a finished case was lost"
        for file in ("cases.jsonl", "times.jsonl", "traces.jsonl"):
            items = items_of(killed / file)
            assert len(items) == len(set(items)) == last["n"], f"{file}: {len(items)} lines"
        same = list(canonical_lines(killed)) == list(canonical_lines(whole))
        traces = list(canonical_traces(killed)) == list(canonical_traces(whole))
        print(f"{last['n']} cases, none lost, none doubled; records equal: {same}, traces equal: {traces}")
        repeated = result([*words, "--out", str(again)], base / "two")
        same = list(canonical_lines(again)) == list(canonical_lines(whole))
        traces = list(canonical_traces(again)) == list(canonical_traces(whole))
        print(
            f"repeated from the cache: {repeated['calls']} calls, records equal: {same}, traces equal: {traces}"
        )


if __name__ == "__main__":
    main()
