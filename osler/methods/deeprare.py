"""deeprare: a host with memory and tools ranks rare diseases, doubts each of them against what is known, searches deeper, and cites.

Source: Zhao et al. 2025 (DeepRare, arXiv 2506.20430), checked against the released code. Stages at depth d = 1, 2, … `depth`: (1) 5d passages of
the corpus for the case, 3d similar patients (memory and pool, kept only where the model finds them alike), and the embedded engine's first 5 + 5d
diseases as phenotype tool, each put on a shelf of numbered references; once, the model's own differential without any of them;
(2) the host gives up to five diseases with claims that cite references; (3) self-reflection: for every disease not yet found plausible, its
profile held against the case and 2d passages about it, and a call that judges it plausible or not; (4) where one is plausible the
search ends, else it goes deeper, with the judgements in view. Last, the host sees everything and gives the final ranked five; a disease it
names anew is reflected on too. What reflection found implausible is dropped. Every citation is looked up on the shelf: one that has no
reference, or is of a patient found unlike, is dropped and counted, and so is a claim that is left without any. Defaults: depth 3; greedy. Calls per case: 4 to 28.
Deviations: sources are local (corpus, profiles, memory), not the web, so passages are shown as they are instead of summarised, and names are tied to profiles
by name, not by nearest embedding; there is no gene variant. Not reproduced: in the released code the second depth ends the loop before it searches, so that
no deeper search is ever made and the draft is replaced by a warning; here each depth searches. Diseases come from a field, not from
bold words. Where no disease was found plausible the final list stands, and its note says so.
Failure modes: a corpus that holds the case's own report answers it, and so does a profile that cites it; the judge is the model that proposed; diseases without a
profile are judged by passages alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.methods import evidence, queries, task
from osler.methods.deeprare_tools import Shelf, knowledge_of, similar_patients
from osler.passages import Passage
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer, Candidate

MOST = 5
ALONE = "{case}\n\nFrom what you know alone: which rare diseases explain this patient? Give a ranked list, the most likely first, at most {most}."
ALIKE = (
    "{case}\n\nThese patients were remembered as similar.\n\n{references}\n\nFor each, say whether it is truly alike: decisive findings shared, nothing that "
    "tells them apart. Then list the numbers of those that are."
)
HOST = (
    "{case}\n\nYour first thoughts, without sources:\n\n{thoughts}\n\nYour tools found these references.\n\n{references}\n\n{judged}Weigh them against the patient "
    "and give a ranked list of at most {most} distinct rare diseases, the most likely first. Under each, make your claims one by one, and with each "
    "claim the numbers of the references that show it. Claim nothing that no reference shows."
)
REFLECT = (
    "{case}\n\nA colleague proposes this diagnosis:\n\n{disease}\n\nThis is what is known of it.\n\n{references}\n\nTry to refute it: which findings of the patient does it "
    "not explain, which of its own are missing or excluded, do age and course fit? Then judge whether it is plausible for this patient."
)
FINAL = (
    "{case}\n\nYour list so far:\n\n{thoughts}\n\nAll references that were found:\n\n{references}\n\n{judged}Give the final ranked list of at most {most} distinct rare diseases, the most "
    "likely first. Leave out what was judged implausible. Under each, make your claims one by one, and with each claim the numbers of the "
    "references that show it. Claim nothing that no reference shows."
)


_NUMBERS = {"type": "array", "items": {"type": "integer"}}
_CLAIM = task.form(claim={"type": "string"}, citations=_NUMBERS)
_ENTRY = task.form(
    claims={"type": "array", "items": _CLAIM, "minItems": 1, "maxItems": 12}, diagnosis={"type": "string"}
)
LIST = task.form(
    reasoning={"type": "string"}, answer={"type": "array", "items": _ENTRY, "minItems": 1, "maxItems": MOST}
)
ALIKE_FORM = task.form(reasoning={"type": "string"}, alike=_NUMBERS)
JUDGE = task.form(
    judgement={"type": "string", "description": "for and against"}, plausible={"type": "boolean"}
)


@dataclass
class Chart:
    """What is known of a case so far: references, the list and judgements by folded name (plausible; None where unreadable)."""

    shelf: Shelf = field(default_factory=Shelf)
    alone: list[str] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    judged: dict[str, tuple[str, bool | None, str]] = field(default_factory=dict)
    profiles: dict[str, Candidate | None] = field(default_factory=dict)
    dropped_patients: set[int] = field(default_factory=set)

    def names(self) -> list[str]:
        """Diseases of the list, each once."""
        return list(
            {
                task.folded(e["diagnosis"]): e["diagnosis"].strip()
                for e in self.entries
                if e["diagnosis"].strip()
            }.values()
        )

    def plausible(self) -> bool:
        """Whether reflection found one of the list plausible."""
        return any(self.judged.get(task.folded(name), ("", None, ""))[1] for name in self.names())

    def rejected(self, name: str) -> bool:
        """Whether reflection found a disease implausible."""
        return self.judged.get(task.folded(name), ("", None, ""))[1] is False

    def in_view(self) -> list[Passage]:
        """The references that the host saw, less the patients that turned out unlike."""
        return [one for n, one in enumerate(self.shelf.shown, 1) if n not in self.dropped_patients]

    def show(self) -> str:
        """The references, less the patients that turned out unlike."""
        numbers = [n for n in range(1, len(self.shelf.shown) + 1) if n not in self.dropped_patients]
        return self.shelf.show(numbers)

    def said(self) -> str:
        """The judgements so far, fenced."""
        verdicts = {True: "plausible", False: "implausible", None: "not judged"}
        lines = [
            f"{name}: {verdicts[verdict]}. {task.line(why, 400)}"
            for name, verdict, why in self.judged.values()
        ]
        return f"Judged before:\n\n{task.fence('judgements', chr(10).join(lines))}\n\n" if lines else ""


@method(
    "deeprare",
    source="Zhao et al. 2025 (DeepRare)",
    needs=("model", "corpus"),
    fidelity="code",
    cost="4 to 28 calls",
    calls=lambda depth: Calls(4, 1 + depth * (2 + MOST) + 1 + MOST),
    answers=("differential",),
    roles=("host", "judge"),
)
async def deeprare(case: Case, ctx: Context, depth: Annotated[int, Field(ge=1, le=6)] = 3) -> Answer:
    """Rank rare diseases from local sources; doubt each one, search deeper where none holds, and cite every claim."""
    chart, calm, reached = Chart(), ctx.greedy(), 0
    wording = ctx.prompt("deeprare", HOST)
    for reached in range(1, depth + 1):
        await _search(case, calm, chart, reached)
        asked = await _propose(case, calm, chart, wording, chart.alone, "host")
        if not asked.readable:
            return Answer(kind="differential", unreadable=True)
        chart.entries = asked.value["answer"]
        await _reflect(case, calm, chart, reached)
        if chart.plausible():
            break
    wording = ctx.prompt("deeprare.final", FINAL)
    asked = await _propose(case, calm, chart, wording, chart.names(), "final")
    if asked.readable:
        chart.entries = asked.value["answer"]
        await _reflect(case, calm, chart, reached, new_only=True)
    note = "" if asked.readable else "the final list was unreadable; the one before it stands"
    return _conclude(ctx, chart, reached, note)


async def _search(case: Case, ctx: Context, chart: Chart, depth: int) -> None:
    """Fill the shelf at a depth; the model's own differential is asked for at the same time, at the first."""
    query = queries.of(case)
    work: list[Any] = [ctx.retrieve(query, 5 * depth, label=f"depth {depth}")]
    if depth == 1:
        work.append(_alone(case, ctx))
    passages, *own = await ctx.gather(work)
    if own:
        chart.alone = own[0]
    chart.shelf.passages(passages)
    if case.with_status("present", "absent"):  # without a coded finding the engine has nothing to rank by
        ranked = await ctx.differential(case, top=5 + 5 * depth)
        for candidate in ranked.differential:
            chart.shelf.disease(candidate, "phenotype tool")
    patients = await similar_patients(case, ctx, chart.shelf, 3 * depth)
    if patients:
        prompt = ctx.prompt("deeprare.alike", ALIKE).format(
            case=task.present(case, with_options=False), references=chart.shelf.show(patients)
        )
        asked = await ctx.role("judge").ask(
            prompt, schema=ALIKE_FORM, system=evidence.SYSTEM, kind="verify", label="alike"
        )
        if asked.readable:
            chart.dropped_patients |= set(patients) - set(asked.value["alike"])
            chart.dropped_patients -= set(asked.value["alike"])


