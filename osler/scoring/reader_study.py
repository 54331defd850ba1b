"""A reader study: differentials that readers listed before and after help, scored and compared between arms.

Measures of McDuff et al. 2023 (arXiv 2312.00164; Nature 2025), "Towards accurate differential diagnosis with large language models":

    top-k              the right diagnosis is among the first k entries (by name, synonym or id; see names.py)
    quality            1 … 5 (Bond et al. 2012): 5 the list has the diagnosis; 4 something very close; 3 something closely related
                       that might have helped; 2 something related that would hardly have helped; 1 nothing related
    comprehensiveness  1 … 4, by raters: major candidates missing … all reasonable candidates present
    appropriateness    1 … 5, by raters: very inappropriate … very appropriate
    completeness       the share of an expert's differential that the list names; Osler's automatic counterpart of comprehensiveness

Quality is the raters' where they gave one. Else it is automatic: 4 for the same series of subtypes or a name that the study lists as
`close`, 3 for one listed as `related`, 2 for `distant`. Within an arm each reading is compared with itself, before and after;
between arms, readings of the same case. McNemar's χ² is (b − c)² / (b + c), with Yates's correction (|b − c| − 1)² / (b + c).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from osler.registry import scorer
from osler.scoring.names import NameMatcher, default_matcher
from osler.scoring.paired import compare_hits, compare_scores, mcnemar_exact
from osler.scoring.ranked_names import entries, ranks_of
from osler.scoring.references import DiagnosisReference
from osler.scoring.resampling import estimate
from osler.trace import Answer, Candidate

KS = (1, 3, 5, 10)
BEFORE, AFTER = "before", "after"
RATED = ("quality", "appropriateness", "comprehensiveness")
SCALES = {"quality": 5, "appropriateness": 5, "comprehensiveness": 4}
COMPARED = (
    *(f"top-{k}" for k in KS),
    "quality",
    "completeness",
    "appropriateness",
    "comprehensiveness",
    "seconds",
)


@dataclass(frozen=True)
class Key:
    """What is right in a case: the diagnosis, names that come near it, and an expert's whole differential."""

    reference: DiagnosisReference
    close: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    distant: tuple[str, ...] = ()
    differential: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One reader's work on one case: the list before help, the list after it, and the time each took (None: not known)."""

    reader: str
    case: str
    arm: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    seconds_before: float | None = None
    seconds_after: float | None = None


# Of a reader's list of a case, before or after: what raters gave, averaged.
Ratings = Mapping[tuple[str, str, str], Mapping[str, float]]


@scorer("reader-study", source="McDuff et al. 2023; Bond et al. 2012", fidelity="paper")
def list_scores(said: Sequence[str], key: Key, matcher: NameMatcher | None = None) -> dict[str, float | None]:
    """top-1, -3, -5, -10, quality, completeness (None without an expert's differential) and length of one list."""
    matcher = matcher or default_matcher()
    listed = _entries(said)
    ranks = ranks_of(listed, key.reference, matcher)
    rank = ranks["synonym"]
    return {
        **{f"top-{k}": float(rank is not None and rank <= k) for k in KS},
        "quality": float(_quality(listed, ranks, key, matcher)),
        "completeness": _share(listed, key.differential, matcher),
        "length": float(len(listed)),
    }


def mcnemar(first: Sequence[float], second: Sequence[float]) -> dict[str, float]:
    """McNemar's test of paired yes/no outcomes: `gained` (no to yes), `lost`, χ² without and with correction, and both p.

    `p` is of the uncorrected χ² with one degree of freedom, `p_exact` of the binomial. χ² is 0 and p 1 without a discordant pair.
    """
    change = np.asarray(second, float) - np.asarray(first, float)
    gained, lost = int((change > 0).sum()), int((change < 0).sum())
    total, apart = gained + lost, abs(gained - lost)
    plain = apart**2 / total if total else 0.0
    corrected = max(0, apart - 1) ** 2 / total if total else 0.0
    return {
        "gained": gained, "lost": lost, "chi2": plain, "chi2_corrected": corrected, "p": math.erfc(math.sqrt(plain / 2)),
        "p_exact": mcnemar_exact(gained, lost),
    }  # fmt: skip


