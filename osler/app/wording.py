"""Messages written for the command line, in the words of who reads them: fields for the API, arguments for MCP, neither for the page.

The engine's messages say what to do next on a terminal (`--present`, `osler term`). A caller of the server has fields and addresses
instead; what only the operator can do (`osler serve --max-text`, `osler corpus embed`) stays. Problems of a body are told in one
plain sentence each. Places on this machine are left out: they are the log's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

Way = Literal["api", "mcp", "page"]

# A field by the name of its option, and by its name in MCP where that is another.
_FIELDS = {
    "present": "present", "absent": "absent", "age": "age", "sex": "sex", "top": "top", "method": "method", "text": "text",
    "questions": "questions", "corpus": "corpora", "retrieval": "retrieval", "synonyms": "synonyms", "relation": "relation",
    "without": "without", "along": "along", "pagerank": "pagerank", "kind": "kind", "limit": "limit", "seed": "seed",
    "subset": "subset", "split": "split", "epochs": "epochs", "benchmark": "benchmark", "since": "since", "until": "until",
    "authority": "authority", "strength": "strength", "section": "section", "source": "source", "longest": "longest",
    "cap": "cap", "nested": "nested", "asked": "asked",
}  # fmt: skip
_MCP_FIELDS = {"relation": "relations", "kind": "kinds"}
# What a message says; and how it is said to callers of the API, of MCP, and to people at the page.
_RULES: tuple[tuple[str, dict[Way, str]], ...] = (
    (r"give a file, or findings with --present and --absent",
     {"api": "give a `text`, a `case`, or findings in `present` and `absent`",
      "mcp": "give `text`, a `record`, or findings in `present` and `absent`", "page": "give a text, a file, or findings"}),
    (r"add findings with --present, or look at what was read with `osler findings`",
     {"api": "add findings in `present`, or see what was read: POST /api/v1/findings",
      "mcp": "add findings in `present`, or see what was read: read_findings", "page": "add findings"}),
    (r"`osler term WORDS` looks a term up",
     {"api": "GET /api/v1/terms?q=WORDS looks a term up", "mcp": "find_terms looks a term up", "page": "look it up in the list"}),
    (r"`osler list methods` (shows what there is|shows it)",
     {"api": "GET /api/v1/methods lists them", "mcp": "list_methods shows them", "page": "choose one of the list"}),
    (r"`osler calc search WORDS` finds one\.?",
     {"api": "GET /api/v1/calculate?q=WORDS finds one, GET /api/v1/calculate lists all", "mcp": "search_calculators finds one",
      "page": "search for one by what it is for"}),
    (r"asks a language model; name one with --model.*",
     {"api": "asks a language model, and this server was started without one that fits (osler serve --model SPEC); "
             "GET /api/v1/methods lists what needs none",
      "mcp": "asks a language model, and this server was started without one that fits (--model SPEC); list_methods shows what "
             "needs none",
      "page": "asks a language model, and this server was started without one that fits (osler serve --model SPEC)"}),
    (r"corpus (\S+) has no vectors yet; make them: osler corpus embed \S+",
     {"api": r"corpus \1 has no vectors, which its operator can make (osler corpus embed \1); `retrieval` bm25 searches by words",
      "mcp": r"corpus \1 has no vectors, which its operator can make (osler corpus embed \1)",
      "page": r"corpus \1 has no vectors, which its operator can make (osler corpus embed \1); search by words"}),
    (r"there is no corpus yet; osler corpus add NAME SOURCE makes one",
     dict.fromkeys(("api", "mcp", "page"), "this server has no corpus; its operator can make one (osler corpus add NAME SOURCE)")),
    (r"osler corpus search TEXT --corpus \S+ finds ids",
     {"api": "POST /api/v1/search finds ids", "mcp": "search_corpora finds ids", "page": "a search finds ids"}),
    (r"(name (?:one|it)) with --corpus(?: \(osler corpus list shows them\))?",
     {"api": r"\1 in `corpora` (GET /api/v1/corpora lists them)", "mcp": r"\1 in `corpora` (list_corpora shows them)",
      "page": r"\1 of the list"}),
    (r"split it, or raise the limit \((--max-\w+)[^)]*\)",
     dict.fromkeys(("api", "mcp", "page"), r"send less, or start the server with \1")),
    (r"\(--beyond, or beyond=True\)", {"api": "(`beyond`: true)", "mcp": "(`beyond`: true)", "page": "(tick that it is worked out beyond)"}),
    (r"give one case per file", dict.fromkeys(("api", "mcp", "page"), "give one case at a time")),
)  # fmt: skip
_OPTION = re.compile(r"(?<![\w`-])--([a-z][a-z-]*)")
# An absolute path of this machine; addresses of this server and of others are none, nor are units such as mg/dL, nor the line breaks
# of a quoted text (\r\n): with backslashes a path begins with a drive or a machine's name.
_PLACE = re.compile(
    r"(?<![\w/:.<>`])(?:"
    r"~?/(?!(?:api|cds-services|openapi\.json|mcp)\b)(?:[^\s/\\:;,'\"()]+/)+[^\s:;,'\"()]*"
    r"|(?:[A-Za-z]:[/\\]|\\\\(?=\w))(?:[^\s/\\:;,'\"()]+[/\\])+[^\s:;,'\"()]*)"
)


def for_caller(text: str, way: Way) -> str:
    """A message in the words of its reader, without places on this machine."""
    for pattern, said in _RULES:
        text = re.sub(pattern, said[way], text)
    return without_places(_OPTION.sub(lambda found: _field(found, way), text))


def worded(found: Any, way: Way) -> Any:
    """Data with all its texts in the words of its reader."""
    if isinstance(found, str):
        return for_caller(found, way)
    if isinstance(found, dict):
        return {name: worded(value, way) for name, value in found.items()}
    return [worded(one, way) for one in found] if isinstance(found, list) else found


def without_places(text: str) -> str:
    """A message without the files of this machine."""
    return _PLACE.sub("(a file of the server)", text)


def _field(found: re.Match[str], way: Way) -> str:
    name = _FIELDS.get(found[1])
    if name is None or way == "page":
        return found[0] if name is None else name
    return f"`{_MCP_FIELDS.get(name, name) if way == 'mcp' else name}`"


# --- Problems of a body or of arguments -------------------------------------------------------------------------------
# The parts of a place that name a form of the body, not a field of it.
_FORMS = {"request", "fhir", "diagnose", "eval", "errors"}
_TYPES = re.compile(
    r"(constrained-)?(str|float|int|bool)$|(list|dict|function-\w+)\[|literal\[|nullable\[|\w+\(|lax-or-strict"
)
_KINDS = {
    "string_type": "a text", "float_type": "a number", "float_parsing": "a number", "int_type": "a whole number",
    "int_parsing": "a whole number", "int_from_float": "a whole number", "bool_type": "true or false",
    "bool_parsing": "true or false", "list_type": "a list", "dict_type": "an object", "model_type": "an object",
    "model_attributes_type": "an object", "finite_number": "a finite number",
}  # fmt: skip


def problems_of(errors: Sequence[Any], given: str = "body") -> list[dict[str, str]]:
    """What is wrong with a body or with arguments: each place once, with a plain sentence that names its field.

    `errors` are those of pydantic; `given` is what is wrong where no field is named.
    """
    found: dict[str, dict[str, Any]] = {}
    for one in errors:
        where, field = _place(one["loc"], given == "body")
        entry = found.setdefault(where, {"field": field, "kinds": [], "what": ""})
        if kind := _KINDS.get(one["type"]):
            entry["kinds"].append(kind)
        else:
            entry["what"] = entry["what"] or _sentence(one, f"`{field}`" if field else f"the {given}")
    return [{"where": where, "what": _told(entry, given)} for where, entry in found.items()]


def _told(entry: dict[str, Any], given: str) -> str:
    if not entry["kinds"]:
        return entry["what"]
    kinds = " or ".join(dict.fromkeys(entry["kinds"]))
    if entry["field"]:
        return f"`{entry['field']}` should be {kinds}"
    return f'the {given} should be a JSON object with named fields, such as {{"text": "…"}}'


def _place(loc: Sequence[Any], request: bool) -> tuple[str, str]:
    """Where a problem is, as `body.cases.0.age`, and the field's own name within, `cases.0.age`; of arguments both are the same."""
    parts = [str(one) for one in loc]
    head = parts[:1] if request and parts and parts[0] in ("body", "query", "path", "header") else []
    rest = parts[len(head) :]
    if head == ["body"] and rest and rest[0] in _FORMS:
        rest = rest[1:]
    while rest and _TYPES.match(rest[-1]):
        rest = rest[:-1]
    if head == ["body"] and len(rest) == 1 and rest[0].isdigit():  # a place within JSON that is none
        return ".".join([*head, *rest]), ""
    return ".".join([*head, *rest]), ".".join(rest)


