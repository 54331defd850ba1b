"""DDXPlus runs compare as phenopacket runs do."""

from osler.evaluation.compare import compare_runs
from osler.evaluation.store import RunStore

SCORES = {"GTPA@1": 1.0, "GTPA": 1.0, "DDF1": 0.5, "PER": 0.5}


def write_run(folder, scores):
    manifest = {
        "benchmark": "ddxplus",
        "items": len(scores),
        "arguments": {},
        "data": {"sha256": "d"},
        "knowledge": {"checksum": "k"},
    }
    with RunStore.create(folder, manifest) as store:
        store.append(
            [
                {
                    "item": i,
                    "id": f"case-{i}",
                    "group": f"case-{i}",
                    "reference": ["URTI"],
                    "scores": {**SCORES, **row},
                }
                for i, row in enumerate(scores)
            ],
            [],
        )
    return folder


def test_pathology_accuracy_by_mcnemar_and_graded_metrics_by_permutation(tmp_path):
    first = write_run(tmp_path / "a", [{"GTPA@1": 0.0}, {}, {}])
    second = write_run(tmp_path / "b", [{}, {}, {"DDF1": 0.9}])
    found = compare_runs(first, second)
    assert (found.metrics["GTPA@1"].wins, found.metrics["GTPA@1"].test) == (1, "mcnemar-exact")
    assert found.metrics["DDF1"].wins == 1 and found.metrics["DDF1"].test.endswith("permutation")
    assert [row["id"] for row in found.changes[""]] == ["case-0"]
