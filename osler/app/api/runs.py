"""`runs`: the server's runs, their figures, records and traces page by page, and two of them compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from osler import replies
from osler.app import run_folders
from osler.app.api.common import desk_of, problems, reply, router
from osler.app.failures import whole
from osler.app.wording import without_places
from osler.errors import UsageError
from osler.evaluation.store import read_manifest, read_records, read_trace

router = router("Measure")
Name = Annotated[str, Query(max_length=run_folders.LONGEST, description="A run's name.")]
InPath = Annotated[
    str, Path(max_length=run_folders.LONGEST, description="A run's name; one in a folder has slashes.")
]


class RunBrief(BaseModel):
    """A run in brief; `error` says why one cannot be read."""

    name: str
    benchmark: str | None = None
    method: str | None = None
    model: str | None = None
    items: int | None = None
    done: int | None = None
    started: str | None = None
    error: str | None = None


class RunsReply(BaseModel):
    """All runs of the server."""

    runs: list[RunBrief]


class RunReply(BaseModel):
    """A run's manifest, and its figures as `osler eval --json` gives them (null where there are none yet)."""

    name: str
    manifest: dict[str, Any]
    figures: dict[str, Any] | None
    error: str | None


class Records(BaseModel):
    """A page of records: the finished cases in item order."""

    total: int
    offset: int
    records: list[dict[str, Any]]
    next: int | None = Field(description="The offset of the next page; null at the end.")


class TraceReply(BaseModel):
    """The trace of one case of a run."""

    model_config = ConfigDict(extra="allow")

    item: int
    trace: dict[str, Any]


class ComparisonReply(BaseModel):
    """Two runs paired by case: `metrics` is the object of `osler compare --json`."""

    first: str
    second: str
    shared: int
    metrics: dict[str, dict[str, Any]]
    notices: list[str]


@router.get("/runs", response_model=RunsReply, summary="List runs")
async def runs(request: Request) -> Response:
    """The runs in the server's folder (--runs), by name; none where it has no folder."""
    folder = desk_of(request).settings.runs

    def listed() -> list[dict[str, Any]]:
        return [run_folders.brief(run_folders.home(folder), name) for name in run_folders.names(folder)]

    return reply({"runs": await desk_of(request).compute_long(listed)})


@router.get(
    "/runs/compare", response_model=ComparisonReply, responses=problems(400, 404), summary="Compare two runs"
)
async def compare(request: Request, first: Name, second: Name) -> Response:
    """Differences (second minus first) with intervals and tests, wins and losses: as `osler compare --json`."""

    def compared(folders: Any) -> Response:
        from osler.evaluation.compare import compare_runs

        found = compare_runs(*folders)
        about = {"first": first, "second": second, "shared": found.shared, "notices": found.notices}
        return reply({**about, "metrics": replies.comparison(found)})

    return await _of(request, compared, first, second)


@router.get(
    "/runs/{run:path}/records", response_model=Records, responses=problems(404), summary="A run's records"
)  # fmt: skip
async def records(
    request: Request,
    run: InPath,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """The finished cases in item order, page by page."""

    def paged(folders: Any) -> Response:
        found = read_records(folders[0])
        page = found[offset : offset + limit]
        after = offset + len(page)
        about = {"total": len(found), "offset": offset, "next": after if after < len(found) else None}
        return reply({**about, "records": page})

    return await _of(request, paged, run)


@router.get(
    "/runs/{run:path}/traces/{item}",
    response_model=TraceReply,
    responses=problems(404),
    summary="A case's trace",
)
async def trace(request: Request, run: InPath, item: int) -> Response:
    """How an answer was reached, where the run kept it."""

    def read(folders: Any) -> Response:
        kept = read_trace(folders[0], item)
        if kept is None:
            raise HTTPException(404, f"run {run!r} keeps no trace of item {item}")
        return reply(kept)

    return await _of(request, read, run)


@router.get("/runs/{run:path}", response_model=RunReply, responses=problems(404), summary="Show a run")
async def run(request: Request, run: InPath) -> Response:
    """The manifest and the figures of a run."""

    def shown(folders: Any) -> Response:
        from osler.errors import OslerError
        from osler.evaluation.figures import figures

        found, error = None, None
        manifest = read_manifest(folders[0])
        try:
            found = {**figures(folders[0]), "run": run}
        except OslerError as failed:
            error = without_places(str(failed))
        return reply({"name": run, "manifest": _without_paths(manifest), "figures": found, "error": error})

    return await _of(request, shown, run)


async def _of(request: Request, work: Callable[[Any], Response], *names: str) -> Response:
    """Work on the folders of these runs; a name that is none is not found."""
    desk = desk_of(request)

    def found() -> Response:
        try:
            folders = [run_folders.folder_of(desk.settings.runs, name) for name in names]
        except UsageError as error:
            raise HTTPException(404, str(error)) from None
        with whole(" and ".join(f"run {name}" for name in names)):
            return work(folders)

    return await desk.compute_long(found)


def _without_paths(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest without the places of files on this machine."""
    shown = dict(manifest)
    for name in ("data", "arguments"):
        if isinstance(shown.get(name), dict):
            shown[name] = {k: v for k, v in shown[name].items() if k not in ("path", "data")}
    return shown
