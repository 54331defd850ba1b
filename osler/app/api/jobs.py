"""`jobs`: work that takes long is begun, watched by its events, cancelled, and its result fetched.

An evaluation runs as `osler eval` in a process of its own, so that it neither slows the server nor outlives its cancelling.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import orjson
from fastapi import Body, Header, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from osler import registry, runtime
from osler.app import children, run_folders, streams
from osler.app.api import given
from osler.app.api.common import EVENT, Strict, caller, desk_of, problems, reply, router
from osler.app.api.debug import overview
from osler.app.debugged_runs import DebuggedRuns, choose, debugged_runs
from osler.app.desk import CALLING, Desk
from osler.app.failures import TooMuch
from osler.app.jobs import Job
from osler.app.reasoning import chosen, setting_for
from osler.app.wording import for_caller
from osler.errors import OslerError, UsageError
from osler.evaluation.store import read_manifest
from osler.llm.able import of_roles

router = router("Work")
MOST_RANKED, MOST_ITEMS = 20_000, 100_000
MOST_EVALUATIONS = 2
# What a case of a batch takes about, as it waits and as its packed result.
HELD = 5_000
# Benchmarks that bring the diseases they rank, or rank none.
_OWN_DISEASES = ("ddxplus", "simsum", "hpo-gsc", "clinical-ner")
_EXITS = {2: "the evaluation was refused", 3: "its data cannot be read", 4: "a model or source failed", 5: "a limit was reached"}  # fmt: skip


class DiagnoseJob(Strict):
    """Many cases, one after the other."""

    kind: Literal["diagnose"]
    cases: list[given.CaseGiven] = Field(min_length=1, max_length=1_000)
    top: given.Top = 10
    method: str = Field(default="embedded", max_length=2_000)
    questions: given.Questions = 5

    @model_validator(mode="after")
    def _within(self) -> Self:
        if len(self.cases) * self.top > MOST_RANKED:
            raise ValueError(
                f"cases times top is {MOST_RANKED:,} at most; give fewer cases, or a smaller top"
            )
        return self


class EvalJob(Strict):
    """An evaluation, with the server's data and models, into a new run in the server's folder of runs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "eval", "benchmark": "phenopackets", "limit": 100}]}
    )

    kind: Literal["eval"]
    benchmark: str = Field(pattern=r"^[a-z0-9][\w.-]{0,99}$", description="As `osler list benchmarks`.")
    method: str | None = Field(default=None, max_length=2_000)
    subset: str | None = Field(default=None, pattern=r"^[\w. +-]{1,200}$")
    split: str | None = Field(default=None, pattern=r"^[\w. +-]{1,200}$")
    limit: int = Field(default=100, ge=1, le=100_000, description="A random sample of so many cases.")
    seed: int = Field(default=0, ge=0, le=2**31)
    epochs: int = Field(default=1, ge=1, le=100)

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.limit * self.epochs > MOST_ITEMS:
            raise ValueError(f"limit times epochs is {MOST_ITEMS:,} at most")
        return self


class ErrorsJob(Strict):
    """All of a run's reasoning laid over the graph, as `/runs/NAME/errors` tells it so far."""

    kind: Literal["errors"]
    run: str = Field(max_length=run_folders.LONGEST, description="As `/runs` names it.")


JobRequest = Annotated[DiagnoseJob | EvalJob | ErrorsJob, Field(discriminator="kind"), Body()]


class JobReply(BaseModel):
    """A piece of work; `progress` is its share that is done (0 to 1), null where that is not known."""

    id: str
    kind: str
    state: Literal["running", "done", "failed", "cancelled"]
    progress: float | None
    events: int
    error: str | None


class JobsReply(BaseModel):
    """The caller's jobs."""

    jobs: list[JobReply]


class JobResult(BaseModel):
    """What a job gave: of `diagnose` the objects `cases` and `failures`; of `eval` the object of `osler eval --json`; of `errors` that
    of `/runs/NAME/errors` with all cases."""

    model_config = ConfigDict(extra="allow")


@router.post("/jobs", response_model=JobReply, status_code=202, responses=problems(400, 422), summary="Begin work that takes long")  # fmt: skip
async def begin(request: Request, body: JobRequest) -> Response:
    """A batch of diagnoses, an evaluation, or the errors of a run. Watch it at `/jobs/{id}/events`; it is kept for an hour after its end."""
    desk = desk_of(request)
    if isinstance(body, EvalJob):
        words, name = await desk.compute(_words, desk, body)
        job = desk.jobs.begin(caller(request), "eval", lambda job: _evaluate(job, desk, words, name))
    elif isinstance(body, ErrorsJob):
        run_folders.folder_of(desk.settings.runs, body.run)
        known = debugged_runs(request.app)
        job = desk.jobs.begin(caller(request), "errors", lambda job: _errors(job, known, body.run))
    else:
        await desk.compute(setting_for, desk, chosen(body.method))
        calling = CALLING.get()
        size = (calling[1].size if calling else 0) + HELD * len(body.cases)
        job = desk.jobs.begin(
            caller(request), "diagnose", lambda job: _diagnose_all(job, desk, body), weight=size
        )
    return reply(_shown(job), 202, {"location": f"/api/v1/jobs/{job.id}"})


