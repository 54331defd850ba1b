"""quicker: from a clinical question to a recommendation as guidelines are made: PICO, search, screening, GRADE, recommendation.

Source: Li et al. 2025 (Quicker, arXiv 2505.10282), from the paper's abstract and descriptions of its five phases. Stages: (1) question: the
question in population, interventions, comparators, outcomes and the designs that count; (2) search: queries are written, the corpus is
searched with each, and `rounds` − 1 times more queries are written in view of what was found; records are documents; (3) screening:
each record by itself, all at once: include, exclude or unsure with a reason; unsure is kept, so that nothing relevant is lost;
(4) assessment: each kept study by itself, all at once: its design, what it says of each outcome, its risk of bias, and whether the whole
text still fits (else it is excluded here); then, for each outcome, the five GRADE domains are judged, and the certainty is worked out in
code (grade.py); (5) recommendation: direction, strength and answer with the numbers of the studies it rests on. Only included studies are
shown and can be cited; other numbers are dropped and counted. Each stage is inspectable and editable: with `stages=FILE` (or a folder, a file a
question) they are kept in JSON; whoever edits a stage and runs again goes on from there: edited and earlier stages stay, later ones are
made anew; a stage that another model, corpus, prompt or setting made is refused. Defaults: 2 rounds of search, 10 records a query, at most 20 records; greedy. Calls per case: 3 to 51.
Deviations: prompts, votes and thresholds of the paper are not reproduced; a record is the longest passage that was found of a document, so
that full texts count as far as the corpus keeps them whole; the search is over local corpora, not PubMed. Where no study is left, no model is asked for a recommendation: the method abstains.
Failure modes: an abstract tells little of bias and selective reporting; corpora without trials give low certainty for everything;
domains that need several studies (inconsistency, publication bias) are guesses on one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context, cited
from osler.knowledge.corpus import store
from osler.knowledge.dense.vectors import corpus_state
from osler.methods import evidence, grade, queries, quicker_forms, task
from osler.methods.quicker_stages import Stages
from osler.passages import Passage
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer

LONGEST = 6_000
PICO = (
    "{case}\n\nDo not answer yet. Write this question as PICO: the population, the interventions, what they are compared with (there may be several of both), the "
    "outcomes that matter to patients, most important first, and the study designs that could answer it."
)
SEARCH = "{case}\n\nThe question as PICO:\n\n{pico}\n\nWrite up to 3 short queries, in words as titles and abstracts of studies use them, that find every study on it. {found}"
SCREEN = (
    "{case}\n\nThe question as PICO:\n\n{pico}\n\nA record:\n\n{record}\n\nDoes this record report a study (or a review of studies) of this population that compares such "
    "interventions on such outcomes? Say why, then decide: include, exclude, or unsure where the record does not tell."
)
APPRAISE = (
    "{case}\n\nThe question as PICO:\n\n{pico}\n\nA study:\n\n{record}\n\nAppraise it. State its design, then for each outcome of the question what it found, with numbers as they stand "
    "there (or: not reported), then its risk of bias and why. Last, say whether on reading it still answers the question."
)
RATE = (
    "{case}\n\nThe question as PICO:\n\n{pico}\n\nOne outcome:\n\n{outcome}\n\nWhat each study found on it, and its risk of bias:\n\n{studies}\n\nJudge this body of evidence in the five GRADE "
    "domains: risk of bias, inconsistency between studies, indirectness, imprecision, publication bias. Give each a reason and a concern. Then say "
    "whether something raises the certainty of observational studies."
)
RECOMMEND = (
    "{case}\n\nThe question as PICO:\n\n{pico}\n\nThe included studies:\n\n{studies}\n\nWhat was found, outcome by outcome, with its certainty by GRADE:\n\n{outcomes}\n\n"
    "Weigh benefits against harms at these certainties, then recommend: for or against, strong or conditional (strong only where the certainty allows it). "
    "Cite the included studies by their numbers, then answer."
)


@dataclass
class Work:
    """What the stages of one case share."""

    case: Case
    ctx: Context
    stages: Stages
    rounds: int
    top: int
    most: int


@method(
    "quicker",
    source="Li et al. 2025 (Quicker)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="3 to 51 calls",
    calls=lambda rounds, most: Calls(1 + rounds, 1 + rounds + 2 * most + quicker_forms.OUTCOMES + 1),
)
async def quicker(
    case: Case,
    ctx: Context,
    stages: Path | None = None,
    rounds: Annotated[int, Field(ge=1, le=5)] = 2,
    top: Annotated[int, Field(ge=1, le=100)] = 10,
    most: Annotated[int, Field(ge=1, le=200)] = 20,
) -> Answer:
    """Make a recommendation as a guideline is made: PICO, search, screening, GRADE; every stage may be edited."""
    work = Work(
        case, ctx.greedy(), Stages(case, stages, _made_with(case, ctx, rounds, top, most)), rounds, top, most
    )
    pico = await _stage(work, "question", _question)
    if pico is None:
        return Answer(kind=case.answer_kind, unreadable=True)
    found = await _stage(work, "search", _search)
    screened = await _stage(work, "screening", _screen)
    kept = {one["record"] for one in screened["decisions"] if one.get("decision") in ("include", "unsure")}
    assessed = await _stage(
        work, "assessment", lambda w: _assess(w, [r for r in found["found"] if r["record"] in kept])
    )
    included = [one["record"] for one in assessed["studies"] if one.get("fits", True)]
    if not included:
        with ctx.step("conclude", "recommendation", "no study\n") as step:
            step.note("", found=len(found["found"]), included=0)
        return Answer(
            kind=case.answer_kind,
            abstained=True,
            note=f"no study of {len(found['found'])} found answers the question",
        )
    made = await _stage(work, "recommendation", _recommend)
    if made is None:
        return Answer(kind=case.answer_kind, unreadable=True, acquired=included)
    return _conclude(work, made, included)


def _made_with(case: Case, ctx: Context, rounds: int, top: int, most: int) -> dict[str, dict[str, Any]]:
    """What each stage is made with, beside the stages before it: the model, the corpus, its prompts and settings."""
    prompts = {
        "question": [("quicker", PICO)], "search": [("quicker.search", SEARCH)], "screening": [("quicker.screen", SCREEN)],
        "assessment": [("quicker.appraise", APPRAISE), ("quicker.grade", RATE)], "recommendation": [("quicker.recommend", RECOMMEND)],
    }  # fmt: skip
    model = getattr(getattr(ctx.services.language, "models", {}).get("main"), "name", "")
    made = {}
    for name, used in prompts.items():
        words = "\n".join(ctx.prompt(key, own) for key, own in used)
        made[name] = {"model": model, "prompts": hashlib.blake2b(words.encode(), digest_size=8).hexdigest()}
    made["search"] |= {
        "corpus": ctx.retriever.name, "corpus_state": _state(ctx.retriever), "rounds": rounds, "top": top, "most": most,
    }  # fmt: skip
    made["recommendation"]["options"] = [[one.key, one.text] for one in case.options]
    return made


def _state(retriever: Any) -> list[str]:
    """Marks of the local corpora as they are now; none of what a service or a test holds."""
    parts = getattr(retriever, "retrievers", {retriever.name: retriever})
    there = set(store.names())
    return [corpus_state(store.about(name))[:16] for name in parts if name in there]


async def _stage(work: Work, name: str, make: Any) -> Any:
    """What a stage holds: as the file has it where it still stands, else made now and kept; None where nothing could be read."""
    kept = work.stages.kept(name)
    if kept is not None:
        with work.ctx.step("recall", f"stage {name}", "as it stands in the file\n"):
            pass
        return kept
    made = await make(work)
    if made is not None:
        work.stages.put(name, made)
    return made


def _about(work: Work) -> dict[str, str]:
    """What every prompt shows: the case without its options, and the question's parts."""
    return {"case": task.present(work.case, with_options=False), "pico": _pico(work)}


