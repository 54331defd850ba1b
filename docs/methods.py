"""Makes docs/methods/: a page for every method but the engine's rankers, from its docstring, options and prompts, and an index.

python docs/methods.py           writes the pages
python docs/methods.py --check   says which are stale, and exits 1 if any is (`make docs-check` does the same)
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, get_args, get_origin

from osler import registry
from osler.compose import compose
from osler.context import Method

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "methods"
FIDELITY = {
    "code": "checked against released code",
    "paper": "checked against the paper's text",
    "abstract": "checked against the paper's abstract only",
    "osler": "Osler's own",
}
# Options that name a file without which a method does nothing of its own.
FILES = {"medrek": ("edits",)}
# The labels that a method's docstring is written with become the page's headings.
LABELS = re.compile(
    r"(?<![\w,]\s)\b(Source|Stages|Defaults(?: as released| of the paper)?|Calls per case|(?:Further )?[Dd]eviations?(?: from [\w ]+)?(?:, each a defect there)?|"
    r"Not reproduced|Failure modes)(?=: )"
)


def methods() -> list[registry.Part]:
    """The built-in methods, without the engine's rankers of diseases."""
    return [p for p in registry.parts("method") if p.origin == "osler" and not _ranks(p)]


def _ranks(part: registry.Part) -> bool:
    """Whether a method is one of the embedded engine's rankers, which the page of the engine tells of."""
    return not part.needs and part.answers == ("differential",)


def pages() -> dict[Path, str]:
    """Every page with its text."""
    made = {FOLDER / f"{part.name}.md": page(part) for part in methods()}
    return {FOLDER / "index.md": index(), **made}


def index() -> str:
    """The table of all methods."""
    rows = [
        f"| [{part.name}]({part.name}.md) | {part.summary.rstrip('.')} | {part.source} | {compose(part.name).calls()} | {part.fidelity} |"
        for part in methods()
    ]
    engine = ", ".join(f"`{p.name}`" for p in registry.parts("method") if p.origin == "osler" and _ranks(p))
    return "\n".join(
        [
            "# Methods",
            "",
            "<!-- made by docs/methods.py -->",
            "Each page is made from the method's own docstring; the code is one file with its prompts beside it. Methods nest: "
            "`self-consistency(medagents(rounds=3), samples=5)`.",
            "",
            "| method | in one line | source | calls per case | fidelity |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            f"Without a model, the [embedded engine](../engine.md) ranks diseases: {engine}.",
            "",
        ]
    )


def page(part: registry.Part) -> str:
    """One method's page."""
    module = sys.modules[part.object.__module__]
    path = Path(str(module.__file__)).resolve().relative_to(ROOT).as_posix()
    facts = [
        ("source", part.source),
        ("fidelity", FIDELITY[part.fidelity]),
        ("calls per case", part.cost),
        (
            "needs",
            ", ".join(
                [
                    *(part.needs or ("nothing",)),
                    *(["examples where there are any"] if part.extra.get("examples_for") else []),
                ]
            ),
        ),
        *(
            [
                (
                    "roles",
                    f"{', '.join(f'`{role}`' for role in part.roles)} (`--model MODEL,{part.roles[0]}=MODEL`)",
                )
            ]
            if part.roles
            else []
        ),
        ("answers with", " or ".join(part.answers) or "whatever is asked for"),
        ("code", f"[{path}](../../{path})"),
    ]
    return "\n".join(
        [
            f"# {part.name}",
            "",
            "<!-- made by docs/methods.py from the code -->",
            part.summary,
            "",
            "| | |",
            "| --- | --- |",
            *(f"| {name} | {value} |" for name, value in facts),
            "",
            *sections(inspect.getdoc(module) or ""),
            *options(part),
            *prompts(module),
            "## Run it",
            "",
            "```",
            run_line(part),
            "```",
            "",
        ]
    )


