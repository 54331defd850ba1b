"""Assembles what a method needs and runs it: the same few functions serve Python, the command line and evaluations.

    import osler
    result = osler.diagnose("letter.txt")          # a path, text, a Case, or parsed JSON
    result = osler.diagnose(present=["HP:0001083", "HP:0001166"], age=34, sex="female")

Nothing here is sent anywhere: the embedded engine works offline.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from osler import interrupt
from osler.case import Case, Demographics, Finding, Notice, Sex, Status, Term
from osler.errors import InputError, UsageError
from osler.trace import Answer, Candidate, Evidence, Trace

if TYPE_CHECKING:
    from osler.compose import Composed
    from osler.diagnosis.engine import Engine
    from osler.diagnosis.result import Differential, NextQuestion
    from osler.knowledge.profiles import Knowledge
    from osler.session import Outcome, Setting

_T = TypeVar("_T")


class FlatFinding(BaseModel):
    """A finding as the command line prints it: offsets are characters in the original text, null where there is none."""

    id: str
    label: str
    status: str
    text: str | None
    start: int | None
    end: int | None
    source: str

    @classmethod
    def of(cls, finding: Finding) -> FlatFinding:
        """Flatten one finding."""
        span = finding.span
        return cls(
            id=finding.id,
            label=finding.label,
            status=finding.status,
            text=finding.text,
            start=span.start if span else None,
            end=span.end if span else None,
            source=finding.source,
        )


class Diagnosis(BaseModel):
    """What `osler diagnose` prints, and `osler.diagnose` returns. Probabilities are conditional: read the notices."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    findings: list[FlatFinding]
    differential: list[Any]
    none_fits: float | None
    next: list[Any]
    knowledge: Any
    score_unit: str | None
    method: str
    notices: list[Notice]
    case: Case = Field(exclude=True)
    trace: Trace = Field(exclude=True)


class Host:
    """The embedded engine behind a context: ranks with one knowledge base and keeps the last full result."""

    def __init__(
        self, knowledge: Knowledge, explain: bool = True, questions: int = 5, memory: Any = None
    ) -> None:
        self.knowledge = knowledge
        self.explain = explain
        self.questions = questions
        self.memory = memory
        self.result: Differential | None = None

    @property
    def sources(self) -> dict[str, str]:
        """What the engine rests on, for a trace."""
        return {self.knowledge.name: f"{self.knowledge.release} {self.knowledge.checksum}"}

    def differential(self, case: Case, method: str, top: int) -> Answer:
        """Rank the diseases for a case. Raises InputError when it has no finding at all to rank by."""
        from osler.diagnosis.query import Query

        found = engine(self.knowledge, method, self.memory)
        query = Query.from_case(case, self.knowledge)
        result = found.differential(
            query, top=top, explain=self.explain, next_questions=self.questions if self.explain else 0
        )
        self.result = result
        return result.answer()

    def review(self, case: Case, names: Sequence[str]) -> list[Candidate | None]:
        """Each named disease with what its profile says for and against the case; None without a profile."""
        from osler.diagnosis.query import Query
        from osler.knowledge.search import named_disease

        found = [named_disease(self.knowledge, name) for name in names]
        reviewed = engine(self.knowledge, "likelihood-ratio").review(
            Query.from_case(case, self.knowledge), [match.index for match in found if match is not None]
        )
        rest = iter(reviewed)
        return [None if match is None else next(rest) for match in found]

    def recall(self, case: Case, top: int) -> list[Candidate]:
        """The remembered cases most like this one, by their disease, each with the findings they share as evidence."""
        from osler.diagnosis.query import Query

        if self.memory is None:
            return []
        model = engine(self.knowledge, "embedded", self.memory).model
        query = Query.from_case(case, self.knowledge)
        return [
            _remembered(kept, disease, score, self.knowledge)
            for kept, disease, score in self.memory.nearest(query, model, top)
        ]


def _remembered(kept: Any, disease: int, score: float, base: Knowledge) -> Candidate:
    labels = [
        base.ontology.labels[found]
        for term in kept.present
        if (found := base.ontology.resolve(term).index) >= 0
    ]
    name = base.disease_names[disease]
    evidence = Evidence(
        source="case memory",
        record=kept.id,
        quote=f"{name}: {'; '.join(labels)}",
        score=score,
        references=list(kept.report),
    )
    return Candidate(id=base.disease_ids[disease], name=name, score=score, evidence=[evidence])


