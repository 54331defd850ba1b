"""`osler graph …`: JSON as promised, clear refusals, files written whole."""

from __future__ import annotations

import json

import pytest

from osler.cli.main import main

EDGES = """source,relation,target,source_name,target_name
D:1,treats,S:1,aspirin,headache
D:2,treats,S:1,ibuprofen,headache
D:1,causes,S:2,aspirin,gastric ulcer
"""


@pytest.fixture
def run(tmp_path, private_cache, capsys):
    path = tmp_path / "small.csv"
    path.write_text(EDGES)

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["graph", *words, "--graph", str(path)])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def test_paths_as_json(run):
    code, out, _ = run("path", "ibuprofen", "gastric ulcer", "--json")
    found = json.loads(out)
    assert code == 0
    (path,) = found["paths"]
    assert [node["id"] for node in path["nodes"]] == ["D:2", "S:1", "D:1", "S:2"]
    assert [(edge["start"], edge["relation"], edge["end"]) for edge in path["edges"]] == [
        ("D:2", "treats", "S:1"),
        ("D:1", "treats", "S:1"),
        ("D:1", "causes", "S:2"),
    ]
    assert 0 < path["score"] < 1 and found["capped"] is False


def test_no_path_is_an_answer(run):
    code, out, _ = run("path", "ibuprofen", "gastric ulcer", "--without", "causes", "--json")
    assert (code, json.loads(out)["paths"]) == (0, [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("path", "headake", "aspirin"), "no node called"),
        (("path", "aspirin", "headache", "--relation", "heals"), "causes, treats"),
        (("near", "aspirin", "--along", "treats", "--pagerank"), "choose one"),
        (("path", "aspirin", "headache", "--longest", "9"), "longest"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_exit_code_2(run, words, said):
    code, out, err = run(*words)
    assert code == 2 and said in err and not out


def test_near_by_relation_along_relations_and_by_pagerank(run):
    _, out, _ = run("near", "aspirin", "--relation", "treats", "--json")
    assert [row["name"] for row in json.loads(out)["near"]] == ["headache"]
    _, out, _ = run("near", "aspirin", "--along", "treats", "--along", "^treats", "--json")
    assert [row["name"] for row in json.loads(out)["near"]] == ["ibuprofen"]
    _, out, _ = run("near", "aspirin", "--pagerank", "--json")
    assert {row["name"] for row in json.loads(out)["near"]} == {"headache", "gastric ulcer", "ibuprofen"}


def test_stats_count_what_is_there(run):
    _, out, _ = run("stats", "--json")
    found = json.loads(out)
    assert (found["nodes"], found["edges"], found["relations"]) == (4, 3, {"treats": 2, "causes": 1})


def test_linking_finds_names_and_their_places(run, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text("She took ibuprofen daily.")
    _, out, _ = run("link", str(note), "--json")
    assert [(row["start"], row["end"], row["id"]) for row in json.loads(out)["mentions"]] == [(9, 18, "D:2")]


def test_export_writes_a_whole_file(run, tmp_path):
    out = tmp_path / "part.json"
    code, shown, _ = run(
        "export", "ibuprofen", "--hops", "1", "--format", "cytoscape", "--out", str(out), "--json"
    )
    assert code == 0 and json.loads(shown)["nodes"] == 2
    elements = json.loads(out.read_text())["elements"]
    assert {node["data"]["name"] for node in elements["nodes"]} == {"ibuprofen", "headache"}
    code, _, err = run("export", "--out", str(tmp_path / "none" / "x"))
    assert code == 2 and "folder" in err


def test_the_format_of_an_export_is_that_of_the_file_s_ending_or_graphml(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, shown, _ = run("export", "ibuprofen", "--json")
    assert (json.loads(shown)["out"], json.loads(shown)["format"]) == ("graph.graphml", "graphml")
    _, shown, _ = run("export", "ibuprofen", "--out", "part.json", "--json")
    assert json.loads(shown)["format"] == "cytoscape" and json.loads((tmp_path / "part.json").read_text())
    _, shown, _ = run("export", "ibuprofen", "--format", "cytoscape", "--json")
    assert json.loads(shown)["out"] == "graph.json"


def test_a_name_and_itself_are_said_to_be_the_same(run):
    code, out, _ = run("path", "aspirin", "D:1")
    assert code == 0 and "are the same here: aspirin (D:1" in out
    assert json.loads(run("path", "aspirin", "D:1", "--json")[1])["same"]["id"] == "D:1"


def test_under_paths_stands_what_the_graph_holds_between_such_nodes(run):
    _, _, err = run("path", "ibuprofen", "gastric ulcer")
    assert "this graph holds: treats 2, causes 1" in err


def test_pagerank_puts_what_is_joined_to_everything_behind(tmp_path):
    from osler.knowledge.graph import answers, load_graph

    rows = ["a,has,hub", "b,has,hub", "a,has,rare", "b,has,rare", *(f"x{n},has,hub" for n in range(60))]
    (tmp_path / "hub.csv").write_text("source,relation,target\n" + "\n".join(rows) + "\n")
    _, near = answers.near(load_graph(str(tmp_path / "hub.csv")), "a", pagerank=True)
    assert next(row["name"] for row in near) == "rare"
    assert {row["name"] for row in near} >= {"hub", "b"}
