"""Every published layout becomes items: the case shows what is asked, the reference stays outside, groups are vignettes."""

import json
import zipfile

import layouts
import pytest

from osler import registry
from osler.errors import InputError

MAKERS = {
    "mirage": layouts.mirage,
    "medagents-benchmark": layouts.medagents,
    "medxpertqa": layouts.medxpertqa,
    "pubmedqa": layouts.pubmedqa,
    "mediq": layouts.mediq,
    "agentclinic": layouts.agentclinic,
    "medec": layouts.medec,
    "nli4ct": layouts.nli4ct,
    "evidence-inference": layouts.evidence_inference,
}


def read(name, path, **options):
    return list(registry.get("benchmark", name).object.items(path, **options))


@pytest.fixture(params=MAKERS)
def made(request, tmp_path):
    MAKERS[request.param](tmp_path)
    return request.param, tmp_path


def test_keys_are_opaque_and_unique_and_the_case_has_the_same(made):
    name, folder = made
    items = read(name, folder)
    assert items and len({item.key for item in items}) == len(items)
    assert all(item.case.id == item.key and item.key.startswith("case-") for item in items)
    assert all(item.group for item in items)


def test_secret_fields_do_not_enter_the_case(made):
    name, folder = made
    for item in read(name, folder):
        shown = item.case.to_json()
        assert "SECRET" not in shown and "Tuberculosis" not in shown and "NCT0" not in shown


def test_a_zip_reads_as_its_folder(made, tmp_path_factory):
    name, folder = made
    archive = tmp_path_factory.mktemp("zip") / "data.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for file in folder.rglob("*"):
            if file.is_file():
                out.write(file, f"release/{file.relative_to(folder).as_posix()}")
    assert read(name, archive) == read(name, folder)


def test_every_subset_reads_by_itself_and_together_they_are_all(made):
    name, folder = made
    subsets = registry.get("benchmark", name).object.subsets(folder)
    apart = [item.key for subset in subsets for item in read(name, folder, subset=subset)]
    assert len(apart) == len(read(name, folder))


def test_the_named_scorer_gives_full_marks_to_the_gold_and_none_to_silence(made):
    from gold import gold_answer

    from osler.trace import Answer

    name, folder = made
    part = registry.get("benchmark", name)
    scorer = registry.get("scorer", part.extra["scorer"]).object
    for item in part.object.items(folder):
        scores = scorer.score(item.reference, gold_answer(item))
        first = scores.get(scorer.primary, scores.get("F1"))
        assert first == 1.0
        silent = scorer.score(item.reference, Answer(kind=item.case.answer_kind, unreadable=True))
        assert silent.get(scorer.primary, silent.get("F1")) == 0.0 and silent["unreadable"] == 1.0


def test_an_empty_folder_says_what_is_expected(made, tmp_path_factory):
    name, _ = made
    with pytest.raises(InputError, match=r"--data takes|holds no"):
        read(name, tmp_path_factory.mktemp("empty"))


def test_a_missing_path_and_a_broken_zip_are_input_errors(made, tmp_path):
    name, _ = made
    with pytest.raises(InputError, match="does not exist"):
        read(name, tmp_path / "nowhere")
    broken = tmp_path / "cut.zip"
    broken.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(InputError):
        read(name, broken)


def test_mirage_shows_stem_and_options_and_keeps_the_key(tmp_path):
    item = read("mirage", layouts.mirage(tmp_path), subset="medqa")[0]
    assert item.case.question == layouts.STEM
    assert [(o.key, o.text) for o in item.case.options] == list(layouts.OPTIONS.items())
    assert item.reference.key == "A" and item.subset == "medqa"
    with pytest.raises(InputError, match="there is: medqa, bioasq"):
        read("mirage", tmp_path, subset="nephsap")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "E"}, "neither a key"),
        ({"options": {"A": "x"}}, "at least two"),
        ({"options": "x"}, "neither an object"),
        ({"question": ""}, "'question'"),
        ({"options": {"A": "x", "B": " "}}, "no text"),
    ],
)
def test_a_bad_row_is_named(tmp_path, change, message):
    row = {"question": "Why?", "options": {"A": "x", "B": "y"}, "answer": "A"} | change
    (tmp_path / "benchmark.json").write_text(json.dumps({"medqa": {"0007": row}}))
    with pytest.raises(InputError, match=f"medqa/0007.*{message}"):
        read("mirage", tmp_path)


