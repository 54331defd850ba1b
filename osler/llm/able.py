"""Says before a run what a model is known not to be able to do, so that no money is spent to find it out.

Where a server's ability is not known (`None`), the first call tells. Knows nothing of methods but what they say they need.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from osler.errors import SourceError, UsageError
from osler.llm.model import Model
from osler.llm.specs import MAIN, read_roles


def refuse_roles(method: str, known: Collection[str] | None, given: Collection[str]) -> None:
    """Raises UsageError for a role that no part of the method has, which would do nothing, and where roles are given without
    the main model. `known` None: the method does not say which roles it has.
    """
    if given and MAIN not in given:
        first = next(iter(given))
        raise UsageError(
            f"--model names a model for {first!r} alone; name the main one too: --model MODEL,{first}=MODEL"
        )
    strange = [role for role in given if role != MAIN and role not in known] if known is not None else []
    if strange:
        near = get_close_matches(strange[0], known or (), n=1)
        raise UsageError(
            f"method {method!r} has no role {strange[0]!r}; {f'did you mean {near[0]}? ' if near else ''}"
            f"its roles: {', '.join(known or ()) or 'none, so give one model'}"
        )


def of_roles(known: Collection[str] | None, models: Sequence[str]) -> tuple[str, ...]:
    """Of a server's models the main one and those whose role a method has: the others are there for other methods.

    >>> of_roles(("judge",), ("simulated:good", "other=simulated:weak", "judge=simulated:good"))
    ('simulated:good', 'judge=simulated:good')
    """
    if known is None or not models:
        return tuple(models)
    given = read_roles(models)
    return tuple(
        spec if role == MAIN else f"{role}={spec}"
        for role, spec in given.items()
        if role == MAIN or role in known
    )


def refuse_unable(needs: Collection[str], models: Mapping[str, Model], images: int = 0) -> None:
    """Raises SourceError where the main model is known to give no likelihoods and the method rests on them, or where a
    model is known to take no images and `images` cases have some: they would have to be left out.
    """
    main = models.get(MAIN)
    if main is not None and "likelihood" in needs and main.provider.capabilities.loglikelihood is False:
        raise SourceError(
            f"{main.name} gives no log-probabilities of a text, which this method compares; use openai:NAME with a vLLM "
            "server, hf:PATH or vllm:PATH, or a method that reads replies, such as zero-shot"
        )
    for role, model in models.items() if images and "model" in needs else ():
        if model.provider.capabilities.images is False:
            raise SourceError(
                f"{model.name} ({role}) takes no images, and {'a case has' if images == 1 else f'{images} cases have'} some; "
                "use a vision model (openai:NAME with its server), or a subset of text alone"
            )
