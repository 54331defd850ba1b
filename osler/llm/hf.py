"""`hf:PATH`: a model in this process through transformers (extra `local`), on a GPU where there is one.

Chat template from the tokenizer; concurrent calls with the same sampling are generated as one left-padded batch; token ids
and log-probabilities are the model's own. Draws at a temperature are seeded, reproducible for the same batch on the same
machine. Where PATH is no folder, the hub's name is used, through the offline guard. Imports torch on first use.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from osler.data import offline
from osler.errors import UsageError
from osler.llm.batching import Batcher
from osler.llm.dialect import with_instructions
from osler.llm.extras import extra
from osler.llm.gradients import gradient_saliency
from osler.llm.provider import CallFailed, OnDelta
from osler.llm.types import Capabilities, ImagePart, Likelihood, Message, Reply, Request, TokenLogprob, Usage
from osler.llm.wire import split_thinking

_MAX_TOKENS = 1024  # where the request names none: a model without an end token would never stop


class Transformers:
    """A causal language model from a folder (or a hub name). Loaded on the first call."""

    def __init__(self, path: str, device: str | None = None, batch: int = 16) -> None:
        self.name = path
        self.local = True
        self.capabilities = Capabilities(False, True, True, False, None, True, False, None, True)
        self._path, self._device = path, device
        self._model: Any = None
        self._tokenizer: Any = None
        self._batcher = Batcher(self._generate, batch)
        self._scorer = Batcher(self._score, batch)

    @property
    def identity(self) -> str:
        """Path and age of the weights: a model trained on is another model."""
        folder = Path(self._path)
        weights = (
            sorted(folder.glob("*.safetensors")) + sorted(folder.glob("*.bin")) if folder.is_dir() else []
        )
        stamp = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in weights]
        return f"hf:{folder.resolve() if folder.is_dir() else self._path}:{stamp}"

    # --- asking ------------------------------------------------------------------------------------------------------
    async def complete(
        self,
        request: Request,
        *,
        draw: int | None = None,
        timeout: float | None = None,
        on_delta: OnDelta | None = None,
    ) -> Reply:
        """One reply; calls that come together are generated together. Raises CallFailed."""
        if request.schema is not None:
            request = with_instructions(request)
        if any(not isinstance(m.content, str) and m.text != m.content for m in request.messages):
            _refuse_images(request)
        s = request.sampling
        greedy = not s.temperature
        # One batch has one sampling; a seeded draw at a temperature is a batch of its own, or it would depend on the others.
        kind = (greedy, s.temperature, s.top_p, s.max_tokens, s.stop, s.logprobs, None if greedy else draw)
        reply: Reply = await self._batcher.run((request, draw), kind, timeout)
        if on_delta is not None and reply.reasoning:
            on_delta(reply.reasoning, "reasoning")
        if on_delta is not None and reply.text:
            on_delta(reply.text, "text")
        return reply

    async def loglikelihood(self, prompt: str, continuations: Sequence[str]) -> list[Likelihood]:
        """Log-likelihoods of continuations of a raw prompt; blanks at the prompt's end go to the continuation."""
        return list(await asyncio.gather(*(self._scorer.run((prompt, text)) for text in continuations)))

    async def saliency(self, prompt: str, continuation: str) -> list[tuple[int, int, float]]:
        """How much each token of a raw prompt (start, end, weight) moves the likelihood of a continuation; see gradients.py."""

        def work() -> list[tuple[int, int, float]]:
            return gradient_saliency(*self._load(), prompt, continuation)

        return await asyncio.to_thread(work)

    async def close(self) -> None:
        """Let go of the weights."""
        self._model = self._tokenizer = None

    # --- in the thread -----------------------------------------------------------------------------------------------
    def _load(self) -> tuple[Any, Any]:
        if self._model is None:
            torch, library = extra("torch", "local"), extra("transformers", "local")
            here = Path(self._path).is_dir()
            if not here:
                offline.check("https://huggingface.co")
            try:
                self._tokenizer = library.AutoTokenizer.from_pretrained(
                    self._path, local_files_only=here, padding_side="left"
                )
                device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
                dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
                model = library.AutoModelForCausalLM.from_pretrained(
                    self._path, local_files_only=here, dtype=dtype
                )
            except (OSError, ValueError) as error:
                raise CallFailed(
                    f"the model {self._path} cannot be loaded: {str(error).splitlines()[0]}"
                ) from None
            self._model = model.to(device).eval()
            if self._tokenizer.pad_token_id is None:
                self._tokenizer.pad_token = self._tokenizer.eos_token or "<pad>"
        return self._model, self._tokenizer

    def _generate(self, jobs: list[tuple[Request, int | None]]) -> list[Reply]:
        torch = extra("torch", "local")
        model, tokenizer = self._load()
        prompts = [self._prompt(request) for request, _ in jobs]
        sampling = jobs[0][0].sampling
        batch = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False).to(
            model.device
        )
        options: dict[str, Any] = {"max_new_tokens": sampling.max_tokens or _MAX_TOKENS, "do_sample": False}
        if sampling.temperature:
            torch.manual_seed(jobs[0][1] or 0)
            options |= {"do_sample": True, "temperature": sampling.temperature, "top_k": 0}
            options["top_p"] = 1.0 if sampling.top_p is None else sampling.top_p
        start = batch["input_ids"].shape[1]
        if sampling.stop:
            done = _stopping(torch, tokenizer, start, sampling.stop)
            options["stopping_criteria"] = extra("transformers", "local").StoppingCriteriaList([done])
        with torch.inference_mode():
            out = model.generate(
                **batch,
                **options,
                pad_token_id=tokenizer.pad_token_id,
                return_dict_in_generate=True,
                output_logits=sampling.logprobs is not None,
            )
        return [
            self._reply(request, batch, row, out.sequences[row, start:].tolist(), out.logits)
            for row, (request, _) in enumerate(jobs)
        ]

    def _prompt(self, request: Request) -> str:
        tokenizer = self._tokenizer
        if not getattr(tokenizer, "chat_template", None):
            # A base model: the turns one after another, which is all it can know.
            return "\n\n".join(message.text for message in request.messages) + "\n\n"
        turns = [_turn(message) for message in request.messages]
        tools = [
            {
                "type": "function",
                "function": {"name": t.name, "description": t.description, "parameters": t.parameters},
            }
            for t in request.tools
        ]
        return tokenizer.apply_chat_template(
            turns, tools=tools or None, tokenize=False, add_generation_prompt=True
        )

    def _reply(self, request: Request, batch: Any, row: int, ids: list[int], logits: Any) -> Reply:
        tokenizer = self._tokenizer
        ends = self._ends()
        length = next((i for i, token in enumerate(ids) if token in ends), None)
        finish = "length" if length is None else "stop"
        if length is not None:
            ids = ids[: length + 1]
        text = tokenizer.decode(ids, skip_special_tokens=True)
        for stop in request.sampling.stop:
            if stop in text:
                text, finish = text.split(stop, 1)[0], "stop"
        prompt_ids = batch["input_ids"][row][batch["attention_mask"][row].bool()].tolist()
        reasoning, text = split_thinking(text)
        thought = len(tokenizer(reasoning)["input_ids"]) if reasoning else 0
        asked = request.sampling.token_ids
        return Reply(
            text=text,
            reasoning=reasoning,
            finish=finish,
            logprobs=self._logprobs(row, ids, logits, request.sampling.logprobs) if logits else None,
            prompt_token_ids=prompt_ids if asked else None,
            completion_token_ids=ids if asked else None,
            usage=Usage(len(prompt_ids), len(ids), thought),
            model=self.name,
        )

    def _ends(self) -> set[int]:
        end = self._model.generation_config.eos_token_id
        listed = end if isinstance(end, list) else [end]
        return {token for token in [*listed, self._tokenizer.eos_token_id] if token is not None}

    def _logprobs(self, row: int, ids: list[int], logits: Any, n: int | None) -> list[TokenLogprob]:
        torch = extra("torch", "local")
        found = []
        for place, token in enumerate(ids):
            scores = torch.log_softmax(logits[place][row].float(), dim=-1)
            best = torch.topk(scores, n or 0)
            top = [
                (self._tokenizer.decode([int(i)]), float(v))
                for v, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ]
            found.append(TokenLogprob(self._tokenizer.decode([token]), float(scores[token]), top))
        return found

    def _score(self, jobs: list[tuple[str, str]]) -> list[Likelihood]:
        torch = extra("torch", "local")
        model, tokenizer = self._load()
        rows, splits = [], []
        for prompt, continuation in jobs:
            context = prompt.rstrip()
            whole = tokenizer(context + prompt[len(context) :] + continuation)["input_ids"]
            # As lm-evaluation-harness: encode the whole, and count off the tokens of the context.
            splits.append(max(1, min(len(tokenizer(context)["input_ids"]), len(whole) - 1)))
            rows.append(whole)
        width = max(len(row) for row in rows)
        pad = tokenizer.pad_token_id or 0
        ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows], device=model.device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=model.device)
        with torch.inference_mode():
            scores = torch.log_softmax(model(input_ids=ids, attention_mask=mask).logits.float(), dim=-1)
        out = []
        for index, (row, split) in enumerate(zip(rows, splits, strict=True)):
            own = scores[index, split - 1 : len(row) - 1]
            wanted = torch.tensor(row[split:], device=own.device)
            value = float(own.gather(1, wanted[:, None]).sum())
            greedy = bool((own.argmax(dim=-1) == wanted).all())
            out.append(Likelihood(value, len(row) - split, len(jobs[index][1]), greedy))
        return out


def _stopping(torch: Any, tokenizer: Any, start: int, stops: tuple[str, ...]) -> Any:
    """Says, token by token, which rows of a batch have written a stop word."""

    def done(ids: Any, scores: Any, **_: Any) -> Any:
        # Only the end can be new; a stop word is never longer than this many tokens.
        written = tokenizer.batch_decode(ids[:, max(start, ids.shape[1] - 32) :], skip_special_tokens=True)
        return torch.tensor([any(stop in text for stop in stops) for text in written], device=ids.device)

    return done


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.tool_calls:
        turn["tool_calls"] = [
            {"type": "function", "function": {"name": c.name, "arguments": orjson.loads(c.arguments or "{}")}}
            for c in message.tool_calls
        ]
    if message.name:
        turn["name"] = message.name
    return turn


def _refuse_images(request: Request) -> None:
    if any(
        isinstance(part, ImagePart)
        for m in request.messages
        if not isinstance(m.content, str)
        for part in m.content
    ):
        raise UsageError(
            "hf: models take text only; serve a vision model with vLLM and use openai:NAME --base-url"
        )


os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