def _pico(work: Work) -> str:
    """The question's parts, fenced."""
    held = work.stages.held["question"]["content"]
    lines = [f"Population: {held['population']}"]
    for name in ("interventions", "comparators", "outcomes", "designs"):
        lines.append(f"{name.capitalize()}: {'; '.join(map(str, held.get(name) or ['any']))}")
    return task.fence("PICO", "\n".join(lines))


async def _question(work: Work) -> Any:
    prompt = work.ctx.prompt("quicker", PICO).format(case=task.present(work.case, with_options=False))
    asked = await work.ctx.ask(prompt, schema=quicker_forms.PICO, system=task.SYSTEM, label="PICO")
    if not asked.readable:
        return None
    return {name: value for name, value in asked.value.items() if name != "reasoning"}


async def _search(work: Work) -> dict[str, Any]:
    """Records, each a document with the first words that were found of it; `queries` in the order they were asked."""
    asked: list[str] = []
    found: dict[str, Passage] = {}
    for turn in range(work.rounds):
        fresh = await _queries(work, list(found.values()), turn) or ([] if turn else [queries.of(work.case)])
        fresh = [query for query in dict.fromkeys(fresh) if query not in asked]
        asked += fresh
        lists = await work.ctx.gather(work.ctx.retrieve(query, work.top, label="search") for query in fresh)
        for passage in (one for passages in lists for one in passages):
            key = f"{passage.corpus}/{passage.document}"
            if key in found or len(found) < work.most:
                found[key] = _longer(found.get(key), passage)
    records = [
        {
            "record": key,
            "title": one.title,
            "date": one.date,
            "text": one.text,
            "start": one.start,
            "end": one.end,
        }
        for key, one in found.items()
    ]
    return {"queries": asked, "found": records}


