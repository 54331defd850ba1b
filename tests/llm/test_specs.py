"""From words to models and roles."""

from __future__ import annotations

import subprocess
import sys

import pytest

from osler.errors import UsageError
from osler.llm import from_spec, models_from, read_roles


def test_roles_and_settings_share_the_comma():
    assert read_roles("simulated:accuracy=0.7,latency_ms=50") == {
        "main": "simulated:accuracy=0.7,latency_ms=50"
    }
    assert read_roles("openai:a/b,judge=simulated:good,accuracy=0.9,patient=hf:./x") == {
        "main": "openai:a/b",
        "judge": "simulated:good,accuracy=0.9",
        "patient": "hf:./x",
    }
    assert read_roles(["openai:a", "judge=openai:b"]) == {"main": "openai:a", "judge": "openai:b"}


@pytest.mark.parametrize(
    "words", ["gpt-4", "judge=good", "", "openai:a,openai:b", "openai", "what:x", "openai:"]
)
def test_words_that_name_no_model(words):
    with pytest.raises(UsageError):
        roles = read_roles(words)
        for spec in roles.values() or [words]:
            from_spec(spec)


def test_one_spec_is_one_model_whatever_its_roles():
    models = models_from("simulated:good,judge=simulated:good,patient=simulated:weak")
    assert models["main"] is models["judge"] is not models["patient"]


def test_a_server_of_its_own_for_a_role():
    models = models_from("openai:a,judge=openai:b@http://127.0.0.1:9/v1", base_url="http://127.0.0.1:8/v1")
    assert [models[r].provider.base_url for r in ("main", "judge")] == [
        "http://127.0.0.1:8/v1",
        "http://127.0.0.1:9/v1",
    ]
    assert models["judge"].name == "b"


@pytest.mark.parametrize(
    "spec",
    [
        "simulated:nobody",
        "simulated:accuracy=2",
        "simulated:accuracy=x",
        "simulated:good,colour=1",
        "simulated:kinds=odd",
        "inspect:x",
    ],
)
def test_settings_that_are_none(spec):
    with pytest.raises(UsageError):
        from_spec(spec)


def test_importing_the_room_imports_nothing_heavy():
    code = "import sys, osler.llm; osler.llm.from_spec('simulated:good'); print([m for m in ('aiohttp', 'torch', 'transformers', 'vllm', 'inspect_ai') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
