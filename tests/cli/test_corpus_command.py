"""`osler corpus …` and `osler ask --corpus`: documents in, passages with exact places out, or "not found"."""

import json

import pytest

GOUT = "Colchicine treats acute gout. Gout is treated with rest and colchicine, which treats the pain."


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


@pytest.fixture
def notes(tmp_path):
    filler = [
        f"Report {n} on the weather, the harvest and the price of grain in year {n}." for n in range(200)
    ]
    texts = [GOUT, "Aspirin may cause bleeding.", *filler]
    path = tmp_path / "notes.jsonl"
    path.write_text("".join(json.dumps({"id": f"n{i}", "text": text}) + "\n" for i, text in enumerate(texts)))
    return str(path)


def test_add_search_and_open_a_citation_at_its_words(osler, notes):
    added = osler("corpus", "add", "notes", notes, "--licence", "own", "--json")
    assert added.code == 0 and added.json["documents"] == 202 and added.json["state"] == "built"
    found = osler("corpus", "search", "colchicine", "gout", "--json")
    (first, *_) = found.json["results"]
    assert {"text", "document", "start", "end", "source", "score"} <= set(first) and first["document"] == "n0"
    place = f"{first['start']}:{first['end']}"
    assert osler("corpus", "show", "notes", "n0", "--at", place, "--json").json["text"] == first["text"]


def test_list_show_and_remove(osler, notes):
    assert "no corpus yet" in osler("corpus", "list").out
    osler("corpus", "add", "notes", notes, "--licence", "CC0")
    (row,) = osler("corpus", "list", "--json").json["corpora"]
    assert (row["name"], row["documents"], row["licence"]) == ("notes", 202, "CC0")
    assert "CC0" in osler("corpus", "show", "notes").out
    assert osler("corpus", "remove", "notes", "--json").json == {"removed": "notes"}
    assert osler("corpus", "list", "--json").json["corpora"] == []


def test_without_a_name_all_corpora_are_searched(osler, notes, tmp_path):
    (tmp_path / "other.txt").write_text("Gout comes from urate crystals.")
    osler("corpus", "add", "notes", notes)
    osler("corpus", "add", "other", str(tmp_path / "other.txt"))
    both = osler("corpus", "search", "gout", "--json").json["results"]
    assert {one["corpus"] for one in both} == {"notes", "other"}
    only = osler("corpus", "search", "gout", "--corpus", "other", "--json").json["results"]
    assert [one["document"] for one in only] == ["other.txt"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("search", "gout"), 2, "osler corpus add"),
        (("show", "missing"), 2, "there is no corpus 'missing'"),
        (("remove", "missing"), 2, "there is no corpus"),
        (("add", "Upper Case", "."), 2, "no name for a corpus"),
        (("add", "x", "no-such-folder"), 3, "there is no file or folder"),
        (("add", "x", "-"), 2, "save the text to one"),
    ],
)
def test_errors_say_what_to_do_next(osler, words, code, says):
    ran = osler("corpus", *words)
    assert ran.code == code and says in ran.err and not ran.out


def test_places_and_dates_that_cannot_be_are_refused(osler, notes):
    osler("corpus", "add", "notes", notes)
    assert osler("corpus", "show", "notes", "n0", "--at", "5:9999").code == 2
    assert osler("corpus", "show", "notes", "nn", "--json").code == 2
    assert osler("corpus", "search", "gout", "--since", "soon").code == 2
    assert osler("corpus", "search", " ").code == 2


def test_a_damaged_corpus_is_said_to_be_damaged(osler, notes, tmp_path):
    osler("corpus", "add", "notes", notes)
    folder = tmp_path / "share" / "osler" / "corpora" / "notes"
    (folder / "data-1" / "passages.bin").write_bytes(b"xx")
    assert osler("corpus", "search", "gout").code == 3
    (folder / "corpus.json").write_text("{")
    assert osler("corpus", "search", "gout").code == 3


def test_ask_without_a_model_quotes_the_corpus_and_keeps_the_evidence(osler, notes):
    osler("corpus", "add", "notes", notes)
    ran = osler("ask", "How does colchicine treat gout?", "--corpus", "notes", "--json")
    assert ran.code == 0 and ran.json["answer"]["text"] == GOUT
    assert ran.json["method"] == "extractive" and ran.json["calls"] == 0
    retrieved = next(step for step in ran.json["trace"]["steps"] if step["kind"] == "retrieve")
    first = retrieved["evidence"][0]
    assert (first["source"], first["record"]) == ("notes", "n0")
    assert first["locator"] == {"at": "span", "start": 0, "end": len(GOUT)}
    shown = osler("ask", "How does colchicine treat gout?", "--corpus", "notes")
    assert f"n0 [0:{len(GOUT)}]" in shown.out and "nothing put into words" in shown.out


def test_ask_says_not_found_rather_than_something_near(osler, notes):
    osler("corpus", "add", "notes", notes)
    for question in ("Which price does a zolpidem overdose have?", "Quxlab zyzzyva?"):
        ran = osler("ask", question, "--corpus", "notes", "--json")
        assert ran.code == 0 and ran.json["answer"]["abstained"] and "text" not in ran.json["answer"]
        assert "not found in notes" in osler("ask", question, "--corpus", "notes").out


