"""Retrievers put together: corpora side by side, words with vectors, lists fused, results re-ordered."""
