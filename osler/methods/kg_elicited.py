"""kg-elicited (MedRAG of NTU): similar records, and what a graph says tells look-alike diseases apart, in one diagnosing call.

Source: Zhao et al. 2025 (MedRAG, WWW 2025), checked against the released code; not the MedRAG toolkit of retrieval. Stages:
(1) the patient's findings are matched to features of the graph; (2) each feature votes, through the diseases that have it,
for the categories that stand `levels` above them; the first `categories` win (0: no vote); (3) their diseases are held side
by side, and what not all of them have becomes a text of differences, each feature marked present, absent or not stated; (4)
similar records come from the corpus; (5) one call with all of it: explanation, follow-up questions on features that would
tell the candidates apart and are not stated, diagnosis. Where no question of the model asks for one, the feature that parts
the first two is asked for. Defaults: three records, three categories two levels up, six look-alikes, three questions;
greedy (the code leaves its numbers to the run). With `elicit=no` retrieval alone, for comparison.
Calls per case: 1.
Deviations: findings are matched by id, name or synonym, where the code takes feature nodes whose embedding is nearer than
0.5; of a large graph only the 30 diseases with most matched features vote, and only those are held side by side, among
equals those whose features few diseases share; categories are read off the hierarchy, where the code has a fixed list; the
code's graph has features that a model wrote, here they are the graph's own edges, and the differences are worked out; no
treatment plan is asked for unless the case asks. Defects of the code not copied: its choice of model is always the first
branch, only the last category's text survives the loop, one branch embeds the paths of files instead of their text.
Failure modes: big categories win votes, and a disease outside the winners is not looked at (perf/look_alikes.py: on Osler's
own graph the vote loses more look-alikes than it sorts out); a finding in other words than the graph's matches nothing; a
disease without a parent stands alone; the differences are only as whole as the graph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.methods import edges, evidence, task
from osler.registry import method
from osler.trace import Answer, Candidate, Evidence

ELICIT = (
    "{case}\n\nRecords of similar patients:\n\n{records}\n\nWhat a medical graph says tells the diseases apart that fit best:\n\n{differences}\n\nA graph is never whole, and a "
    "record is one patient. Explain which of the features that tell them apart this patient has or lacks; write up to {most} follow-up questions, each on "
    "a feature that would tell the candidates apart and is not stated; name the records that you rely on; then answer."
)
PLAIN = (
    "{case}\n\nRecords of similar patients:\n\n{records}\n\nA record is one patient. Explain what speaks for and against the candidates; write up to {most} follow-up "
    "questions that would help to decide; name the records that you rely on; then answer."
)
# Relations of the known layouts from a disease to a feature, and from a disease to what it is a kind of.
FEATURES = ("has_phenotype", "has_symptom", "disease_phenotype_positive", "presents")
KINDS = ("is_a", "disease_disease")
DAMPING = 0.4
_POOL, _OF_FEATURE, _OF_DISEASE, _SHOWN = 30, 500, 100, 12


@dataclass
class Disease:
    """A disease that has some of the patient's features: `matched` edges to those, and all its `features` by id.

    `rare` sums, over the matched features, the number of diseases that have them, to the power -0.4 as for paths.
    """

    id: str
    name: str
    matched: list[Evidence] = field(default_factory=list)
    rare: float = 0.0
    above: set[tuple[str, str]] = field(default_factory=set)
    features: dict[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True)
class Stated:
    """Ids of features that the record says are there, and that are not."""

    present: frozenset[str]
    absent: frozenset[str]

    def word(self, feature: str) -> str:
        """How the record has a feature."""
        return "present" if feature in self.present else "absent" if feature in self.absent else "not stated"


@method(
    "kg-elicited",
    source="Zhao et al. 2025 (MedRAG with KG-elicited reasoning)",
    needs=("model", "graph", "corpus"),
    fidelity="code",
    graph=("background",),
    questions=("multi-document", "explainable"),
    cost="1 call",
    calls=lambda: 1,
)
async def kg_elicited(
    case: Case,
    ctx: Context,
    records: Annotated[int, Field(ge=0, le=20)] = 3,
    categories: Annotated[int, Field(ge=0, le=10)] = 3,
    levels: Annotated[int, Field(ge=1, le=6)] = 2,
    alike: Annotated[int, Field(ge=2, le=20)] = 6,
    ask: Annotated[int, Field(ge=1, le=10)] = 3,
    elicit: bool = True,
) -> Answer:
    """Diagnose from similar records and from what tells look-alikes apart, and ask for what is missing."""
    similar = await ctx.retrieve(_words(case), records, label="records") if records else []
    stated, rivals, missing = Stated(frozenset(), frozenset()), [], []
    if elicit:
        stated = await stated_in(ctx, case)
        rivals = rivals_of(ctx, stated, levels, categories, alike)
        missing = telling(rivals, stated)
    wording = ctx.prompt("kg-elicited", ELICIT) if elicit else ctx.prompt("kg-elicited.plain", PLAIN)
    filled = {"differences": differences(rivals, stated)} if elicit else {}
    kept = evidence.keep_within(similar)
    asked = await ctx.greedy().ask(
        wording.format(case=task.present(case), records=evidence.show(kept), most=ask, **filled),
        schema=_form(case, ask),
        system=evidence.SYSTEM,
        kind="hypothesise",
        label="diagnose",
    )
    answer = task.read(case, asked)
    if not asked.readable:
        return answer
    questions = _follow_up(ctx, asked.value["follow_up"][:ask], missing)
    with ctx.step("conclude") as step:
        step.note("", evidence.resolve(evidence.numbers_of(asked), kept))
    note = f"to ask next: {' '.join(questions)}" if questions else None
    if note and answer.text is not None and case.answer_form is None:
        answer = answer.model_copy(update={"text": f"{answer.text}\n\nT{note[1:]}"})
    return _tied(answer, rivals, stated).model_copy(update={"note": note})


def _form(case: Case, most: int) -> dict[str, Any]:
    form = evidence.with_citations(task.schema(case))
    fields = dict(form["properties"])
    questions = {"type": "array", "items": {"type": "string"}, "maxItems": most}
    fields = {"reasoning": fields.pop("reasoning"), "follow_up": questions, **fields}
    return {**form, "properties": fields, "required": list(fields)}


def _words(case: Case) -> str:
    """What similar records are looked for by: the findings that are there and the text; never the options."""
    text = task.folded(case.text)
    labels = [
        f.label for f in case.findings if f.status == "present" and task.folded(f.label or "") not in text
    ]
    return ("\n".join([*dict.fromkeys(filter(None, labels)), case.text]).strip() or case.question or "")[
        :2000
    ]


async def stated_in(ctx: Context, case: Case) -> Stated:
    """The features of the graph that the case's findings and text name."""
    present, absent = set(), set()
    for finding in case.findings:
        linked = await ctx.graph_link(finding.id) or await ctx.graph_link(finding.label or finding.id)
        where = {"present": present, "absent": absent}.get(finding.status)
        if where is not None:
            where.update(one.id for one in linked)
    text = f"{case.text}\n{case.question or ''}".strip()
    for one in await ctx.graph_link(text) if text else []:
        if one.status in ("", "present"):
            present.add(one.id)
        elif one.status == "absent":
            absent.add(one.id)
    return Stated(frozenset(present - absent), frozenset(absent))


