"""What is known: terms and diseases, corpora and their documents, paths and neighbours in the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import HTTPException, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from osler.app import corpora as corpora_here
from osler.app.api.common import Strict, desk_of, problems, reply, router
from osler.errors import Unplaced, UsageError
from osler.passages import Filters

router = router("Know")
Word = Annotated[str, Query(min_length=1, max_length=120)]
InPath = Annotated[str, Path(max_length=120)]
Name = Annotated[str, Field(max_length=200)]
Words = Annotated[list[Name], Query(max_length=50)]
TopQuery = Annotated[int, Query(ge=1, le=1000)]


class Suggestion(BaseModel):
    """A term or disease that the words may mean."""

    id: str
    name: str
    matched_by: str


class Found(BaseModel):
    """What the words may mean, best first."""

    query: str
    results: list[Suggestion]


class Profile(BaseModel):
    """One term or one disease, as `osler term` and `osler disease` print it with --json."""

    model_config = ConfigDict(extra="allow")

    query: str
    matched_by: str


class Passage(BaseModel):
    """A passage with its document and exact place."""

    model_config = ConfigDict(extra="allow")

    text: str
    document: str
    start: int
    end: int
    source: str
    score: float


class SearchRequest(Strict):
    """What to find, and where."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "treatment of Kawasaki disease", "top": 5}]}
    )

    text: str = Field(min_length=1, max_length=5_000)
    corpora: list[Name] = Field(default_factory=list, max_length=20, description="Default: all.")
    top: Annotated[int, Field(ge=1, le=1000)] = 10
    source: str | None = Field(default=None, max_length=300)
    section: str | None = Field(default=None, max_length=300)
    since: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    until: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    authority: str | None = Field(default=None, max_length=300)
    strength: str | None = Field(default=None, max_length=300)
    synonyms: bool = False
    retrieval: Literal["bm25", "dense", "hybrid"] | None = None


class SearchReply(BaseModel):
    """Passages, best first: as `osler corpus search --json`."""

    query: str
    corpora: list[str]
    results: list[Passage]


class Corpora(BaseModel):
    """The corpora of this server."""

    corpora: list[dict[str, Any]]


class Document(BaseModel):
    """A document's text, or a part of it."""

    model_config = ConfigDict(extra="allow")

    text: str
    start: int
    end: int


class Node(BaseModel):
    """A node of the graph."""

    id: str
    name: str
    kind: str


class Paths(BaseModel):
    """Paths between two names, those through hubs last."""

    paths: list[dict[str, Any]]
    capped: bool
    graph: dict[str, str]


class Near(BaseModel):
    """What a name is joined to."""

    nodes: list[Node]
    near: list[dict[str, Any]]
    total: int


class LinkRequest(Strict):
    """A text whose names are to be found."""

    text: str = Field(max_length=400_000)
    kinds: list[Name] = Field(default_factory=list, max_length=50)


class Mentions(BaseModel):
    """The graph's nodes that a text names."""

    mentions: list[dict[str, Any]]


# --- Terms and diseases -----------------------------------------------------------------------------------------------
@router.get("/terms", response_model=Found, summary="Find terms by their names")
async def terms(request: Request, q: Word, top: TopQuery = 10) -> Response:
    """Terms whose label or synonym is like the words."""
    from osler.knowledge.search import search_terms

    desk = desk_of(request)
    return reply(_listed(q, await desk.compute(search_terms, desk.knowledge.ontology, q, top)))


@router.get("/diseases", response_model=Found, summary="Find diseases by their names")
async def diseases(request: Request, q: Word, top: TopQuery = 10) -> Response:
    """Diseases whose name is like the words."""
    from osler.knowledge.search import search_diseases

    desk = desk_of(request)
    return reply(_listed(q, await desk.compute(search_diseases, desk.knowledge, q, top)))


@router.get("/terms/{term}", response_model=Profile, responses=problems(404), summary="Show a term")
async def term(request: Request, term: InPath) -> Response:
    """Definition, synonyms, neighbours, and the diseases that have it, by id or exact name."""
    from osler.knowledge.search import search_terms
    from osler.knowledge.views import term_view

    desk = desk_of(request)
    return await desk.compute(
        _shown,
        term,
        lambda: search_terms(desk.knowledge.ontology, term),
        lambda at: term_view(desk.knowledge, at),
    )


@router.get("/diseases/{disease}", response_model=Profile, responses=problems(404), summary="Show a disease")
async def disease(request: Request, disease: InPath) -> Response:
    """Inheritance, onset, and every finding with frequency and citations, by id or exact name."""
    from osler.knowledge.search import search_diseases
    from osler.knowledge.views import disease_view

    desk = desk_of(request)
    return await desk.compute(
        _shown,
        disease,
        lambda: search_diseases(desk.knowledge, disease),
        lambda at: disease_view(desk.knowledge, at),
    )


def _listed(query: str, matches: Any) -> dict[str, Any]:
    return {"query": query, "results": [{"id": m.id, "name": m.name, "matched_by": m.kind} for m in matches]}