def _longer(before: Passage | None, passage: Passage) -> Passage:
    """The longer of two passages of a document: the more of it that was found."""
    [short] = evidence.keep_within([passage], LONGEST) or [
        passage._replace(text=passage.text[:LONGEST], end=passage.start + LONGEST)
    ]
    return short if before is None or len(short.text) > len(before.text) else before


async def _queries(work: Work, found: Sequence[Passage], turn: int) -> list[str]:
    """Queries that the model writes, at a later turn with the titles of what was found in view."""
    seen = "\n".join(one.title or one.text[:100] for one in found)
    shown = (
        f"Found so far:\n\n{task.fence('found', seen or 'nothing')}\n\nWrite queries that find what is missing."
        if turn
        else ""
    )
    prompt = work.ctx.prompt("quicker.search", SEARCH).format(**_about(work), found=shown)
    asked = await work.ctx.ask(prompt, schema=quicker_forms.QUERIES, system=evidence.SYSTEM, label="queries")
    return (
        [task.line(query, 300) for query in asked.value["queries"] if query.strip()] if asked.readable else []
    )


async def _screen(work: Work) -> dict[str, Any]:
    """A decision on each record; one whose reply cannot be read is unsure."""
    records = work.stages.held["search"]["content"]["found"]
    wording, about = work.ctx.prompt("quicker.screen", SCREEN), _about(work)
    replies = await work.ctx.gather(
        work.ctx.ask(
            wording.format(**about, record=_shown(record)),
            schema=quicker_forms.SCREEN, system=evidence.SYSTEM, kind="verify", label="screen",
        )
        for record in records
    )  # fmt: skip
    return {
        "decisions": [
            {"record": record["record"], "title": record["title"], **_decision(asked)}
            for record, asked in zip(records, replies, strict=True)
        ]
    }


def _decision(asked: Any) -> dict[str, str]:
    if not asked.readable:
        return {"decision": "unsure", "reason": "the reply could not be read"}
    return {"decision": asked.value["decision"], "reason": asked.value["reason"]}


