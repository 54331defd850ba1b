"""The same passages behind a service: found the same way, filtered the same way, with the same places.

OpenSearch, Qdrant and SearXNG are small servers of the test's own that speak their documented API; LanceDB is the real library.
"""

import pytest
from corpora import ToyEncoder, passage
from service_servers import OpenSearchServer, QdrantServer, SearchEngine

from osler.data import offline
from osler.errors import InputError, SourceError, UsageError
from osler.knowledge.retrieval.services import open_service
from osler.passages import Filters, VectorRetriever

PASSAGES = [
    passage(
        "gout", "colchicine relieves gout", title="Gout", source="NIH", date="2020-05", section="Care"
    )._replace(start=10, end=34, corpus="notes"),
    passage(
        "asthma", "salbutamol relieves asthma", title="Asthma", source="WHO", date="2024", corpus="notes"
    ),
    passage("undated", "colchicine in pericarditis", title="Heart", source="O'Hara", corpus="notes")._replace(
        fields=(("authority", "ESC"), ("strength", "Strong"), ("version", "2"))
    ),
]


@pytest.fixture(params=["opensearch", "qdrant", "lancedb"])
def spec(request, tmp_path):
    if request.param == "lancedb":
        pytest.importorskip("lancedb", reason="extra lancedb")
        yield f"lancedb:{tmp_path}#notes"
        return
    server = OpenSearchServer() if request.param == "opensearch" else QdrantServer()
    yield f"{request.param}:{server.url}/notes"
    server.close()


def filled(spec, way):
    service, about = open_service(spec, way, ToyEncoder)
    vectors = ToyEncoder().encode([one.text for one in PASSAGES])
    holder = getattr(service, "vectors", service)
    assert holder.push(PASSAGES, vectors) == 3
    return service, about


def test_passages_come_back_with_their_places(spec):
    service, about = filled(spec, "dense")
    first = service.search("salbutamol asthma", 2)[0]
    assert (first.document, first.text, first.source) == ("asthma", "salbutamol relieves asthma", "WHO")
    gout = service.search("colchicine relieves gout", 1)[0]
    assert (gout.start, gout.end, gout.section, gout.date) == (10, 34, "Care", "2020-05")
    heart = service.search("colchicine in pericarditis", 1)[0]
    assert (heart.field("authority"), heart.field("version")) == ("ESC", "2")
    assert isinstance(service, VectorRetriever) and service.slow
    assert about["encoder"] == "hashed-words"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(source="who"), {"asthma"}),
        (Filters(source="o'hara"), {"undated"}),
        (Filters(section="CARE"), {"gout"}),
        (Filters(since="2021"), {"asthma"}),
        (Filters(until="2020"), {"gout"}),
        (Filters(authority="esc", strength="STRONG"), {"undated"}),
        (Filters(source="nobody"), set()),
    ],
)
def test_filters_mean_what_they_mean_at_home(spec, filters, found):
    service, _ = filled(spec, "dense")
    assert {one.document for one in service.search("colchicine salbutamol relieves", 9, filters)} == found


def test_pushing_again_doubles_nothing(spec):
    service, _ = filled(spec, "dense")
    service.push(PASSAGES, ToyEncoder().encode([one.text for one in PASSAGES]))
    assert len(service.search("colchicine relieves gout asthma", 99)) == 3


@pytest.mark.parametrize("way", [None, "hybrid"])
def test_words_and_both_together(spec, way):
    if spec.startswith("qdrant"):
        with pytest.raises(UsageError, match="by vectors"):
            open_service(spec, "hybrid", ToyEncoder)
        return
    filled(spec, "dense")
    service, about = open_service(spec, way, ToyEncoder)
    assert service.search("pericarditis", 1)[0].document == "undated"
    assert about["retrieval"] == (way or "bm25")


def test_vectors_without_an_encoder_are_refused(spec):
    with pytest.raises(UsageError, match="--encoder"):
        open_service(spec, "dense", None)


def test_a_search_engine_gives_snippets_with_their_address():
    rows = [
        {"url": "https://nih.example/gout", "title": "Gout", "content": "Colchicine helps.", "publishedDate": "2021-03-04T00:00:00"},
        {"url": "https://blog.example/x", "title": "Blog", "content": ""},
        "nonsense",
    ]  # fmt: skip
    server = SearchEngine(rows)
    engine, about = open_service(f"searxng:{server.url}")
    (found,) = engine.search("gout treatment", 5)
    assert (found.document, found.source, found.date) == (
        "https://nih.example/gout",
        "nih.example",
        "2021-03-04",
    )
    assert engine.fit("gout colchicine", found).probability == 1.0
    assert engine.search("gout", filters=Filters(since="2022")) == []
    engine.search("gout", filters=Filters(source="nih.example"))
    assert server.queries[-1] == "gout site:nih.example"
    for unknown in (Filters(section="Care"), Filters(authority="NICE"), Filters(strength="strong")):
        with pytest.raises(UsageError, match="leave that filter out"):
            engine.search("gout", filters=unknown)
    assert about["retrieval"] == "web"
    server.results = [{"url": "http://[x", "title": "Odd", "content": "Gout."}]
    assert [(one.document, one.source) for one in engine.search("gout")] == [("http://[x", "")]
    server.results = {"no": "list"}
    with pytest.raises(SourceError, match="JSON format"):
        engine.search("gout")
    server.close()


