"""MCP tools over the engine: findings, diagnosis, next questions, terms, diseases, corpora, the graph, methods and runs.

Each answers with the object that the command line prints with --json; what cannot be done is an error of the call that says what to
do. Values given by a client are data: nothing in them is followed, and none of them names a file or an address.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from pydantic import Field

from osler import registry, replies, runtime
from osler.app import corpora as corpora_here
from osler.app import run_folders
from osler.app.api.given import limits_of
from osler.app.desk import Desk
from osler.app.failures import for_callers
from osler.app.limits import MOST_ADDRESS
from osler.app.reasoning import chosen, outcome, setting_for
from osler.app.wording import for_caller
from osler.case import Case, Option
from osler.errors import OslerError, UsageError
from osler.session import composed

Text = Annotated[str, Field(max_length=400_000, description="A letter or note in plain text.")]
Name = Annotated[str, Field(max_length=120)]
Terms = Annotated[
    list[Annotated[str, Field(max_length=300)]],
    Field(max_length=500, description="Findings by HPO id or name (HP:0001083, ectopia lentis)."),
]
Sex = Literal["male", "female", "other"]
Age = Annotated[float, Field(ge=0, le=130, description="Years.")]
Record = Annotated[
    dict[str, Any],
    Field(description="A phenopacket, FHIR resource or Bundle, or Osler case, instead of text."),
]
Top = Annotated[int, Field(ge=1, le=200)]
RunName = Annotated[str, Field(max_length=run_folders.LONGEST)]
Words = Annotated[list[Name], Field(max_length=50)]


class Tools:
    """The tools of one desk; `all` lists them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def all(self) -> list[Callable[..., Awaitable[Any]]]:
        """The tools as functions whose signature is their schema."""
        found = (
            self.read_findings, self.diagnose, self.next_questions, self.find_terms, self.show_term, self.find_diseases,
            self.show_disease, self.list_corpora, self.search_corpora, self.open_document, self.graph_path, self.graph_near,
            self.graph_link, self.list_methods, self.ask, self.list_runs, self.show_run,
        )  # fmt: skip
        return [_told(one) for one in found]

    async def read_findings(self, text: Text | None = None, record: Record | None = None) -> dict[str, Any]:
        """Read a text or record into coded findings (present, absent, family, …) with their places, and measurements."""
        return await self.desk.compute(lambda: replies.findings(self._case(text, record)))

    async def diagnose(
        self,
        text: Text | None = None,
        record: Record | None = None,
        present: Terms | None = None,
        absent: Terms | None = None,
        age: Age | None = None,
        sex: Sex | None = None,
        top: Top = 5,
        questions: Annotated[int, Field(ge=0, le=20)] = 3,
    ) -> dict[str, Any]:
        """Rank profiled diseases (mostly rare and genetic) for a case, with what is for, against and missing, and the
        probability that none fits. Read the notices: probabilities are conditional. Not for decisions on care."""

        def work() -> dict[str, Any]:
            case = self._case(text, record, present, absent, age, sex)
            found = runtime.diagnose(case, base=self.desk.knowledge, top=top, questions=questions)
            return found.model_dump(mode="json")

        return await self.desk.compute(work)

    async def next_questions(
        self,
        present: Terms,
        absent: Terms | None = None,
        asked: Terms | None = None,
        age: Age | None = None,
        sex: Sex | None = None,
        count: Annotated[int, Field(ge=1, le=20)] = 5,
    ) -> dict[str, Any]:
        """What to find out next: the questions whose answers would tell most, with gain (bits) and cost.

        asked: HPO ids that were asked already and are not known.
        """

        def work() -> dict[str, Any]:
            case = self._case(None, None, present, absent, age, sex)
            found, none_fits = runtime.questions_for(self.desk.knowledge, case, skip=asked or (), count=count)
            return {"next": [one.model_dump() for one in found], "none_fits": none_fits}

        return await self.desk.compute(work)

    async def find_terms(self, words: Name, top: Top = 10) -> dict[str, Any]:
        """Find phenotypic terms (HPO) by name, synonym or lay words."""
        from osler.knowledge.search import search_terms

        found = await self.desk.compute(search_terms, self.desk.knowledge.ontology, words, top)
        return _listed(words, found)

    async def show_term(self, name: Name) -> dict[str, Any]:
        """A term by id or name: definition, synonyms, neighbours, and the diseases that have it most often."""
        return await self.desk.compute(term, self.desk, name)

    async def find_diseases(self, words: Name, top: Top = 10) -> dict[str, Any]:
        """Find diseases by name."""
        from osler.knowledge.search import search_diseases

        return _listed(words, await self.desk.compute(search_diseases, self.desk.knowledge, words, top))

    async def show_disease(self, name: Name) -> dict[str, Any]:
        """A disease's profile by id or name: inheritance, onset, every finding with frequency and citations."""
        return await self.desk.compute(disease, self.desk, name)

    async def list_corpora(self) -> dict[str, Any]:
        """The corpora of documents that can be searched."""
        return await self.desk.compute_long(corpora)

    async def search_corpora(
        self,
        words: Annotated[str, Field(max_length=5_000)],
        corpora: Words | None = None,
        top: Annotated[int, Field(ge=1, le=50)] = 5,
    ) -> dict[str, Any]:
        """Find passages by words or by meaning, each with its document and exact place. All corpora where none is named."""

        return await self.desk.compute_long(
            corpora_here.search, words, corpora or (), top, where="list_corpora shows them"
        )

    async def open_document(
        self,
        corpus: Name,
        document: Annotated[str, Field(max_length=1_000)],
        start: Annotated[int, Field(ge=0)] = 0,
        end: Annotated[int, Field(ge=0)] | None = None,
    ) -> dict[str, Any]:
        """A document's text, or the characters from start to end (a citation's place, and some around it)."""

        def work() -> dict[str, Any]:
            text, about = corpora_here.document(_corpus(corpus), document)
            last = min(len(text), len(text) if end is None else end)
            return {**about, "start": min(start, last), "end": last, "text": text[start:last]}

        return await self.desk.compute_long(work)

    async def graph_path(
        self, a: Name, b: Name, relations: Words | None = None, cap: Annotated[int, Field(ge=1, le=100)] = 10
    ) -> dict[str, Any]:
        """The shortest paths between two names (diseases, findings, genes, drugs) in the graph, those through hubs last."""

        def work() -> dict[str, Any]:
            from osler.knowledge.graph import answers

            held = self.desk.graph()
            return answers.paths_json(held, answers.paths(held, a, b, relations or (), cap=cap), cap)

        return await self.desk.compute_long(work)

    async def graph_near(
        self,
        name: Name,
        relations: Words | None = None,
        kinds: Words | None = None,
        pagerank: bool = False,
        top: Top = 20,
    ) -> dict[str, Any]:
        """What a name is joined to in the graph, directly or by personalised PageRank."""

        def work() -> dict[str, Any]:
            from osler.knowledge.graph import answers

            held = self.desk.graph()
            starts, rows = answers.near(held, name, relations or (), kinds or (), pagerank=pagerank)
            return answers.near_json(held, starts, rows, top)

        return await self.desk.compute_long(work)

    async def graph_link(self, text: Text) -> dict[str, Any]:
        """The nodes of the graph that a text names, with their places in it."""

        def work() -> dict[str, Any]:
            from osler.knowledge.graph import answers

            return {"mentions": answers.mentions(self.desk.graph(), text)}

        return await self.desk.compute_long(work)

    async def list_methods(self) -> dict[str, Any]:
        """The methods that `ask` takes, with what each needs; those that need a model ask the server's."""
        parts = await self.desk.compute(registry.parts, "method")
        rows = [{"name": one.name, "summary": one.summary, "needs": sorted(one.needs)} for one in parts]
        return {"methods": rows, "models": list(self.desk.settings.models)}

    async def ask(
        self,
        question: Annotated[str, Field(max_length=20_000)],
        method: Annotated[str, Field(max_length=2_000, description="As list_methods names them.")],
        text: Text | None = None,
        record: Record | None = None,
        options: Annotated[
            dict[Annotated[str, Field(max_length=8)], Annotated[str, Field(max_length=2_000)]],
            Field(max_length=26),
        ]
        | None = None,
        corpora: Words | None = None,
    ) -> dict[str, Any]:
        """Ask a method a question, about a case where one is given: its answer, what it cost, and the trace of its steps."""

        def prepared() -> Any:
            setting = setting_for(self.desk, chosen(method), corpora or ())
            made = composed(method, setting)
            case = self._case(text, record) if text is not None or record is not None else Case()
            listed = [Option(key=key, text=words) for key, words in (options or {}).items()]
            if len(listed) == 1:
                raise UsageError("one option is no choice; give two or more, or none")
            kind = "choice" if listed else "text"
            about = {"question": question.strip(), "options": listed, "answer_kind": kind}
            return case.model_copy(update=about), made, setting

        case, made, setting = await self.desk.compute(prepared)
        return replies.answer(await self.desk.reasoning.run(outcome(self.desk, case, made, setting)))

    async def list_runs(self) -> dict[str, Any]:
        """The runs of evaluations that the server shows."""
        return await self.desk.compute_long(runs, self.desk)

    async def show_run(self, name: RunName) -> dict[str, Any]:
        """A run's figures with intervals."""
        return await self.desk.compute_long(run, self.desk, name)

    def _case(
        self,
        text: str | None = None,
        record: dict[str, Any] | None = None,
        present: list[str] | None = None,
        absent: list[str] | None = None,
        age: float | None = None,
        sex: Sex | None = None,
    ) -> Case:
        if text is not None and record is not None:
            raise UsageError("give text or record, not both")
        source = text.encode("utf-8", "replace") if text is not None else record
        if source is None and not present and not absent:
            raise UsageError("give text, a record, or findings in present and absent")
        about: dict[str, Any] = {"age": age, "sex": sex, "base": self.desk.knowledge}
        return runtime.case_from(
            source, present=present or (), absent=absent or (), **limits_of(self.desk), **about
        )


