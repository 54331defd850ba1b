"""`osler corpus embed`, and corpora searched by meaning or both ways from the command line."""

import json

import pytest


@pytest.fixture(autouse=True)
def notes(osler, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    texts = ["Colchicine treats acute gout.", "Aspirin may cause bleeding.", "Grain prices rose in spring."]
    path = tmp_path / "notes.jsonl"
    path.write_text("".join(json.dumps({"id": f"n{i}", "text": text}) + "\n" for i, text in enumerate(texts)))
    osler("corpus", "add", "notes", str(path))
    return path


def test_a_corpus_is_embedded_once_and_says_so(osler):
    made = osler("corpus", "embed", "notes", "--encoder", "hashed", "--json")
    assert made.code == 0
    assert made.json == {
        "name": "notes", "encoder": "hashed", "index": "exact", "state": "built", "passages": 3, "kept": 0,
    }  # fmt: skip
    assert "nothing has changed (3 passages, hashed, index exact)" in osler("corpus", "embed", "notes").out
    assert osler("corpus", "show", "notes", "--json").json["vectors"] == "hashed, index exact"


def test_a_corpus_with_vectors_is_searched_both_ways_unless_told(osler):
    def scores(*options: str) -> list[float]:
        found = osler("corpus", "search", "gout grain", *options, "--json").json["results"]
        return [one["score"] for one in found]

    words = scores()
    osler("corpus", "embed", "notes", "--encoder", "hashed")
    assert scores("--retrieval", "bm25") == words == scores("--synonyms")
    cosines = scores("--retrieval", "dense")
    assert len(cosines) == 3 and all(-1.01 < one < 1.01 for one in cosines)
    assert scores() == scores("--retrieval", "hybrid") != words


def test_what_cannot_be_is_told(osler, notes):
    lacking = osler("corpus", "search", "gout", "--retrieval", "dense")
    assert lacking.code == 2 and "osler corpus embed notes" in lacking.err
    assert "names no encoder" in osler("corpus", "embed", "notes", "--encoder", "x").err
    assert (
        "exact, hnsw, ivf, not"
        in osler("corpus", "embed", "notes", "--encoder", "hashed", "--index", "x").err
    )
    assert "--ray" in osler("corpus", "embed", "notes", "--workers", "2").err
    assert "no corpus 'other'" in osler("corpus", "embed", "other").err
    osler("corpus", "embed", "notes", "--encoder", "hashed")
    both = osler("corpus", "search", "gout", "--synonyms", "--retrieval", "dense")
    assert both.code == 2 and "other words" in both.err
    notes.write_text(notes.read_text() + '{"id": "new", "text": "Gout again."}\n')
    osler("corpus", "add", "notes", str(notes))
    stale = osler("corpus", "search", "gout", "--retrieval", "hybrid")
    assert stale.code == 2 and "changed since it was embedded" in stale.err
    assert "older state" in osler("corpus", "show", "notes").out
