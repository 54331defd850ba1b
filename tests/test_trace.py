"""The Trace: events fold into steps in any order, what was cancelled stays, and the record is the same to the byte."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import InputError
from osler.trace import (
    Answer,
    AtBox,
    AtFormula,
    AtPath,
    AtPointer,
    AtSlice,
    AtSpan,
    AtTime,
    Candidate,
    End,
    Evidence,
    Meter,
    Recorder,
    Start,
    Trace,
    diff,
    read_event,
    replay,
)

EVERY_LOCATOR = [
    AtSpan(start=1, end=4),
    AtPointer(pointer="/entry/3/resource"),
    AtBox(x=1, y=2, width=3, height=4),
    AtSlice(axis="axial", index=12),
    AtTime(start_s=0.5, end_s=2),
    AtPath(nodes=["HP:1", "OMIM:2"], relations=["phenotype of"]),
    AtFormula(expression="a / b", inputs={"a": 1.0, "b": 2.0}),
]
evidence = st.builds(
    Evidence,
    source=st.sampled_from(["hpo", "note"]),
    record=st.text(max_size=8),
    locator=st.none() | st.sampled_from(EVERY_LOCATOR),
    score=st.none() | st.floats(-10, 10),
)
KINDS = [
    "observe",
    "recall",
    "retrieve",
    "calculate",
    "hypothesise",
    "ask",
    "order",
    "verify",
    "revise",
    "conclude",
]


@st.composite
def recorders(draw):
    """A run of random nested steps, some left open."""
    recorder = Recorder()

    def grow(path, depth):
        for child in range(draw(st.integers(0, 3 if depth else 4))):
            here = (*path, child)
            recorder.start(
                here,
                draw(st.sampled_from(KINDS)),
                draw(st.text(max_size=5)),
                draw(st.none() | st.text(max_size=4)),
            )
            if draw(st.booleans()):
                recorder.add(
                    here, draw(st.text(max_size=9)), draw(st.lists(evidence, max_size=2)), {"n": child}
                )
            if depth:
                grow(here, depth - 1)
            if draw(st.booleans()):
                recorder.end(here, draw(st.sampled_from(["done", "failed", "cancelled"])))

    grow((), 2)
    return recorder


@given(recorders(), st.randoms())
def test_events_fold_to_the_same_steps_in_any_order(recorder, rng):
    shuffled = list(recorder.events)
    rng.shuffle(shuffled)
    assert replay(shuffled) == replay(recorder.events)


@given(recorders())
def test_a_trace_survives_json_and_replay(recorder):
    trace = Trace(
        case_id="c", method="m", steps=replay(recorder.events), answer=Answer(kind="choice", choice="B")
    )
    assert Trace.from_json(trace.to_json()) == trace
    assert replay(trace.events()) == trace.steps
    assert diff(trace, Trace.from_json(trace.to_json())) == []


@given(recorders())
def test_each_event_survives_its_json_line(recorder):
    assert [read_event(event.model_dump_json()) for event in recorder.events] == recorder.events


def test_steps_without_an_end_are_kept_as_cancelled():
    steps = replay(
        [Start(path=(0,), seq=0, kind="recall"), Start(path=(1,), seq=0, kind="ask"), End(path=(1,), seq=1)]
    )
    assert [step.state for step in steps] == ["cancelled", "done"]
    assert [step.state for step in replay([Start(path=(0,), seq=0, kind="recall")], finished=False)] == [
        "open"
    ]


def test_an_event_without_a_start_is_refused():
    with pytest.raises(InputError, match="never started"):
        replay([End(path=(3,), seq=1)])


def test_time_and_cost_do_not_change_the_record():
    quick, slow = Recorder(), Recorder()
    for recorder, seconds in ((quick, 0.1), (slow, 9.0)):
        recorder.start((0,), "ask")
        recorder.meter(Meter(path=(0,), wall_s=seconds, calls=1, cost=seconds))
        recorder.end((0,))
    records = [Trace(case_id="c", method="m", steps=replay(r.events)).to_json() for r in (quick, slow)]
    assert records[0] == records[1]
    assert quick.meters != slow.meters


def test_a_listener_sees_each_event_as_it_happens():
    seen = []
    recorder = Recorder(seen.append)
    recorder.start((0,), "observe")
    assert len(seen) == 1
    recorder.end((0,))
    assert seen == recorder.events


def test_diff_names_what_parted():
    left = Trace(
        case_id="c",
        method="m",
        steps=replay([Start(path=(0,), seq=0, kind="ask", label="a"), End(path=(0,), seq=1)]),
    )
    right = Trace(
        case_id="c",
        method="m",
        steps=replay(
            [Start(path=(0,), seq=0, kind="ask", label="b"), Start(path=(1,), seq=0, kind="verify")]
        ),
        answer=Answer(kind="text", text="x"),
    )
    lines = diff(left, right)
    assert lines[0].startswith("~ 0 ask") and "label" in lines[0]
    assert lines[1].startswith("+ 1 verify")
    assert lines[2] == "~ answer"


def test_children_and_parents():
    rng = random.Random(0)
    events = [Start(path=p, seq=0, kind="recall") for p in [(0,), (0, 0), (0, 1), (1,)]]
    rng.shuffle(events)
    trace = Trace(case_id="c", method="m", steps=replay(events))
    assert [step.path for step in trace.children((0,))] == [(0, 0), (0, 1)]
    assert trace.step((0, 1)).parent == (0,)
    assert trace.step((1,)).parent is None
    assert [depth for depth, _ in trace.walk()] == [0, 1, 1, 0]
    with pytest.raises(KeyError):
        trace.step((9,))


def test_a_broken_trace_is_refused_with_the_place():
    with pytest.raises(InputError, match="steps"):
        Trace.from_json('{"case_id": "c", "method": "m", "steps": [{"path": [0]}]}')
    with pytest.raises(InputError):
        read_event('{"event": "middle"}')


def test_an_answer_carries_a_differential_with_evidence():
    answer = Answer(
        kind="differential",
        differential=[
            Candidate(id="OMIM:1", name="x", probability=0.5, evidence=[Evidence(source="hpo", record="r")])
        ],
        none_fits=0.1,
    )
    trace = Trace(case_id="c", method="m", answer=answer)
    assert Trace.from_json(trace.to_json()).answer == answer
