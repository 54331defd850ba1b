"""The runs being debugged, for the page and the API: opened once, gone on with when asked again, and the cases of an error chosen."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler.app import run_folders
from osler.app.debugging import Debugged, Debugger
from osler.app.desk import Desk
from osler.app.failures import Unavailable, whole
from osler.data.paths import data_dir, store_dir
from osler.errors import UsageError
from osler.evaluation.store import RECORDS, read_manifest
from osler.knowledge.graph.load import OWN
from osler.scoring.error_patterns import Pattern, patterns
from osler.scoring.path_errors import KINDS, NONE, NOT_JUDGED, Judged, class_of

SECONDS, MOST_KEPT = 2.0, 4
CLASSES = (*KINDS, NONE, NOT_JUDGED)


@dataclass(frozen=True)
class Chosen:
    """What is judged of the cases with an answer, their errors that repeat, and the cases of a class, pattern or error."""

    judged: dict[str, Judged]
    groups: list[Pattern]
    cases: list[Debugged]


class DebuggedRuns:
    """The debuggers of a server's runs; the last few are kept. One is made anew where its run has changed."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._kept: OrderedDict[str, Debugger] = OrderedDict()

    async def advanced(self, run: str, seconds: float = SECONDS) -> Debugger:
        """A run's debugger, gone on with for some seconds. Raises UsageError where there is no such run, Unavailable where its graph
        or its data are broken."""
        folder = run_folders.folder_of(self.desk.settings.runs, run)
        records = folder / RECORDS
        stamp = f"{run}|{records.stat().st_mtime_ns if records.is_file() else 0}"
        if (made := self._kept.get(stamp)) is None:
            graph = await self.desk.compute_long(self._graph_of, folder)
            made = self._kept.setdefault(stamp, Debugger(folder, graph))
        self._kept.move_to_end(stamp)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        if not made.done:
            await self.desk.compute_long(_advance, made, seconds)
        return made

    async def until(self, run: str, item: int | None, seconds: float = 60.0) -> Debugger:
        """A run's debugger, gone on with until it has a case (all of them, for None) or the time is over."""
        made = await self.advanced(run)
        for _ in range(int(seconds / SECONDS)):
            if item in made.cases or made.done:
                break
            made = await self.advanced(run)
        return made

    def _graph_of(self, folder: Path) -> Any:
        """The graph that a run used; the server's own where it used none. Raises Unavailable for a file from anywhere else: what a
        run's manifest names is data, and no reason to open a file."""
        spec = read_manifest(folder).get("arguments", {}).get("graph")
        if spec is None or spec in (OWN, self.desk.settings.sources.graph):
            return self.desk.graph_service(spec)
        path = Path(spec).expanduser().resolve()
        if not any(path.is_relative_to(one.resolve()) for one in (folder, store_dir(), data_dir()) if one):
            raise Unavailable(
                "the graph that this run used is not at hand here; its operator can name it (osler serve --graph)"
            )
        return self.desk.graph_service(str(path))


def debugged_runs(app: Any) -> DebuggedRuns:
    """Those of an application."""
    if not hasattr(app.state, "debugged_runs"):
        app.state.debugged_runs = DebuggedRuns(app.state.desk)
    return app.state.debugged_runs


def choose(made: Debugger, kind: str = "", answer: str = "", cluster: str = "", pattern: str = "") -> Chosen:
    """The cases of a class, an answer, an error or a pattern of errors. Raises UsageError for one that there is none of."""
    if kind and kind not in CLASSES:
        raise UsageError(f"classes are {', '.join(CLASSES)}, not {kind[:40]!r}")
    if answer not in ("", "right", "wrong"):
        raise UsageError(f"answers are right or wrong, not {answer[:40]!r}")
    judged = {
        item: one for item, one in made.judged().items() if answer in ("", made.cases[int(item)].answer)
    }
    groups = [one for one in patterns(judged) if not kind or one.kind == kind]
    own = [item for item, one in judged.items() if not kind or class_of(one) == kind]
    if cluster or pattern:
        chosen = [one for one in groups if one.key == pattern]
        chosen += [error for one in groups for error in one.errors if error.error.key == cluster]
        own = chosen[0].cases if chosen else []
    return Chosen(judged, groups, [made.cases[int(item)] for item in own])


def _advance(made: Debugger, seconds: float) -> None:
    with whole("what this run was made of", str(made.folder)):
        made.advance(seconds)
