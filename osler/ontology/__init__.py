"""Terms, ids, synonyms and hierarchies, and what they are called elsewhere."""

from osler.ontology.hpo import Ontology, Resolved
from osler.ontology.load import load_ontology
from osler.ontology.obo import Synonym

__all__ = ["Ontology", "Resolved", "Synonym", "load_ontology"]
