"""What is known of diseases: profiles with frequencies and citations, compiled once and memory-mapped."""