@router.get("/jobs", response_model=JobsReply, summary="List your jobs")
async def jobs(request: Request) -> Response:
    """The caller's jobs, the newest first."""
    return reply({"jobs": [_shown(job) for job in desk_of(request).jobs.of(caller(request))]})


@router.get("/jobs/{job}", response_model=JobReply, responses=problems(404), summary="How a job stands")
async def job(request: Request, job: str) -> Response:
    """State and progress."""
    return reply(_shown(_job(request, job)))


@router.get(
    "/jobs/{job}/events",
    responses={200: {"description": "Events with numbers, until the job's `end`.",
                     "content": {"text/event-stream": {"schema": EVENT}}}, **problems(404)},
    summary="Watch a job",
)  # fmt: skip
async def job_events(
    request: Request,
    job: str,
    last_event_id: Annotated[str | None, Header(max_length=20, description="Go on after this event.")] = None,
) -> Response:
    """`progress` and `case` events, then `end`. With the header Last-Event-ID, those after that one."""
    watched = _job(request, job)
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() else 0

    async def told() -> AsyncIterator[bytes]:
        async for number, name, data in watched.watch(after):
            yield streams.event(name, data, number)

    return desk_of(request).streams.open(told())


@router.get(
    "/jobs/{job}/result", response_model=JobResult, responses=problems(404, 409), summary="What a job gave"
)
async def job_result(request: Request, job: str) -> Response:
    """The result of a job that is done; 409 while it runs, or where it failed or was cancelled."""
    found = _job(request, job)
    if found.state != "done":
        why = f": {for_caller(str(found.error), 'api')}" if found.error else ""
        raise HTTPException(409, f"the job is {found.state}{why}; there is no result")
    if isinstance(found.result, Batch):
        packed = await desk_of(request).compute_long(found.result.json)
        return Response(packed, media_type="application/json")
    return reply(found.result)


@router.delete("/jobs/{job}", response_model=JobReply, responses=problems(404), summary="Cancel a job")
async def cancel(request: Request, job: str) -> Response:
    """Stop a job. What it has told stays; one that has ended stays as it is."""
    found = _job(request, job)
    desk_of(request).jobs.cancel(found)
    await asyncio.sleep(0)
    return reply(_shown(found))


def _job(request: Request, job_id: str) -> Job:
    try:
        return desk_of(request).jobs.get(job_id, caller(request))
    except UsageError as error:
        raise HTTPException(404, str(error)) from None


def _shown(job: Job) -> dict[str, Any]:
    about = {"id": job.id, "kind": job.kind, "state": job.state, "progress": job.progress}
    return {
        **about,
        "events": len(job.events),
        "error": for_caller(str(job.error), "api") if job.error else None,
    }


# --- A batch of diagnoses ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Batch:
    """What a batch gave, each case as packed JSON: as objects a thousand cases would fill the memory for an hour."""

    cases: list[bytes]
    failures: list[dict[str, Any]]

    @property
    def size(self) -> int:
        """How many bytes it holds, about."""
        return sum(map(len, self.cases)) + 500 * len(self.failures)

    def json(self) -> bytes:
        """The object as JSON."""
        cases = b",".join(map(zlib.decompress, self.cases))
        return b'{"cases":[' + cases + b'],"failures":' + orjson.dumps(self.failures) + b"}"


async def _diagnose_all(job: Job, desk: Desk, body: DiagnoseJob) -> Batch:
    done: list[bytes] = []
    failures: list[dict[str, Any]] = []
    for index, one in enumerate(body.cases):
        try:
            found = {"index": index, **await _diagnosed(desk, one, body)}
            done.append(zlib.compress(orjson.dumps(found), 1))
            job.tell("case", {"index": index, "first": (found["differential"] or [{}])[0].get("name")})
        except OslerError as error:
            failures.append({"index": index, "error": for_caller(str(error), "api")})
            job.tell("case", failures[-1])
        job.progress = (index + 1) / len(body.cases)
        job.tell("progress", {"done": index + 1, "total": len(body.cases)})
    return Batch(done, failures)


