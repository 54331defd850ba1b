"""Row 331, the survey of models with knowledge graphs: every graph method carries a role tag; choosing a role and a question kind lists
the matching runnable methods."""

from __future__ import annotations

import json

import pytest

from osler import registry
from osler.compose import compose
from osler.errors import UsageError

GRAPH_METHODS = [part for part in registry.parts("method") if "graph" in part.needs or part.graph]


def listed(capfd, *words):
    """What `osler list methods … --json` prints."""
    from osler.cli.main import main

    capfd.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main(["list", "methods", *words, "--json"])
    assert not stopped.value.code
    return json.loads(capfd.readouterr().out)["methods"]


@pytest.mark.parametrize("part", GRAPH_METHODS, ids=lambda part: part.name)
def test_every_graph_method_carries_a_role_and_the_questions_that_it_is_for(part):
    assert part.graph and set(part.graph) <= set(registry.GRAPH_ROLES)
    assert part.questions and set(part.questions) <= set(registry.QUESTIONS)


def test_a_role_and_a_kind_of_question_list_the_methods_that_match_and_each_can_be_run(capfd):
    seen = set()
    for role in registry.GRAPH_ROLES:
        for kind in registry.QUESTIONS:
            rows = listed(capfd, "--role", role, "--kind", kind)
            assert all(role in row["graph"] and kind in row["questions"] for row in rows)
            assert all(compose(row["name"]).call is not None for row in rows)
            seen |= {row["name"] for row in rows}
    assert seen == {part.name for part in GRAPH_METHODS}
    refiners = {row["name"] for row in listed(capfd, "--role", "refiner", "--kind", "explainable")}
    assert {"kgarevion", "qkg"} <= refiners
    assert "kgarevion" not in {row["name"] for row in listed(capfd, "--role", "background")}


def test_a_tag_that_there_is_not_is_refused(capfd):
    from osler.cli.main import main

    for words, known in (
        (["--role", "judge"], "background, guide, refiner"),
        (["--kind", "hard"], "multi-hop"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(["list", "methods", *words])
        assert stopped.value.code == 2 and known in capfd.readouterr().err
    with pytest.raises(UsageError, match="no role 'oracle'"):
        registry.method("of-nothing", source="a test", graph=("oracle",))(lambda case, ctx: None)
