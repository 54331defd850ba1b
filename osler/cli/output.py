"""What every command shares: where results and notices go, JSON on standard output, and exit codes.

Results go to standard output; progress, notices and errors to standard error. With `--json` standard output carries
exactly one JSON object.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osler.errors import OslerError

if TYPE_CHECKING:
    from rich.console import Console


@dataclass
class Settings:
    """Options given before the command; one per process."""

    quiet: bool = False
    debug: bool = False


settings = Settings()


def console() -> Console:
    """Where results for people are printed: standard output, coloured only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def notices() -> Console:
    """Where notices and progress are printed: standard error, silent with `--quiet`."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, quiet=settings.quiet)


def print_json(data: Any) -> None:
    """Print one JSON object. Pydantic models are dumped by their schema; NaN and infinity become null."""
    import orjson

    if hasattr(data, "model_dump"):
        data = data.model_dump(mode="json")
    option = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    sys.stdout.buffer.write(orjson.dumps(data, option=option) + b"\n")
    sys.stdout.flush()


def fail(error: OslerError) -> int:
    """Print an error for people (never its input) and return its exit code."""
    sys.stderr.write(f"osler: {error}\n")
    return error.exit_code
