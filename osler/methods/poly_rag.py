"""PolyRAG: passages are weighed on six views (new, official, agreed upon, relevant, useful, additional) before the answer.

Source: Gan et al. 2025 (PolyRAG, arXiv 2504.14917), from its abstract only. Stages: (1) the search gives `candidates`; (2) at
once, a model says how much the answer hangs on being up to date, and of each candidate, apart, what it claims, how relevant and
how useful it is; (3) each view is a score from 0 to 1; their weighted mean orders the candidates, picked one by one, and the
best `top` are kept; (4) the answer, with the views of each passage in view, so that a conflict is settled towards what is newer
and more official, and cited. The views: timeliness (date against the newest candidate, times the question's need of it),
authoritativeness (tier of the source, a table) and commonality (share of the others that claim the same) are the paper's;
relevance, utility and composition (how little those picked before it say the same) are Osler's reading of what it names
besides. Defaults: 10 candidates, 5 kept, all views on, weight 1 each, greedy. `weights=timeliness:2;utility:0` changes weights,
`timeliness=false` (and so on) leaves a view out. Calls per case: 12; fewer where views are off. Deviations: the paper mixes its
views by learned rewards, and its judges are trained; here weights are given and the judge is the model of the run, with the
name `judge` so that a small one can take the part. A model that cannot be read gives the middle, 0.5, and no claim. Failure
modes: tiers of authority encode a bias; agreement punishes a right minority, such as the newest finding; a missing date counts
as neither old nor new, and so does one more than a year ahead; a source may call itself what it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.errors import UsageError
from osler.methods import evidence, poly_views, queries, task
from osler.passages import Passage
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer

NEED = (
    "{case}\n\nDo not answer. How much does a right answer hang on the latest information (rules, guidance, prices, "
    "epidemics), from 0 (timeless) to 1 (only the latest counts)?"
)
JUDGE = (
    "{case}\n\nDo not answer from your own knowledge. Judge this passage alone.\n\n{passage}\n\nSay in at most ten words "
    "what it claims in answer to the question (empty where it claims nothing), how relevant it is to what is asked, and "
    "how useful for answering, from 0 to 1."
)
ANSWER = (
    "{case}\n\nA search found these passages.\n\n{passages}\n\nThey were judged so, from 0 to 1:\n{views}\n\nAnswer from "
    "them. Where they contradict each other, follow what is newer and more authoritative, and cite the passages you rest "
    "on."
)
VIEWS: tuple[str, ...] = (
    "timeliness",
    "authoritativeness",
    "commonality",
    "relevance",
    "utility",
    "composition",
)
MIDDLE = 0.5
_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}


@dataclass
class Seen:
    """A candidate with its views, those that are on, and why."""

    passage: Passage
    views: dict[str, float]
    claim: str
    tier: str
    total: float = 0.0


def count_calls(
    candidates: int, timeliness: bool, commonality: bool, relevance: bool, utility: bool
) -> Calls:
    """The answer; the question's need of news; a judgement of each candidate where a view hangs on it."""
    judged = commonality or relevance or utility
    return Calls(1 + timeliness, 1 + timeliness + (candidates if judged else 0))


@method(
    "poly-rag",
    source="Gan et al. 2025 (PolyRAG)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="2 to 12 calls",
    calls=count_calls,
    roles=("judge",),
)
async def poly_rag(
    case: Case,
    ctx: Context,
    candidates: Annotated[int, Field(ge=1, le=50)] = 10,
    top: Annotated[int, Field(ge=1, le=50)] = 5,
    weights: str = "",
    timeliness: bool = True,
    authoritativeness: bool = True,
    commonality: bool = True,
    relevance: bool = True,
    utility: bool = True,
    composition: bool = True,
) -> Answer:
    """Weigh what was found on how new, official, agreed upon, relevant, useful and additional it is, then answer."""
    flags = (timeliness, authoritativeness, commonality, relevance, utility, composition)
    on = {
        name: weight
        for (name, weight), kept in zip(read_weights(weights).items(), flags, strict=True)
        if kept
    }
    found = await ctx.retrieve(queries.of(case), candidates)
    judge = ctx.role("judge").greedy()
    asked = found if {"commonality", "relevance", "utility"} & set(on) else []
    given: list[Any] = await ctx.gather(
        [_need(case, judge) if "timeliness" in on else _known(MIDDLE),
         *(_judge(case, judge.child(), passage) for passage in asked)]
    )  # fmt: skip
    need, judged = given[0], given[1:]
    seen = weigh(found, judged, need, on)
    chosen = pick(seen, on, top)
    with ctx.step("verify", "views") as step:
        rows = [_row(one, one in chosen) for one in sorted(seen, key=lambda one: -one.total)]
        step.note(
            "".join(f"{row['document']}: {row['total']:.2f}\n" for row in rows),
            need=need,
            weights=on,
            passages=rows,
        )
    passages = evidence.keep_within([one.passage for one in chosen])
    prompt = ctx.prompt("poly-rag", ANSWER).format(
        case=task.present(case), passages=evidence.show(passages), views=_tags(chosen[: len(passages)])
    )
    form = evidence.with_citations(task.schema(case))
    replied = await ctx.greedy().ask(
        prompt, schema=form, system=evidence.SYSTEM, kind="conclude", label="answer"
    )
    return evidence.answered(case, ctx, replied, passages)


