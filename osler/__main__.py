"""`osler …` and `python -m osler`: the entry point, light enough that Ctrl-C during its imports is answered in one line."""

from __future__ import annotations

import sys


def main() -> None:
    """Import the command line and run it."""
    try:
        from osler.cli.main import main as run
    except KeyboardInterrupt:
        sys.stderr.write("osler: interrupted\n")
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