class LazyHost:
    """A Host whose knowledge is loaded when a method first asks: a question to a model alone never needs it."""

    def __init__(self, spec: str = "hpo") -> None:
        self.spec = spec
        self._host: Host | None = None

    @property
    def sources(self) -> dict[str, str]:
        """What was rested on; nothing where the engine was not asked."""
        return {} if self._host is None else self._host.sources

    @property
    def host(self) -> Host:
        """The host, without next questions."""
        if self._host is None:
            self._host = Host(knowledge(self.spec), explain=True, questions=0)
        return self._host

    def differential(self, case: Case, method: str, top: int) -> Answer:
        """See `osler.context.Differentials`."""
        return self.host.differential(case, method, top)

    def review(self, case: Case, names: Sequence[str]) -> list[Candidate | None]:
        """See `osler.context.Differentials`."""
        return self.host.review(case, names)


@lru_cache(maxsize=4)
def knowledge(spec: str = "hpo") -> Knowledge:
    """The knowledge base of that name, loaded once per process: `hpo`, `hpo@2023-01-27`, `ddxplus`, `hpo+ddxplus`."""
    from osler.knowledge import load_knowledge

    return load_knowledge(spec)


_engines: dict[tuple[int, str, int], Engine] = {}


def engine(base: Knowledge, method: str = "embedded", memory: Any = None) -> Engine:
    """The engine for a knowledge base and a ranker's name, made once per process."""
    from osler.diagnosis.engine import Engine

    key = (id(base), method, id(memory))
    if key not in _engines:
        _engines[key] = Engine(base, method, memory=memory)
    return _engines[key]


def case_from(
    source: Any = None,
    *,
    present: Sequence[str] = (),
    absent: Sequence[str] = (),
    age: float | None = None,
    sex: Sex | None = None,
    base: Knowledge | None = None,
    **reading: Any,
) -> Case:
    """A case from a source, from findings given one by one, or both.

    `age` is in years. `present` and `absent` take ids or labels (`HP:0001083`, `ectopia lentis`). A finding given here
    overrides the same finding in the source. Raises InputError for an unknown term or an impossible age.
    """
    if source is None and not present and not absent:
        raise UsageError("give a file, or findings with --present and --absent")
    if isinstance(source, Case):
        case = source.model_copy(deep=True)
    elif source is None:
        case = Case()
    else:
        from osler.findings.reader import read_case

        case = read_case(source, **reading)
    if present or absent:
        base = base or knowledge()
        _add_findings(case, present, absent, base)
    if age is not None or sex is not None:
        _set_person(case, age, sex)
    return case


def _add_findings(case: Case, present: Sequence[str], absent: Sequence[str], base: Knowledge) -> None:
    from osler.knowledge.search import best, search_terms

    given: list[tuple[Status, Sequence[str]]] = [("present", present), ("absent", absent)]
    said: dict[str, Status] = {}
    for status, words in given:
        for word in words:
            matches = search_terms(base.ontology, word)
            found = best(matches)
            if found is None:
                near = ", ".join(f"{match.name} ({match.id})" for match in matches[:3])
                hint = f"did you mean {near}?" if near else "`osler term WORDS` looks a term up"
                raise InputError(f"{word!r} is not one term of {base.name} {base.release}; {hint}")
            if said.setdefault(found.id, status) != status:
                raise InputError(f"{found.name} ({found.id}) is given as present and as absent; decide which")
            case.findings = [finding for finding in case.findings if finding.id != found.id]
            term = Term(id=found.id, label=found.name)
            case.findings.append(Finding(term=term, status=status, note=found.note or None))
            if found.note:
                case.notices.append(Notice(code="term-replaced", text=found.note))


def _set_person(case: Case, age: float | None, sex: Sex | None) -> None:
    if age is not None and not 0 <= age <= 130:
        raise InputError(f"age {age:g} years is impossible; give years between 0 and 130")
    if sex is not None and sex not in ("male", "female", "other"):
        raise InputError(f"sex {sex!r} is not known; give male, female or other")
    before = case.demographics.model_dump()
    given: dict[str, Any] = {}
    if age is not None:
        given["age_days"] = age * 365.25
    if sex is not None:
        given["sex"] = sex
    named = {*before["given"], *(["age"] if age is not None else []), *(["sex"] if sex is not None else [])}
    case.demographics = Demographics(**{**before, **given, "given": sorted(named)})


def diagnose(
    source: Any = None,
    *,
    present: Sequence[str] = (),
    absent: Sequence[str] = (),
    age: float | None = None,
    sex: Sex | None = None,
    top: int = 10,
    method: str = "embedded",
    base: str | Knowledge = "hpo",
    explain: bool = True,
    questions: int = 5,
    memory: Any = None,
    model: str | Sequence[str] | None = None,
    setting: Setting | None = None,
    **reading: Any,
) -> Diagnosis:
    """Rank the known diseases for a case and say why.

    `source`: a path, text, bytes, parsed JSON or a Case; `age` in years; `base`: a knowledge base or its name;
    `top`: candidates shown. `method` may be a method expression; one that asks a language model needs `model`
    (`openai:NAME`, `simulated:good`, with roles as on the command line), and `setting` has its other options.
    Raises InputError when the source cannot be read or holds nothing to rank by.
    """
    work = prepare(
        source, present=present, absent=absent, age=age, sex=sex, top=top, method=method, base=base, explain=explain,
        questions=questions, memory=memory, model=model, setting=setting, **reading,
    )  # fmt: skip
    return work.told(run_sync(work.run()))