async def _diagnosed(desk: Desk, one: given.CaseGiven, body: DiagnoseJob) -> dict[str, Any]:
    def prepared() -> runtime.Prepared:
        case = given.read(desk, one)
        setting = setting_for(desk, chosen(body.method))
        return runtime.prepare(
            case, base=desk.knowledge, top=body.top, questions=body.questions, method=body.method, setting=setting
        )  # fmt: skip

    # Among the long work: a batch takes as long as it takes, and nobody at a page waits behind it.
    work = await desk.compute_long(prepared)
    if work.asks:
        found = await desk.reasoning.run(work.run())
        return await desk.compute_long(lambda: work.told(found).model_dump(mode="json"))
    return await desk.compute_long(lambda: work.told(runtime.run_sync(work.run())).model_dump(mode="json"))


# --- The errors of a run ----------------------------------------------------------------------------------------------
async def _errors(job: Job, known: DebuggedRuns, run: str) -> dict[str, Any]:
    made, before = await known.advanced(run), -1
    # Where no more can be judged (its data lack some of its cases), that is all there is.
    while not made.done and len(made.cases) > before:
        before = len(made.cases)
        job.progress = before / made.total if made.total else None
        job.tell("progress", {"done": before, "total": made.total})
        made = await known.advanced(run)
    job.progress = 1.0
    job.tell("progress", {"done": len(made.cases), "total": made.total})
    return await known.desk.compute_long(overview, run, made, await known.desk.compute_long(choose, made))


# --- An evaluation ----------------------------------------------------------------------------------------------------
def _words(desk: Desk, body: EvalJob) -> tuple[list[str], str]:
    """The words of the command, and the run's name. Raises UsageError for what cannot be run here."""
    runs = run_folders.home(desk.settings.runs)
    if desk.jobs.running("eval") >= MOST_EVALUATIONS:
        raise TooMuch(f"{MOST_EVALUATIONS} evaluations are under way; wait for one to end, or cancel one")
    if body.benchmark not in registry.names("benchmark"):
        there = ", ".join(registry.names("benchmark"))
        raise UsageError(f"no benchmark is called {body.benchmark!r}; `benchmark` is one of {there}")
    made = chosen(body.method) if body.method else None
    slug = re.sub(r"[^\w-]+", "-", body.method or "default").strip("-")[:60]
    name = f"{body.benchmark}-{slug}-{secrets.token_hex(4)}"
    words = [
        "eval",
        body.benchmark,
        f"--out={runs / name}",
        f"--limit={body.limit}",
        f"--seed={body.seed}",
        "--json",
    ]
    words += [f"--method={body.method}"] if made else []
    words += [f"--{part}={value}" for part in ("subset", "split") if (value := getattr(body, part))]
    words += [f"--epochs={body.epochs}"] if body.epochs > 1 else []
    if made is not None and "model" in made.needs:
        words += [f"--model={model}" for model in of_roles(made.roles, desk.settings.models)]
        words += [f"--base-url={desk.settings.base_url}"] if desk.settings.base_url else []
    # Whatever the method: what goes through one may ask a model on the way. The other benchmarks ask none, and take no budget.
    asks = made is not None and "model" in made.needs
    if body.benchmark not in _OWN_DISEASES and (asks or body.benchmark != "phenopackets"):
        words += [f"--budget=calls={desk.settings.calls}"]
    sources = desk.settings.sources
    if made is not None and "corpus" in made.needs and sources.corpora:
        words += [f"--corpus={','.join(sources.corpora)}"]
        words += [f"--retrieval={sources.retrieval}"] if sources.retrieval else []
        words += [f"--encoder={sources.encoder}"] if sources.encoder else []
    words += (
        [f"--graph={sources.graph}"] if made is not None and "graph" in made.needs and sources.graph else []
    )
    if desk.settings.knowledge != "hpo" and body.benchmark not in _OWN_DISEASES:
        words += [f"--knowledge={desk.settings.knowledge}"]
    return words, name


async def _evaluate(job: Job, desk: Desk, words: list[str], name: str) -> dict[str, Any]:
    folder = run_folders.home(desk.settings.runs) / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    code, out, said = await children.run(
        [sys.executable, "-m", "osler", "--quiet", *words], lambda: _tell_progress(job, desk, folder)
    )
    if code in (0, 1, 5) and out.strip():
        return {**orjson.loads(out), "run": name}
    last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
    why = _EXITS.get(code, "the evaluation failed")
    raise UsageError(f"{why}: {last[0].removeprefix('osler: ').replace(str(folder), name)}")


async def _tell_progress(job: Job, desk: Desk, folder: Any) -> None:
    def standing() -> tuple[int, int] | None:
        try:
            return run_folders.done(folder), read_manifest(folder)["items"]
        except OslerError:
            return None

    found = await desk.compute(standing)
    if found is not None and found[1] and job.progress != found[0] / found[1]:
        job.progress = found[0] / found[1]
        job.tell("progress", {"done": found[0], "total": found[1]})
