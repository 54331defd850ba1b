"""Runs: append-only store, resume, regimes, comparison."""
