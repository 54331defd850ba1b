"""`vllm:PATH`: vLLM's offline engine in this process, where it is installed. Thin: batching, templates and ids are vLLM's.

Follows vllm.LLM.chat and SamplingParams (structured_outputs since 0.11, guided_decoding before).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osler.data import offline
from osler.llm.batching import Batcher
from osler.llm.extras import extra
from osler.llm.provider import OnDelta
from osler.llm.types import Capabilities, Likelihood, Reply, Request, TokenLogprob, Usage
from osler.llm.wire import body_of, split_thinking


class Vllm:
    """A model in vLLM's engine; calls that come together go in together, each with its own sampling."""

    def __init__(self, path: str, batch: int = 256) -> None:
        self.name = path
        self.local = True
        self.capabilities = Capabilities(True, True, True, True, None, True, False, None, True)
        self._engine: Any = None
        self._batcher = Batcher(self._generate, batch)

    @property
    def identity(self) -> str:
        """The path of the weights."""
        return f"vllm:{Path(self.name).resolve() if Path(self.name).is_dir() else self.name}"

    async def complete(
        self,
        request: Request,
        *,
        draw: int | None = None,
        timeout: float | None = None,
        on_delta: OnDelta | None = None,
    ) -> Reply:
        """One reply. Raises UsageError where vLLM is not installed."""
        reply: Reply = await self._batcher.run((request, draw), timeout=timeout)
        if on_delta is not None and reply.reasoning:
            on_delta(reply.reasoning, "reasoning")
        if on_delta is not None and reply.text:
            on_delta(reply.text, "text")
        return reply

    async def loglikelihood(self, prompt: str, continuations: Sequence[str]) -> list[Likelihood]:
        """Log-likelihoods of continuations, from vLLM's prompt log-probabilities."""
        return await self._batcher.run((prompt, tuple(continuations)), "likelihood")

    async def close(self) -> None:
        """Let go of the engine."""
        self._engine = None

    def _load(self) -> Any:
        vllm = extra("vllm", "vllm")
        if self._engine is None:
            if not Path(self.name).is_dir():
                offline.check("https://huggingface.co")
            self._engine = vllm.LLM(model=self.name)
        return vllm

    def _generate(self, jobs: list[Any]) -> list[Any]:
        vllm = self._load()
        if not isinstance(jobs[0][0], Request):
            return [self._score(vllm, prompt, texts) for prompt, texts in jobs]
        conversations = [body_of(request)["messages"] for request, _ in jobs]
        params = [_params(vllm, request, draw) for request, draw in jobs]
        out = self._engine.chat(conversations, params, use_tqdm=False)
        return [_reply(result, request, self.name) for result, (request, _) in zip(out, jobs, strict=True)]

    def _score(self, vllm: Any, prompt: str, texts: Sequence[str]) -> list[Likelihood]:
        context = prompt.rstrip()
        params = vllm.SamplingParams(max_tokens=1, prompt_logprobs=1, temperature=0.0)
        split = len(self._engine.get_tokenizer().encode(context))
        out = self._engine.generate(
            [context + prompt[len(context) :] + t for t in texts], params, use_tqdm=False
        )
        found = []
        for text, result in zip(texts, out, strict=True):
            ids = result.prompt_token_ids[split:]
            rows = result.prompt_logprobs[split:]
            own = [row[token] for row, token in zip(rows, ids, strict=True)]
            greedy = all(entry.rank == 1 for entry in own)
            found.append(Likelihood(sum(entry.logprob for entry in own), len(ids), len(text), greedy))
        return found


def _params(vllm: Any, request: Request, draw: int | None) -> Any:
    s = request.sampling
    given: dict[str, Any] = {"seed": draw, "max_tokens": s.max_tokens or 1024, "logprobs": s.logprobs}
    if s.temperature is not None:
        given["temperature"] = s.temperature
    if s.top_p is not None:
        given["top_p"] = s.top_p
    if s.stop:
        given["stop"] = list(s.stop)
    if request.schema is not None:
        sampling = extra("vllm.sampling_params", "vllm")
        if hasattr(sampling, "StructuredOutputsParams"):
            given["structured_outputs"] = sampling.StructuredOutputsParams(json=request.schema)
        else:
            given["guided_decoding"] = sampling.GuidedDecodingParams(json=request.schema)
    return vllm.SamplingParams(**given)


def _reply(result: Any, request: Request, name: str) -> Reply:
    best = result.outputs[0]
    reasoning, text = split_thinking(best.text)
    logprobs = None
    if request.sampling.logprobs is not None and best.logprobs:
        logprobs = [
            TokenLogprob(
                row[token].decoded_token or "",
                row[token].logprob,
                sorted(((e.decoded_token or "", e.logprob) for e in row.values()), key=lambda pair: -pair[1]),
            )
            for token, row in zip(best.token_ids, best.logprobs, strict=True)
        ]
    asked = request.sampling.token_ids
    return Reply(
        text=text,
        reasoning=reasoning,
        finish=best.finish_reason or "stop",
        logprobs=logprobs,
        prompt_token_ids=list(result.prompt_token_ids) if asked else None,
        completion_token_ids=list(best.token_ids) if asked else None,
        usage=Usage(len(result.prompt_token_ids), len(best.token_ids)),
        model=name,
    )
