"""The shipped weights say where they come from, keep their signs, and never serve a case that they were fitted on."""

import json

import numpy as np
import pytest

from osler.diagnosis.features import FEATURES, LOOKED, NAMES
from osler.diagnosis.fusion import fold_of
from osler.diagnosis.weights import PACKAGED, Weights, pack_cases, packaged, short_hash
from osler.errors import SourceError


def test_the_file_is_small_and_tells_its_origin():
    assert PACKAGED.stat().st_size < 500_000
    fit = packaged().about["fit"]
    assert {"data", "knowledge", "regime", "folds", "grouping", "seed", "commit", "date"} <= set(fit)
    assert set(packaged().about["measured"]["embedded"]) == {"as-is", "not-cited", "leave-out"}


@pytest.mark.parametrize("variant", ["embedded", "embedded-strict"])
def test_every_weight_keeps_the_sign_of_its_feature(variant):
    weights = packaged()
    assert weights.features == NAMES
    for parameters in [weights.final, *weights.folds]:
        for (name, sign), value in zip(FEATURES, parameters.fusion[variant], strict=True):
            assert value * sign >= 0, name


def test_the_strict_variant_ignores_what_was_looked_for():
    for parameters in [packaged().final, *packaged().folds]:
        assert all(parameters.fusion["embedded-strict"][NAMES.index(name)] == 0 for name in LOOKED)


def test_a_fitted_case_gets_the_weights_of_its_fold(tmp_path):
    content = json.loads(PACKAGED.read_text())
    content["cases"] = pack_cases(["case-a", "case-b"], [3, 0])
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(content))
    weights = Weights.load(path)
    assert (weights.fold_of("case-a"), weights.fold_of("case-b"), weights.fold_of("case-c")) == (3, 0, None)
    assert weights.for_case("case-a") is weights.folds[3]
    assert weights.for_case("case-c") is weights.final and weights.for_case(None) is weights.final


def test_folds_differ_from_the_final_weights():
    weights = packaged()
    for part in weights.folds:
        assert not np.array_equal(part.fusion["embedded"], weights.final.fusion["embedded"])


def test_an_unseen_case_has_no_fold():
    assert fold_of("case-never-seen") is None
    assert 0 <= short_hash("case-never-seen") < 2**32


def test_damaged_weights_are_refused(tmp_path):
    path = tmp_path / "weights.json"
    path.write_text("{")
    with pytest.raises(SourceError, match="cannot be read"):
        Weights.load(path)
    path.write_text('{"format": "other"}')
    with pytest.raises(SourceError):
        Weights.load(path)


def test_shown_cases_are_scored_out_of_fold(data_dir):
    from osler.benchmarks.phenopackets import PacketSource, read_item

    archive = next((data_dir / "phenopackets").glob("phenopacket-store*.zip"))
    source = PacketSource(archive)
    items = [read_item(source.read(name)) for name in source.names[::400]]
    folds = [fold_of(item.key) for item in items]
    assert sum(fold is not None for fold in folds) >= 0.8 * len(folds)
    by_disease = {}
    for item, fold in zip(items, folds, strict=True):
        if fold is not None:
            assert by_disease.setdefault(item.reference.diseases, fold) == fold