async def _assess(work: Work, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Each study appraised, and each outcome's domains with the certainty that they come to."""
    wording, about = work.ctx.prompt("quicker.appraise", APPRAISE), _about(work)
    outcomes = [str(one) for one in work.stages.held["question"]["content"]["outcomes"]][
        : quicker_forms.OUTCOMES
    ]
    replies = await work.ctx.gather(
        work.ctx.ask(
            wording.format(**about, record=_shown(record)),
            schema=quicker_forms.appraisal(len(outcomes)), system=evidence.SYSTEM, kind="verify", label="appraise",
        )
        for record in records
    )  # fmt: skip
    studies = [
        quicker_forms.study(record, asked.value if asked.readable else None, outcomes)
        for record, asked in zip(records, replies, strict=True)
    ]
    included = [study for study in studies if study["fits"]]
    if not included:
        return {"studies": studies, "outcomes": []}
    rated = await work.ctx.gather(_rate(work, outcome, included) for outcome in outcomes)
    return {"studies": studies, "outcomes": rated}


async def _rate(work: Work, outcome: str, studies: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One outcome over all studies: the domains as judged, the certainty as worked out."""
    said = "\n".join(
        f"[{n}] {study['design']}. Found: {study['findings'].get(outcome, 'not reported')}. Risk of bias: {study['risk_of_bias']}."
        for n, study in enumerate(studies, 1)
    )
    prompt = work.ctx.prompt("quicker.grade", RATE).format(
        **_about(work), outcome=task.fence("outcome", outcome), studies=task.fence("studies", said)
    )
    asked = await work.ctx.ask(
        prompt, schema=quicker_forms.GRADE, system=evidence.SYSTEM, kind="verify", label="grade"
    )
    return quicker_forms.outcome(
        outcome, [study["design"] for study in studies], asked.value if asked.readable else None
    )


async def _recommend(work: Work) -> Any:
    """The recommendation as the model gives it; None where it cannot be read."""
    assessed = work.stages.held["assessment"]["content"]
    included = [one for one in assessed["studies"] if one.get("fits", True)]
    lines = [
        f"{one['outcome']}: certainty {one.get('certainty', 'very low')}. "
        + " ".join(
            f"[{n}] {study['findings'].get(one['outcome'], 'not reported')}."
            for n, study in enumerate(included, 1)
        )
        for one in assessed["outcomes"]
    ]
    prompt = work.ctx.prompt("quicker.recommend", RECOMMEND).format(
        case=task.present(work.case), pico=_pico(work), outcomes=task.fence("outcomes", "\n".join(lines) or "none"),
        studies="\n\n".join(_shown(study, n) for n, study in enumerate(included, 1)),
    )  # fmt: skip
    form = quicker_forms.recommendation(task.schema(work.case))
    asked = await work.ctx.ask(
        prompt, schema=form, system=evidence.SYSTEM, kind="conclude", label="recommend"
    )
    if not asked.readable:
        return None
    value = asked.value
    numbers = [n for n in dict.fromkeys(value.get("citations") or []) if 1 <= n <= len(included)]
    unknown = len(set(value.get("citations") or [])) - len(numbers)
    return {
        **{name: value.get(name) for name in ("reasoning", "direction", "strength", "answer")},
        "citations": [included[n - 1]["record"] for n in numbers],
        "unresolvable": unknown,
        "certainty": grade.overall([one.get("certainty", "very low") for one in assessed["outcomes"]]),
    }


def _conclude(work: Work, made: dict[str, Any], included: Sequence[str]) -> Answer:
    """The answer, with the cited studies as evidence; a study that is not included cannot be cited, not by an edit either."""
    records = {one["record"]: one for one in work.stages.held["search"]["content"]["found"]}
    named = [record for record in made["citations"] if record in included and record in records]
    with work.ctx.step("conclude", "recommendation") as step:
        about = {name: made.get(name) for name in ("direction", "strength", "certainty")}
        dropped = int(made.get("unresolvable") or 0) + len(made["citations"]) - len(named)
        evidence_of = [cited(quicker_forms.passage(records[record]), True) for record in named]
        step.note(
            "".join(f"{r}\n" for r in named),
            evidence_of,
            **about,
            included=len(included),
            shown_places=evidence.places(
                [quicker_forms.passage(records[r]) for r in included if r in records]
            ),
            unresolvable=dropped,
        )
    note = f"{made.get('strength') or 'no'} recommendation, certainty {made.get('certainty')}"
    answer = task.read(work.case, Asked({"answer": made["answer"]}, "schema", ""))
    return answer.model_copy(update={"acquired": list(included), "note": note})


def _shown(record: dict[str, Any], number: int = 1) -> str:
    """A record or study for a prompt, fenced and attributed."""
    return evidence.show([quicker_forms.passage(record)], number)
