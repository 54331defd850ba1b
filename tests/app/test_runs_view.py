"""The runs view: the same figures as the command line prints, flips both ways, large runs in parts, nothing outside its folder."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.run_shelf import Shelf
from osler.app.settings import Settings
from osler.errors import UsageError
from osler.evaluation.compare import compare_runs
from osler.evaluation.language_report import figures
from osler.evaluation.lazy import Records, trace_of
from osler.evaluation.store import encode_line, read_records, read_trace
from tests.evaluation.language_runs import questions, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    data = questions(root / "q.jsonl", 60)
    run(root / "weak", data, "accuracy=0.3,seed=1")
    run(root / "deep" / "strong", data, "accuracy=0.9,seed=2", method="self-consistency(samples=3)")
    return root


@pytest.fixture(scope="module")
def client(folder: Path, knowledge: Any) -> Iterator[TestClient]:
    app = create_app(Settings(runs=folder))
    with TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}) as made:
        yield made


def table(reply: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reply.text)))


def test_the_leaderboard_has_the_figures_of_the_command_line(client, folder) -> None:
    rows = {row["run"]: row for row in table(client.get("/runs/leaderboard.csv"))}

    for name in ("weak", "deep/strong"):
        own = figures(folder / name)
        assert float(rows[name]["value"]) == own["accuracy"]
        assert [float(rows[name]["low"]), float(rows[name]["high"])] == list(own["ci"]["accuracy"])


def test_of_one_benchmark_the_best_stands_first_with_the_plots(client) -> None:
    page = client.get("/runs?benchmark=own").text

    assert page.index("name=deep%2Fstrong") < page.index("name=weak")
    assert "accuracy over tokens per case" in page and "reliability" in page


def test_the_only_benchmark_is_chosen_and_its_best_run_has_the_first_place(client) -> None:
    page = client.get("/runs").text
    places = re.findall(
        r'<td class="number" data-name="Place">(\d+|–)</td>\s*<td data-name="First"><input type="radio" name="first" value="([^"]+)"',
        page,
    )

    assert places == [("1", "deep/strong"), ("2", "weak")]
    assert "accuracy over tokens per case" in page


def test_of_several_benchmarks_each_has_its_own_first_place(folder, tmp_path, knowledge) -> None:
    for name, benchmark in (("deep/strong", "own"), ("weak", "own"), ("weak", "another")):
        shutil.copytree(folder / name, tmp_path / f"{Path(name).name}-{benchmark}")
    manifest = tmp_path / "weak-another/manifest.json"
    manifest.write_text(manifest.read_text().replace('"benchmark": "own"', '"benchmark": "another"'))
    with TestClient(create_app(Settings(runs=tmp_path)), base_url="http://127.0.0.1:8080") as client:
        page = client.get("/runs", headers={"accept": "text/html"}).text

    places = re.findall(
        r'<td class="number" data-name="Place">(\d+|–)</td>\s*<td data-name="First"><input type="radio" name="first" value="([^"]+)"',
        page,
    )
    assert places == [("1", "weak-another"), ("1", "strong-own"), ("2", "weak-own")]


def test_a_graded_score_has_no_right_and_wrong(folder, tmp_path) -> None:
    shutil.copytree(folder / "weak", tmp_path / "graded")
    cases = tmp_path / "graded/cases.jsonl"
    rows = [orjson.loads(line) for line in cases.read_bytes().splitlines()]
    for place, row in enumerate(rows):
        del row["crc"]
        row["scores"]["correct"] = place / 100
    cases.write_bytes(b"".join(map(encode_line, rows)))
    shelf = Shelf(tmp_path)

    assert set(Shelf(folder).summary("weak").states) == {"right", "wrong", "unreadable", "abstained"}
    assert set(shelf.summary("graded").states) == {"unreadable", "abstained"}
    with pytest.raises(UsageError):
        shelf.summary("graded").chosen("wrong")


def test_flips_are_those_of_the_comparison_both_ways(client, folder) -> None:
    found = compare_runs(folder / "weak", folder / "deep/strong")
    query = {"first": "weak", "second": "deep/strong"}

    for show, outcome in (("gained", "win"), ("lost", "loss")):
        rows = table(client.get("/runs/flips.csv", params={**query, "show": show}))
        assert [row["case"] for row in rows] == [
            row["id"] for row in found.changes[""] if row["outcome"] == outcome
        ]
    assert found.flips[""].wrong_to_right > found.flips[""].right_to_wrong


def test_flips_of_one_group_alone(client) -> None:
    query = {"first": "weak", "second": "deep/strong"}
    whole = table(client.get("/runs/flips.csv", params=query))
    parts = [
        row
        for organ in ("heart", "lung")
        for row in table(client.get("/runs/flips.csv", params={**query, "by": "organ", "group": organ}))
    ]

    assert sorted(row["case"] for row in parts) == sorted(row["case"] for row in whole)


def test_paired_figures_are_saved_as_a_table(client, folder) -> None:
    found = compare_runs(folder / "weak", folder / "deep/strong")
    rows = {
        row["figure"]: row for row in table(client.get("/runs/compare.csv?first=weak&second=deep/strong"))
    }

    assert float(rows["accuracy"]["difference"]) == found.metrics["accuracy"].difference
    assert float(rows["accuracy"]["p_clustered"]) == found.p_clustered["accuracy"]


def test_a_flip_leads_to_its_traces_side_by_side(client) -> None:
    page = client.get("/runs/compare?first=weak&second=deep/strong&show=gained").text
    link = re.search(r'href="(/runs/traces\?[^"]+)"', page)
    assert link is not None

    traces = client.get(link[1].replace("&amp;", "&")).text

    assert traces.count('<section class="panel" aria-labelledby="side-') == 2
    assert traces.count("which of these answers fits the patient described best?") == 1  # once, above both
    assert "first " in traces and "(question: above)" in traces
    assert "<pre>Looking at" in traces and "<pre>{" not in traces  # replies as text


def test_the_confusion_table_counts_the_cases_of_a_group(client, folder) -> None:
    summary = Shelf(folder).summary("weak")
    counts = summary.confusion("organ", "heart")["counts"]
    own = [record for record in read_records(folder / "weak") if record["tags"]["organ"] == "heart"]

    assert sum(map(sum, counts)) == len(own)
    hits = sum(counts[place][place] for place in range(len(counts)))
    assert hits == sum(record["scores"]["correct"] for record in own)
    assert "organ: heart" in client.get("/runs/run?name=weak&by=organ&group=heart").text


def test_cases_of_a_state_are_listed_page_by_page(client) -> None:
    wrong = table(client.get("/runs/cases.csv?name=weak&show=wrong"))
    right = table(client.get("/runs/cases.csv?name=weak&show=right"))
    first, second = (client.get(f"/runs/run?name=weak&at={at}").text for at in (1, 2))

    assert len(wrong) + len(right) == 60 and all(row["said"] == row["right"] for row in right)
    assert 'aria-label="Case 0"' in first and 'aria-label="Case 59"' not in first
    assert 'aria-label="Case 59"' in second


def test_a_run_that_grows_is_read_again(tmp_path) -> None:
    data = questions(tmp_path / "q.jsonl", 10)
    shelf = Shelf(tmp_path)
    run(tmp_path / "a", data, limit=4)
    assert shelf.summary("a").figures["n"] == 4

    run(tmp_path / "b", data)

    assert set(shelf.names()) == {"a", "b"}
    assert shelf.summary("b").figures["n"] == 10


@pytest.mark.parametrize("name", ["../weak", "/etc", "", "deep", "weak/../weak", "weak\x00"])
def test_only_runs_of_the_folder_are_opened(client, name: str) -> None:
    assert client.get("/runs/run", params={"name": name}).status_code in (400, 404, 422)


def test_where_runs_lie_is_not_told(client, folder) -> None:
    reply = client.get("/runs/compare", params={"first": "weak", "second": "none"})

    assert reply.status_code == 404 and "Back to Runs" in reply.text and str(folder) not in reply.text


def test_a_damaged_run_is_told_in_its_row(tmp_path, knowledge) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/manifest.json").write_text('{"items": 3, "benchmark": "own", "models": {}}')

    summary = Shelf(tmp_path).summary("broken")

    assert summary.problem and not summary.scores


def test_without_a_folder_the_page_says_how_to_name_one(knowledge) -> None:
    with TestClient(create_app(Settings()), base_url="http://127.0.0.1:8080") as client:
        page = client.get("/runs", headers={"accept": "text/html"})

    assert page.status_code == 200 and "osler serve --runs" in page.text


def test_records_and_traces_are_found_by_place_as_by_reading_all(folder) -> None:
    every = {record["item"]: record for record in read_records(folder / "weak")}
    kept = Records(folder / "weak")

    assert list(kept.read([59, 0, 7, 10_000])) == [every[59], every[0], every[7]]
    assert all(trace_of(folder / "weak", item) == read_trace(folder / "weak", item) for item in every)
    assert trace_of(folder / "weak", 60) is None


def test_an_unknown_group_is_refused(folder) -> None:
    with pytest.raises(UsageError):
        Shelf(folder).summary("weak").within("organ", "liver")