def _sentence(one: Any, field: str) -> str:
    kind, message, about = one["type"], str(one["msg"]), one.get("ctx") or {}
    match kind:
        case "missing":
            return f"{field} is needed"
        case "extra_forbidden" | "unexpected_keyword_argument":
            return f"there is no field {field} here"
        case "json_invalid":
            at = next((part for part in reversed(one["loc"]) if isinstance(part, int)), None)
            return "the body is not JSON" + (f" (at character {at})" if at is not None else "")
        case "union_tag_not_found":
            return f"`{str(about.get('discriminator', '')).strip(chr(39))}` is needed"
        case "union_tag_invalid":
            wanted = " or ".join(str(about.get("expected_tags", "")).rsplit(", ", 1))
            return f"`{str(about.get('discriminator', '')).strip(chr(39))}` should be {wanted}, not {str(about.get('tag'))[:40]!r}"
        case "string_pattern_mismatch":
            return f"{field} {_form(str(about.get('pattern')))}"
        case "value_error":
            return (
                f"{field}: {message.removeprefix('Value error, ')}"
                if field != "the body"
                else message.removeprefix("Value error, ")
            )
    said = re.sub(r"^(Input|String|List|Dictionary|Value|Number) ", "", message).replace(
        " after validation", ""
    )
    return f"{field} {said[:1].lower()}{said[1:]}"


def _form(pattern: str) -> str:
    """What a pattern asks for, in words."""
    if pattern.startswith(r"^\d{4}"):
        return "should be a date: YYYY-MM-DD, YYYY-MM or YYYY"
    if listed := re.fullmatch(r"\^\(?([\w|-]+)\)?\$", pattern):
        return f"should be {listed[1].replace('|', ' or ')}"
    return "should be a short name of letters, digits and signs such as . and -"
