"""The embedded engine: rankers, calibrated posterior, explanation, next-best question."""
