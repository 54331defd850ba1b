"""What threads freed given back to the machine: the C library keeps it else, so that a server looks as large as its largest hour."""

from __future__ import annotations

import contextlib
import ctypes


def give_back() -> bool:
    """Give back what is free; whether the C library (glibc) did. Elsewhere nothing is done."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        return bool(ctypes.CDLL(None).malloc_trim(0))
    return False
