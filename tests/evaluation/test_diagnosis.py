"""Records of cases on the toy knowledge: regimes, ranks, and what the ranker is and is not shown."""

import random

import orjson
import pytest
import toy

from osler.evaluation.diagnosis import DiagnosisWorker, Unread
from osler.evaluation.regimes import RegimeView


@pytest.fixture
def worker():
    knowledge = toy.toy_knowledge()
    return DiagnosisWorker(toy.CountingRanker(knowledge), RegimeView(knowledge, toy.LISTED))


def records(worker, batch):
    return [record for record, _ in worker(batch)]


def test_one_record_per_case_with_ranks_under_each_view(worker):
    cited, clean, unknown, emptied, unlisted, _ = records(worker, toy.packets())
    assert cited["views"]["full"]["rank"] == 1
    assert (
        cited["views"]["leave-out"]["rank"] == 2
    )  # of finding 1 and 2 only 2 is left: ties with its sibling
    assert clean["views"]["leave-out"]["rank"] == 1  # nothing cites PMID:20, so nothing changes
    assert unknown["views"]["full"]["rank"] == 2 and unknown["views"]["full"]["group_rank"] == 1
    assert emptied["views"]["full"]["rank"] == 1 and emptied["views"]["leave-out"]["rank"] is None
    assert unlisted["views"]["full"]["rank"] is None and not unlisted["standing"]["listed"]


def test_the_top_list_is_sorted_and_carries_probabilities(worker):
    top = records(worker, toy.packets("a_cited.json"))[0]["views"]["full"]["top"]
    assert [entry["id"] for entry in top[:2]] == ["OMIM:100001", "OMIM:100002"]
    assert sum(entry["probability"] for entry in top) == pytest.approx(1, abs=1e-4)


def test_the_disease_and_its_series_are_hidden_for_the_none_fits_half(worker):
    for packet in ("a_cited.json", "b_clean.json"):
        case = records(worker, toy.packets(packet))[0]
        assert case["none_fits_masked"] > case["views"]["full"]["none_fits"]


def test_a_file_that_cannot_be_used_costs_only_itself(worker):
    batch = [
        (0, ("gone.json", Unread("cannot be read"))),
        (1, ("cut.json", b"{")),
        *toy.packets("a_cited.json"),
    ]
    batch[2] = (2, batch[2][1])
    bad, cut, good = records(worker, batch)
    assert bad == {"item": 0, "file": "gone.json", "error": "cannot be read"}
    assert "not valid JSON" in cut["error"] and good["views"]["full"]["rank"] == 1


def test_a_bug_on_one_case_is_listed_and_a_bug_on_all_ends_the_run(worker, monkeypatch):
    def fails_on_finding_four(query, withheld, key):
        if "HP:0000004" in query:
            raise ZeroDivisionError
        return worker.ranking._scores(query, withheld or frozenset())

    monkeypatch.setattr(worker.ranking, "rank", fails_on_finding_four)
    found = records(worker, toy.packets())
    assert [r["file"] for r in found if "error" in r] == ["d_emptied.json"]
    with pytest.raises(ZeroDivisionError):
        worker(toy.packets("d_emptied.json"))


def test_references_and_ids_cannot_reach_a_prediction(worker):
    """Diagnoses, publications, file names and ids are dealt out anew: no score, rank order or probability changes."""
    names = list(toy.PACKETS)
    dealt = names[:]
    random.Random(3).shuffle(dealt)
    permuted = []
    for number, (name, other) in enumerate(zip(names, dealt, strict=True)):
        mixed = dict(toy.PACKETS[name])
        for field in ("id", "interpretations", "metaData"):
            mixed[field] = toy.PACKETS[other][field]
        permuted.append((number, (other, orjson.dumps(mixed))))
    before, shown_before = records(worker, toy.packets()), list(worker.ranking.seen)
    worker.ranking.seen.clear()
    after, shown_after = records(worker, permuted), list(worker.ranking.seen)
    assert [r["reference"] for r in before] != [r["reference"] for r in after]
    for one, other in zip(before, after, strict=True):
        assert one["id"] == other["id"]
        assert one["views"]["full"]["top"] == other["views"]["full"]["top"]
        assert one["views"]["full"]["none_fits"] == other["views"]["full"]["none_fits"]
    full_before = [call.query for call in shown_before if call.withheld is None]
    full_after = [call.query for call in shown_after if call.withheld is None]
    assert full_before == full_after


def test_withholding_is_asked_only_where_a_row_cites_the_publication(worker):
    records(worker, toy.packets())
    assert [set(call.withheld) for call in worker.ranking.seen if call.withheld] == [{"PMID:11"}, {"PMID:13"}]


def test_without_leave_out_nothing_is_ranked_twice(worker):
    worker.leave_out = False
    found = records(worker, toy.packets())
    assert all("leave-out" not in record["views"] for record in found)
    assert all(call.withheld is None for call in worker.ranking.seen)


def test_references_and_ids_cannot_reach_the_embedded_engine_either(data_dir):
    """On shown cases, where out-of-fold weights are chosen: the choice hangs on what was observed alone."""
    from osler.benchmarks.phenopackets import PacketSource
    from osler.evaluation.phenopackets import make_worker

    source = PacketSource(data_dir / "phenopackets" / "phenopacket-store-before-2023.zip")
    packets = [orjson.loads(source.read(name)) for name in source.sample(24, seed=5)]
    dealt = packets[1:] + packets[:1]
    secret = ("id", "interpretations", "diseases", "metaData")
    mixed = [
        {**packet, **{field: other[field] for field in secret if field in other}}
        for packet, other in zip(packets, dealt, strict=True)
    ]
    worker = make_worker("hpo", "embedded", leave_out=False)
    before = records(worker, [(i, (f"{i}.json", orjson.dumps(p))) for i, p in enumerate(packets)])
    after = records(worker, [(i, (f"{9 - i}.json", orjson.dumps(p))) for i, p in enumerate(mixed)])
    assert [r["reference"] for r in before] != [r["reference"] for r in after]
    for one, other in zip(before, after, strict=True):
        assert (one["id"], one["views"]["full"]["top"]) == (other["id"], other["views"]["full"]["top"])
        assert one["views"]["full"]["none_fits"] == other["views"]["full"]["none_fits"]


def test_out_of_fold_weights_are_used_for_shown_cases(data_dir):
    from osler.benchmarks.phenopackets import PacketSource, read_item
    from osler.diagnosis.fusion import fold_of

    source = PacketSource(data_dir / "phenopackets" / "phenopacket-store-before-2023.zip")
    folds = [fold_of(read_item(source.read(name)).key) for name in source.sample(200, seed=6)]
    assert sum(fold is not None for fold in folds) > 100
    assert len({fold for fold in folds if fold is not None}) > 1
    assert fold_of("case-0000000000000000") is None
