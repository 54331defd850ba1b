"""Text and records to coded findings. The package is also the function: `osler.findings(source)` returns a Case."""

from __future__ import annotations

import sys
import types
from typing import Any


class _CallableModule(types.ModuleType):
    """Lets `osler.findings("letter.txt")` read a case although `osler.findings` is a package."""

    def __call__(self, source: Any, **options: Any) -> Any:
        """Read a path, `-`, bytes, text or parsed JSON; see `osler.findings.reader.read_case`."""
        from osler.findings.reader import read_case

        return read_case(source, **options)


sys.modules[__name__].__class__ = _CallableModule
