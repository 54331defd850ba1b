"""Zero-shot: one call, the answer alone. And zero-shot chain of thought: one call that reasons, then commits.

Source: Kojima et al. 2022 (arXiv 2205.11916) for the chain of thought, in the one-call form with a structured reply
that the medagents-benchmark and MedRAG baselines use. Stages: one question; the answer field comes after the reasoning.
Calls per case: 1 (2 when the reply must be repaired). Deviations: the paper's second call, which extracts the answer, is
replaced by the structured reply; where that fails, the reading order of Osler applies, never a guess.
Failure modes: option-order bias; not always better than answering directly.
"""

from __future__ import annotations

from osler.case import Case
from osler.context import Context
from osler.methods import task
from osler.registry import method
from osler.trace import Answer

DIRECT = "{case}\n\nAnswer directly, without an explanation."
REASONED = (
    "{case}\n\nWork through this step by step: what the key facts are, what they point to, what speaks against the "
    "alternatives. Then commit to your answer."
)


@method(
    "zero-shot", source="Brown et al. 2020 (no examples)", needs=("model",), fidelity="paper", cost="1 call"
)
async def zero_shot(case: Case, ctx: Context) -> Answer:
    """One call for the answer alone, no examples, no reasoning asked for."""
    prompt = ctx.prompt("zero-shot", DIRECT).format(case=task.present(case))
    schema = task.schema(case)
    del schema["properties"]["reasoning"]
    schema["required"] = ["answer"]
    return task.read(case, await ctx.ask(prompt, schema=schema, system=task.SYSTEM, kind="conclude"))


@method("zero-shot-cot", source="Kojima et al. 2022", needs=("model",), fidelity="code", cost="1 call")
async def chain_of_thought(case: Case, ctx: Context) -> Answer:
    """One call that reasons step by step and then commits to an answer."""
    prompt = ctx.prompt("zero-shot-cot", REASONED).format(case=task.present(case))
    asked = await ctx.ask(prompt, schema=task.schema(case), system=task.SYSTEM, kind="conclude")
    return task.read(case, asked)
