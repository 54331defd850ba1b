"""The explorer in process: bytes of the map, lists by lasso and search, what links may hold, and maps of runs."""

from __future__ import annotations

import csv
import json
import shutil

import numpy as np
import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings
from osler.evaluation import run_atlas
from osler.evaluation.store import RunStore
from osler.knowledge.atlas import of_corpus
from osler.knowledge.atlas.atlas import SIDE

WHOLE = f"0.0_{SIDE}.0_{SIDE}.{SIDE}_0.{SIDE}"


@pytest.fixture
def client(tmp_path, monkeypatch, private_cache):
    from osler.knowledge.corpus.ingest import add

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    rows = [
        {
            "id": f"d{n}",
            "title": f"=Title {n}",
            "text": f"{'heart murmur' if n % 2 else 'dry skin'} {n}",
            "source": "ab"[n % 2],
        }
        for n in range(60)
    ]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    add("wards", str(tmp_path / "texts.jsonl"))
    of_corpus.make("wards", watch=of_corpus.silent)
    manifest = {"schema": "osler.run/1", "items": 8, "benchmark": "own", "method": "zero-shot"}
    with RunStore.create(tmp_path / "runs" / "one", manifest) as store:
        for item in range(8):
            about = {
                "id": f"q{item}",
                "answer": {"choice": "A"},
                "scores": {"correct": float(item % 2)},
                "subset": "",
            }
            trace = {
                "steps": [{"path": [0], "kind": "conclude", "text": "the valve" if item % 2 else "the skin"}]
            }
            store.append([{"item": item, **about}], [], [{"item": item, "trace": trace}])
    run_atlas.make(tmp_path / "runs" / "one", watch=of_corpus.silent)
    with TestClient(create_app(Settings(runs=tmp_path / "runs")), base_url="http://127.0.0.1:8080") as client:
        client.headers["accept"] = "text/html"
        yield client


def test_the_points_and_their_colours_are_as_many_bytes_as_the_map_has(client):
    points = client.get("/explorer/points.bin?of=corpus:wards").content
    codes = client.get("/explorer/field.bin?of=corpus:wards&colour=source").content

    x, y = np.frombuffer(points, "<u2").reshape(2, -1)
    assert len(x) == len(y) == len(codes) == 60 and set(codes) == {1, 2}


def test_a_list_within_a_lasso_is_saved_with_its_fields(client):
    reply = client.get(f"/explorer/list.csv?of=corpus:wards&lasso={WHOLE}")

    rows = list(csv.DictReader(reply.text.splitlines()))
    assert len(rows) == 60 and {row["source"] for row in rows} == {"a", "b"}
    assert all(row["title"].startswith("'=Title") for row in rows)  # no spreadsheet runs it
    assert rows[0]["address"].startswith("/passage?corpus=wards&document=d")


def test_a_search_within_a_lasso_is_both(client):
    left = f"0.0_{SIDE // 2}.0_{SIDE // 2}.{SIDE}_0.{SIDE}"
    count = {
        name: len(client.get(f"/explorer/list.csv?of=corpus:wards&{query}").text.splitlines()) - 1
        for name, query in {
            "all": "q=murmur",
            "both": f"q=murmur&lasso={left}",
            "left": f"lasso={left}",
        }.items()
    }

    assert count["all"] == 30 and 0 <= count["both"] <= min(30, count["left"])


def test_hits_are_places_in_the_order_of_the_map(client):
    found = np.frombuffer(client.get("/explorer/hits.bin?of=corpus:wards&q=murmur").content, "<u4")
    codes = np.frombuffer(client.get("/explorer/field.bin?of=corpus:wards&colour=source").content, "u1")

    assert len(found) == 30 and len(set(codes[found])) == 1


def test_a_run_is_coloured_by_right_and_wrong_and_leads_to_its_traces(client):
    shown = client.get(f"/explorer?of=run:one&lasso={WHOLE}").text

    assert (
        ">right</span>" in shown and ">wrong</span>" in shown and "/runs/traces?first=one&amp;item=" in shown
    )
    assert len(client.get("/explorer/hits.bin?of=run:one&q=valve").content) == 4 * 4


@pytest.mark.parametrize(
    "path",
    [
        "/explorer?of=corpus:none", "/explorer?of=run:../one", "/explorer?of=nonsense", "/explorer/points.bin?of=corpus:../wards",
        "/explorer/field.bin?of=corpus:wards&colour=none", "/explorer/point?of=corpus:wards&n=60",
        "/explorer/list.csv?of=corpus:wards&lasso=1.2_3.4", "/explorer/list.csv?of=corpus:wards&lasso=a.b_1.2_3.4",
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_in_words(client, path):
    reply = client.get(path)
    there = "colour=" in path or "lasso=" in path
    assert reply.status_code == (400 if there else 404) and "problem" in reply.text


def test_what_can_be_shown_is_listed(client):
    shown = client.get("/explorer").text

    assert "of=corpus%3Awards" in shown and "of=run%3Aone" in shown


def test_a_map_of_an_older_state_is_said_to_be(client, tmp_path):
    from osler.knowledge.corpus.ingest import add

    (tmp_path / "texts.jsonl").write_text(json.dumps({"id": "new", "text": "a new text"}) + "\n")
    add("wards", str(tmp_path / "texts.jsonl"))

    assert "of an older state" in client.get("/explorer?of=corpus:wards").text


def test_a_corpus_that_breaks_is_told_without_its_place(client, tmp_path):
    from osler.knowledge.corpus import store

    assert client.get("/explorer/hits.bin?of=corpus:wards&q=heart").status_code == 200
    shutil.rmtree(store.place("wards") / store.about("wards")["data"])
    for path in ("hits.bin", "list.csv", "read"):
        refused = client.get(f"/explorer/{path}?of=corpus:wards&q=heart")
        assert (refused.status_code, str(tmp_path) in refused.text) == (503, False)