def test_a_method_and_a_corpus_must_fit(osler, notes):
    osler("corpus", "add", "notes", notes)
    assert "--corpus" in osler("ask", "Gout?", "--method", "extractive").err
    other = osler("ask", "Gout?", "--method", "zero-shot", "--model", "simulated:good", "--corpus", "notes")
    assert other.code == 2 and "does not look into a corpus" in other.err


def test_text_of_a_document_cannot_drive_the_terminal(osler, tmp_path):
    (tmp_path / "bad.txt").write_text("Gout \x1b[31m[bold]is[/bold] red.")
    osler("corpus", "add", "bad", str(tmp_path / "bad.txt"))
    shown = osler("corpus", "search", "gout").out
    assert "\x1b[31m" not in shown and "[bold]is[/bold]" in shown


def test_a_built_in_corpus_is_offered_until_it_is_made_by_its_name_alone(osler):
    offered = osler("corpus", "list", "--json").json
    assert offered["corpora"] == [] and "calculators" in [one["name"] for one in offered["built_in"]]
    assert "osler corpus add calculators" in osler("corpus", "list").out
    assert osler("corpus", "add", "calculators", "--json").json["state"] == "built"
    assert osler("corpus", "add", "calculators", "--json").json["state"] == "unchanged"
    assert "calculators" not in [one["name"] for one in osler("corpus", "list", "--json").json["built_in"]]
    refused = osler("corpus", "add", "no-such")
    assert refused.code == 2 and "what is no-such to be made of" in refused.err


def test_a_corpus_is_brought_up_to_date_by_its_name_alone(osler, notes):
    osler("corpus", "add", "notes", notes)
    assert osler("corpus", "add", "notes", "--json").json["state"] == "unchanged"


def test_search_keeps_to_an_authority_and_a_strength(osler, tmp_path):
    rows = [
        {
            "guideline": "A1",
            "recommendation": "1",
            "authority": "NICE",
            "strength": "strong",
            "text": "Offer a statin.",
        },
        {
            "guideline": "B1",
            "recommendation": "1",
            "authority": "ESC",
            "strength": "weak",
            "text": "Consider a statin.",
        },
    ]
    (tmp_path / "g.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    osler("corpus", "add", "g", str(tmp_path / "g.jsonl"))
    (found,) = osler("corpus", "search", "statin", "--authority", "esc", "--json").json["results"]
    assert found["document"] == "B1/1" and found["fields"]["strength"] == "weak"
    (found,) = osler("corpus", "search", "statin", "--strength", "strong", "--json").json["results"]
    assert found["document"] == "A1/1"


def test_ask_shows_what_an_answer_rests_on(capsys):
    from types import SimpleNamespace

    from osler.cli.ask import _show_cited
    from osler.trace import Answer, AtSpan, Evidence, Step, Trace

    quoted = [
        Evidence(source="notes", record=f"n{i}", locator=AtSpan(start=i, end=i + 9), quote=f"Fact {i} \x1b[31m" + "word " * 80)
        for i in range(10)
    ]  # fmt: skip
    step = Step(path=(0,), kind="conclude", label="citations", evidence=[*quoted, quoted[0]])
    _show_cited(
        SimpleNamespace(trace=Trace(case_id="c", method="rag", steps=[step], answer=Answer(kind="text")))
    )
    said = capsys.readouterr().out
    assert "notes n0 0:9" in said and said.count("notes n0") == 1 and "…" in said
    assert "and 2 more" in said and "\x1b" not in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rank", "mmr"), "--rank says how a corpus is searched"),
        (("--corpus", "notes", "--rank", "cross-encoder"), "name it with --reranker"),
        (("--corpus", "notes", "--reranker", "words"), "re-ranks nothing itself"),
        (("--corpus", "notes", "--graph", "osler"), "asks no graph"),
        (("--corpus", "notes", "--retrieval", "magic"), "--retrieval takes"),
        (("--corpus", "notes", "--retrieval", "dense"), "osler corpus embed"),
        (("--corpus", ","), "names no corpus"),
        (("--corpus", "solr:x"), "names no service"),
    ],
)
def test_how_a_corpus_is_searched_is_refused_where_it_cannot_be(osler, notes, words, told):
    osler("corpus", "add", "notes", notes)
    ran = osler("ask", "gout?", "--model", "simulated:good", *words)
    assert ran.code == 2 and told in ran.err


def test_of_several_corpora_what_fits_best_stands_first(osler, tmp_path):
    for name, text in (
        ("aaa", "Restless legs at night."),
        ("bbb", "Noonan syndrome and the heart: pulmonary stenosis."),
    ):
        (tmp_path / f"{name}.txt").write_text(text)
        osler("corpus", "add", name, str(tmp_path / f"{name}.txt"))
    found = osler("corpus", "search", "noonan syndrome heart at night", "--json").json
    assert [one["corpus"] for one in found["results"]] == ["bbb", "aaa"]
    both = osler("corpus", "search", "heart", "--corpus", "aaa,bbb", "--json").json
    assert both["corpora"] == ["aaa", "bbb"] and both["results"][0]["corpus"] == "bbb"