def run_line(part: registry.Part) -> str:
    """The command that runs a method, with what it needs. One that only ranks diseases is run on a case."""
    files = [
        f"-m {name}=FILE"
        for name in inspect.signature(part.object).parameters
        if name in FILES.get(part.name, ())
    ]
    ranks = part.answers == ("differential",)
    words = [
        f"osler diagnose CASE --method {part.name}"
        if ranks
        else f"osler eval BENCHMARK --data PATH --method {part.name}",
        "--model simulated:good" if "model" in part.needs else "",
        "--corpus NAME" if "corpus" in part.needs else "",
        "--encoder minilm" if "encoder" in part.needs else "",
        "--reranker SPEC" if "reranker" in part.needs else "",
        "--examples FILE" if "examples" in part.needs else "",
        *files,
        "" if ranks else "--out RUN",
    ]
    return " ".join(word for word in words if word)


def sections(doc: str) -> list[str]:
    """A docstring under headings: its first paragraph as it is, then a heading for each of its labels."""
    title, _, rest = doc.partition("\n\n")
    lines = ["## What it does", "", *_wrapped(title), ""]
    text = " ".join(rest.split())
    found = list(LABELS.finditer(text))
    before = text[: found[0].start()].strip() if found else text
    if before:
        lines += [*_wrapped(before), ""]
    for label, after in zip(found, [*found[1:], None], strict=True):
        body = text[label.end() + 2 : after.start() if after else None].strip()
        lines += [f"## {label[1][0].upper()}{label[1][1:]}", "", *_wrapped(body[0].upper() + body[1:]), ""]
    return lines


def options(part: registry.Part) -> list[str]:
    """The options with type, limits and default."""
    hints = inspect.get_annotations(part.object, eval_str=True)
    rows = [
        f"| `{name}` | {_kind(hints[name])} | {_default(name, parameter.default)} |"
        for name, parameter in inspect.signature(part.object).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    ]
    if not rows:
        return []
    head = ["## Options", "", "Given as `-m NAME=VALUE`, or in brackets after the name.", ""]
    return [*head, "| option | what it takes | default |", "| --- | --- | --- |", *rows, ""]


def _kind(hint: Any) -> str:
    if hint is Method:
        return "a method"
    if get_origin(hint) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(hint))
    if get_origin(hint) is Annotated:
        base, *rules = get_args(hint)
        limits = {type(m).__name__: m for rule in rules for m in getattr(rule, "metadata", [])}
        words = [
            f"from {limits['Ge'].ge}" if "Ge" in limits else "",
            f"to {limits['Le'].le}" if "Le" in limits else "",
        ]
        return " ".join([_kind(base), *filter(None, words)])
    kinds = [_kind(inner) for inner in get_args(hint) if inner is not type(None)]
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a file"}
    return " or ".join(kinds) if kinds else names[hint]


def _default(name: str, value: Any) -> str:
    known = {part.object: part.name for part in registry.parts("method")}
    if callable(value):
        return f"[{known[value]}]({known[value]}.md)"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "greedy, unless an outer method samples" if name == "temperature" else "none"
    return str(value)


def prompts(module: ModuleType) -> list[str]:
    """The prompts by the names under which a user may override them."""
    found: dict[str, str] = {}
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        for first, second in zip(node.args, node.args[1:], strict=False):
            if isinstance(first, ast.Constant) and isinstance(second, ast.Name):
                text = getattr(module, second.id, None)
                if isinstance(first.value, str) and isinstance(text, str) and "{case}" in text:
                    found.setdefault(first.value, text)
    fenced = "the case is fenced as data" if hasattr(module, "task") else "the case stands there as it is"
    lines = ["## Prompts", "", f"In `{{…}}` stands what the method puts in; {fenced}.", ""]
    for name, text in found.items():
        wrapped = "\n".join("\n".join(_wrapped(line)) for line in text.split("\n"))
        lines += [f"`{name}`", "", "```text", wrapped, "```", ""]
    return lines if found else []


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False) or [""]


def stale() -> list[str]:
    """What is missing, out of date or left over."""
    wanted = pages()
    problems = []
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            problems.append(f"{path.relative_to(ROOT)}: stale; run python docs/methods.py")
    left = set(FOLDER.glob("*.md")) - set(wanted) if FOLDER.exists() else set()
    return problems + [
        f"{path.relative_to(ROOT)}: no method has this page; delete it" for path in sorted(left)
    ]


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        problems = stale()
        print("\n".join(problems) or f"{len(pages())} pages are up to date")
        return 1 if problems else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(pages())} pages written to {FOLDER.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
