"""Models in this process through transformers: a tiny one with random weights, made here."""

from __future__ import annotations

import asyncio
import math

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'osler[local]'")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from osler.errors import SourceError, UsageError  # noqa: E402
from osler.llm import CallFailed, ImagePart, Message, Model, Prices, RetryPolicy, Sampling, TextPart  # noqa: E402
from osler.llm.hf import Transformers  # noqa: E402

TEMPLATE = "{% for m in messages %}<{{ m['role'] }}> {{ m['content'] }} {% endfor %}{% if add_generation_prompt %}<assistant> {% endif %}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A two-layer model with a word tokenizer."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = [
        "<pad>",
        "<eos>",
        "<unk>",
        *"abcdefghijklmnopqrstuvwxyz .:?<>",
        "the",
        "answer",
        "is",
        "user",
        "assistant",
    ]
    raw = Tokenizer(
        models.WordLevel({word: i for i, word in enumerate(dict.fromkeys(words))}, unk_token="<unk>")
    )
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=256, eos_token_id=1, pad_token_id=0, bos_token_id=None,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tiny")
    transformers.LlamaForCausalLM(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def model(folder, **options):
    return Model(
        Transformers(str(folder), device="cpu"), prices=Prices(), retry=RetryPolicy(attempts=1), **options
    )


def test_a_reply_with_ids_usage_and_log_probabilities(folder):
    sampling = Sampling(temperature=0.0, max_tokens=6, logprobs=3, token_ids=True)
    reply = asyncio.run(model(folder).chat([Message("user", "what is the answer ?")], sampling=sampling))
    assert reply.usage.completion == len(reply.completion_token_ids) <= 6 and reply.usage.prompt == len(
        reply.prompt_token_ids
    )
    assert len(reply.logprobs) == len(reply.completion_token_ids) and reply.cost == 0.0
    for entry in reply.logprobs:
        assert entry.logprob == pytest.approx(entry.top[0][1], abs=1e-4) and len(entry.top) == 3  # greedy


def test_calls_that_come_together_are_one_batch_and_padding_changes_nothing(folder):
    questions = ["what ?", "what is the answer to a b c d e ?", "a", "the the the the"]
    greedy = Sampling(temperature=0.0, max_tokens=8)

    async def together():
        one = model(folder)
        calls = []
        generate = one.provider._batcher._work
        one.provider._batcher._work = lambda jobs: (calls.append(len(jobs)), generate(jobs))[1]
        replies = await asyncio.gather(*(one.chat([Message("user", q)], sampling=greedy) for q in questions))
        return [reply.text for reply in replies], calls

    texts, calls = asyncio.run(together())
    alone = [asyncio.run(model(folder).chat([Message("user", q)], sampling=greedy)).text for q in questions]
    assert texts == alone and max(calls) == 4


def test_draws_at_a_temperature_differ_and_come_back_with_their_seed(folder):
    warm = Sampling(temperature=1.5, max_tokens=12)

    async def draws():
        one = model(folder)
        return [(await one.chat([Message("user", "a b c")], sampling=warm, draw=i)).text for i in range(4)]

    first = asyncio.run(draws())
    assert len(set(first)) > 1 and asyncio.run(draws()) == first


def test_likelihoods_are_those_of_the_model(folder):
    (one, two) = asyncio.run(model(folder).loglikelihood("the answer is", [" a", " b c"]))
    loaded = transformers.AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    ids = torch.tensor([tokenizer("the answer is b c")["input_ids"]])
    scores = torch.log_softmax(loaded(ids).logits[0].float(), -1)
    wanted = float((scores[2, ids[0, 3]] + scores[3, ids[0, 4]]).detach())
    assert two.logprob == pytest.approx(wanted, abs=1e-4) and (one.tokens, two.tokens) == (1, 2)
    assert math.exp(one.logprob) <= 1


def test_what_it_cannot_do_is_said(folder, tmp_path):
    with pytest.raises(UsageError, match="text only"):
        asyncio.run(model(folder).chat([Message("user", (TextPart("?"), ImagePart.of(b"x", "image/png")))]))
    (tmp_path / "empty").mkdir()
    with pytest.raises(CallFailed, match="cannot be loaded"):
        asyncio.run(model(tmp_path / "empty").chat([Message("user", "?")]))


def test_a_hub_name_is_not_fetched_offline():
    from osler.data import offline

    offline.forbid()
    try:
        with pytest.raises(SourceError, match="--offline"):
            asyncio.run(model("nobody/no-such-model").chat([Message("user", "?")]))
    finally:
        offline.allow()


def test_a_stop_word_ends_the_reply(folder):
    def said(words, *stop):
        sampling = Sampling(temperature=1.0, max_tokens=12, stop=stop)
        return asyncio.run(model(folder).chat([Message("user", words)], sampling=sampling)).text

    words = next(
        words for words in ("a b c", "d", "the answer", "x y", "z") if len(set(said(words).split())) > 3
    )
    third = said(words).split()[2]
    assert third not in said(words, third).split() and said(words).startswith(said(words, third).rstrip())


def test_other_weights_are_another_model(folder):
    before = Transformers(str(folder)).identity
    next(folder.glob("*.safetensors")).touch()
    assert Transformers(str(folder)).identity != before
