"""A run of answers from passages, stage by stage: relevance, selection, factuality, completeness and citations, against marks.

The traces say what was found, what the model that answered was shown, and what was cited. Marks are JSON lines: `id` (the item's key)
or `question`; `relevant` and `evidence` (document ids, or {document, start, end}); `must_have` (statements); `statements` (text to
supported, contradicted or neither); `tags` (document id to a list). A citation resolves where its document opens at its words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from osler.benchmarks.files import Files, Row, list_of
from osler.benchmarks.items import Item
from osler.case import Case
from osler.context import Context
from osler.errors import InputError, UsageError
from osler.evaluation.plan import Plan
from osler.evaluation.rescore import items_of, matched
from osler.evaluation.store import canonical_traces, decode_line, read_manifest, read_records
from osler.llm.language import LanguageModels
from osler.llm.model import Model
from osler.methods import task
from osler.scoring.evidence_use import (
    VERDICTS,
    Judge,
    Marks,
    Used,
    Verdict,
    contained,
    score_stages,
    summarise_stages,
)
from osler.services import Services
from osler.trace import Recorder

NEEDS = "JSON lines with id or question, and relevant, evidence, must_have, statements or tags"
JUDGE = (
    "Decide about the statement from the text alone, not from what you know.\n\n{text}\n\n{statement}\n\nIs the statement supported by the "
    "text, contradicted by it, or neither?"
)
FORM = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string", "description": "the words of the text that decide it, if any"},
        "verdict": {"type": "string", "enum": list(VERDICTS)},
    },
    "required": ["reasoning", "verdict"],
    "additionalProperties": False,
}


def stages(folder: Path, marks: Path, models: Mapping[str, Model] | None = None) -> dict[str, Any]:
    """The figures of each stage over the cases that are marked; entailment by the model `judge` (or `main`), else by words.

    Raises UsageError for a run without traces, or of which no case is marked; InputError for marks in another form.
    """
    manifest, records = read_manifest(folder), read_records(folder)
    if "models" not in manifest:
        raise UsageError(f"{folder} keeps no answers: only runs of methods over questions do")
    known = read_marks(marks)
    traces = {trace["item"]: trace["trace"] for trace in map(decode_line, _lines(folder)) if trace}
    if not traces:
        raise UsageError(f"{folder} keeps no traces, so what its answers were made from is not known")
    cases: list[tuple[Marks, Used]] = []
    groups, ids = [], []
    for record, item in matched(records, items_of(Plan.read(manifest["arguments"]), records)):
        own = known.get(item.key) or known.get(_folded(_asked(item.case)))
        if own is not None and record["item"] in traces:
            cases.append((own, used(traces[record["item"]], item)))
            groups.append(record["group"])
            ids.append(record["id"])
    if not cases:
        raise UsageError(
            f"no case of {folder} is marked in {marks}; ids are the cases' keys, questions are whole"
        )
    judge, told = _judge(models, cases)
    rows = [score_stages(own, one, judge) for own, one in cases]
    about = {name: manifest.get(name) for name in ("benchmark", "method")}
    listed = [{"id": key, **row} for key, row in zip(ids, rows, strict=True)]
    return {
        **about,
        "scorer": "evidence-use",
        "judge": told,
        **summarise_stages(rows, groups),
        "cases": listed,
        "run": str(folder),
    }


def used(trace: Mapping[str, Any], item: Item[Any]) -> Used:
    """What an answer was made from, as its trace says: the passages found, those shown to the model that answered, those cited.

    What was shown is what the steps that conclude say of it (`shown_places`); without that it is not known.
    """
    found: dict[tuple[str, int, int], None] = {}
    shown: dict[tuple[str, int, int], None] | None = None
    cited: dict[tuple[str, int, int], str] = {}
    numbers: dict[int, str] = {}
    unknown = unresolved = 0
    for step in trace.get("steps", ()):
        places = [(place, one) for one in step.get("evidence", ()) if (place := _place(one)) is not None]
        if step["kind"] == "retrieve":
            found |= dict.fromkeys(place for place, _ in places)
        elif step["kind"] == "conclude":
            data = step.get("data", {})
            unknown += len(data.get("unknown", ()))
            if data.get("shown_places") is not None:
                shown = (shown or {}) | {
                    (str(d), int(a), int(b)): None for _, d, a, b in data["shown_places"]
                }
            if "cited" in data:
                known = [number for number in data["cited"] if number not in data.get("unknown", ())]
                numbers = {n: str(one.get("quote") or "") for n, (_, one) in zip(known, places, strict=False)}
            for place, one in places:
                if place not in cited:
                    unresolved += not _opens(one, place)
                cited[place] = str(one.get("quote") or "")
    return Used(
        tuple(found),
        None if shown is None else tuple(shown),
        tuple(cited),
        tuple(cited.values()),
        _words(trace, item.case),
        numbers,
        unknown,
        unresolved,
    )


def read_marks(path: Path) -> dict[str, Marks]:
    """Marks by item key or folded question. Raises InputError that names the row."""
    found: dict[str, Marks] = {}
    with Files(path, NEEDS) as files:
        for where, row in files.rows(files.names[0]):
            key = str(row.get("id") or "") or _folded(str(row.get("question") or ""))
            if not key:
                raise InputError(f"{where}: is not {NEEDS}")
            found[key] = _marks(row, where)
    if not found:
        raise InputError(f"{path} holds no marks; it takes {NEEDS}")
    return found


def _marks(row: Row, where: str) -> Marks:
    statements = row.get("statements") or {}
    if not isinstance(statements, dict) or not all(one in VERDICTS for one in statements.values()):
        raise InputError(f"{where}: statements are texts with {', '.join(VERDICTS)}")
    tags = row.get("tags") or {}
    if not isinstance(tags, dict) or not all(isinstance(one, list) for one in tags.values()):
        raise InputError(f"{where}: tags are lists, by document")
    return Marks(
        frozenset(_named(_list(row, "relevant", where), where)),
        frozenset(_named(_list(row, "evidence", where), where)),
        tuple(map(str, _list(row, "must_have", where))),
        statements,
        {str(document): tuple(map(str, one)) for document, one in tags.items()},
    )


def _list(row: Row, name: str, where: str) -> list[Any]:
    """A field that holds a list where it is there."""
    return list_of(row, name, where) if row.get(name) is not None else []


def _named(given: Sequence[Any], where: str) -> Iterator[Hashable]:
    for one in given:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict) and {"document", "start", "end"} <= one.keys():
            yield (str(one["document"]), int(one["start"]), int(one["end"]))
        else:
            raise InputError(f"{where}: a passage is a document's id, or document, start and end")


def _judge(models: Mapping[str, Model] | None, cases: Sequence[tuple[Marks, Used]]) -> tuple[Judge, str]:
    """Who decides entailment, and what results call it. A model is asked everything that will be needed at once."""
    if not models:
        return contained, "words contained (no model)"
    model = models.get("judge") or models["main"]
    wanted: dict[tuple[str, str], None] = {}

    def note(statement: str, text: str) -> Verdict:
        wanted[statement, text] = None
        return "neither"

    for marks, one in cases:
        score_stages(marks, one, note)
    table = dict(zip(wanted, asyncio.run(_ask_all(model, list(wanted))), strict=True))
    return lambda statement, text: table[statement, text], model.name


async def _ask_all(model: Model, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
    """The model's verdicts in order; neither where a reply cannot be read, and for a text that is empty."""
    services = Services(language=LanguageModels({"main": model}))

    async def one(statement: str, text: str) -> Verdict:
        if not text.strip():
            return "neither"
        prompt = JUDGE.format(text=task.fence("text", text), statement=task.fence("statement", statement))
        ctx = Context(services, Recorder()).greedy()
        asked = await ctx.ask(prompt, schema=FORM, system=task.SYSTEM, kind="verify", label="judge")
        return asked.value["verdict"] if asked.readable else "neither"

    try:
        return list(await asyncio.gather(*(one(*pair) for pair in pairs)))
    finally:
        await model.close()