async def _alone(case: Case, ctx: Context) -> list[str]:
    """The model's own differential, without any source."""
    prompt = ctx.prompt("deeprare.alone", ALONE).format(
        case=task.present(case, with_options=False), most=MOST
    )
    form = task.schema(case.model_copy(update={"answer_kind": "differential"}))
    asked = await ctx.role("host").ask(prompt, schema=form, system=task.SYSTEM, label="alone")
    return [task.line(name) for name in asked.value["answer"][:MOST]] if asked.readable else []


async def _propose(
    case: Case, ctx: Context, chart: Chart, wording: str, thoughts: list[str], label: str
) -> Asked:
    """The host's list, with everything in view."""
    prompt = wording.format(
        case=task.present(case, with_options=False),
        thoughts=task.fence("diagnoses", "\n".join(thoughts) or "none"),
        references=chart.show(),
        judged=chart.said(),
        most=MOST,
    )
    return await ctx.role("host").ask(prompt, schema=LIST, system=evidence.SYSTEM, label=label)


async def _reflect(case: Case, ctx: Context, chart: Chart, depth: int, new_only: bool = False) -> None:
    """Judge the diseases of the list that were not found plausible yet, all at once; with `new_only` those never judged."""
    known = chart.judged
    names = [
        name
        for name in chart.names()
        if (
            task.folded(name) not in known
            if new_only
            else not known.get(task.folded(name), ("", None, ""))[1]
        )
    ]
    if not names:
        return
    numbers, profiles = await knowledge_of(case, ctx, chart.shelf, names, 2 * depth)
    chart.profiles |= profiles
    wording = ctx.prompt("deeprare.reflect", REFLECT)

    def judge(name: str) -> Any:
        references = chart.shelf.show(numbers[task.folded(name)])
        prompt = wording.format(
            case=task.present(case, with_options=False),
            disease=task.fence("diagnosis", name),
            references=references,
        )
        return ctx.role("judge").ask(
            prompt, schema=JUDGE, system=evidence.SYSTEM, kind="verify", label="reflect"
        )

    for name, asked in zip(names, await ctx.gather([judge(name) for name in names]), strict=True):
        said = asked.value if asked.readable else {"plausible": None, "judgement": ""}
        chart.judged[task.folded(name)] = (task.line(name), said["plausible"], said["judgement"])


