"""Remembered cases help similar ones, never themselves, their publication or their relatives; the file is private."""

import numpy as np
import pytest
from diagnosis_toy import term_id

from osler.case import Case, Finding, Term
from osler.diagnosis.memory import Memory, SolvedCase
from osler.diagnosis.query import Query
from osler.errors import UsageError
from osler.runtime import Host

FINDINGS = (term_id(11), term_id(23), term_id(37))


@pytest.fixture
def memory(tmp_path):
    kept = Memory.load(tmp_path / "private" / "memory.jsonl")
    kept.add(SolvedCase("OMIM:4", FINDINGS, (term_id(50),), ("PMID:7",), "first"))
    return kept


def test_a_similar_case_raises_its_disease_alone(toy, toy_engine, memory):
    query = Query.of(toy, [*FINDINGS, term_id(42)])
    plain, helped = toy_engine("embedded"), toy_engine("embedded", memory=memory)
    scored = np.isfinite(plain.scores(query))
    gain = np.where(scored, helped.scores(query), 0) - np.where(scored, plain.scores(query), 0)
    assert gain[toy.disease_index("OMIM:4")] > 0.5
    assert np.abs(gain).sum() == pytest.approx(gain[toy.disease_index("OMIM:4")])


def test_the_case_at_hand_is_not_compared_with_itself(toy, toy_engine, memory):
    model = toy_engine("embedded").model
    own = Query.of(toy, FINDINGS, [term_id(50)])
    assert not memory.bonus(own, model).any()


def test_a_relative_of_the_same_report_is_left_out_too(toy, toy_engine, memory):
    model = toy_engine("embedded").model
    memory.add(SolvedCase("OMIM:4", (*FINDINGS, term_id(40)), (), ("PMID:7",)))
    own = Query.of(toy, FINDINGS, [term_id(50)])
    assert not memory.bonus(own, model).any()
    memory.add(SolvedCase("OMIM:9", (*FINDINGS, term_id(41)), (), ("PMID:8",)))
    assert memory.bonus(own, model)[toy.disease_index("OMIM:9")] > 0


def test_the_nearest_cases_come_by_likeness_and_never_the_case_itself(toy, toy_engine, memory):
    model = toy_engine("embedded").model
    memory.add(SolvedCase("OMIM:9", (*FINDINGS, term_id(42)), (), ("PMID:8",)))
    found = memory.nearest(Query.of(toy, [*FINDINGS, term_id(42), term_id(43)]), model)
    assert [kept.disease for kept, _, _ in found] == ["OMIM:9", "OMIM:4"]
    assert [disease for _, disease, _ in found] == [toy.disease_index("OMIM:9"), toy.disease_index("OMIM:4")]
    assert 1 > found[0][2] > found[1][2] > 0.3
    assert [k.disease for k, _, _ in memory.nearest(Query.of(toy, [*FINDINGS, term_id(42)]), model, 1)] == [
        "OMIM:4"
    ]
    assert memory.nearest(Query.of(toy, [term_id(60)]), model) == []


def test_a_host_recalls_remembered_cases_as_diseases(toy, memory):
    case = Case(findings=[Finding(term=Term(id=term)) for term in (*FINDINGS, term_id(42))])
    [found] = Host(toy, memory=memory).recall(case, 3)
    assert found.id == "OMIM:4" and found.evidence[0].references == ["PMID:7"]
    assert found.evidence[0].record == memory.cases[0].id and ";" in (found.evidence[0].quote or "")
    assert Host(toy).recall(case, 3) == []


def test_a_withheld_publication_is_left_out(toy, toy_engine, memory):
    model = toy_engine("embedded").model
    query = Query.of(toy, [*FINDINGS, term_id(42)])
    assert memory.bonus(query, model).any()
    assert not memory.bonus(query, model, {"PMID:7"}).any()


def test_cases_stay_and_go(memory, tmp_path):
    again = Memory.load(memory.path)
    assert again.cases == memory.cases
    memory.add(memory.cases[0])
    assert len(memory.cases) == 1, "the same case twice is one case"
    gone = memory.remove(memory.cases[0].id[:12])
    assert gone.name == "first" and Memory.load(memory.path).cases == []
    with pytest.raises(UsageError, match="no remembered case"):
        memory.remove("memory-0")


def test_the_file_is_private_and_holds_codes_only(memory):
    assert memory.path.stat().st_mode & 0o777 == 0o600
    assert memory.path.parent.stat().st_mode & 0o777 == 0o700
    assert set(memory.path.read_text().split('"')[1::2]) >= {"disease", "present", "absent", "report"}


@pytest.mark.parametrize("torn", ['{"disease": "OMIM:5", "pres', "{not json", "[]", "\udcff\udcfe"])
def test_a_damaged_line_is_left_out_and_named_and_the_others_stay(memory, torn):
    whole = memory.path.read_bytes()
    memory.path.write_bytes(torn.encode("utf-8", "surrogateescape") + b"\n\n" + whole)
    again = Memory.load(memory.path)
    assert [case.name for case in again.cases] == ["first"]
    assert (
        "line 1 of the case memory" in again.notices[0] and "the other 1 cases are used" in again.notices[0]
    )


def test_adding_and_removing_keep_the_damaged_line_to_be_repaired(memory):
    with memory.path.open("ab") as file:
        file.write(b'{"disease": "OMIM:5", "present": ["HP:00\xff')
    again = Memory.load(memory.path)
    again.add(SolvedCase("OMIM:6", FINDINGS))
    again.remove(again.cases[0].id)
    last = Memory.load(memory.path)
    assert [case.disease for case in last.cases] == ["OMIM:6"] and list(last.damaged) == [2] == list(
        again.damaged
    )
    assert memory.path.read_bytes().endswith(b'["HP:00\xff\n')


def test_a_name_with_a_line_separator_in_it_is_one_line(memory):
    memory.add(SolvedCase("OMIM:6", FINDINGS, name="a\u2028b"))
    assert Memory.load(memory.path).cases[1].name == "a\u2028b"


def test_a_case_without_findings_is_not_kept(memory):
    with pytest.raises(UsageError):
        memory.add(SolvedCase("OMIM:4", ()))


def test_the_command_line_adds_lists_and_removes(knowledge, tmp_path, monkeypatch, capsysbinary):
    import json

    from osler.cli.main import main

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    case = tmp_path / "case.json"
    finding = {"term": {"id": "HP:0001083", "label": "Ectopia lentis"}}
    case.write_text(json.dumps({"schema_version": "osler.case/1", "findings": [finding]}))

    def run(*words):
        with pytest.raises(SystemExit) as exit_:
            main([*words, "--json"])
        return exit_.value.code, capsysbinary.readouterr().out

    code, out = run("memory", "add", str(case), "--diagnosis", "OMIM:154700", "--report", "PMID:1")
    assert code == 0
    kept = json.loads(out)["id"]
    assert json.loads(run("memory", "list")[1])["cases"][0]["id"] == kept
    assert run("memory", "remove", kept)[0] == 0
    assert json.loads(run("memory", "list")[1])["cases"] == []
    assert run("memory", "add", str(case), "--diagnosis", "OMIM:0")[0] == 2
