"""i-MedRAG: follow-up queries over several rounds, each answered by plain RAG; what they gave comes back, then the answer.

Source: Xiong et al. 2024 (arXiv 2408.00727), checked against the released code (the MedRAG toolkit's follow-up mode). Stages: (1) `rounds`
times the model, with the question, its options and all queries and answers so far in view, writes an analysis and `queries` new queries;
a second call reads them off as a list; each is answered at once by RAG (`k` passages, constant `rrf_k`, the query alone, in free text);
(2) with all of them in view it writes its analysis and answer, and a last call reads the answer off. Defaults: 4 rounds of 3 queries,
k = 32, constant 100, greedy. Calls per case: rounds × (2 + queries) + 2, that is 22, and up to 2 × `spare` more where queries could
not be read; with `split=false` one call writes analysis and list in the form asked for: rounds × (1 + queries) + 1, that is 17.
Deviations: queries of one round are answered at once; a query that was asked before is not asked again; a round whose queries could
not be read is tried again, up to 3 times in all (there the round is lost), with the failed attempts in the trace; the last call
knows the case's own options, where the code asks for A, B, C or D. A passage cited by an answer stands as evidence in the trace;
the model itself sees the answers, not the passages.
Failure modes: queries repeat; an answer to a query may be made up, above all where nothing was found, and nobody checks it; gains level
off after three or four rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.knowledge.retrieval.medrag import RRF_K
from osler.methods import evidence, rag, task
from osler.methods import queries as asking
from osler.methods.zero_shot import extracted
from osler.registry import method
from osler.trace import Answer, Evidence

FOLLOW_UP = (
    "{case}\n\n{known}\n\nDo not answer yet. First analyse what is known and what is missing. Then write {queries} queries for a search of "
    "medical literature, each a question that can be answered on its own, without the patient at hand, and each about something "
    "that is still missing."
)
PARSE = "{case}\n\nThis was written about it:\n\n{text}\n\nGive the queries that it asks for, as they stand: none merged, none split."
SEARCH = (
    "{case}\n\nA search found these passages. Some may be off the point or wrong.\n\n{passages}\n\nAnswer in a few sentences and cite the "
    "passages that you rest on by their numbers in square brackets. Say so where the passages do not answer it."
)
CONCLUDE = (
    "{case}\n\n{known}\n\nAnalyse the question step by step in the light of these answers, some of which may be wrong, then commit to your "
    "answer."
)
STATE = "{case}\n\nThis was written about it:\n\n{text}\n\nState the answer that it reaches."
NOTHING = "No queries have been answered yet."


@dataclass
class Told:
    """A query, what RAG answered, and the passages that the answer cites."""

    query: str
    answer: str
    evidence: list[Evidence]


@method(
    "i-medrag",
    source="Xiong et al. 2024 (i-MedRAG)",
    needs=("model", "corpus"),
    fidelity="code",
    questions=("multi-hop",),
    cost="rounds × (2 + queries) + 2: 22 calls",
    calls=lambda rounds, queries, spare, split: Calls(
        min((1 + split) * rounds + 1, (1 + split) * (spare + 1)) + 1 + split,
        rounds * (1 + split + queries) + (1 + split) * (spare + 1),
    ),
)
async def i_medrag(
    case: Case,
    ctx: Context,
    rounds: Annotated[int, Field(ge=1, le=10)] = 4,
    queries: Annotated[int, Field(ge=1, le=10)] = 3,
    k: Annotated[int, Field(ge=1, le=500)] = rag.K,
    rrf_k: Annotated[float, Field(ge=0)] = RRF_K,
    spare: Annotated[int, Field(ge=0, le=10)] = 3,
    split: bool = True,
    characters: Annotated[int, Field(ge=100)] = evidence.MOST,
) -> Answer:
    """Ask follow-up queries in rounds, answer each by RAG, and decide with the answers in view."""
    calm, told = ctx.greedy(), list[Told]()
    done, lost = 0, 0
    while done < rounds and lost <= spare:
        wanted = await _follow_up(case, calm, told, queries, split, done + 1)
        if not wanted:
            lost += 1
            continue
        done += 1
        known = {task.folded(one.query) for one in told}
        new = [query for query in asking.distinct(wanted) if task.folded(query) not in known]
        with ctx.step("recall", f"round {done}") as step:
            step.note("".join(f"{query}\n" for query in new), queries=new, written=len(wanted))
        told += await ctx.gather(_answered(calm.child(), query, k, rrf_k, characters, done) for query in new)
    answer = await _conclude(case, calm, told, split)
    with ctx.step("conclude", "evidence") as step:
        found = [item for one in told for item in one.evidence]
        step.note(f"{len(told)} queries answered in {done} rounds\n", found, rounds=done, lost=lost)
    return answer


async def _follow_up(
    case: Case, calm: Context, told: list[Told], queries: int, split: bool, number: int
) -> list[str]:
    """The queries that a round asks for; none where they could not be read."""
    many: dict[str, Any] = {
        "type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": queries,
        "description": "the queries, each able to stand on its own",
    }  # fmt: skip
    prompt = calm.prompt("i-medrag.follow-up", FOLLOW_UP).format(
        case=task.present(case), known=_shown(told), queries=queries
    )
    label = f"follow-up {number}"
    if split:
        written = await calm.ask(prompt, system=task.SYSTEM, label=label)
        prompt = calm.prompt("i-medrag.parse", PARSE).format(
            case=task.present(case), text=task.fence("text", written.text)
        )
        label = f"queries {number}"
    fields = {"queries": many} if split else {"analysis": {"type": "string"}, "queries": many}
    form = task.form(**fields)
    asked = await calm.ask(prompt, schema=form, system=task.SYSTEM, label=label)
    return [query for query in asked.value["queries"] if query.strip()] if asked.readable else []


async def _answered(ctx: Context, query: str, k: int, rrf_k: float, characters: int, number: int) -> Told:
    """A query answered by RAG: its own words are the search, and no option is in view."""
    found = await rag.search(ctx, query, k, rrf_k, label="query")
    shown = evidence.keep_within(found, characters)
    alone = Case(id="query", question=query, answer_kind="text")
    prompt = ctx.prompt("i-medrag.search", SEARCH).format(
        case=task.present(alone), passages=evidence.show(shown)
    )
    asked = await ctx.ask(prompt, system=evidence.SYSTEM, label=f"answer {number}")
    return Told(query, asked.text.strip(), evidence.resolve(evidence.numbers_of(asked), shown))


async def _conclude(case: Case, calm: Context, told: list[Told], split: bool) -> Answer:
    prompt = calm.prompt("i-medrag.conclude", CONCLUDE).format(case=task.present(case), known=_shown(told))
    if not split:
        form = task.schema(case)
        asked = await calm.ask(prompt, schema=form, system=task.SYSTEM, kind="conclude", label="conclude")
        return task.read(case, asked)
    thought = await calm.ask(prompt, system=task.SYSTEM, kind="conclude", label="conclude")
    return await extracted(case, calm, calm.prompt("i-medrag.state", STATE), thought.text)


def _shown(told: list[Told]) -> str:
    """The queries so far with their answers; all of it was written by a model about data, so all of it is fenced."""
    blocks = [
        task.fence(f"query {number}", f"Query: {one.query}\nAnswer: {one.answer}")
        for number, one in enumerate(told, 1)
    ]
    return "\n\n".join(blocks) or NOTHING
