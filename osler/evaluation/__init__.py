"""Runs: an append-only store that survives a kill, the runner, the regimes of knowledge, figures and comparison."""
