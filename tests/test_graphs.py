"""How relations of a graph are said to people."""

from __future__ import annotations

import pytest

from osler.graphs import path_words, relation_words


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        ("has_phenotype", "has phenotype"),
        ("^has_phenotype", "has phenotype"),
        ("drug_protein:target", "target"),
        ("drug_protein:target|binds", "target or binds"),
        ("is_a|is_a", "is a"),
        ("off-label use", "off-label use"),
    ],
)
def test_a_relation_is_said_in_words(relation, said) -> None:
    assert relation_words(relation) == said


def test_the_arrows_of_a_path_are_said_in_words_and_nothing_else_changes() -> None:
    path = "Marfan syndrome –has_phenotype→ Ectopia lentis ←disease_phenotype_positive– Wolff–Parkinson–White"
    said = "Marfan syndrome –has phenotype→ Ectopia lentis ←disease phenotype positive– Wolff–Parkinson–White"

    assert path_words(path) == said
    assert path_words("gene_name – as it was → snake_case") == "gene_name – as it was → snake_case"
