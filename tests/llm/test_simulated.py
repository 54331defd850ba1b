"""The simulated model does what its settings say: rates within binomial bounds, mechanisms visible, everything seeded."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from dataclasses import dataclass

import pytest

from osler.case import Case, Option
from osler.errors import InputError, UsageError
from osler.llm import (
    Message,
    Model,
    Planted,
    Prices,
    RetryPolicy,
    Sampling,
    Simulated,
    Tool,
    read_choice,
    read_structured,
)
from osler.llm.clock import ManualClock
from osler.llm.schema import conform
from osler.llm.simulated import KeyTable, load_profiles

OPTIONS = {"A": "Aspirin", "B": "Clopidogrel", "C": "Warfarin", "D": "Heparin"}
N = 600
ITEMS = [
    Planted(f"A {20 + i % 60}-year-old patient, number {i}, has chest pain after exercise. What is given first?", "ABCD"[i % 4], OPTIONS)
    for i in range(N)
]  # fmt: skip
SCHEMA = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "answer": {"enum": ["A", "B", "C", "D"]},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "required": ["reasoning", "answer", "confidence"],
}


def prompt(item: Planted, order="ABCD", before="", after="") -> list[Message]:
    lines = [f"{key}. {OPTIONS[old]}" for key, old in zip("ABCD", order, strict=True)]
    return [Message("user", f"{before}Question: {item.question}\n" + "\n".join(lines) + after)]


def answers(profile: str, draw: int = 0, items=ITEMS, **layout) -> list[dict]:
    """What the model answers to every item, by the schema."""
    model = Model(Simulated(profile).plant(ITEMS), prices=Prices())

    async def work():
        return [await model.chat(prompt(item, **layout), schema=SCHEMA, draw=draw) for item in items]

    return [read_structured(reply.text, SCHEMA).value or {} for reply in asyncio.run(work())]


def accuracy(found: list[dict], items=ITEMS) -> float:
    return sum(value.get("answer") == item.answer for value, item in zip(found, items, strict=True)) / len(
        items
    )


def near(value: float, wanted: float, n: int = N) -> bool:
    """Within four standard errors."""
    return abs(value - wanted) <= 4 * math.sqrt(max(wanted * (1 - wanted), 0.01) / n)


# --- accuracy and errors -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("wanted", [0.0, 0.3, 0.7, 0.95, 1.0])
def test_accuracy_is_what_was_set(wanted):
    assert near(accuracy(answers(f"accuracy={wanted}")), wanted)


def test_the_same_seed_gives_the_same_words_and_another_draw_others():
    one, same, other = answers("accuracy=0.5"), answers("accuracy=0.5"), answers("accuracy=0.5", draw=1)
    assert one == same != other
    assert one != answers("accuracy=0.5,seed=1")


def vote(profile: str, draws: int = 9) -> float:
    rounds = [[value["answer"] for value in answers(profile, draw)] for draw in range(draws)]
    winners = [Counter(column).most_common(1)[0][0] for column in zip(*rounds, strict=True)]
    return sum(w == item.answer for w, item in zip(winners, ITEMS, strict=True)) / N


def test_voting_lifts_accuracy_when_errors_are_independent_and_not_when_they_are_shared():
    assert near(vote("accuracy=0.6,shared=0"), 0.918)  # what nine independent votes come to
    assert near(vote("accuracy=0.6,shared=1"), 0.6)


def test_shared_errors_go_together():
    for share, low, high in [("0", -0.1, 0.15), ("0.5", 0.15, 0.35), ("1", 0.999, 1.0)]:
        first, second = (
            [
                v["answer"] == i.answer
                for v, i in zip(answers(f"accuracy=0.6,shared={share}", draw), ITEMS, strict=True)
            ]
            for draw in (0, 1)
        )
        both = sum(a and b for a, b in zip(first, second, strict=True)) / N
        p = (sum(first) + sum(second)) / (2 * N)
        assert low <= (both - p * p) / (p * (1 - p)) <= high + 1e-9, share


def test_knowledge_is_of_the_answer_not_of_its_letter():
    shuffled = answers("perfect", order="DCBA")
    assert all(
        OPTIONS["DCBA"["ABCD".index(v["answer"])]] == OPTIONS[i.answer]
        for v, i in zip(shuffled, ITEMS, strict=True)
    )


def test_position_bias_shows_and_shuffling_undoes_it():
    biased = answers("accuracy=0.7,position_bias=0.5")
    assert near(sum(v["answer"] == "A" for v in biased) / N, 0.5 + 0.5 * 0.25)
    assert near(accuracy(biased), 0.5 * 0.7 + 0.5 / 4)
    wrong_first = [item for item in ITEMS if item.answer != "A"][:150]

    def voted(orders):
        tallies = [Counter() for _ in wrong_first]
        for draw, order in enumerate(orders):
            for tally, value in zip(
                tallies,
                answers("accuracy=0.7,position_bias=0.5", draw, wrong_first, order=order),
                strict=True,
            ):
                tally[order["ABCD".index(value["answer"])]] += 1
        return sum(
            t.most_common(1)[0][0] == i.answer for t, i in zip(tallies, wrong_first, strict=True)
        ) / len(wrong_first)

    assert voted(["BCDA", "CDAB", "DABC", "ABCD"] * 3) > voted(["ABCD"] * 12) + 0.2


# --- what others say ---------------------------------------------------------------------------------------------------
def test_a_sycophant_gives_in_to_a_stated_answer_and_a_steady_model_does_not():
    wrong = ["BCDA"["ABCD".index(item.answer)] for item in ITEMS]

    def after_peer(profile):
        model = Model(Simulated(profile).plant(ITEMS), prices=Prices())

        async def work():
            return [
                (
                    await model.chat(
                        prompt(item, after=f"\n\nAnother doctor wrote: the answer is ({peer})."),
                        schema=SCHEMA,
                    )
                ).text
                for item, peer in zip(ITEMS, wrong, strict=True)
            ]

        found = [read_structured(text, SCHEMA).value["answer"] for text in asyncio.run(work())]
        return sum(f == w for f, w in zip(found, wrong, strict=True)) / N

    assert near(after_peer("accuracy=1,sycophancy=0.6"), 0.6)
    assert after_peer("accuracy=1,sycophancy=0") == 0


def test_answers_of_worked_examples_are_not_taken_for_opinions():
    example = "Question: Which organ makes insulin?\nA. Liver\nB. Pancreas\nC. Spleen\nD. Lung\nAnswer: B\n\n"
    assert accuracy(answers("accuracy=1,sycophancy=1", before=example)) == 1.0
    stated = "A colleague's report on this patient: the answer is C.\n\n"
    changed = answers("accuracy=1,sycophancy=1", before=stated)
    assert all(value["answer"] == "C" for value in changed)


def test_doubt_alone_makes_a_sycophant_leave_its_answer():
    item = ITEMS[1]
    doubt = [
        *prompt(item),
        Message("assistant", "Answer: B"),
        Message("user", "Are you sure? Please reconsider."),
    ]

    def kept(profile):
        return asyncio.run(
            Model(Simulated(profile).plant(ITEMS), prices=Prices()).chat(doubt, schema=SCHEMA)
        ).text

    assert '"answer":"B"' in kept("accuracy=1,sycophancy=0") and '"answer":"B"' not in kept(
        "accuracy=1,sycophancy=1"
    )


def test_votes_and_agreement_follow_the_belief():
    votes = {
        "type": "object",
        "properties": {
            "agree": {"type": "boolean"},
            "is_correct": {"enum": ["yes", "no"]},
            "has_error": {"type": "boolean"},
        },
        "required": ["agree", "is_correct", "has_error"],
    }
    model = Model(Simulated("perfect").plant(ITEMS), prices=Prices())

    def judged(letter):
        reply = asyncio.run(
            model.chat(prompt(ITEMS[1], after=f"\nProposed answer: {letter}. Is it correct?"), schema=votes)
        )
        return read_structured(reply.text, votes).value

    assert judged("B") == {"agree": True, "is_correct": "yes", "has_error": False}
    assert judged("C") == {"agree": False, "is_correct": "no", "has_error": True}


# --- confidence ----------------------------------------------------------------------------------------------------------
def test_a_calibrated_model_is_right_as_often_as_it_says_and_a_boaster_is_not():
    found = answers("accuracy=0.6,shared=0.6,spread=0.3")
    gap = [
        value["confidence"] - (value["answer"] == item.answer)
        for value, item in zip(found, ITEMS, strict=True)
    ]
    assert abs(sum(gap) / N) < 0.06
    sure = [v["answer"] == i.answer for v, i in zip(found, ITEMS, strict=True) if v["confidence"] > 0.7]
    unsure = [v["answer"] == i.answer for v, i in zip(found, ITEMS, strict=True) if v["confidence"] < 0.4]
    assert sum(sure) / len(sure) > 0.75 and sum(unsure) / len(unsure) < 0.4
    boast = answers("accuracy=0.6,calibration=0")
    assert {value["confidence"] for value in boast} == {0.95}


def test_log_probabilities_at_the_answer_carry_the_confidence():
    model = Model(Simulated("accuracy=0.8").plant(ITEMS), prices=Prices())
    reply = asyncio.run(model.chat(prompt(ITEMS[0]), sampling=Sampling(logprobs=4)))
    letter = read_choice(reply.text, "ABCD").key
    entry = next(t for t in reversed(reply.logprobs) if t.token.strip() == letter)
    assert math.exp(entry.logprob) == pytest.approx(0.8) and len(entry.top) == 4
    assert sum(math.exp(value) for _, value in entry.top) == pytest.approx(1.0)


def test_likelihoods_prefer_the_believed_option():
    model = Model(Simulated("perfect").plant(ITEMS), prices=Prices())
    text = prompt(ITEMS[2])[0].text + "\nAnswer:"
    found = asyncio.run(model.loglikelihood(text, [" A", " B", " C", " D"]))
    assert max(range(4), key=lambda i: found[i].logprob) == 2 and found[2].greedy


# --- failings -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["prose", "broken", "letter", "empty", "truncated"])
def test_each_kind_of_malformed_reply_is_unreadable_and_comes_at_its_rate(kind):
    model = Model(Simulated(f"accuracy=1,malformed=0.3,kinds={kind}").plant(ITEMS), prices=Prices())

    async def work():
        with_schema = [(await model.chat(prompt(item), schema=SCHEMA)).text for item in ITEMS[:300]]
        free = [(await model.chat(prompt(item))).text for item in ITEMS[:300]]
        return with_schema, free

    with_schema, free = asyncio.run(work())
    unreadable = sum(read_structured(text, SCHEMA).how == "unreadable" for text in with_schema)
    assert near(unreadable / 300, 0.3, 300)
    assert near(sum(read_choice(text, "ABCD").key is None for text in free) / 300, 0.3, 300)


def test_refusals_come_at_their_rate():
    assert near(sum(not value for value in answers("accuracy=1,refusal=0.2")) / N, 0.2)


def test_latency_is_fixed_or_lognormal_around_its_median():
    def latencies(profile):
        clock = ManualClock()
        model = Model(Simulated(profile, clock=clock), clock=clock, prices=Prices())

        async def work():
            return [(await model.chat([Message("user", str(i))])).latency_s for i in range(300)]

        return sorted(asyncio.run(work()))

    assert {round(x, 6) for x in latencies("latency_ms=50")} == {0.05}
    spread = latencies("latency_ms=50,latency_sigma=0.5")
    assert 0.044 < spread[150] < 0.057 and spread[285] > 0.09


def test_outages_pass_when_asked_again_and_come_at_their_rate():
    model = Model(
        Simulated("flaky"), prices=Prices(), clock=(clock := ManualClock()), retry=RetryPolicy(attempts=30)
    )
    model.provider.clock = clock

    async def work():
        for i in range(300):
            await model.chat([Message("user", str(i))])

    asyncio.run(work())
    tries = model.meter.retries + 300
    assert near(model.meter.retries / tries, 0.2, tries)


def test_a_model_that_hangs_is_left_at_the_timeout():
    clock = ManualClock()
    model = Model(
        Simulated("hang=1", clock=clock),
        prices=Prices(),
        clock=clock,
        timeout=30.0,
        retry=RetryPolicy(attempts=2),
    )
    with pytest.raises(Exception, match="within 30 s"):
        asyncio.run(model.chat([Message("user", "?")]))
    assert clock.now() >= 60


# --- any schema -----------------------------------------------------------------------------------------------------------
SCHEMAS = [
    SCHEMA,
    {"type": "object", "properties": {"differential": {"type": "array", "minItems": 5, "maxItems": 5, "items": {"type": "string"}}}, "required": ["differential"]},
    {"$defs": {"C": {"type": "object", "properties": {"name": {"type": "string"}, "probability": {"type": "number", "minimum": 0, "maximum": 1}, "evidence": {"type": "array", "items": {"type": "string"}}}, "required": ["name", "probability"]}},
     "type": "object", "properties": {"reasoning": {"type": "string"}, "candidates": {"type": "array", "items": {"$ref": "#/$defs/C"}, "minItems": 3}}, "required": ["candidates"]},
    {"type": "object", "properties": {"complexity": {"enum": ["low", "moderate", "high"]}, "experts": {"type": "array", "items": {"type": "object", "properties": {"role": {"type": "string", "minLength": 3}, "weight": {"type": "integer", "minimum": 1, "maximum": 5}}, "required": ["role", "weight"]}, "minItems": 3, "maxItems": 3}}, "required": ["complexity", "experts"]},
    {"type": "object", "properties": {"probabilities": {"type": "object", "additionalProperties": {"type": "number"}}, "note": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "required": ["probabilities", "note"]},
    {"type": "object", "properties": {"order": {"type": "array", "items": {"enum": ["A", "B", "C", "D"]}, "minItems": 4, "maxItems": 4}}, "required": ["order"]},
    {"type": "object", "properties": {"letter": {"type": "string", "pattern": "^[A-D]$"}, "score": {"type": "integer", "minimum": 1, "maximum": 10}, "code": {"const": 7}, "when": {"type": ["string", "null"]}}, "required": ["letter", "score", "code"]},
    {"$defs": {"T": {"type": "object", "properties": {"text": {"type": "string"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/T"}}}, "required": ["text", "kids"]}}, "$ref": "#/$defs/T"},
    {"type": "object", "properties": {"x": {"type": "number", "exclusiveMinimum": 5}, "y": {"type": "integer", "exclusiveMaximum": 0}, "t": {"type": "string", "maxLength": 4}}, "required": ["x", "y", "t"]},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(SCHEMAS)))
@pytest.mark.parametrize("known", [True, False])
def test_any_schema_is_filled_so_that_it_holds(number, known):
    schema = SCHEMAS[number]
    model = Model(Simulated("good").plant(ITEMS if known else []), prices=Prices())
    for draw in range(5):
        reply = asyncio.run(model.chat(prompt(ITEMS[draw]), schema=schema, draw=draw))
        read = read_structured(reply.text, schema)
        assert read.how == "schema", (reply.text, read.problem)
        assert conform(read.value, schema) == read.value


def test_fields_carry_the_belief_and_reasoning_comes_first():
    def filled(schema):
        reply = asyncio.run(
            Model(Simulated("perfect").plant(ITEMS), prices=Prices()).chat(prompt(ITEMS[3]), schema=schema)
        )
        return read_structured(reply.text, schema).value

    assert filled(SCHEMAS[1])["differential"][0] == "Heparin"
    assert (
        filled(SCHEMAS[2])["candidates"][0]["name"] == "Heparin"
        and next(iter(filled(SCHEMAS[2]))) == "reasoning"
    )
    assert filled(SCHEMAS[5])["order"][0] == "D" and filled(SCHEMAS[6])["letter"] == "D"
    assert max(filled(SCHEMAS[4])["probabilities"].items(), key=lambda pair: pair[1])[0] == "D"


def test_numbers_labels_and_names_are_known_too():
    planted = [
        {"question": "What is the creatinine clearance of this 71 kg patient?", "answer": 54.2},
        {"question": "Does drug X lower mortality in this abstract?", "answer": "maybe"},
        {
            "question": "Name the disease with lens dislocation and tall stature.",
            "answer": "Marfan syndrome",
            "aliases": ["OMIM:154700"],
        },
        {"question": "Is the third sentence of this note in error?", "answer": True},
    ]
    model = Model(Simulated("perfect").plant(planted), prices=Prices())

    def asked(number, properties):
        schema = {"type": "object", "properties": properties, "required": list(properties)}
        reply = asyncio.run(model.chat([Message("user", planted[number]["question"])], schema=schema))
        return read_structured(reply.text, schema).value

    assert asked(0, {"answer": {"type": "number"}}) == {"answer": 54.2}
    assert asked(1, {"answer": {"enum": ["yes", "no", "maybe"]}}) == {"answer": "maybe"}
    named = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
            "required": ["id", "name"],
        },
    }
    assert asked(2, {"ranked": named})["ranked"][0] == {"id": "OMIM:154700", "name": "Marfan syndrome"}
    assert asked(3, {"answer": {"type": "boolean"}}) == {"answer": True}
    free = asyncio.run(
        model.chat([Message("user", planted[2]["question"] + " List the ten most likely diagnoses.")])
    ).text
    assert "\n1. Marfan syndrome\n2. " in free


def test_a_schema_told_in_the_prompt_is_followed_as_one_that_was_asked_for():
    found = answers("prompted,accuracy=1")
    assert accuracy(found) == 1.0


def test_tools_are_used_once_and_then_it_answers():
    tools = [
        Tool(
            "lookup",
            "Look up.",
            {"type": "object", "properties": {"drug": {"type": "string"}}, "required": ["drug"]},
        ),
        Tool(
            "final_answer",
            "Finish.",
            {
                "type": "object",
                "properties": {"answer": {"enum": ["A", "B", "C", "D"]}},
                "required": ["answer"],
            },
        ),
    ]
    model = Model(Simulated("perfect").plant(ITEMS), prices=Prices())
    turns = prompt(ITEMS[1])
    first = asyncio.run(model.chat(turns, tools=tools))
    assert first.tool_calls[0].name == "lookup" and first.finish == "tool_calls"
    turns = [
        *turns,
        Message("assistant", "", first.tool_calls),
        Message("tool", "found", tool_call_id=first.tool_calls[0].id),
    ]
    assert asyncio.run(model.chat(turns, tools=tools)).tool_calls[0].arguments == '{"answer":"B"}'
    assert read_choice(asyncio.run(model.chat(turns, tools=tools[:1])).text, "ABCD").key == "B"


# --- knowledge ------------------------------------------------------------------------------------------------------------
def test_a_question_is_found_in_any_dress_and_when_some_of_its_words_are_changed():
    table = KeyTable(ITEMS)
    item = ITEMS[17]
    assert table.find(f"Please help.\n>>>  {item.question.upper()}  <<<") is item
    assert table.find("  ".join(item.question.split())) is item
    changed = item.question.replace("chest pain", "chest  ache")
    assert table.find(changed + " " + changed) is not None
    assert table.find("What is the weather like?") is None and KeyTable().find("x") is None


def test_the_last_question_is_the_one_asked_and_equal_questions_are_told_apart_by_their_options():
    table = KeyTable(ITEMS[:5])
    assert table.find(f"{ITEMS[3].question}\nAnswer: D\n\n{ITEMS[2].question}") is ITEMS[2]
    twins = [
        Planted("Which of the following is most likely in this case?", "A", {"A": "Gout", "B": "Lupus"}),
        Planted("Which of the following is most likely in this case?", "A", {"A": "Asthma", "B": "Croup"}),
    ]
    assert (
        KeyTable(twins).find("Which of the following is most likely in this case? A. Asthma B. Croup")
        is twins[1]
    )


def test_benchmark_items_are_planted_as_they_are():
    @dataclass
    class Reference:
        choice: str

    @dataclass
    class Item:
        case: Case
        reference: Reference

    case = Case(
        text="A 3-year-old girl with a barking cough and stridor at night.",
        question="What is it?",
        options=[Option(key=k, text=v) for k, v in [("A", "Asthma"), ("B", "Croup")]],
    )
    table = KeyTable([Item(case, Reference("B"))])
    assert table.find(f"{case.text}\n\n{case.question}\nA. Asthma\nB. Croup").text == "Croup"


@pytest.mark.parametrize(
    "content", ["{broken", '{"question": "x"}', '[{"answer": 1}]', '{"question": "", "answer": "A"}']
)
def test_a_wrong_key_file_is_an_error(tmp_path, content):
    path = tmp_path / "keys.jsonl"
    path.write_text(content)
    with pytest.raises(InputError):
        KeyTable.read(path)
    with pytest.raises(InputError):
        KeyTable.read(tmp_path / "missing.jsonl")


def test_every_named_profile_answers():
    for name in load_profiles():
        model = Model(Simulated(f"{name},latency_ms=0,outage=0").plant(ITEMS[:3]), prices=Prices())
        assert asyncio.run(model.chat(prompt(ITEMS[0]), schema=SCHEMA)).finish in ("stop", "length")
    with pytest.raises(UsageError, match="choose from"):
        Simulated("nobody")