def read_weights(text: str) -> dict[str, float]:
    """The weight of each view, 1 where the text does not say. Raises UsageError for another view or no number."""
    weights = dict.fromkeys(VIEWS, 1.0)
    for part in filter(None, (part.strip() for part in text.replace(";", ",").split(","))):
        name, _, value = (piece.strip() for piece in part.replace("=", ":").partition(":"))
        try:
            weight = float(value)
        except ValueError:
            weight = -1.0
        if name not in weights or not 0 <= weight < float("inf"):
            raise UsageError(
                f"weights of poly-rag: {part!r} is no view:weight; the views are {', '.join(VIEWS)}"
            )
        weights[name] = weight
    return weights


async def _known(value: float) -> float:
    return value


async def _need(case: Case, ctx: Context) -> float:
    """How much the question hangs on the latest information; the middle where the reply cannot be read."""
    form = task.form(reasoning={"type": "string"}, need=_SHARE)
    prompt = ctx.prompt("poly-rag.need", NEED).format(case=task.present(case, with_options=False))
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="verify", label="need of news")
    return float(asked.value.get("need", MIDDLE))


async def _judge(case: Case, ctx: Context, passage: Passage) -> Asked:
    """What a passage claims, how relevant and how useful it is; it is judged alone, so that it cannot speak of the others."""
    form = task.form(reasoning={"type": "string"}, claim={"type": "string"}, relevance=_SHARE, utility=_SHARE)
    prompt = ctx.prompt("poly-rag.judge", JUDGE).format(
        case=task.present(case, with_options=False), passage=evidence.show([passage])
    )
    return await ctx.ask(prompt, schema=form, system=evidence.SYSTEM, kind="verify", label="judge")


def weigh(
    found: Sequence[Passage], judged: Sequence[Asked], need: float, on: Mapping[str, float]
) -> list[Seen]:
    """Each candidate with the views that hang on no order. `need` scales timeliness towards the middle, where it settles nothing."""
    values: list[dict[str, Any]] = [one.value for one in judged] or [{} for _ in found]
    claims = [task.line(value.get("claim", "")) for value in values]
    news, agreed = poly_views.timeliness(found), poly_views.commonality(claims)
    seen = []
    for passage, value, claim, new, common in zip(found, values, claims, news, agreed, strict=True):
        tier, name = poly_views.authority(passage)
        scores = {
            "timeliness": MIDDLE + need * (new - MIDDLE),
            "authoritativeness": tier,
            "commonality": common,
            "relevance": float(value.get("relevance", MIDDLE)),
            "utility": float(value.get("utility", MIDDLE)),
        }
        seen.append(Seen(passage, {view: score for view, score in scores.items() if view in on}, claim, name))
    return seen


def pick(seen: Sequence[Seen], on: Mapping[str, float], top: int) -> list[Seen]:
    """The best `top` by the weighted mean of their views, picked one by one, since composition hangs on what was picked.

    Those that are not picked keep the total that they had at the last pick.
    """
    left, chosen = list(seen), []
    while left and len(chosen) < top:
        for one in left:
            if "composition" in on:
                one.views["composition"] = poly_views.composition(one.passage, [c.passage for c in chosen])
            one.total = _mean(one.views, on)
        best = max(left, key=lambda one: one.total)
        left.remove(best)
        chosen.append(best)
    return chosen


def _mean(views: Mapping[str, float], on: Mapping[str, float]) -> float:
    whole = sum(on.values())
    return sum(on[name] * score for name, score in views.items()) / whole if whole else 0.0


def _row(one: Seen, kept: bool) -> dict[str, Any]:
    """A candidate in the trace: every view's score, the total, and whether it was kept."""
    views = {name: round(score, 4) for name, score in one.views.items()}
    about = {
        "document": one.passage.document,
        "start": one.passage.start,
        "claim": one.claim,
        "source": one.tier,
    }
    return {**about, "views": views, "total": round(one.total, 4), "kept": kept}


def _tags(chosen: Sequence[Seen]) -> str:
    """The views of each passage for the answer: names and numbers only, no word of a source."""
    rows = [
        f"[{number}] {one.tier}; " + ", ".join(f"{name} {score:.2f}" for name, score in one.views.items())
        for number, one in enumerate(chosen, 1)
    ]
    return "\n".join(rows) or "none"