def _lines(folder: Path) -> Iterator[bytes]:
    return (line.rstrip(b"\n") for line in canonical_traces(folder))


def _place(one: Mapping[str, Any]) -> tuple[str, int, int] | None:
    at = one.get("locator") or {}
    return (str(one["record"]), at["start"], at["end"]) if at.get("at") == "span" else None


def _opens(one: Mapping[str, Any], place: tuple[str, int, int]) -> bool:
    """Whether the corpus has the document, and its words at that place."""
    from osler.knowledge.corpus import store

    if one.get("source") not in store.names():
        return False
    known = store.about(one["source"])
    reader = store.Reader(store.place(one["source"]) / known["data"])
    number = reader.find(place[0])
    return number is not None and reader.text(number)[place[1] : place[2]] == one.get("quote")


def _words(trace: Mapping[str, Any], case: Case) -> str:
    """What the answer says: its text or plan, or the words of the option it chose."""
    answer = orjson.loads(orjson.dumps(trace.get("answer") or {}))
    options = {option.key: option.text for option in case.options}
    chosen = [options[key] for key in [answer.get("choice"), *answer.get("choices", ())] if key in options]
    parts = [answer.get("text") or "", *answer.get("plan", ()), *chosen]
    return "\n".join(part for part in parts if part)


def _asked(case: Case) -> str:
    return case.question or case.text


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
