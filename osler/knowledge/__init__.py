"""What is known about diseases: profiles with frequencies and citations, from the HPO and from DDXPlus."""

from osler.knowledge.load import load_knowledge, packaged_disease_ids
from osler.knowledge.profiles import Knowledge, Pairs, Rows

__all__ = ["Knowledge", "Pairs", "Rows", "load_knowledge", "packaged_disease_ids"]
