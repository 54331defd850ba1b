"""Several answers to one case: what each comes to, how it is told to others, and the answer that most of them name.

Knows nothing of any single method. An answer that could not be read has no vote and is never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from osler.case import Case
from osler.methods import task
from osler.services import Asked
from osler.trace import Answer, Candidate


def key_of(answer: Answer) -> str | None:
    """What a vote counts: the choice, the sorted choices, the number, the names or the text folded; None for what is
    unreadable."""
    if answer.unreadable or answer.abstained:
        return None
    if answer.choice is not None:
        return answer.choice
    if answer.choices:
        return ",".join(answer.choices)
    if answer.number is not None:
        return f"{answer.number:.6g}"
    if answer.spans:
        return ",".join(f"{span.start}-{span.end}" for span in answer.spans)
    words = answer.plan or [entry.name for entry in answer.differential]
    return task.folded(answer.text or "; ".join(words)) or None


def position(case: Case, asked: Asked, most: int | None = None) -> str:
    """What a reply argued (its first `most` characters) and what it answered, for others to read."""
    answer = task.read(case, asked)
    said = "; ".join(entry.name for entry in answer.differential) or answer.text or key_of(answer)
    return f"{task.reasoning(asked)[:most]}\nAnswer: {said or 'nothing readable'}"


def majority(answers: Sequence[Answer], weights: Sequence[float] | None = None) -> Answer:
    """The answer most votes name. Confidence is its share of all votes.

    A tie goes to the answer whose votes have the larger summed log-probability, where every tied vote has one; else to the
    one named first. The note says which.

    Unreadable votes are dropped but stay in the denominator. Differentials are merged by reciprocal rank (k = 60).
    """
    if not answers:
        raise ValueError("no answers to vote over")
    if answers[0].kind == "differential":
        return _merge(answers)
    votes: Counter[str] = Counter()
    for answer, weight in zip(answers, weights or [1.0] * len(answers), strict=True):
        key = key_of(answer)
        if key is not None:
            votes[key] += weight  # type: ignore[assignment]
    if not votes:
        return Answer(kind=answers[0].kind, unreadable=True)
    weight = max(votes.values())
    best, note = _untied([key for key, value in votes.items() if value == weight], answers)
    total = sum(weights) if weights else len(answers)
    first = next(answer for answer in answers if key_of(answer) == best)
    return first.model_copy(update={"confidence": min(1.0, weight / total), "note": note, "logprob": None})


def _untied(tied: Sequence[str], answers: Sequence[Answer]) -> tuple[str, str | None]:
    """The one of the tied answers that wins (they come in the order seen), and how, where there was a tie."""
    if len(tied) == 1:
        return tied[0], None
    scores = [[answer.logprob for answer in answers if key_of(answer) == key] for key in tied]
    sums = [sum(s for s in own if s is not None) for own in scores]
    if any(None in own for own in scores) or sums.count(max(sums)) > 1:
        return tied[0], f"tie of {', '.join(tied)}; first seen taken"
    best = tied[sums.index(max(sums))]
    return best, f"tie of {', '.join(tied)}; {best} has the larger summed log-probability"


def _merge(answers: Sequence[Answer], k: int = 60) -> Answer:
    scores: dict[str, float] = {}
    entries: dict[str, Candidate] = {}
    for answer in answers:
        for rank, entry in enumerate(answer.differential, 1):
            key = entry.id or task.folded(entry.name)
            entries.setdefault(key, entry)
            scores[key] = scores.get(key, 0.0) + 1 / (k + rank)
    if not scores:
        return Answer(kind="differential", unreadable=True)
    order = sorted(scores, key=lambda key: -scores[key])
    return Answer(
        kind="differential",
        differential=[entries[key].model_copy(update={"score": scores[key]}) for key in order],
    )
