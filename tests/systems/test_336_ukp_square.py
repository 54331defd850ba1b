"""Row 336, UKP-SQuARE v2: for two tiny models the page shows gradient saliency, a toy graph path, and at least two attacks with the
change in each prediction. Without torch, words are left out in turn instead of gradients; only the gradient part is skipped."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from planted_errors import TABLE
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings
from osler.knowledge.retrieval.sources import Sources

FORM = {
    "question": "A man has thirst and insulin resistance. Which drug comes first?",
    "options": "Metformin\nInsulin\nGlipizide",
    "first": "main",
    "second": "other",
}


def sides(models: tuple[str, ...], folder: Path) -> list[str]:
    """The two halves of the page after the form is sent."""
    (folder / "toy.csv").write_text(TABLE)
    settings = Settings(models=models, sources=Sources(graph=str(folder / "toy.csv")))
    with TestClient(
        create_app(settings), base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}
    ) as client:
        token = re.search(r'name="csrf" content="([^"]+)"', client.get("/compare-models").text)
        assert token is not None
        reply = client.post("/compare-models", data=FORM, headers={"x-osler-csrf": token[1]})
    assert reply.status_code == 200, reply.text
    return html.unescape(reply.text).split('<section class="panel side"')[1:]


def check(side: str) -> None:
    """A saliency for each word, a path of the toy graph to the answer, and attacks with the change in the prediction."""
    words = re.findall(r'<span class="w (?:pro|con)\d" title="[+-][\d.e+-]+">([^<]+)</span>', side)
    assert words == FORM["question"].split()
    assert '<svg class="paths"' in side and "Thirst" in side and "diabetes" in side
    changes = re.findall(
        r"<strong>([\w ]+)</strong><br>.*?(moved|held)</span></td><td class=\"number\">([+\u2212-][\d.]+)",
        side,
    )
    assert [name for name, _, _ in changes] == ["negation", "word swap", "distractor"]


def test_two_models_by_words_left_out(tmp_path, knowledge) -> None:
    both = sides(("simulated:good,seed=1", "other=simulated:weak,seed=5"), tmp_path)

    assert len(both) == 2
    for side in both:
        check(side)
        assert "left out in turn" in side


def test_two_tiny_models_by_gradients(tmp_path, knowledge) -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install 'osler[local]'")
    pytest.importorskip("transformers", reason="transformers is not installed")
    folders = [tiny(tmp_path / f"tiny{seed}", seed) for seed in (0, 1)]

    both = sides((f"hf:{folders[0]}", f"other=hf:{folders[1]}"), tmp_path)

    assert len(both) == 2
    for side in both:
        check(side)
        assert "gradient × input" in side
    weights = [re.findall(r'title="([+-][\d.e+-]+)">', side) for side in both]
    assert weights[0] != weights[1]


def tiny(folder: Path, seed: int) -> Path:
    """A two-layer model with random weights and a tokenizer of single characters."""
    import string

    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = ["<pad>", "<eos>", "<unk>", *string.printable]
    raw = Tokenizer(
        models.WordLevel({one: n for n, one in enumerate(dict.fromkeys(letters))}, unk_token="<unk>")
    )
    raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=1024, eos_token_id=1, pad_token_id=0, bos_token_id=None,
    )  # fmt: skip
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"question": ""}, 422, "give a question"),
        ({"options": "one"}, 422, "options"),
        ({"options": "\n".join("abcdefghij")}, 422, "options"),
        ({"first": "none"}, 400, "--model"),
        ({"question": "x" * 5000}, 422, "characters"),
    ],
)
def test_what_cannot_be_asked_is_told(tmp_path, knowledge, change: Any, status: int, told: str) -> None:
    settings = Settings(models=("simulated:good", "other=simulated:weak"))
    with TestClient(
        create_app(settings), base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}
    ) as client:
        token = re.search(r'name="csrf" content="([^"]+)"', client.get("/compare-models").text)
        assert token is not None
        reply = client.post("/compare-models", data={**FORM, **change}, headers={"x-osler-csrf": token[1]})

    assert reply.status_code == status and told in html.unescape(reply.text)
