"""hhh: a chatbot's turn that asks a graph first, and a list of answered questions where the graph does not know; no language model.

Source: Bao et al. 2020 (HHH, ACSW 2020; arXiv 2002.03140), checked against the released code. Stages: (1) the question's
words are linked to entities of the graph; (2) what kind of question it is goes by its words (findings, treatment, cause,
tests, kind, side effects), as in the released classifier; (3) edges of those entities and of that kind are the answer, each
shown as the graph has it: those that join two of them, where there are any; a question that names two entities and no kind
gets the paths of one or two edges between them; (4) without such an edge, the nearest stored question of the corpus and its
answer, verbatim, or "not found" where even that one fits with less than `threshold`. Defaults: 20 names in an answer, as
released; threshold 0.5. Calls per case: none.
Deviations: where the kind is not clear, a stored question that fits comes before a description of the entity; the paper
finds the nearest question by HBAM, a network trained on pairs of questions; here by the corpus's own search (BM25), or with
`nearest=encoder` by the cosine of the run's encoder among the first 50; the paper always gives the nearest answer
(`threshold=0`). The released words are matched as whole words, not anywhere within one ("who" in "whooping"), and text about
lifestyle or duration is not in Osler's graph, so such questions go to the corpus.
Failure modes: similar words, another question; a graph that lacks common findings answers with the rare ones it has.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from osler.case import Case
from osler.context import Context, cited
from osler.errors import InputError
from osler.graphs import Linked, relation_words
from osler.methods import edges, task
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer, Evidence

DESCRIPTION = "kind"
# Words of a question, what it asks for, and the relations of the known layouts that answer it.
ASKED = (
    (
        r"side effects?|adverse|complications?|lead to|leads to",
        "what it causes",
        ("causes", "drug_effect", "leads_to"),
    ),
    (
        r"treat\w*|therap\w*|cure[sd]?|heal\w*|medic(?:ine|ation)s?|drugs?|remed\w+|prescri\w+|indicat\w+",
        "treatment",
        ("treats", "palliates", "indication", "may_treat"),
    ),
    (
        r"symptoms?|signs?|findings?|present\w*|manifest\w*|phenotypes?|features?|look like|feel\w*",
        "findings",
        ("has_phenotype", "has_symptom", "disease_phenotype_positive", "presents"),
    ),
    (
        r"causes?|caused|why|reasons?|genes?|genetic\w*|mutat\w+|inherit\w*",
        "cause",
        ("associated_with_gene", "disease_protein", "associates", "causes"),
    ),
    (
        r"tests?|tested|diagnos\w+|laborator\w+|measure\w*|blood",
        "tests",
        ("high_result_shows", "low_result_shows", "positive_result_shows", "normal_result_shows"),
    ),
    (
        r"what (?:is|are)|kinds?|types?|mean\w*|definition",
        DESCRIPTION,
        ("is_a", "disease_disease"),
    ),
)
_FIRST = 50
# A longer path between two entities joins nearly any two, and answers nothing.
_JOINED = 2


@method(
    "hhh",
    source="Bao et al. 2020 (HHH)",
    needs=("graph", "corpus"),
    fidelity="code",
    graph=("background",),
    questions=("conversational", "explainable"),
    answers=("text",),
    calls=lambda: 0,
)
async def hhh(
    case: Case,
    ctx: Context,
    most: Annotated[int, Field(ge=1, le=100)] = 20,
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5,
    nearest: Literal["corpus", "encoder"] = "corpus",
) -> Answer:
    """Answer from the graph with its edges shown, else with the nearest answered question; no model."""
    question = (case.question or case.text)[:2000].strip()
    if not question:
        raise InputError("there is no question to answer; give one")
    entities = {one.id: one for one in await ctx.graph_link(question)}
    kinds, found = await _edges(ctx, question, list(entities.values()), most)
    if found and kinds:
        return _from_graph(ctx, found, f"from the graph: {', '.join(kinds)}")
    stored = await _stored(ctx, question, threshold, nearest)
    if found and stored.abstained:
        return _from_graph(ctx, found, "from the graph, in general: what was asked of it is not clear")
    return stored


def _from_graph(ctx: Context, found: list[Evidence], note: str) -> Answer:
    with ctx.step("conclude", "graph") as step:
        step.note("".join(f"{fact.quote}\n" for fact in found), found)
    return Answer(kind="text", text=in_words(found), note=note)


def kinds_of(question: str) -> dict[str, tuple[str, ...]]:
    """What a question asks for, with the relations that answer it; nothing where its words do not say.

    What something is counts only where nothing else is asked, since most questions begin so.
    """
    found = {
        name: relations for words, name, relations in ASKED if re.search(rf"\b(?:{words})\b", question, re.I)
    }
    return found if len(found) == 1 else {name: found[name] for name in found if name != DESCRIPTION}


async def _edges(
    ctx: Context, question: str, entities: list[Linked], most: int
) -> tuple[list[str], list[Evidence]]:
    """What was asked for, and the edges that answer it: those between two named entities where there are any, else theirs.

    Without a kind: short paths between two entities, or what the only one is joined to.
    """
    kinds = kinds_of(question)
    held = sorted({one.name for one in ctx.graphs.relations()})
    wanted = [
        name for name in held if any(name.partition(":")[0] in relations for relations in kinds.values())
    ]
    with ctx.step("observe", "question") as step:
        step.note(
            f"{', '.join(kinds) or 'no kind'}; {', '.join(one.name for one in entities) or 'no entity'}\n"
        )
    if wanted:
        found = [
            fact for one in entities for fact in await ctx.graph_triples(one.id, relations=wanted, top=most)
        ]
        named = {one.id for one in entities}
        both = [fact for fact in found if set(edges.nodes(fact)) <= named]
        return list(kinds), edges.distinct(both or found)[:most]
    if len(entities) > 1 and not kinds:
        first, second = entities[0].id, entities[1].id
        return ["what joins them"], (await ctx.graph(first, second, longest=_JOINED))[:most]
    if len(entities) == 1 and not kinds:
        return [], await ctx.graph_triples(entities[0].id, top=most)
    return [], []


def in_words(found: list[Evidence]) -> str:
    """Edges as an answer: who stands in what relation to whom, then each edge as the graph has it."""
    grouped: dict[str, list[str]] = {}
    for fact in found:
        head, tail = (task.line(name) for name in edges.ends(fact))
        if head:
            grouped.setdefault(f"{head} {relation_words(edges.place(fact)[1][0])}", []).append(tail)
    said = [f"{start} {'; '.join(ends)}." for start, ends in grouped.items()]
    shown = [f"- {edges.said(fact)}" for fact in found]
    return "\n".join([*said, *([""] if said else []), "From the graph:", *shown])


async def _stored(ctx: Context, question: str, threshold: float, nearest: str) -> Answer:
    """The answer of the nearest stored question, verbatim, or an abstention."""
    found = await ctx.retrieve(question, _FIRST if nearest == "encoder" else 1, label="questions")
    if nearest == "encoder" and found:
        found = await _by_meaning(ctx, question, found)
    with ctx.step("verify", "fit") as step:
        sure = ctx.retriever.fit(question, found[0]).probability if found else 0.0
        step.note(f"{found[0].document}: {sure:.2f}\n" if found else "nothing found\n")
    if not found or sure < threshold:
        with ctx.step("conclude") as step:
            step.note("not found\n")
        note = f"neither the graph nor {ctx.retriever.name} answers this"
        return Answer(kind="text", abstained=True, confidence=sure, note=note)
    best = found[0]
    with ctx.step("conclude", "stored question") as step:
        step.note(f"{best.document}\n", [cited(best, supports=True)])
    about = best.title or best.document
    return Answer(kind="text", text=best.text, confidence=sure, note=f"the nearest stored question: {about}")


async def _by_meaning(ctx: Context, question: str, found: list[Passage]) -> list[Passage]:
    """Passages by the cosine of their stored question (or text, where they have no title) to this one."""
    [asked] = await ctx.embed([question], "query")
    near = ((await ctx.embed([one.title or one.text for one in found], "query")) @ asked).tolist()
    order = sorted(range(len(found)), key=lambda at: (-near[at], at))
    return [found[at]._replace(score=near[at]) for at in order]
