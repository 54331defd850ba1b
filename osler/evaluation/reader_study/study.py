"""A study on disk: what is to be read by whom, and what each reader did, in a private folder (0700, files 0600).

    FOLDER/study.json           name, seed, arms, cases with what is right, readers with their codes, the plan
    FOLDER/readings/CODE.jsonl  what a reader did, line by line: opened, searched, saved; only ever appended to
    FOLDER/aids/CASE-ARM.json   the help that an arm showed for a case: made once, the same for every reader

A reader who was cut off goes on where the last saved list stands. A line that a kill has torn is left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from osler.data.paths import private_folder
from osler.errors import InputError, UsageError
from osler.scoring.reader_study import AFTER, BEFORE, Key, Reading
from osler.scoring.references import DiagnosisReference

SCHEMA = "osler.study/1"
HELPS = ("none", "search", "model")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no letter that is taken for a digit
_CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}$")


class Arm(BaseModel):
    """What an arm offers after the first list: nothing, a search, or a model's differential (and a search, where `search` says so)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[\w][\w .-]{0,39}$")
    help: str = Field(default="none", pattern="^(none|search|model)$")
    method: str = "embedded"
    search: bool = False

    @property
    def searches(self) -> bool:
        """Whether a search is offered."""
        return self.search or self.help == "search"