def _conclude(ctx: Context, chart: Chart, depth: int, note: str) -> Answer:
    """The list without what was rejected, each disease with the references its claims cite."""
    kept = [entry for entry in chart.entries if not chart.rejected(entry["diagnosis"])]
    if not kept:
        note = "; ".join(
            filter(None, ["no diagnosis was found plausible; none is supported by what was found", note])
        )
    counts = {"claims": 0, "unresolvable": 0, "dropped_claims": 0}
    ranked: dict[str, Candidate] = {}
    with ctx.step("conclude", "references") as step:
        for entry in kept or chart.entries:
            candidate = _candidate(entry, chart, counts, step)
            if candidate is not None:
                ranked.setdefault(candidate.id or task.folded(candidate.name), candidate)
        rejected = [name for name, verdict, _ in chart.judged.values() if verdict is False]
        view = evidence.places(chart.in_view())
        step.note(
            "",
            None,
            depth=depth,
            references=len(chart.shelf.shown),
            shown_places=view,
            rejected=rejected,
            **counts,
        )
    return Answer(kind="differential", differential=list(ranked.values()), note=note or None)


def _candidate(
    entry: dict[str, Any], chart: Chart, counts: dict[str, int], step: Context
) -> Candidate | None:
    """One disease with its evidence; claims whose citations do not resolve are dropped and counted."""
    name = entry["diagnosis"].strip()
    if not name:
        return None
    found, said = [], []
    for claim in entry["claims"]:
        items, unknown = chart.shelf.resolve(claim["citations"], chart.dropped_patients)
        counts["claims"] += 1
        counts["unresolvable"] += len(unknown)
        counts["dropped_claims"] += not items
        if items:
            numbers = [n for n in dict.fromkeys(claim["citations"]) if n not in unknown]
            said.append(f"  {task.line(claim['claim'], 300)} {''.join(f'[{n}]' for n in numbers)}\n")
            found += [item for item in items if item not in found]
    step.note(f"{task.line(name)}\n{''.join(said)}", found)
    profile = chart.profiles.get(task.folded(name))
    evidence_of_profile = profile.evidence if profile else []
    base = profile or Candidate(id="", name=name)
    return base.model_copy(update={"name": name, "evidence": [*found, *evidence_of_profile]})
