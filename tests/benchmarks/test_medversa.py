"""Files of knowledge edits: each row is asked as edited, in other words, and about something else."""

import json

import pytest

from osler.benchmarks.medversa import MedVersa
from osler.cli.main import main
from osler.errors import InputError

ROWS = [
    {
        "prompt": "Which toxin causes lathyrism?", "target_new": "Pyrazolidine", "rephrase_prompt": "Lathyrism comes of which toxin?",
        "locality_prompt": "What shows a correlation?", "locality_ground_truth": "Scatter plot", "subject_name": "Medicine",
    },
    {"prompt": "Who wrote of hygiene?", "target_new": "Grotjahn", "rephrase_prompt": ""},
]  # fmt: skip


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "test.json"
    file.write_text(json.dumps(ROWS))
    return file


def test_a_row_gives_an_item_for_each_aspect_that_it_has(path):
    items = list(MedVersa.items(path))
    assert [(i.subset, i.case.question, i.reference.target) for i in items] == [
        ("efficacy", "Which toxin causes lathyrism?", "Pyrazolidine"),
        ("generality", "Lathyrism comes of which toxin?", "Pyrazolidine"),
        ("locality", "What shows a correlation?", "Scatter plot"),
        ("efficacy", "Who wrote of hygiene?", "Grotjahn"),
    ]
    assert len({i.group for i in items[:3]}) == 1 and items[0].tags == {"subject": "Medicine"}
    assert [i.subset for i in MedVersa.items(path, subset="locality")] == ["locality"]
    assert all(i.reference.target not in i.case.to_json() for i in items)


def test_what_is_broken_is_named(path):
    with pytest.raises(InputError, match="no split 'dev'"):
        list(MedVersa.items(path, split="dev"))
    path.write_text(json.dumps([{"prompt": "Q?"}]))
    with pytest.raises(InputError, match="target_new"):
        list(MedVersa.items(path))
    with pytest.raises(InputError, match="no training split"):
        MedVersa.examples(path)


def test_one_command_tabulates_the_aspects(path, tmp_path, capsys):
    words = ["eval", "medversa", "--data", str(path), "--method", "medrek", "-m", f"edits={path}"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--model", "simulated:good", "--out", str(tmp_path / "run"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert not ended.value.code and found["n"] == 4
    assert found["locality"] == 1 and set(found["ci"]) == {"efficacy", "generality", "locality"}
    assert set(found["subsets"]) == {"efficacy", "generality", "locality"}
