"""`osler …`: the entry point. Commands are imported only when they are called, so `osler --help` stays quick."""

from __future__ import annotations

import errno
import importlib
import io
import os
import signal
import sys
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from osler import interrupt
from osler.cli.output import complain, fail, settings
from osler.errors import OslerError

# name: (module, attribute, help line, panel). The attribute is a function or a typer.Typer.
COMMANDS: dict[str, tuple[str, str, str, str]] = {
    "diagnose": ("diagnose", "diagnose", "Rank diseases for a case, with reasons for each.", "Reason"),
    "ask": ("ask", "ask", "Ask a method a question and watch its steps.", "Reason"),
    "findings": ("findings", "findings", "Read a text or record into coded findings.", "Reason"),
    "next": ("next", "next_", "Ask the most telling questions until the answer is clear.", "Reason"),
    "serve": ("serve", "app", "The web page, the REST API and MCP over HTTP.", "Manage"),
    "calc": ("calc", "app", "Clinical calculators, exact and with units.", "Reason"),
    "disease": ("lookup", "disease", "Show a disease's profile with frequencies and citations.", "Reason"),
    "term": ("lookup", "term", "Show an ontology term and the diseases that have it.", "Reason"),
    "graph": ("graph", "app", "Paths between findings, diseases, genes and drugs.", "Reason"),
    "eval": ("eval", "eval_", "Measure a method on a benchmark.", "Measure"),
    "sweep": ("sweep", "app", "A method by passages in view, or by its evidence.", "Measure"),
    "compare": ("compare", "compare", "Compare two runs, paired by case.", "Measure"),
    "score": ("score", "score", "Score a run again with another scorer, without a call.", "Measure"),
    "report": ("report", "report", "Runs side by side: score, cost, latency; HTML too.", "Measure"),
    "export": ("export", "export", "Write a run as another tool reads it.", "Measure"),
    "study": ("study", "app", "Reader studies: lists before and after help, in arms.", "Measure"),
    "power": ("power", "power", "How many cases it takes to see a difference.", "Measure"),
    "trace": ("trace", "trace", "Show how an answer was reached, as a tree.", "Measure"),
    "prompt": ("prompt", "app", "Show what a method would send.", "Measure"),
    "models": ("models", "app", "Test a connection to a language model.", "Manage"),
    "cache": ("cache", "app", "Look at the cache of model replies, or clear it.", "Manage"),
    "mcp": ("mcp", "mcp", "Serve Osler's tools to MCP clients.", "Manage"),
    "simulate": ("simulate", "simulate", "Serve the simulated model over HTTP, for tests.", "Manage"),
    "data": ("data", "app", "List, get, use, verify and remove data sets.", "Manage"),
    "corpus": ("corpus", "app", "Add documents of your own, and search them.", "Manage"),
    "memory": ("memory", "app", "Keep solved cases for nearest-case ranking.", "Manage"),
    "list": ("list", "list_", "List methods, rankers, benchmarks and other parts.", "Manage"),
    "doctor": ("doctor", "doctor", "Tell what is installed, which data, what is missing.", "Manage"),
}


class LazyGroup(TyperGroup):
    """A command group that imports a command's file only when that command is run."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All command names, in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with the command's help line: enough to list it."""
        return _stub(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command, imported now."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name in COMMANDS else command, rest


def load_command(name: str) -> Any:
    """Import a command's file and make the command of it."""
    module, attribute, _, _ = COMMANDS[name]
    target = getattr(importlib.import_module(f"osler.cli.{module}"), attribute)
    if isinstance(target, typer.Typer):
        command = typer.main.get_group(target)
    else:
        only = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        only.command(name, help=target.__doc__)(target)
        command = typer.main.get_command(only)
    command.name = name
    return command


def _stub(name: str) -> Any:
    _, _, line, panel = COMMANDS[name]
    app = typer.Typer(add_completion=False)
    app.command(name, help=line, rich_help_panel=panel)(lambda: None)
    return typer.main.get_command(app)


app = typer.Typer(
    name="osler",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="For research and education. Not a medical device.",
)


def _version(asked: bool) -> None:
    if asked:
        from osler import __version__

        typer.echo(f"osler {__version__}")
        raise typer.Exit


@app.callback()
def root(
    offline: Annotated[bool, typer.Option("--offline", help="Make any outside connection an error.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress and no remarks on standard error.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Medical reasoning you can check: a case in, an evidence-tied answer out."""
    from osler.data.progress import set_quiet

    settings.quiet, settings.debug = quiet, debug
    set_quiet(quiet)
    if offline:
        from osler.data import offline as guard

        guard.forbid()


# These stand before or after the command: `osler diagnose x.txt --offline` is what people type.
_GLOBAL = ("--offline", "--quiet", "-q", "--debug")


def _hoist(words: list[str]) -> list[str]:
    """Move global flags in front of the command; words after `--` are left alone."""
    end = words.index("--") if "--" in words else len(words)
    flags = [word for word in words[:end] if word in _GLOBAL]
    return flags + [word for word in words[:end] if word not in _GLOBAL] + words[end:]


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning as one plain line, as notices are."""
    if not settings.quiet:
        complain(str(message))


def _open_outputs() -> None:
    """Output that was closed goes nowhere; a terminal of another encoding gets "?" for what it lacks."""
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _fail_on_file(error: OSError) -> int:
    """Say what the system refused and return the exit code: 4 for a full disk, else 3."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        complain("there is no space left to write the result; make room and run it again")
        return 4
    complain(f"{error.strerror or error}: {error.filename or 'file'}")
    return 3


def _closed_pipe() -> int:
    """Whoever read the output has seen enough (`| head`): nothing more is written, and that is no failure."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def main(words: list[str] | None = None) -> None:
    """Run the command line and exit with its code: no traceback without `--debug`."""
    words = _hoist(sys.argv[1:] if words is None else list(words))
    debug = "--debug" in words
    interrupt.ending = True
    warnings.showwarning = _show_warning
    _open_outputs()
    try:
        code = app(args=words, standalone_mode=False, prog_name="osler")
        code = code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:
        code = _closed_pipe()
    except SystemExit as error:
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        code = _closed_pipe()  # typer makes an exit with 1 of a pipe that was closed
    except OslerError as error:
        if debug:
            raise
        code = fail(error)
    except OSError as error:
        if debug:
            raise
        code = _fail_on_file(error)
    except Exception as error:
        if isinstance(error, typer.Exit):
            code = error.exit_code
        elif hasattr(
            error, "show"
        ):  # a usage error: typer carries its own copy of click, whose classes are private
            error.show()  # type: ignore[attr-defined]
            code = 2
        elif debug:
            raise
        else:
            name = type(error).__name__
            sys.stderr.write(f"osler: internal error ({name}); run again with --debug and report it\n")
            code = 1
    if code == 130:  # typer turns Ctrl-C into this code without a word
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a further press must not kill what is ending
        complain("interrupted")
    sys.exit(code)
