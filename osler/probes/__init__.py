"""Perturbations of a question, and which of its words an answer hangs on."""
