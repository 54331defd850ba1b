"""Terms, ids, synonyms and hierarchies, and what they are called elsewhere."""
