"""The options of `osler eval` as plain data: those of every benchmark, and those that concern language models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LanguageOptions:
    """The options of `osler eval` that concern language models, as given."""

    models: tuple[str, ...] = ()
    base_url: str | None = None
    api_key_env: str | None = None
    options: tuple[str, ...] = ()
    subset: str | None = None
    split: str | None = None
    inputs: str | None = None
    map: str | None = None
    examples: str | None = None
    corpus: str | None = None
    retrieval: str | None = None
    encoder: str | None = None
    reranker: str | None = None
    rewrite: str | None = None
    rank: str | None = None
    graph: str | None = None
    prompts: Path | None = None
    epochs: int = 1
    concurrency: int = 64
    rpm: int | None = None
    tpm: int | None = None
    call_timeout: float | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    budget: str | None = None
    case_budget: str | None = None
    ids: Path | None = None
    cache: bool = True

    def given(self) -> list[str]:
        """The names of options that differ from their default."""
        default = LanguageOptions()
        changed = [
            name for name in self.__dataclass_fields__ if getattr(self, name) != getattr(default, name)
        ]
        return [
            {"models": "model", "options": "option"}.get(name, name).replace("_", "-") for name in changed
        ]


@dataclass(frozen=True)
class Options:
    """The options of `osler eval`, as given."""

    data: Path | None
    method: str | None
    knowledge: str | None
    regimes: tuple[str, ...]
    out: Path | None
    limit: int | None
    seed: int
    sample_seed: int | None
    jobs: int
    sample: int | None
    questions: int
    json: bool
    language: LanguageOptions

    @property
    def picked_by(self) -> int:
        """The seed that picks the cases."""
        return self.seed if self.sample_seed is None else self.sample_seed

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Options:
        """From the command's arguments by name; repeated options become tuples."""
        renamed = {"regime": "regimes", "model": "models", "option": "options", "map_": "map"}
        plain: dict[str, Any] = {
            renamed.get(name, name): tuple(value or ()) if name in ("regime", "model", "option") else value
            for name, value in words.items()
        }
        language = LanguageOptions(**{name: plain[name] for name in LanguageOptions.__dataclass_fields__})
        own = {name: plain[name] for name in cls.__dataclass_fields__ if name != "language"}
        return cls(**own, language=language)