def score_study(
    readings: Sequence[Reading],
    keys: Mapping[str, Key],
    ratings: Ratings | None = None,
    aids: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Figures of each arm before and after help, comparisons within and between arms, and of the help alone.

    `aids` are the lists that arms showed, by arm and case. A reading of a case without a key is left out and counted.
    """
    rows = [row for one in readings if one.case in keys for row in _rows(one, keys[one.case], ratings or {})]
    arms = list(dict.fromkeys(one.arm for one in readings))
    found: dict[str, Any] = {
        "n": len(readings),
        "left_out": sum(one.case not in keys for one in readings),
        "readers": len({one.reader for one in readings}),
        "cases": len({one.case for one in readings}),
        "quality_by": "raters" if any("quality" in one for one in (ratings or {}).values()) else "automatic",
        "arms": {arm: _arm([row for row in rows if row["arm"] == arm]) for arm in arms},
    }
    found["comparisons"] = [one for arm in arms for one in _within(rows, arm, seed)]
    found["comparisons"] += [one for pair in combinations(arms, 2) for one in _between(rows, pair, seed)]
    found["alone"] = {arm: _alone(lists, keys) for arm, lists in (aids or {}).items() if lists}
    return found


def _entries(said: Sequence[str]) -> list[tuple[str, str]]:
    kept = [Candidate(id="", name=name.strip()) for name in said if name.strip()]
    return entries(Answer(kind="differential", differential=kept)) if kept else []


def _quality(
    listed: Sequence[tuple[str, str]], ranks: Mapping[str, int | None], key: Key, matcher: NameMatcher
) -> int:
    if ranks["synonym"] is not None:
        return 5
    if ranks["group"] is not None or _named(listed, key.close, matcher):
        return 4
    if _named(listed, key.related, matcher):
        return 3
    return 2 if _named(listed, key.distant, matcher) else 1


def _named(listed: Sequence[tuple[str, str]], names: Sequence[str], matcher: NameMatcher) -> bool:
    wanted = [("", name) for name in names]
    return any(matcher.level(one, other) in ("exact", "synonym") for one in listed for other in wanted)


def _share(listed: Sequence[tuple[str, str]], names: Sequence[str], matcher: NameMatcher) -> float | None:
    if not names:
        return None
    return sum(_named(listed, [name], matcher) for name in names) / len(names)


def _rows(one: Reading, key: Key, ratings: Ratings) -> Iterable[dict[str, Any]]:
    for when, said, seconds in (
        (BEFORE, one.before, one.seconds_before),
        (AFTER, one.after, one.seconds_after),
    ):
        given = ratings.get((one.reader, one.case, when), {})
        scores = {**list_scores(said, key), "seconds": seconds, **given}
        yield {"reader": one.reader, "case": one.case, "arm": one.arm, "when": when, "scores": scores}


def _arm(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"n": len(rows) // 2}
    for when in (BEFORE, AFTER):
        some = [row for row in rows if row["when"] == when]
        figures: dict[str, Any] = {"ci": {}}
        for name in (*COMPARED, "length"):
            known = [(row["scores"].get(name), row["case"]) for row in some]
            known = [(value, case) for value, case in known if value is not None]
            if known:
                values, cases = zip(*known, strict=True)
                made = estimate(values, cases)
                figures[name], figures["ci"][name] = made.value, list(made.ci)
        found[when] = figures
    return found


def _within(rows: Sequence[Mapping[str, Any]], arm: str, seed: int) -> list[dict[str, Any]]:
    """Before against after, of the same reader and case."""
    sides: dict[str, dict[tuple[str, str], Any]] = {BEFORE: {}, AFTER: {}}
    for row in rows:
        if row["arm"] == arm:
            sides[row["when"]][row["reader"], row["case"]] = row["scores"]
    pairs = [(key[1], sides[BEFORE][key], sides[AFTER][key]) for key in sides[BEFORE] if key in sides[AFTER]]
    return _compared(pairs, f"{arm}, before", f"{arm}, after", seed)


def _between(rows: Sequence[Mapping[str, Any]], arms: tuple[str, str], seed: int) -> list[dict[str, Any]]:
    """The lists after help in two arms, of the same case. Of several readers in an arm each is paired once, in the order of codes."""
    sides: list[dict[str, list[Any]]] = [defaultdict(list), defaultdict(list)]
    for row in sorted(rows, key=lambda row: row["reader"]):
        if row["when"] == AFTER and row["arm"] in arms:
            sides[arms.index(row["arm"])][row["case"]].append(row["scores"])
    pairs = [
        (case, one, other)
        for case in sorted(sides[0])
        for one, other in zip(sides[0][case], sides[1][case], strict=False)
    ]
    return _compared(pairs, f"{arms[0]}, after", f"{arms[1]}, after", seed)


def _compared(
    pairs: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]], first: str, second: str, seed: int
) -> list[dict[str, Any]]:
    found = []
    for name in COMPARED:
        known = [
            (c, a[name], b[name]) for c, a, b in pairs if a.get(name) is not None and b.get(name) is not None
        ]
        if not known:
            continue
        cases, one, other = zip(*known, strict=True)
        hits = name.startswith("top-")
        made = (compare_hits if hits else compare_scores)(one, other, cases, seed)
        row = {"first": first, "second": second, "metric": name, **asdict(made), "ci": list(made.ci)}
        found.append(row | ({"mcnemar": mcnemar(one, other)} if hits else {}))
    return found


def _alone(lists: Mapping[str, Sequence[str]], keys: Mapping[str, Key]) -> dict[str, Any]:
    """What the help itself would have scored, over the cases for which it was made."""
    made = [list_scores(said, keys[case]) for case, said in lists.items() if case in keys]
    names = (*(f"top-{k}" for k in KS), "quality", "completeness")
    found: dict[str, Any] = {"n": len(made)}
    for name in names:
        values = [value for row in made if (value := row[name]) is not None]
        if values:
            found[name] = sum(values) / len(values)
    return found
