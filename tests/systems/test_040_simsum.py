"""Row 40, SimSUM: a small Bayesian network plus templates produces records in SimSUM layout; span F1 with and without
the table is reported, and a planted treatment effect is recovered."""

import csv
import json

import pytest

from osler.benchmarks.simsum import COLUMNS, SPAN_NAMES, read_visits, write_visits
from osler.benchmarks.simsum_network import EFFECT, draw_visits, expected_days
from osler.errors import InputError
from osler.evaluation.simsum import estimate_effect, evaluate_simsum

ADJUST = ("dysp", "cough", "pain", "nasal", "fever", "self_empl")


@pytest.fixture(scope="module")
def visits():
    return draw_visits(1500, seed=1)


@pytest.fixture(scope="module")
def result(visits, knowledge):
    return evaluate_simsum(visits, knowledge.ontology)


def test_records_are_in_simsum_layout(visits, tmp_path):
    write_visits(tmp_path, visits[:50])
    rows = list(csv.DictReader((tmp_path / "SimSUM.csv").open(newline="", encoding="utf-8")))
    assert tuple(rows[0]) == COLUMNS and rows[0]["fever"] in ("none", "low", "high")
    spans = json.loads((tmp_path / "normal_span_annotations.json").read_text("utf-8"))
    assert set(spans) == {str(i) for i in range(50)}
    for number, entries in spans.items():
        for entry in entries:
            assert entry["symptom"] in SPAN_NAMES.values()
            assert rows[int(number)]["text"][entry["start"] : entry["end"]] == entry["text"]
    assert read_visits(tmp_path) == visits[:50]


def test_the_same_seed_draws_the_same_records(visits):
    assert draw_visits(20, seed=1) == visits[:20] != draw_visits(20, seed=2)


def test_the_network_has_the_dependencies_it_states(visits):
    def share(variable, condition):
        chosen = [visit for visit in visits if condition(visit)]
        return sum(visit.has(variable) for visit in chosen) / len(chosen)

    assert share("COPD", lambda v: v.has("smoking")) > share("COPD", lambda v: not v.has("smoking"))
    assert share("nasal", lambda v: v.has("hay_fever")) > share("nasal", lambda v: not v.has("hay_fever"))
    assert share("antibiotics", lambda v: v.has("fever")) > share("antibiotics", lambda v: not v.has("fever"))


def test_span_f1_is_reported_without_and_with_the_table_and_the_table_helps(result):
    without, with_table = result["without_table"]["span"]["F1"], result["with_table"]["span"]["F1"]
    assert 0.8 < without < with_table <= 1


def test_the_planted_effect_is_recovered_by_adjustment_and_missed_without(result):
    adjusted, naive = result["effect"]["adjusted"], result["effect"]["naive"]
    low, high = adjusted["log_ratio_ci"]
    assert low < EFFECT < high
    assert naive["log_ratio"] > 0  # the sicker are treated: antibiotics look harmful


def test_with_many_visits_the_estimate_closes_in_on_what_was_planted(monkeypatch):
    monkeypatch.setattr("osler.evaluation.simsum.BOOTSTRAPS", 2)
    assert estimate_effect(draw_visits(12_000, seed=0), ADJUST).log_ratio == pytest.approx(EFFECT, abs=0.04)


def test_the_effect_in_days_agrees_with_the_network_itself(visits):
    def days(visit, treated):
        on = {name: visit.has(name) for name in ("dysp", "cough", "pain", "nasal", "self_empl")}
        return expected_days(on, visit.table["fever"], treated)

    truth = sum(days(visit, True) - days(visit, False) for visit in visits) / len(visits)
    found = estimate_effect(visits, ADJUST)
    assert found.days_ci[0] < truth < found.days_ci[1]


def test_no_effect_is_found_where_none_was_planted():
    found = estimate_effect(
        draw_visits(1500, 2, effect=0.0), ("dysp", "cough", "pain", "nasal", "fever", "self_empl")
    )
    assert found.log_ratio_ci[0] < 0 < found.log_ratio_ci[1]


@pytest.mark.parametrize(("old", "new"), [("days_at_home", "days"), ('"start": ', '"start": 90')])
def test_files_that_do_not_fit_the_layout_are_refused(visits, tmp_path, old, new):
    write_visits(tmp_path, visits[:5])
    for path in tmp_path.iterdir():
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(InputError):
        read_visits(tmp_path)
