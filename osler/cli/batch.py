"""Many cases at once: expand folders, diagnose with several processes, export as CSV or phenopackets.

A file that cannot be read is reported and the rest goes on; the exit code is then 1.
"""

from __future__ import annotations

import csv
import io
import json as jsonlib
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from osler.cli.output import check_target, complain, console, notices, print_json, settings, write_private
from osler.errors import InputError, OslerError, UsageError

SUFFIXES = {".txt", ".md", ".json", ".yaml", ".yml", ".ndjson"}
Outcome = tuple[Path, dict[str, Any] | None, str | None, str | None]


def expand(files: Sequence[str]) -> list[Path]:
    """The files named, with a folder standing for the case files in it, sorted. Raises InputError for an empty folder."""
    paths: list[Path] = []
    for name in files:
        if not name:
            raise UsageError("a file's name is empty; give a file, a folder, or - for standard input")
        path = Path(name)
        if name != "-" and path.is_dir():
            inside = sorted(p for p in path.rglob("*") if _is_case_file(p.relative_to(path), p))
            if not inside:
                raise InputError(f"the folder {name!r} holds no case file ({', '.join(sorted(SUFFIXES))})")
            paths.extend(inside)
        else:
            paths.append(path)
    return paths


def _is_case_file(inside: Path, path: Path) -> bool:
    """Whether a file in a folder is meant: hidden files and folders (.git, .venv) are not."""
    hidden = any(part.startswith(".") for part in inside.parts)
    return not hidden and path.suffix.lower() in SUFFIXES and path.is_file()


def run(
    paths: list[Path],
    options: dict[str, Any],
    *,
    jobs: int,
    export: str | None,
    out: Path | None,
    json: bool,
) -> int:
    """Diagnose every file and print or export the results; returns the exit code."""
    _check_target(export, out)
    outcomes = list(_progress(_outcomes(paths, options, jobs), len(paths)))
    failures = [(path, reason) for path, _, _, reason in outcomes if reason is not None]
    done = [(path, result) for path, result, _, _ in outcomes if result is not None]
    if export == "csv":
        assert out is not None
        _write_csv(out, done)
    elif export == "phenopackets":
        assert out is not None
        _write_phenopackets(out, outcomes)
    if json:
        print_json(
            {
                "cases": [{"file": str(path), **result} for path, result in done],
                "failures": [{"file": str(path), "error": reason} for path, reason in failures],
            }
        )
    else:
        _summary(done, failures, out)
    return 1 if failures else 0


def _outcomes(paths: list[Path], options: dict[str, Any], jobs: int) -> Iterator[Outcome]:
    if jobs == 1 or len(paths) == 1:
        for path in paths:
            yield _one(path, options)
        return
    try:
        with ProcessPoolExecutor(min(jobs, len(paths)), initializer=_leave_interrupts) as pool:
            yield from pool.map(_one, paths, [options] * len(paths), chunksize=1)
    except BrokenProcessPool:
        raise OslerError("a process died (out of memory?); run it again with fewer --jobs") from None


def _leave_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends its processes


def _one(path: Path, options: dict[str, Any]) -> Outcome:
    """One file's result as plain data, its phenopacket, or why it failed."""
    from osler.findings.export import to_phenopacket
    from osler.runtime import diagnose

    try:
        result = diagnose(path, **options)
    except OslerError as error:
        return path, None, None, str(error)
    except Exception as error:  # a bug on one case must not lose the others
        if settings.debug:
            raise
        return path, None, None, f"internal error ({type(error).__name__}); run it alone with --debug"
    packet = {**to_phenopacket(result.case), "interpretations": _interpretations(result)}
    text = jsonlib.dumps(packet, ensure_ascii=False, indent=2)
    return path, result.model_dump(mode="json"), text, None


def _interpretations(result: Any) -> list[dict[str, Any]]:
    """The differential as phenopacket interpretations: unsolved, and said to be research, never a diagnosis made."""
    return [
        {
            "id": f"osler-{entry.rank}",
            "progressStatus": "IN_PROGRESS",
            "diagnosis": {"disease": {"id": entry.id, "label": entry.name}},
            "summary": f"Candidate {entry.rank} by {result.method}, {_likely(result, entry)}. Research use only.",
        }
        for entry in result.differential
    ]


def _likely(result: Any, entry: Any) -> str:
    if entry.probability is None:
        return "no probability stated"
    return f"probability {entry.probability:.3g} if one of the {result.knowledge.diseases} profiled diseases is present"


def _progress(outcomes: Iterator[Outcome], total: int) -> Iterator[Outcome]:
    if settings.quiet or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.progress import track

    yield from track(outcomes, "Diagnosing", total=total, console=notices(), transient=True)


def _check_target(export: str | None, out: Path | None) -> None:
    if (
        export == "phenopackets"
        and out is not None
        and out.exists()
        and (out.is_file() or any(out.iterdir()))
    ):
        raise UsageError(f"--out {str(out)!r} must be a missing or an empty folder")
    if export == "csv" and out is not None:
        check_target(out)


def _cell(value: Any) -> Any:
    """A cell that a spreadsheet will not run as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _write_csv(out: Path, done: list[tuple[Path, dict[str, Any]]]) -> None:
    columns = [
        "file",
        "rank",
        "id",
        "name",
        "group",
        "probability",
        "score",
        "none_fits",
        "support",
        "against",
    ]
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(columns)
    for path, result in done:
        for entry in result["differential"]:
            row = [str(path), *(entry[c] for c in columns[1:7]), result["none_fits"]]
            row += [" ".join(item["id"] for item in entry[side]) for side in ("support", "against")]
            writer.writerow([_cell(value) for value in row])
    write_private(out, table.getvalue())


def _write_phenopackets(out: Path, outcomes: list[Outcome]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for number, (path, _, packet, _) in enumerate(outcomes, 1):
        if packet is not None:
            # Any file name that a case may come under, as one that every file system takes.
            stem = "".join(c if c.isalnum() or c in "._-" else "_" for c in path.stem)[:60]
            write_private(out / f"{number:05d}-{stem}.json", packet + "\n")


def _summary(
    done: list[tuple[Path, dict[str, Any]]], failures: list[tuple[Path, str]], out: Path | None
) -> None:
    from rich import box
    from rich.table import Table

    from osler.cli.render import percent, safe

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("file", overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column("ranked first", overflow="ellipsis", no_wrap=True, ratio=2)
    for column in ("probability", "none fits"):
        table.add_column(column, justify="right", no_wrap=True)
    for path, result in done:
        first = result["differential"][0] if result["differential"] else None
        name = f"{first['name']} ({first['id']})" if first else "–"
        shown = percent(first["probability"]) if first else ""
        table.add_row(safe(path.name), safe(name), shown, percent(result["none_fits"]))
    console().print(table)
    for path, reason in failures:
        complain(f"{path}: {reason}")
    written = f", written to {out}" if out else ""
    console().print(f"{len(done)} done, {len(failures)} failed{written}", markup=False)
