"""Gradient saliency of a tiny model: what it says a token weighs is what scaling that token's embedding does."""

from __future__ import annotations

import string

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'osler[local]'")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from osler.errors import UsageError  # noqa: E402
from osler.llm.gradients import gradient_saliency  # noqa: E402


@pytest.fixture(scope="module")
def tiny():
    """A two-layer model with random weights in double precision, and a tokenizer of single characters."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = dict.fromkeys(["<pad>", "<eos>", "<unk>", *string.ascii_lowercase, " "])
    raw = Tokenizer(models.WordLevel({one: n for n, one in enumerate(letters)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=64,
    )  # fmt: skip
    return transformers.LlamaForCausalLM(config).eval(), tokenizer


def likelihood(model, tokenizer, text, split, scaled=None, by=1.0):
    """The log-probability of the tokens from `split` on, with one token's embedding scaled."""
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    embedded = model.get_input_embeddings()(ids).detach().clone()
    if scaled is not None:
        embedded[0, scaled] *= by
    with torch.no_grad():
        scores = torch.log_softmax(model(inputs_embeds=embedded).logits[0, split - 1 : -1].double(), dim=-1)
    return float(scores.gather(1, ids[0, split:, None]).sum())


def test_a_weight_is_the_slope_along_its_embedding(tiny) -> None:
    model, tokenizer = tiny
    prompt, answer, step = "which drug", " a", 1e-2
    found = gradient_saliency(model, tokenizer, prompt, answer)

    assert [(start, end) for start, end, _ in found] == [(n, n + 1) for n in range(len(prompt))]
    for place, (_, _, weight) in enumerate(found):
        up, down = (
            likelihood(model, tokenizer, prompt + answer, len(prompt), place, 1 + sign * step)
            for sign in (1, -1)
        )
        assert (up - down) / (2 * step) == pytest.approx(weight, abs=2e-3)


def test_without_a_token_of_its_own_a_continuation_is_refused(tiny) -> None:
    with pytest.raises(UsageError):
        gradient_saliency(tiny[0], tiny[1], "which drug", "")
