"""MedReason: the paths of a graph between a question and each of its possible answers, and reasoning along the best of them.

Source: Wu et al. 2025 (MedReason, arXiv 2504.00993), checked against the released code, which makes training data: it knows
the answer and looks for paths to it alone; here nothing knows it. Stages: (1) one call names the entities of the question,
and those of each option (or, without options, up to four possible answers); (2) each is linked to the graph; (3) all
shortest paths, up to four edges, between every entity of the question and every one of every option, at most 50 a pair,
those through hubs last (degree to the power -0.4); (4) where an option has more than `keep`, one call keeps those that bear
most on it, at most so many for each option, chosen for all options side by side; (5) one call reasons step by step, along
the paths where they help, and answers. Defaults: three paths an option, up to six entities of the question and two of an
option; greedy. Calls per case: 2 or 3.
Options are part of what is looked up (the paper's idea is a path to the answer), so every option is treated alike, and
results show that options entered the retrieval.
Deviations: paths to every option instead of to the right one; entities are linked by name or synonym, not by embeddings with
a model choosing among the ten nearest; one call chooses among the paths, where the code has one for each group of 50, and a
reply that cannot be read leaves the best by score; a question without any path is answered all the same, and says so, where
the code drops it; the code's filter by whether the answer can be had from the reasoning alone needs the right answer, and is
left to the making of training data. Without path filtering the code checks the length of a variable that is not set yet; no
such check here.
Failure modes: a path through a hub says little, and there is nearly always one; a path to an option shows that it has to do
with the question, not that it is right; an option that the graph lacks looks unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.methods import edges, task
from osler.registry import method
from osler.trace import Answer, Evidence

ENTITIES = (
    "{case}\n\nDo not answer yet. Name the medical entities that decide this question (diseases, findings, drugs, genes, tests, body parts), as a medical terminology "
    "calls them. {then}"
)
OF_OPTIONS = "Then name, for each option alike, the entities that it stands for."
POSSIBLE = "Then name up to four possible answers, each as one entity, without settling on one."
SELECT = (
    "{case}\n\nDo not answer yet. These paths of a graph join the question to each possible answer.\n\n{paths}\n\nFor each answer alike keep at most {keep}: those that "
    "tell most about whether it is right, also where they speak against it. Give their numbers."
)
ANSWER = (
    "{case}\n\nThese paths of a graph join the question to each possible answer.\n\n{paths}\n\nA path shows a connection, not that an answer is right, and a graph is never whole. "
    "Reason step by step, along the paths where they help and without them where they do not; compare the possible answers; name "
    "the numbers of the paths that you rely on; then answer."
)
_TEXT: dict[str, Any] = {"type": "string"}
_LONGEST, _CAP, _POSSIBLE = 4, 50, 4


def _names(most: int) -> dict[str, Any]:
    return {"type": "array", "items": _TEXT, "maxItems": most}


@method(
    "medreason",
    source="Wu et al. 2025 (MedReason)",
    needs=("model", "graph"),
    fidelity="code",
    graph=("guide",),
    questions=("multi-hop", "explainable"),
    cost="2 or 3 calls",
    calls=lambda: Calls(2, 3),
    options_in_query=True,
)
async def medreason(
    case: Case,
    ctx: Context,
    keep: Annotated[int, Field(ge=1, le=20)] = 3,
    entities: Annotated[int, Field(ge=1, le=12)] = 6,
    of_option: Annotated[int, Field(ge=1, le=4)] = 2,
) -> Answer:
    """Find a graph's paths from the question to every possible answer, then reason along the best."""
    calm = ctx.greedy()
    asked_for, possible = await _entities(calm, case, entities, of_option)
    starts = await _linked(ctx, asked_for)
    found = {name: await _paths(ctx, starts, await _linked(ctx, words)) for name, words in possible.items()}
    if any(len(paths) > keep for paths in found.values()):
        found = await _selected(calm, case, found, keep)
    shown, facts = _shown(found)
    prompt = ctx.prompt("medreason.answer", ANSWER).format(case=task.present(case), paths=shown)
    return await edges.answer(case, ctx, prompt, facts, "no path joins the question to a possible answer")