def _shown(query: str, find: Callable[[], Any], view: Callable[[int], dict[str, Any]]) -> Response:
    from osler.knowledge.search import best

    matches = find()
    match = best(matches)
    if match is None:
        near = "; ".join(f"{m.name} ({m.id})" for m in matches[:3])
        raise HTTPException(
            404,
            f"{query[:80]!r} is not the name of one of them"
            + (f"; near: {near}" if near else "; ?q=WORDS searches"),
        )
    return reply({"query": query, "matched_by": match.kind, "note": match.note, **view(match.index)})


# --- Corpora ----------------------------------------------------------------------------------------------------------
@router.post(
    "/search", response_model=SearchReply, responses=problems(400, 422, 502, 503), summary="Search corpora"
)
async def search(request: Request, body: SearchRequest) -> Response:
    """Passages by words or by meaning, each with its document and exact place."""
    filters = Filters(
        body.source, body.section, body.since, body.until, authority=body.authority, strength=body.strength
    )
    about = (body.text, body.corpora, body.top, filters, body.synonyms, body.retrieval)
    return reply(await desk_of(request).compute_long(corpora_here.search, *about))


@router.get("/corpora", response_model=Corpora, summary="List corpora")
async def corpora(request: Request) -> Response:
    """The corpora of this server with size, licence and origin."""
    return reply({"corpora": await desk_of(request).compute_long(corpora_here.listed)})


@router.get(
    "/corpora/{corpus}/documents/{document:path}",
    response_model=Document,
    responses=problems(400, 404, 503),
    summary="Open a document of a corpus",
)
async def document(
    request: Request,
    corpus: str,
    document: str,
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int | None, Query(ge=0)] = None,
) -> Response:
    """A document's text and what is known of it; with `start` and `end` those characters alone."""

    def opened() -> tuple[str, dict[str, Any]]:
        try:
            corpora_here.known(corpus, "GET /api/v1/corpora lists them")
            return corpora_here.document(corpus, document)
        except UsageError as error:
            raise HTTPException(404, str(error)) from None

    text, about = await desk_of(request).compute_long(opened)
    last = len(text) if end is None else end
    if not start <= last <= len(text):
        raise UsageError(f"start and end are characters of this document (0 to {len(text)})")
    return reply({**about, "start": start, "end": last, "text": text[start:last]})


# --- The graph --------------------------------------------------------------------------------------------------------
async def _graph(request: Request) -> Any:
    return await desk_of(request).compute_long(desk_of(request).graph)


async def _placed(request: Request, work: Callable[..., Any], *given: Any) -> Any:
    """Work on the graph; a name that stands for nothing, or for several things, is not found."""
    try:
        return await desk_of(request).compute_long(work, *given)
    except Unplaced as error:
        raise HTTPException(404, str(error)) from None


@router.get("/graph", response_model=dict[str, Any], responses=problems(503), summary="What is in the graph")
async def graph(request: Request) -> Response:
    """Nodes by kind, edges by relation and source, as `osler graph stats --json`."""
    held = await _graph(request)
    return reply(await desk_of(request).compute_long(held.stats))


@router.get(
    "/graph/path", response_model=Paths, responses=problems(400, 404, 503), summary="Paths between two names"
)
async def graph_path(
    request: Request,
    a: Word,
    b: Word,
    relation: Words = [],  # noqa: B006
    without: Words = [],  # noqa: B006
    sex: Literal["male", "female"] | None = None,
    age: Annotated[float | None, Query(ge=0, le=130)] = None,
    longest: Annotated[int, Query(ge=1, le=4)] = 4,
    cap: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Response:
    """The shortest paths, those through hubs last: as `osler graph path --json`."""
    from osler.knowledge.graph import answers

    held = await _graph(request)
    found = await _placed(request, answers.paths, held, a, b, relation, without, sex, age, longest, cap)
    return reply(await desk_of(request).compute_long(answers.paths_json, held, found, cap))


@router.get(
    "/graph/near", response_model=Near, responses=problems(400, 404, 503), summary="What a name is joined to"
)
async def graph_near(
    request: Request,
    name: Word,
    relation: Words = [],  # noqa: B006
    kind: Words = [],  # noqa: B006
    along: Words = [],  # noqa: B006
    pagerank: bool = False,
    top: TopQuery = 30,
) -> Response:
    """Directly, along relations in turn, or by personalised PageRank: as `osler graph near --json`."""
    from osler.knowledge.graph import answers

    held = await _graph(request)
    starts, rows = await _placed(request, answers.near, held, name, relation, kind, along, pagerank)
    return reply(answers.near_json(held, starts, rows, top))


@router.post("/graph/link", response_model=Mentions, responses=problems(400, 503), summary="Names in a text")
async def graph_link(request: Request, body: LinkRequest) -> Response:
    """The graph's nodes that a text names, with their places: as `osler graph link --json`."""
    from osler.knowledge.graph import answers

    held = await _graph(request)
    return reply({"mentions": await _placed(request, answers.mentions, held, body.text, body.kinds)})