@dataclass
class Prepared:
    """A diagnosis about to be made: `run()` on any event loop, then `told` with what that gave."""

    case: Case
    made: Composed
    setting: Setting
    host: Host
    top: int

    @property
    def asks(self) -> bool:
        """Whether a language model is asked."""
        return "model" in self.made.needs

    def run(self) -> Coroutine[Any, Any, Outcome]:
        """The method over the case."""
        from osler.session import run_case

        takes_top = "top" in signature(self.made.part.object).parameters and "top" not in self.made.options
        given = {"top": self.top} if takes_top else {}
        return run_case(self.case, self.made, self.setting, self.host, **given)

    def told(self, found: Outcome) -> Diagnosis:
        """The diagnosis."""
        about: dict[str, Any] = {
            "findings": [FlatFinding.of(finding) for finding in self.case.findings],
            "method": self.made.name,
            "case": self.case,
            "trace": found.trace,
        }
        if not self.asks and self.host.result is not None:
            return _of_engine(self.host.result, about)
        from osler.named import named_differential

        known = self.host.knowledge
        named, said = named_differential(found.answer, known, self.top)
        told = [Notice(code="model", text=text) for text in found.notices]
        used = engine(known, "likelihood-ratio").used()
        return Diagnosis(**named, knowledge=used, notices=[*self.case.notices, *said, *told], **about)


def prepare(
    source: Any = None,
    *,
    present: Sequence[str] = (),
    absent: Sequence[str] = (),
    age: float | None = None,
    sex: Sex | None = None,
    top: int = 10,
    method: str = "embedded",
    base: str | Knowledge = "hpo",
    explain: bool = True,
    questions: int = 5,
    memory: Any = None,
    model: str | Sequence[str] | None = None,
    setting: Setting | None = None,
    **reading: Any,
) -> Prepared:
    """What `diagnose` does before the method runs; see there for the arguments and errors."""
    from osler.session import Setting, composed

    setting = setting or Setting()
    if model:
        setting.models = [model] if isinstance(model, str) else list(model)
    made = composed(method, setting)
    known = knowledge(base) if isinstance(base, str) else base
    case = case_from(source, present=present, absent=absent, age=age, sex=sex, base=known, **reading)
    if not case.with_status("present", "absent") and not ("model" in made.needs and case.text.strip()):
        raise InputError(
            "no finding of the patient was recognised, so nothing can be ranked; "
            "add findings with --present, or look at what was read with `osler findings`"
        )
    case.notices += [Notice(code="memory", text=text) for text in getattr(memory, "notices", ())]
    return Prepared(case, made, setting, Host(known, explain, questions, memory), top)


def _of_engine(result: Differential, about: dict[str, Any]) -> Diagnosis:
    return Diagnosis(
        differential=result.differential,
        none_fits=result.none_fits,
        next=result.next,
        knowledge=result.knowledge,
        score_unit=result.contribution_unit,
        notices=[*about["case"].notices, *result.notices],
        **about,
    )


def questions_for(
    base: Knowledge, case: Case, method: str = "embedded", skip: Sequence[str] = (), count: int = 5
) -> tuple[list[NextQuestion], float]:
    """The questions whose answers would tell most about a case, best first, and the probability that no known disease fits.

    `skip` are ids of terms that were asked already and are not known.
    """
    import numpy as np

    from osler.diagnosis.query import Query

    model, ontology = engine(base, method), base.ontology
    query = Query.from_case(case, base)
    probability, none_fits = model.posterior(model.scores(query), query)
    asked = np.array([ontology.index(one) for one in skip if one in ontology], np.int32)
    return model.next_questions(query, probability, none_fits, count, asked), none_fits


def next_questions(
    source: Any = None, *, top: int = 5, base: str | Knowledge = "hpo", **given: Any
) -> list[Any]:
    """The questions whose answers would tell most, best first; see `diagnose` for the arguments."""
    return diagnose(source, base=base, questions=top, **given).next


def run_sync(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end, also where an event loop is already running (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return interrupt.run(work)
    box: dict[str, Any] = {}

    def target() -> None:
        try:
            box["value"] = asyncio.run(work)
        except BaseException as error:
            box["error"] = error

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if "error" in box:
        raise box["error"]
    return box["value"]
