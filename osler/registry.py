"""Names of parts: methods, rankers, benchmarks, scorers, … registered by decorator, and found in other packages too.

A part is a function or class with a name, a source and a few words on what it needs. Built-in parts live in the
packages listed in `HOMES`, where importing a file registers what it defines; other distributions name a module in the
entry-point group `osler`. Knows nothing of what a part does.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import inspect
import pkgutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, ValidationError, validate_call

from osler.calls import Calls
from osler.errors import UsageError
from osler.userfile import load_from, refuse_no_method

Kind = Literal["method", "ranker", "benchmark", "scorer", "calculator", "clinic", "corpus", "knowledge"]
Fidelity = Literal["code", "paper", "abstract", "osler"]
# What a graph is to a method, and the kinds of question that it is for (Ma et al. 2025, arXiv:2505.20099).
GRAPH_ROLES = ("background", "guide", "refiner")
QUESTIONS = ("multi-document", "multi-hop", "conversational", "explainable", "temporal", "multimodal")

HOMES: dict[Kind, str] = {
    "method": "osler.methods",
    "ranker": "osler.diagnosis",
    "benchmark": "osler.benchmarks",
    "scorer": "osler.scoring",
    "knowledge": "osler.knowledge",
    "calculator": "osler.calculators.library",
    "corpus": "osler.knowledge.builtin osler.calculators.texts",  # several, lowest room first
}
_PLURALS = {"corpus": "corpora", "knowledge": "knowledge"}
_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """A registered part and what `osler list` tells of it.

    `fidelity` says what the part was checked against: released `code`, the `paper`, its `abstract` only, or `osler`
    for what is Osler's own. `answers` are the kinds of answer that a method gives whatever it is asked for; empty where it
    gives the kind that is asked for. `roles` are the names of its speakers that may have a model of their own
    (`--model MODEL,critic=MODEL`); None where that is not known, as of a user's own file. `cost` says in words what `calls`
    works out in numbers from the options (see `osler.calls`). `graph` says what a graph is to a method: `background` (its facts
    stand in the prompt or are learned), `guide` (reasoning goes along its paths), `refiner` (what a model says is checked
    against it); `questions` are kinds of question that the method is for.
    """

    kind: Kind
    name: str
    object: Any
    source: str
    summary: str
    needs: tuple[str, ...] = ()
    fidelity: Fidelity = "osler"
    cost: str = "no model calls"
    origin: str = "osler"
    answers: tuple[str, ...] = ()
    roles: tuple[str, ...] | None = None
    calls: Callable[..., Calls | int] | None = None
    graph: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


_parts: dict[tuple[Kind, str], Part] = {}
_loaded: set[str] = set()
# A server's threads ask for parts at the same time: the second waits until the first has imported them all.
_loading = threading.RLock()
_broken: dict[str, str] = {}
_origin = "osler"


def register(
    kind: Kind,
    name: str,
    *,
    source: str,
    needs: tuple[str, ...] = (),
    fidelity: Fidelity = "osler",
    cost: str = "no model calls",
    answers: tuple[str, ...] = (),
    roles: tuple[str, ...] | None = None,
    calls: Callable[..., Calls | int] | None = None,
    graph: tuple[str, ...] = (),
    questions: tuple[str, ...] = (),
    **extra: Any,
) -> Callable[[_T], _T]:
    """A decorator that gives a function or class a name. The summary is the first line of its docstring.

    Raises UsageError when another object already has the name, and for a tag of `graph` or `questions` that there is not.
    """
    _among(graph, GRAPH_ROLES, f"{kind} {name!r}: a graph is", "role")
    _among(questions, QUESTIONS, f"{kind} {name!r}: it is for", "kind of question")

    def put(thing: _T) -> _T:
        summary = (inspect.getdoc(thing) or "").split("\n", 1)[0]
        known_roles = () if roles is None and _origin == "osler" else roles
        part = Part(
            kind,
            name,
            thing,
            source,
            summary,
            needs,
            fidelity,
            cost,
            _origin,
            answers,
            known_roles,
            calls,
            graph,
            questions,
            extra,
        )
        known = _parts.get((kind, name))
        if known is not None and _home(known.object) != _home(thing):
            raise UsageError(f"{kind} {name!r} is registered twice: {_home(known.object)} and {_home(thing)}")
        _parts[kind, name] = part
        return thing

    return put


def _among(given: tuple[str, ...], known: tuple[str, ...], says: str, what: str) -> None:
    unknown = [one for one in given if one not in known]
    if unknown:
        raise UsageError(f"{says} {', '.join(known)}; there is no {what} {unknown[0]!r}")


def method(name: str, **about: Any) -> Callable[[_T], _T]:
    """Register an async function `(case, ctx, **options) -> Answer`; see `register`."""
    return register("method", name, **about)


def ranker(name: str, **about: Any) -> Callable[[_T], _T]:
    """Register a ranker of the embedded engine; see `register`."""
    return register("ranker", name, **about)


def benchmark(name: str, **about: Any) -> Callable[[_T], _T]:
    """Register a benchmark; see `register`."""
    return register("benchmark", name, **about)


def scorer(name: str, **about: Any) -> Callable[[_T], _T]:
    """Register a scorer; see `register`."""
    return register("scorer", name, **about)


def knowledge_base(name: str, **about: Any) -> Callable[[_T], _T]:
    """Register a loader of a knowledge base; see `register`."""
    return register("knowledge", name, **about)


def get(kind: Kind, name: str) -> Part:
    """The part of that name. `./file.py:function` loads a user's own method.

    Raises UsageError with the nearest names when there is none.
    """
    load(kind)
    if (kind, name) in _parts:
        return _parts[kind, name]
    if ".py:" in name:
        return _from_file(kind, name)
    near = get_close_matches(name, names(kind), n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(near)}?" if near else f"`osler list {plural(kind)}` shows what there is."
    )
    raise UsageError(f"no {kind} is called {name!r}; {hint}")


def names(kind: Kind) -> list[str]:
    """All names of a kind, sorted."""
    return [part.name for part in parts(kind)]


def parts(kind: Kind) -> list[Part]:
    """All parts of a kind, sorted by name."""
    load(kind)
    return sorted((part for (k, _), part in _parts.items() if k == kind), key=lambda part: part.name)


def broken() -> dict[str, str]:
    """Plug-ins that failed to load, with the reason: a bad plug-in must not take Osler down."""
    return dict(_broken)


def checksum(kind: Kind) -> str:
    """Something that changes when a built-in file of a kind does; nothing is imported."""
    home = Path(__file__).parent.joinpath(*HOMES[kind].split(".")[1:])
    found = hashlib.blake2b(digest_size=8)
    for path in sorted(home.glob("*.py")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def plural(kind: Kind) -> str:
    """The word `osler list` takes for a kind."""
    return _PLURALS.get(kind, f"{kind}s")


def load(kind: Kind) -> None:
    """Import the built-in files of a kind, and every plug-in module of the entry-point group `osler`."""
    with _loading:
        for home in HOMES.get(kind, "").split():
            if home not in _loaded:
                _loaded.add(home)
                for module in _files_of(home):
                    importlib.import_module(module)
        if "plug-ins" not in _loaded:
            _loaded.add("plug-ins")
            _load_plugins()


def bind(part: Part, options: dict[str, str]) -> dict[str, Any]:
    """Check options given as text (`-m rounds=3`) against the part's typed keyword parameters.

    Returns the values in their types. Raises UsageError that names the bad option, and the options there are.
    """
    signature = inspect.signature(part.object)
    allowed = {
        name: parameter
        for name, parameter in signature.parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    unknown = [name for name in options if name not in allowed]
    if unknown:
        known = ", ".join(allowed) or "none"
        raise UsageError(f"{part.kind} {part.name!r} has no option {unknown[0]!r}; its options: {known}")
    taken: dict[str, Any] = {}

    def probe(**values: Any) -> None:
        taken.update(values)

    chosen = [allowed[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in options]
    probe.__signature__ = inspect.Signature(chosen)  # type: ignore[attr-defined]
    hints = inspect.get_annotations(part.object, eval_str=True)
    probe.__annotations__ = {name: hints[name] for name in options if name in hints}
    try:
        validate_call(config=ConfigDict(arbitrary_types_allowed=True))(probe)(**options)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise UsageError(
            f"option {problem['loc'][0]!s} of {part.name!r}: {problem['msg'].lower()} (given: {problem['input']!r})"
        ) from None
    return taken


def _files_of(package: str) -> Iterator[str]:
    """The files of a package; a home that is one file needs only to be imported."""
    found = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(getattr(found, "__path__", ())), key=lambda info: info.name):
        yield f"{package}.{info.name}"


def _load_plugins() -> None:
    global _origin
    for point in importlib.metadata.entry_points(group="osler"):
        _origin = point.dist.name if point.dist else point.value
        try:
            point.load()
        except Exception as error:
            _broken[point.name] = f"{type(error).__name__}: {error}"
        finally:
            _origin = "osler"


def _from_file(kind: Kind, name: str) -> Part:
    """Load `path.py:function`; the user named the file, so running it is what was asked."""
    path_text, _, attribute = name.rpartition(":")
    thing = load_from(path_text, attribute, f"{kind} {name!r}")
    if kind == "method":
        refuse_no_method(thing, path_text, attribute)
    return Part(
        kind, name, thing, path_text, (inspect.getdoc(thing) or "").split("\n", 1)[0], origin=path_text
    )


def _home(thing: Any) -> str:
    return f"{getattr(thing, '__module__', '?')}.{getattr(thing, '__qualname__', thing)}"