def rivals_of(
    ctx: Context, stated: Stated, levels: int = 2, categories: int = 3, alike: int = 6
) -> list[Disease]:
    """The diseases of the categories that the patient's features vote for, the best matched first; of any with 0 categories."""
    held = {one.name for one in ctx.graphs.relations()}
    feature, kind = ([name for name in names if name in held] for names in (FEATURES, KINDS))
    pool = _matched(ctx, stated, feature)
    best: list[tuple[str, str]] = []
    votes: Counter[tuple[str, str]] = Counter()
    if categories:
        for one in pool:
            one.above = _above(ctx, one, kind, levels)
            votes.update(dict.fromkeys(one.above, len(one.matched)))
        members = Counter(above for one in pool for above in one.above)
        best = sorted(votes, key=lambda above: (-votes[above], members[above], above[1]))[:categories]
    rivals = [one for one in pool if not categories or one.above & set(best)][:alike]
    for one in rivals:
        found = ctx.graphs.triples(one.id, relations=feature, top=_OF_DISEASE, way="out")
        one.features = {edges.nodes(edge)[1]: edge for edge in found if edge.score != 0}
    with ctx.step("retrieve", "look-alikes") as step:
        step.note("".join(f"{name}: {votes[identity, name]} votes\n" for identity, name in best))
        step.note(
            "".join(f"{one.name}\n" for one in rivals), [edge for one in rivals for edge in one.matched]
        )
    return rivals