def test_the_same_row_twice_gets_two_keys_and_one_group(tmp_path):
    one, two = read("medagents-benchmark", layouts.medagents(tmp_path), subset="medqa")
    assert one.key != two.key and one.group == two.group


def test_hard_subset_and_the_abstract_of_pubmedqa(tmp_path):
    layouts.medagents(tmp_path)
    (item,) = read("medagents-benchmark", tmp_path, subset="pubmedqa", split="hard")
    assert item.case.question == "Do mice dream?"
    assert item.case.documents[0].text == "We saw ten mice."
    assert (
        len(registry.get("benchmark", "medagents-benchmark").object.examples(tmp_path, subset="medqa")) == 2
    )


def test_medxpertqa_has_ten_options_once_and_says_which_images_are_missing(tmp_path):
    text, picture = read("medxpertqa", layouts.medxpertqa(tmp_path))
    assert (text.subset, picture.subset) == ("text", "mm")
    assert len(text.case.options) == 10 and text.reference.key == "J"
    assert "Answer Choices" not in text.case.question
    assert text.tags == {"task": "Diagnosis", "body system": "Respiratory", "question type": "Reasoning"}
    assert len(picture.case.images) == 1 and picture.case.notices[0].code == "images-missing"


def test_pubmedqa_reads_its_test_split_with_the_abstract(tmp_path):
    (item,) = read("pubmedqa", layouts.pubmedqa(tmp_path))
    assert [o.key for o in item.case.options] == ["yes", "no", "maybe"] and item.reference.key == "maybe"
    assert item.case.documents[0].text == "BACKGROUND: Mice sleep.\nRESULTS: Ten mice twitched."
    assert len(read("pubmedqa", tmp_path, split="all")) == 2
    (example,) = registry.get("benchmark", "pubmedqa").object.examples(tmp_path)
    assert example.answer.choice == "yes"


def test_mediq_and_mirage_share_the_vignettes_group(tmp_path):
    known = read("mirage", layouts.mirage(tmp_path), subset="medqa")[0]
    full = read("mediq", layouts.mediq(tmp_path))[0]
    assert full.group == known.group
    assert full.case.text.startswith("A 30-year-old man") and full.tags["specialty"] == "Pulmonology"


def test_agentclinic_discloses_everything_but_the_diagnosis(tmp_path):
    (item,) = read("agentclinic", layouts.agentclinic(tmp_path))
    for words in ("30-year-old man", "fever; sweats", "Heart Rate: 88 bpm", "cavity in the right upper lobe"):
        assert words in item.case.text
    assert item.reference.names == ("Tuberculosis",) and item.case.answer_kind == "differential"


def test_medec_pairs_are_one_group_and_numbers_within_sentences_do_not_split_them(tmp_path):
    wrong, right = read("medec", layouts.medec(tmp_path))
    assert wrong.group == right.group
    assert wrong.reference.answer == "3 Sputum shows Mycobacterium tuberculosis."
    assert right.reference.answer == "CORRECT"
    assert wrong.case.text.splitlines()[3] == "3 Sputum shows Candida albicans."


def test_nli4ct_gives_both_tasks_with_lines_as_options(tmp_path):
    items = read("nli4ct", layouts.nli4ct(tmp_path))
    assert [item.subset for item in items] == ["entailment", "evidence"] * 2
    label, lines = items[2:]
    assert label.reference.key == "contradiction" and len(label.case.documents) == 2
    assert lines.reference.choices == ("P1", "S1", "S2")
    assert [o.key for o in lines.case.options] == ["P0", "P1", "P2", "S0", "S1", "S2"]


def test_evidence_inference_keeps_prompts_whose_evidence_is_in_the_text(tmp_path):
    items = read("evidence-inference", layouts.evidence_inference(tmp_path))
    assert [(item.subset, item.reference.key) for item in items if item.subset == "label"] == [
        ("label", "decreased"),
        ("label", "no difference"),
    ]
    spans = items[1].reference
    assert spans.answers == ("Pain fell with drug A", "P = 0.01")
    assert items[1].case.text[slice(*spans.spans[0])] == "Pain fell with drug A"
    assert len({item.group for item in items}) == 1
    with pytest.raises(InputError, match="test_article_ids"):
        read("evidence-inference", tmp_path, split="test")