async def _entities(
    ctx: Context, case: Case, most: int, of_option: int
) -> tuple[list[str], dict[str, list[str]]]:
    """Names of the question's entities, and those of each possible answer by its key or name.

    Where the reply cannot be read: what the texts of question and options name themselves.
    """
    keys = {option.key: option.text for option in case.options}
    fields: dict[str, Any] = {"reasoning": _TEXT, "question": {**_names(most), "minItems": 1}}
    if keys:
        fields["options"] = task.form(**{key: _names(of_option) for key in keys})
    else:
        fields["possible"] = {**_names(_POSSIBLE), "minItems": 1}
    prompt = ctx.prompt("medreason.entities", ENTITIES).format(
        case=task.present(case, with_options=bool(keys)), then=OF_OPTIONS if keys else POSSIBLE
    )
    asked = await ctx.ask(
        prompt, schema=task.form(**fields), system=task.SYSTEM, kind="recall", label="entities"
    )
    if not asked.readable:
        own = f"{case.question or ''}\n{case.text or task.described(case)}".strip()
        return [own], {key: [text] for key, text in keys.items()}
    said = asked.value
    lines = [task.line(name) for name in said["question"]]
    if keys:
        return lines, {key: [*map(task.line, said["options"][key])] or [text] for key, text in keys.items()}
    return lines, {name: [name] for name in dict.fromkeys(map(task.line, said["possible"])) if name}


async def _linked(ctx: Context, names: Sequence[str]) -> list[str]:
    """Ids of the nodes that these names mean, each once."""
    found = [one.id for name in names for one in await ctx.graph_link(name)]
    return list(dict.fromkeys(found))


async def _paths(ctx: Context, starts: Sequence[str], ends: Sequence[str]) -> list[Evidence]:
    """The best paths between any two of both, short ones first, then those that avoid hubs; at most 50."""
    pairs = [(a, b) for a, b in product(starts, ends) if a != b]
    found = [path for a, b in pairs for path in await ctx.graph(a, b, longest=_LONGEST, cap=_CAP)]
    ordered = sorted(edges.distinct(found), key=lambda path: (len(edges.nodes(path)), -(path.score or 0.0)))
    return ordered[:_CAP]


async def _selected(
    ctx: Context, case: Case, found: Mapping[str, Sequence[Evidence]], keep: int
) -> dict[str, Sequence[Evidence]]:
    """At most `keep` paths for each possible answer: those that the model names, filled up by score."""
    shown, facts = _shown(found)
    form = task.form(reasoning=_TEXT, keep={"type": "array", "items": {"type": "integer"}})
    prompt = ctx.prompt("medreason.select", SELECT).format(case=task.present(case), paths=shown, keep=keep)
    asked = await ctx.ask(prompt, schema=form, system=edges.SYSTEM, kind="verify", label="select")
    numbers = asked.value["keep"] if asked.readable else []
    named = {edges.place(fact) for fact in edges.resolve(numbers, facts)}
    kept = {}
    for name, paths in found.items():
        chosen = [path for path in paths if edges.place(path) in named]
        kept[name] = (chosen or list(paths))[:keep]
    return kept


def _shown(found: Mapping[str, Sequence[Evidence]]) -> tuple[str, list[Evidence]]:
    """Paths by possible answer, each in a fence of its own, numbered throughout."""
    blocks, facts = [], []
    for name, paths in found.items():
        label = f"paths to {name}"
        blocks.append(edges.show(paths, label, len(facts) + 1) if paths else task.fence(label, "none found"))
        facts += paths
    return "\n\n".join(blocks) or edges.NONE, facts