def _matched(ctx: Context, stated: Stated, feature: Sequence[str]) -> list[Disease]:
    """The diseases with most of the patient's features; among equals those whose features are shared by few come first."""
    found: dict[str, Disease] = {}
    for one in sorted(stated.present) if feature else ():
        having = ctx.graphs.triples(one, relations=feature, top=_OF_FEATURE, way="in")
        for edge in having:
            if edge.score != 0:
                named = found.setdefault(
                    edges.nodes(edge)[0], Disease(edges.nodes(edge)[0], edges.ends(edge)[0])
                )
                named.matched.append(edge)
                named.rare += len(having) ** -DAMPING
    return sorted(found.values(), key=lambda one: (-len(one.matched), -one.rare, one.name))[:_POOL]


def _above(ctx: Context, disease: Disease, kind: Sequence[str], levels: int) -> set[tuple[str, str]]:
    """What stands so many levels above a disease, or the highest there is, by id and name; itself where nothing does."""
    reached = {(disease.id, disease.name)}
    for _ in range(levels if kind else 0):
        higher = {
            (edges.nodes(edge)[1], edges.ends(edge)[1])
            for identity, _ in sorted(reached)
            for edge in ctx.graphs.triples(identity, relations=kind, top=_OF_DISEASE, way="out")
        }
        if not higher:
            break
        reached = higher
    return reached


def telling(rivals: Sequence[Disease], stated: Stated) -> list[Evidence]:
    """Features that are not stated and tell rivals apart, as edges: those that part the first two come first, then frequent ones."""
    count = Counter(feature for one in rivals for feature in one.features)
    first = [set(one.features) for one in rivals[:2]]
    edge_of = {feature: edge for one in reversed(rivals) for feature, edge in one.features.items()}
    open_ = [f for f, n in count.items() if n < len(rivals) and stated.word(f) == "not stated"]
    parted = first[0] ^ first[1] if len(first) == 2 else set()
    order = sorted(
        open_, key=lambda f: (f not in parted, -(edge_of[f].score or 0.0), edges.ends(edge_of[f])[1])
    )
    return [edge_of[feature] for feature in order]


def differences(rivals: Sequence[Disease], stated: Stated) -> str:
    """What not all of the rivals have, disease by disease, fenced; each feature with how the record has it."""
    if len(rivals) < 2:
        return "The graph holds no two diseases to tell apart here."
    count = Counter(feature for one in rivals for feature in one.features)
    lines = []
    for one in rivals:
        own = {feature: edge for feature, edge in one.features.items() if count[feature] < len(rivals)}
        order = sorted(
            own, key=lambda f: (count[f], stated.word(f) == "not stated", -(own[f].score or 0.0), f)
        )
        said = [
            f"{task.line(edges.ends(own[f])[1])} ({'only here, ' if count[f] == 1 else ''}{stated.word(f)})"
            for f in order[:_SHOWN]
        ]
        lines.append(f"{task.line(one.name)}: {'; '.join(said) or 'nothing of its own'}.")
    return task.fence("differences", "\n".join(lines))


def _follow_up(ctx: Context, written: Sequence[str], missing: Sequence[Evidence]) -> list[str]:
    """The model's questions; one more for the most telling feature where none of them asks for any."""
    questions = [task.line(question, 200) for question in written if question.strip()]
    names = {task.folded(edges.ends(edge)[1]): edge for edge in missing}
    about = [edge for name, edge in names.items() if any(name in task.folded(words) for words in questions)]
    if missing and not about:
        questions.append(f"Is there {task.line(edges.ends(missing[0])[1])}?")
        about = [missing[0]]
    with ctx.step("ask", "follow-up") as step:
        step.note("\n".join(questions), about)
    return questions


def _tied(answer: Answer, rivals: Sequence[Disease], stated: Stated) -> Answer:
    """Diagnoses that are among the rivals get their id and their edges: for, against, and not stated."""
    known = {task.folded(one.name): one for one in rivals}
    if answer.kind != "differential":
        return answer
    return answer.model_copy(
        update={"differential": [_held(entry, known, stated) for entry in answer.differential]}
    )


def _held(entry: Candidate, known: dict[str, Disease], stated: Stated) -> Candidate:
    one = known.get(task.folded(entry.name))
    if one is None:
        return entry
    supports = {"present": True, "absent": False, "not stated": None}
    order = sorted(one.features, key=lambda f: (stated.word(f) == "not stated", f))
    items = [
        one.features[f].model_copy(update={"supports": supports[stated.word(f)]}) for f in order[:_SHOWN]
    ]
    return entry.model_copy(update={"id": one.id, "evidence": items})
