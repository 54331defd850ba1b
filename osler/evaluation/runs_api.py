"""`osler.runs("RUN", …)`: runs as tables, for DuckDB and pandas where they are installed and as plain rows anywhere.

    runs = osler.runs("runs/a", "runs/b")
    runs.rows()                                   # dicts, one per case and run
    runs.frame()                                  # pandas.DataFrame          (extra `runs`)
    runs.sql("select run, avg(correct) from cases group by run").df()   #     (extra `runs`)

Only finished cases are seen, each once, in item order; scores are columns of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.errors import UsageError
from osler.evaluation.language_sections import said
from osler.evaluation.store import Record, read_manifest, read_records, read_times, read_trace
from osler.trace import Trace


class Runs:
    """Some runs, opened for reading. Raises UsageError for a folder that is no run."""

    def __init__(self, *folders: str | Path) -> None:
        if not folders:
            raise UsageError("name a run folder, or several: osler.runs('runs/a', 'runs/b')")
        self.folders = [Path(folder) for folder in folders]
        self.manifests = {str(folder): read_manifest(folder) for folder in self.folders}

    def __repr__(self) -> str:
        return f"osler.runs({', '.join(repr(str(folder)) for folder in self.folders)})"

    def records(self) -> Iterator[Record]:
        """The canonical records as they were written, with `run`."""
        for folder in self.folders:
            for record in read_records(folder):
                yield {"run": str(folder), **record}

    def rows(self) -> list[dict[str, Any]]:
        """One flat row per case: run, method, model, item, id, group, subset, epoch, said, tags, scores, and what it cost."""
        found = []
        for folder in self.folders:
            manifest, times = self.manifests[str(folder)], {t["item"]: t for t in read_times(folder)}
            about = {
                "run": str(folder),
                "method": manifest["method"],
                "model": manifest.get("models", {}).get("main"),
            }
            for record in read_records(folder):
                found.append({**about, **_flat(record), **_cost(times.get(record["item"], {}))})
        return found

    def frame(self) -> Any:
        """The rows as a pandas.DataFrame. Raises UsageError where pandas is not installed."""
        return _extra("pandas").DataFrame(self.rows())

    def sql(self, query: str) -> Any:
        """A DuckDB relation of a query over the table `cases` (the rows). Raises UsageError where duckdb is not installed."""
        connection = _extra("duckdb").connect()
        connection.register("cases", self.frame())
        return connection.sql(query)

    def trace(self, item: int, run: int = 0) -> Trace:
        """The trace of an item of the n-th run. Raises UsageError where it was not kept."""
        kept = read_trace(self.folders[run], item)
        if kept is None:
            raise UsageError(f"{self.folders[run]} keeps no trace of item {item}")
        return Trace.model_validate(kept["trace"])

    def figures(self) -> list[dict[str, Any]]:
        """The figures of each run with a language model, as `osler eval --json` prints them."""
        from osler.evaluation.language_report import figures

        return [figures(folder) for folder in self.folders]


def runs(*folders: str | Path) -> Runs:
    """Open runs; see `Runs`."""
    return Runs(*folders)


def _flat(record: Record) -> dict[str, Any]:
    row = {name: record.get(name) for name in ("item", "id", "group", "subset", "epoch")}
    row |= {f"tag_{name}": value for name, value in record.get("tags", {}).items()}
    if "answer" in record:
        row["said_text"] = said(record["answer"])
    return row | {name.replace(" ", "_"): value for name, value in record.get("scores", {}).items()}


def _cost(times: Record) -> dict[str, Any]:
    names = ("calls", "cached", "prompt_tokens", "completion_tokens", "cost", "wall_s", "cpu_s")
    return {name: times[name] for name in names if name in times}


def _extra(name: str) -> Any:
    try:
        return __import__(name)
    except ImportError:
        raise UsageError(
            f"{name} is not installed; `pip install 'osler[runs]'`, or use .rows() and .records()"
        ) from None
