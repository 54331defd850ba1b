"""Probabilities and contributions in words, the same wherever Osler writes one."""

from __future__ import annotations


def percent(value: float | None, unknown: str = "–") -> str:
    """A probability as people read it: never 0 % or 100 % by rounding."""
    if value is None:
        return unknown
    if value < 0.001:
        return "<0.1 %"
    if value > 0.999:
        return ">99.9 %"
    digits = 1 if value < 0.0995 or value > 0.99 else 0
    return f"{100 * value:.{digits}f} %"


def signed(value: float, digits: int = 2) -> str:
    """A contribution or a difference as people read it: with its sign, a true minus (U+2212); none where it rounds to zero."""
    written = f"{value:+.{digits}f}"
    return written.replace("-", "−") if float(written) else written[1:]