def add_resources(made: MCPServer, desk: Desk) -> None:
    """Profiles, terms, corpora and runs as resources. A name in an address is percent-encoded."""

    @made.resource("osler://diseases/{name}", title="Disease profile", mime_type="application/json")
    async def disease_profile(name: str) -> dict[str, Any]:
        """Inheritance, onset, and every finding with frequency and citations."""
        return await _found(desk, disease, desk, addressed(name))

    @made.resource("osler://terms/{name}", title="Phenotypic term", mime_type="application/json")
    async def phenotypic_term(name: str) -> dict[str, Any]:
        """Definition, synonyms, neighbours, and the diseases that have it."""
        return await _found(desk, term, desk, addressed(name))

    @made.resource("osler://corpora", title="Corpora", mime_type="application/json")
    async def all_corpora() -> dict[str, Any]:
        """The corpora with size, licence and origin."""
        return await _found(desk, corpora)

    @made.resource(
        "osler://corpora/{corpus}/documents/{document}",
        title="Document of a corpus",
        mime_type="application/json",
    )
    async def document_of(corpus: str, document: str) -> dict[str, Any]:
        """A document's whole text and what is known of it."""

        addressed(corpus, document)

        def opened() -> dict[str, Any]:
            text, about = corpora_here.document(_corpus(corpus), document)
            return {**about, "text": text}

        return await _found(desk, opened)

    @made.resource("osler://runs", title="Runs", mime_type="application/json")
    async def all_runs() -> dict[str, Any]:
        """The runs that the server shows."""
        return await _found(desk, runs, desk)

    @made.resource("osler://runs/{name}", title="Run", mime_type="application/json")
    async def one_run(name: str) -> dict[str, Any]:
        """A run's figures."""
        return await _found(desk, run, desk, addressed(name))