def test_corpora_of_evaluations_are_searched_only_by_name(osler, tmp_path):
    (tmp_path / "a.txt").write_text("Colchicine for gout.")
    osler("corpus", "add", "judged-beir-x-1", str(tmp_path / "a.txt"))
    assert osler("corpus", "search", "gout").code == 2
    assert osler("corpus", "search", "gout", "--corpus", "judged-beir-x-1", "--json").json["results"]


def test_an_abstention_shows_what_is_nearest_and_how_to_ask_for_it(osler, notes):
    osler("corpus", "add", "notes", notes)
    said = osler("ask", "What about gout in sailors of the seventeenth century?", "--corpus", "notes").out
    assert "not found" in said and "-m threshold=" in said and "nearest" in said


def test_what_was_set_aside_is_told_with_its_place_again_later(osler, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, text in (("a.txt", "Gout hurts."), ("empty.jsonl", ""), ("none.txt", "")):
        (folder / name).write_text(text)
    assert osler("corpus", "add", "mixed", str(folder), "--json").json["skipped"] == {"empty": 2}
    shown = osler("corpus", "show", "mixed")
    assert "2: empty; first empty.jsonl" in shown.out and "{" not in shown.out
    assert osler("corpus", "show", "mixed", "--json").json["places"] == {"empty": "empty.jsonl"}


def test_the_list_tells_unfinished_corpora_and_those_of_evaluations_apart(osler, notes, tmp_path):
    osler("corpus", "add", "judged-beir-x-1", notes)
    assert "no corpus yet" in osler("corpus", "list").out
    osler("corpus", "add", "notes", notes)
    (tmp_path / "share" / "osler" / "corpora" / "half" / "data-1").mkdir(parents=True)
    listed = osler("corpus", "list").out
    assert listed.index("notes") < listed.index("half ") < listed.index("made by evaluations")
    assert listed.index("made by evaluations") < listed.index("judged-beir") and "not finished" in listed
    assert osler("corpus", "list", "--json").json["unfinished"] == ["half"]


def test_scores_are_named(osler, notes):
    osler("corpus", "add", "notes", notes)
    found = osler("corpus", "search", "gout", "--json").json
    assert found["score_kind"] == "BM25" and found["no_word_shared"] is False
    assert "scores: BM25" in osler("corpus", "search", "gout").err


def test_what_is_near_by_meaning_alone_is_said_to_share_no_word():
    from types import SimpleNamespace

    from osler.knowledge.retrieval.across import Found, shares_no_word
    from osler.passages import Fit, Passage

    def fit(question: str, passage: Passage) -> Fit:
        return Fit(0.1, ((0, 4),) if question in passage.text else ())

    near = [Found(Passage("Gout hurts.", "a", 0, 11, "x", 0.2, title="Joints"), SimpleNamespace(fit=fit))]
    assert shares_no_word("zzzz", near) and not shares_no_word("Gout", near)
    assert not shares_no_word("Joints", near) and not shares_no_word("zzzz", [])


def test_ask_and_trace_show_where_a_passage_stands_so_that_it_can_be_opened(osler, tmp_path):
    (tmp_path / "gout.md").write_text("# Gout\n\n## Treatment\n\nColchicine treats acute gout.\n")
    osler("corpus", "add", "notes", str(tmp_path / "gout.md"))
    kept = tmp_path / "trace.json"
    said = osler("ask", "How does colchicine treat gout?", "--corpus", "notes", "--trace", str(kept)).out
    assert "Gout · Treatment" in said
    line = next(row for row in osler("trace", str(kept)).out.splitlines() if "notes gout.md " in row)
    place = line.split("notes gout.md ")[1].split()[0]
    opened = osler("corpus", "show", "notes", "gout.md", "--at", place, "--json").json
    assert opened["text"] == "Colchicine treats acute gout."


def test_the_readme_s_question_of_ones_own_guidelines_is_answered(osler, tmp_path):
    """Three recommendations are a corpus; its answer is quoted, and what it never mentions is not found."""
    (tmp_path / "rules.md").write_text(
        "1.4.1 Offer an ACE inhibitor to adults under 55 with stage 2 hypertension.\n\n"
        "1.4.2 Use colchicine or an NSAID in acute gout.\n\n"
        "1.4.3 Refer people with papilloedema the same day.\n"
    )
    osler("corpus", "add", "guidelines", str(tmp_path / "rules.md"))
    done = osler("ask", "Which drug first in stage 2 hypertension?", "--corpus", "guidelines", "--json").json
    assert "ACE inhibitor" in done["answer"]["text"]
    assert (
        "colchicine"
        in osler("ask", "Is colchicine used in gout?", "--corpus", "guidelines", "--json").json["answer"][
            "text"
        ]
    )
    assert "not found in guidelines" in osler("ask", "How is malaria treated?", "--corpus", "guidelines").out