class StudyCase(BaseModel):
    """A case to be read, and what is right in it, which readers never see."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[\w.-]{1,64}$")
    text: str = Field(min_length=1, max_length=1_000_000)
    diagnosis: list[str] = Field(default_factory=list)
    diseases: list[str] = Field(default_factory=list)
    close: list[str] = Field(default_factory=list)
    related: list[str] = Field(default_factory=list)
    distant: list[str] = Field(default_factory=list)
    differential: list[str] = Field(default_factory=list)

    def key(self) -> Key | None:
        """What is right, for scoring; None where the study does not say."""
        if not (self.diagnosis or self.diseases):
            return None
        reference = DiagnosisReference(tuple(self.diagnosis), tuple(self.diseases))
        near = (tuple(names) for names in (self.close, self.related, self.distant, self.differential))
        return Key(reference, *near)


class Reader(BaseModel):
    """A reader: the code they type, and what the study calls them."""

    code: str
    name: str


class Plan(BaseModel):
    """All of `study.json`."""

    schema_version: str = SCHEMA
    name: str
    seed: int
    entries: int = Field(default=10, ge=1, le=20)
    instructions: str = ""
    arms: list[Arm]
    cases: list[StudyCase]
    readers: list[Reader]
    plan: dict[str, list[tuple[str, str]]]


class Task(NamedTuple):
    """What a reader does next: a case, its arm, and whether the list before or after help is asked for."""

    number: int
    case: StudyCase
    arm: Arm
    phase: str


class Study:
    """A study that is open, for serving and for exporting. Safe to share between threads."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder, self._clock = folder, clock
        self._lock = threading.RLock()
        self._events: dict[str, list[dict[str, Any]]] = {}
        try:
            self.plan = Plan.model_validate_json((folder / "study.json").read_bytes())
        except FileNotFoundError:
            raise UsageError(f"{folder} holds no study; osler study new FILE {folder} makes one") from None
        except (OSError, ValidationError):
            raise InputError(f"{folder / 'study.json'} is damaged or of another version of Osler") from None

    @cached_property
    def cases(self) -> dict[str, StudyCase]:
        """The cases by id."""
        return {case.id: case for case in self.plan.cases}

    @cached_property
    def arms(self) -> dict[str, Arm]:
        """The arms by name."""
        return {arm.name: arm for arm in self.plan.arms}

    def reader(self, code: str) -> Reader | None:
        """The reader of a code, in any case and with blanks; None where there is none."""
        wanted = code.strip().upper().replace(" ", "")
        for one in self.plan.readers:
            if secrets.compare_digest(one.code.encode(), wanted.encode()):
                return one
        return None

    def task(self, code: str) -> Task | None:
        """What the reader does next; None at the end."""
        saved = self.saved(code)
        for number, (case, arm) in enumerate(self.plan.plan[code], 1):
            for phase in (BEFORE, AFTER):
                if (case, phase) not in saved:
                    return Task(number, self.cases[case], self.arms[arm], phase)
        return None

    def done(self, code: str) -> tuple[int, int]:
        """How many cases a reader has finished, and of how many."""
        saved = self.saved(code)
        return sum((case, AFTER) in saved for case, _ in self.plan.plan[code]), len(self.plan.plan[code])

    def opened(self, code: str, task: Task) -> float:
        """Note that a case lies before the reader; seconds since it first did in this phase."""
        now = self._clock()
        first = self._first_opened(code, task)
        self._tell(code, {"event": "opened", "case": task.case.id, "phase": task.phase, "at": now})
        return 0.0 if first is None else now - first

    def searched(self, code: str, task: Task, words: str, found: int) -> None:
        """Note what a reader looked for."""
        about = {"case": task.case.id, "phase": task.phase, "words": words[:300], "found": found}
        self._tell(code, {"event": "searched", **about, "at": self._clock()})

    def save(
        self, code: str, case: str, phase: str, said: Sequence[str], in_view: float | None = None
    ) -> None:
        """Keep a list. Raises UsageError where it is not what is asked for next, or empty."""
        with self._lock:
            task = self.task(code)
            if task is None or (task.case.id, task.phase) != (case, phase):
                raise UsageError("this list was saved already; go on with the case that is asked for now")
            kept = [" ".join(one.split())[:200] for one in said]
            kept = list(dict.fromkeys(one for one in kept if one))[: self.plan.entries]
            if not kept:
                raise UsageError("name at least one diagnosis")
            now, first = self._clock(), self._first_opened(code, task)
            self._tell(code, {
                "event": "saved", "case": case, "phase": phase, "arm": task.arm.name, "list": kept, "at": now,
                "seconds": None if first is None else round(now - first, 3),
                "seconds_in_view": None if in_view is None else round(max(0.0, in_view), 1),
                "openings": sum(1 for _ in self._openings(code, task)),
            })  # fmt: skip

    def saved(self, code: str) -> dict[tuple[str, str], dict[str, Any]]:
        """What a reader has saved, by case and phase."""
        return {(one["case"], one["phase"]): one for one in self.events(code) if one["event"] == "saved"}

    def readings(self) -> list[Reading]:
        """Every case that a reader has finished."""
        found = []
        for reader in self.plan.readers:
            saved = self.saved(reader.code)
            for case, arm in self.plan.plan[reader.code]:
                before, after = saved.get((case, BEFORE)), saved.get((case, AFTER))
                if before and after:
                    times = before["seconds"], after["seconds"]
                    lists = tuple(before["list"]), tuple(after["list"])
                    found.append(Reading(reader.name, case, arm, *lists, *times))
        return found

    def keys(self) -> dict[str, Key]:
        """What is right in each case."""
        return {case.id: key for case in self.plan.cases if (key := case.key())}

    def aids(self) -> dict[str, dict[str, list[str]]]:
        """The lists that arms with a model showed, by arm and case."""
        found: dict[str, dict[str, list[str]]] = {}
        for arm in self.plan.arms:
            for case in self.plan.cases:
                if made := self.aid(case.id, arm.name):
                    found.setdefault(arm.name, {})[case.id] = [one["name"] for one in made["differential"]]
        return found

    def aid(self, case: str, arm: str) -> dict[str, Any] | None:
        """The help kept for a case in an arm; None where it was not made yet."""
        try:
            return json.loads(self._aid_path(case, arm).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            raise InputError(
                f"{self._aid_path(case, arm)} is damaged; delete it and it is made again"
            ) from None

    def keep_aid(self, case: str, arm: str, made: Mapping[str, Any]) -> None:
        """Keep the help of a case in an arm; what was kept before stays, so that every reader sees the same."""
        path = self._aid_path(case, arm)
        with self._lock:
            if not path.exists():
                private_folder(path.parent)
                write_private(path, json.dumps(made, ensure_ascii=False))

    def events(self, code: str) -> list[dict[str, Any]]:
        """All that a reader did, in order."""
        with self._lock:
            if code not in self._events:
                self._events[code] = list(_lines(self.folder / "readings" / f"{code}.jsonl"))
            return list(self._events[code])

    def _openings(self, code: str, task: Task) -> Any:
        for one in self.events(code):
            if one["event"] == "opened" and (one["case"], one["phase"]) == (task.case.id, task.phase):
                yield one["at"]

    def _first_opened(self, code: str, task: Task) -> float | None:
        return next(self._openings(code, task), None)

    def _tell(self, code: str, event: dict[str, Any]) -> None:
        with self._lock:
            self.events(code)
            path = private_folder(self.folder / "readings") / f"{code}.jsonl"
            torn = path.exists() and path.stat().st_size > 0 and path.read_bytes()[-1:] != b"\n"
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, (b"\n" if torn else b"") + json.dumps(event).encode() + b"\n")
                os.fsync(handle)
            finally:
                os.close(handle)
            self._events[code].append(event)

    def _aid_path(self, case: str, arm: str) -> Path:
        mark = hashlib.sha256(arm.encode()).hexdigest()[:8]
        return self.folder / "aids" / f"{case}-{mark}.json"


def new_code() -> str:
    """A reader's code: eight letters and digits, drawn so that nobody guesses it (40 bits)."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, in one step."""
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _lines(path: Path) -> Any:
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n"):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and {"event", "case", "phase", "at"} <= set(found):
            yield found