def term(desk: Desk, name: str) -> dict[str, Any]:
    """A term as `osler term --json`. Raises UsageError where it is not one term's name."""
    from osler.knowledge.search import search_terms
    from osler.knowledge.views import term_view

    return _view(name, search_terms(desk.knowledge.ontology, name), lambda at: term_view(desk.knowledge, at))


def disease(desk: Desk, name: str) -> dict[str, Any]:
    """A disease as `osler disease --json`. Raises UsageError where it is not one disease's name."""
    from osler.knowledge.search import search_diseases
    from osler.knowledge.views import disease_view

    return _view(name, search_diseases(desk.knowledge, name), lambda at: disease_view(desk.knowledge, at))


def corpora() -> dict[str, Any]:
    """All corpora in brief, without their places on this machine."""
    return {"corpora": corpora_here.listed()}


def runs(desk: Desk) -> dict[str, Any]:
    """The runs in brief; none where the server has no folder of them."""
    folder = desk.settings.runs
    return {"runs": [run_folders.brief(run_folders.home(folder), name) for name in run_folders.names(folder)]}


def run(desk: Desk, name: str) -> dict[str, Any]:
    """A run's figures. Raises UsageError where there is no such run."""
    from osler.evaluation.figures import figures

    return {**figures(run_folders.folder_of(desk.settings.runs, name)), "run": name}


def _listed(query: str, matches: Any) -> dict[str, Any]:
    return {"query": query, "results": [{"id": m.id, "name": m.name, "matched_by": m.kind} for m in matches]}


def _view(query: str, matches: Any, view: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    from osler.knowledge.search import best

    match = best(matches)
    if match is None:
        near = "; ".join(f"{one.name} ({one.id})" for one in matches[:5])
        raise UsageError(
            f"{query[:80]!r} is not the name of one of them" + (f"; near: {near}" if near else "")
        )
    return {"query": query, "matched_by": match.kind, "note": match.note, **view(match.index)}


def _corpus(name: str) -> str:
    return corpora_here.known(name, "list_corpora shows them")


def _told(tool: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A tool whose expected errors are errors of the call, with the message that people get."""

    @functools.wraps(tool)
    async def call(*given: Any, **named: Any) -> Any:
        try:
            return await tool(*given, **named)
        except (OslerError, OSError) as error:
            raise ToolError(for_caller(str(for_callers(error)), "mcp")) from None

    return call


def addressed(*names: str) -> str:
    """The first of the names that stand in a resource's address. Raises ResourceNotFoundError where one is too long to be a name."""
    if any(len(one) > MOST_ADDRESS for one in names):
        raise ResourceNotFoundError(f"a name in an address has {MOST_ADDRESS:,} characters at most")
    return names[0]


async def _found(desk: Desk, work: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    try:
        return await desk.compute_long(work, *given)
    except (OslerError, OSError) as error:
        raise ResourceNotFoundError(for_caller(str(for_callers(error)), "mcp")) from None