def test_keys_go_in_headers_and_never_in_an_error(monkeypatch):
    monkeypatch.setenv("OSLER_SEARCH_KEY", "very-secret")
    server = OpenSearchServer()
    service, about = open_service(f"opensearch:{server.url}/notes")
    service.search("gout")
    assert server.requests[0][3]["Authorization"] == "Bearer very-secret"
    server.answer = lambda *_: (403, {})
    with pytest.raises(SourceError) as told:
        service.search("gout")
    assert "very-secret" not in str(told.value) + str(about)
    server.close()


@pytest.mark.parametrize(
    "spec",
    ["solr:http://x/y", "qdrant:", "opensearch:ftp://x/y", "opensearch:http://host", "searxng:nowhere"],
)
def test_an_address_that_cannot_be_says_what_to_write(spec):
    with pytest.raises(UsageError, match="write"):
        open_service(spec, None, ToyEncoder)


_BROKEN = (
    "http://[x",
    "http://[::1/x",
    "http://host:notaport/x",
    "http://host:999999/x",
    "http:///x",
    "http://a b/x",
    "http://h\n/x",
)


@pytest.mark.parametrize("url", _BROKEN)
@pytest.mark.parametrize("kind", ["searxng", "opensearch", "qdrant"])
def test_a_malformed_address_is_refused_before_anything_is_sent(kind, url):
    with pytest.raises(UsageError, match="is no address of"):
        open_service(f"{kind}:{url}", None, ToyEncoder)


@pytest.mark.parametrize("uri", ["http://[x", "s3://[x/y", "foo://x", "s3://", "nowhere"])
def test_a_malformed_place_of_a_lancedb_table_is_refused(uri):
    pytest.importorskip("lancedb", reason="extra lancedb")
    with pytest.raises((UsageError, InputError), match="write lancedb:"):
        open_service(f"lancedb:{uri}#table" if uri != "nowhere" else "lancedb:nowhere", None)


@pytest.mark.parametrize("kind", ["searxng", "opensearch", "qdrant"])
def test_a_malformed_address_with_a_password_is_not_shown(kind):
    for url in ("http://me:hunter2@[x/notes", "http://me:hunter2@host/notes"):
        with pytest.raises(UsageError) as refused:
            open_service(f"{kind}:{url}", None, ToyEncoder)
        assert "hunter2" not in str(refused.value)


def test_a_password_in_an_address_is_refused():
    with pytest.raises(UsageError, match="OSLER_SEARCH_USER"):
        open_service("opensearch:http://me:pw@host/notes")


def test_offline_no_service_elsewhere_is_asked():
    offline.forbid()
    try:
        with pytest.raises(SourceError, match="--offline"):
            open_service("opensearch:http://search.example/notes")[0].search("gout")
    finally:
        offline.allow()


def test_a_reply_of_another_kind_is_named():
    server = OpenSearchServer()
    server.answer = lambda *_: (200, {"found": []})
    with pytest.raises(SourceError, match="not that of an OpenSearch"):
        open_service(f"opensearch:{server.url}/notes")[0].search("gout")
    with pytest.raises(SourceError, match="not that of a Qdrant"):
        open_service(f"qdrant:{server.url}/notes", "dense", ToyEncoder)[0].search("gout")
    server.close()


@pytest.mark.parametrize(
    "reply",
    [
        {"hits": {"hits": [{"_score": 1, "_source": "words"}]}},
        {"hits": None},
        [],
        "x",
        {"hits": {"hits": [None]}},
    ],
)
def test_a_lying_opensearch_is_an_error_in_words(reply):
    server = OpenSearchServer()
    server.answer = lambda *_: (200, reply)
    with pytest.raises(SourceError, match="not that of an OpenSearch"):
        open_service(f"opensearch:{server.url}/notes")[0].search("gout")
    server.close()


@pytest.mark.parametrize(
    "points", [[{"payload": None, "score": 1}], [None], "x", [{"payload": {}, "score": "high"}]]
)
def test_a_lying_qdrant_is_an_error_in_words(points):
    server = QdrantServer()
    server.answer = lambda *_: (200, {"result": {"points": points}})
    with pytest.raises(SourceError, match="not that of a Qdrant"):
        open_service(f"qdrant:{server.url}/notes", "dense", ToyEncoder)[0].search("gout")
    server.close()


def test_a_table_that_is_not_there_says_how_to_make_it(tmp_path):
    pytest.importorskip("lancedb", reason="extra lancedb")
    service, _ = open_service(f"lancedb:{tmp_path}#none")
    with pytest.raises(InputError, match="osler corpus push"):
        service.search("gout")


@pytest.mark.parametrize("uri", ["http://h:99999999/x", "https://example.org/t", "HTTP:/h/x"])
def test_a_web_address_of_a_lancedb_table_is_refused_and_makes_no_folder(uri, tmp_path, monkeypatch):
    pytest.importorskip("lancedb", reason="extra lancedb")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="write lancedb:"):
        open_service(f"lancedb:{uri}#t", None)
    assert list(tmp_path.iterdir()) == []
