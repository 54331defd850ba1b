"""Gradient saliency of a model in this process: how much each token of a prompt moves the likelihood of a continuation.

Gradient × input (Shrikumar et al. 2016, arXiv:1605.01713): the gradient of the continuation's summed log-probability with respect
to a token's embedding, times that embedding, summed over its dimensions. Above 0 the token makes the continuation likelier. Needs
the extra `local` (torch), and a tokenizer that knows where its tokens stand.
"""

from __future__ import annotations

from typing import Any

from osler.errors import UsageError
from osler.llm.extras import extra


def gradient_saliency(
    model: Any, tokenizer: Any, prompt: str, continuation: str
) -> list[tuple[int, int, float]]:
    """(start, end, weight) of each token of the prompt, in characters. Raises UsageError where tokens have no places."""
    torch = extra("torch", "local")
    if not getattr(tokenizer, "is_fast", False):
        raise UsageError(
            "this model's tokenizer does not say where its tokens stand; saliency by gradients needs that"
        )
    told = tokenizer(prompt + continuation, return_offsets_mapping=True, return_tensors="pt")
    ids = told["input_ids"].to(model.device)
    places = [(int(start), int(end)) for start, end in told["offset_mapping"][0]]
    split = next(
        (n for n, (start, end) in enumerate(places) if end > len(prompt) and end > start), len(places)
    )
    if not 0 < split < len(places):
        raise UsageError("the continuation has no token of its own")
    embedded = model.get_input_embeddings()(ids).detach().requires_grad_(True)
    with torch.enable_grad():
        logits = model(inputs_embeds=embedded, attention_mask=told["attention_mask"].to(model.device)).logits
        scores = torch.log_softmax(logits[0, split - 1 : -1].float(), dim=-1)
        total = scores.gather(1, ids[0, split:, None]).sum()
        (gradient,) = torch.autograd.grad(total, embedded)
    weights = (gradient[0] * embedded[0]).sum(dim=-1).float().tolist()
    return [(*places[n], weights[n]) for n in range(split) if places[n][1] > places[n][0]]
