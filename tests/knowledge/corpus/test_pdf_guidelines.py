"""Guidelines in PDF: by recommendation across pages, without what runs along at the edges, each with the page it begins on."""

import random
import textwrap

import pytest
from pdf_writer import pdf

from osler.knowledge.corpus import guidelines, pdf_guidelines, store
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.passages import Filters

pytest.importorskip("pypdf", reason="extra documents")


def edged(number, total, body):
    """A page of NICE's kind: a running head, and a foot of which the number counts and wraps."""
    foot = f"© Example Institute 2023. All rights reserved. Subject to notice of\nrights. Page {number} of\n{total}"
    return f"High blood pressure in grown-ups (NG999)\n{body.strip()}\n{foot}"


NICE = [
    "High blood pressure in grown-ups\nNICE guideline [NG999]\nPublished: 28 August 2019\nLast updated: 21 November 2023",
    edged(2, 6, """
Contents
1 Recommendations .............................. 3
1.1 Measuring blood pressure ................... 3
1.1.1 Measure in both arms ..................... 3
1.4 Treating ................................... 5
"""),
    edged(3, 6, """
1 Recommendations
1.1 Measuring blood pressure
1.1.1 Measure blood pressure in both arms when you think of hyper-
tension. [2011, amended 2019]
1.1.2 If the difference between the arms is more than 15 mmHg:
• repeat the measurements, and
• take the arm with the higher reading from then on, also for low-
"""),
    edged(4, 6, """
dose treatment. [2019]
People with symptoms
1.1.3 Look for postural hypotension. A low reading and the right dose of
IL-
6 blockers come second. [2023]
For a short explanation of why the committee made this recommendation see below.
Why this was said
The committee found that arms differ.
"""),
    edged(5, 6, """
1.4 Treating hypertension
1.4.1 Offer an ACE inhibitor to adults under 55 who have hypertension and
"""),
    edged(6, 6, """
no contraindication. [2019]
Terms used in this guideline
Stage 1 is a reading of 140/90 mmHg or more.
"""),
]  # fmt: skip


def added(tmp_path, pages, name="guide.pdf", **about):
    (tmp_path / name).write_bytes(pdf(pages, **about))
    return add("guides", tmp_path / name)


def all_documents():
    reader = store.Reader(store.place("guides") / store.about("guides")["data"])
    return {document.id: document for document in reader.documents(0, reader.n_documents)}


def best(words, **filters):
    """The best passage, which opens at its words."""
    passage = LexicalRetriever("guides").search(words, 1, Filters(**filters) if filters else None)[0]
    assert all_documents()[passage.document].text[passage.start : passage.end] == passage.text
    return passage


def test_each_recommendation_is_one_document_also_over_a_page_break(tmp_path):
    added(tmp_path, NICE)
    there = all_documents()
    own = {name.partition("/")[2]: one for name, one in there.items() if name.startswith("NG999@2023-11-21/")}
    assert list(own) == ["1.1.1", "1.1.2", "1.1.3", "1.4.1"]
    assert own["1.1.1"].text == (
        "1.1.1 Measure blood pressure in both arms when you think of hypertension. [2011, amended 2019]"
    )
    assert own["1.1.2"].text == (
        "1.1.2 If the difference between the arms is more than 15 mmHg:\n• repeat the measurements, and\n"
        "• take the arm with the higher reading from then on, also for low-dose treatment. [2019]"
    )
    assert own["1.4.1"].text.endswith("hypertension and\nno contraindication. [2019]")
    assert "IL-6 blockers" in own["1.1.3"].text and own["1.1.3"].text.endswith("[2023]")
    assert not any("rights" in one.text or "grown-ups (NG999)" in one.text for one in own.values())


def test_id_version_date_section_and_page_stand_with_it(tmp_path):
    added(tmp_path, NICE, title="Hypertension")
    passage = best("ACE inhibitor contraindication")
    assert passage.document == "NG999@2023-11-21/1.4.1" and passage.section == "1.4 Treating hypertension"
    assert (passage.title, passage.source, passage.date) == ("Hypertension", "NICE", "2019")
    assert dict(passage.fields) == {
        "authority": "NICE", "guideline": "NG999", "recommendation": "1.4.1", "version": "2023-11-21", "page": "5",
    }  # fmt: skip
    assert best("postural hypotension").section == "1.1 Measuring blood pressure > People with symptoms"
    assert best("difference between the arms").field("page") == "3"


def test_reasons_and_the_rest_stay_on_their_pages(tmp_path):
    added(tmp_path, NICE)
    passage = best("committee arms differ")
    assert passage.document == "guide.pdf#page=4" and passage.field("page") == "4"
    assert passage.field("guideline") == "NG999" and passage.field("recommendation") == ""
    assert best("Stage 1 is a reading").document == "guide.pdf#page=6"
    assert "Offer an ACE inhibitor" not in all_documents()["guide.pdf#page=5"].text


WHO = [
    "Guideline on salt\nVersion 2.1\nMay 2021",
    """
1. RECOMMENDATION ON LESS SALT
The panel recommends that adults with raised blood pressure eat less than 5 g of salt
a day.
Strong recommendation, moderate- to high-certainty evidence
Remarks:
This was found in many trials.
Recommendation 2
The panel suggests salt with potassium in place of sodium for adults without kidney
disease (conditional recommendation, low-
quality evidence).
Rationale
Potassium may harm kidneys.
""",
    """
Recommendation 3. Label foods with their salt so that people can choose.
Strength of recommendation: strong
Certainty of the evidence: very low
As was said in
Recommendation 4. This is no beginning of one.
Recommendation 5. Give statins to all adults at high risk who have no contraindication.
Class IIa, level B
Recommendation 6. Screen adults every year for high blood pressure at their doctor's.
Grade A
""",
]  # fmt: skip


def test_strength_and_certainty_are_read_on_lines_of_their_own_and_in_brackets(tmp_path):
    added(tmp_path, WHO, "salt.pdf")
    rated = {
        name: (fields.get("strength", ""), fields.get("certainty", ""))
        for name, one in all_documents().items()
        if "recommendation" in (fields := dict(one.fields))
    }
    assert rated == {
        "salt@2.1/1": ("strong", "moderate"),
        "salt@2.1/2": ("conditional", "low"),
        "salt@2.1/3": ("strong", "very low"),
        "salt@2.1/5": ("class IIa", "level B"),
        "salt@2.1/6": ("grade A", ""),
    }
    assert "many trials" not in all_documents()["salt@2.1/1"].text
    assert {one.section for one in all_documents().values() if one.whole} == {"Guideline on salt"}
    assert best("potassium sodium", strength="conditional").field("page") == "2"


ESC = [
    """
2024 Guidelines on hearts
5.2 Rhythm
Recommendation Table 4 — Recommendations for rhythm
Recommendations Classa Levelb
Anticoagulation
A direct oral anticoagulant is recommended in all patients with a
score of two or more.12,13
I A
Aspirin alone is not recommended to prevent stroke in atrial
fibrillation. III B
""",
    """
Recommendations Classa Levelb
Ablation should be considered where drugs have failed in patients
with symptoms. IIa
C
a Class of recommendation. b Level of evidence. III A
Recommendations for Blood Thinners
COR LOE Recommendations
1 A 1. In adults with atrial fibrillation and a high score, anticoagulants are
recommended.
3: Harm C-LD 2. In adults with a low score, warfarin should not be given for stroke
prevention.
Synopsis
Strokes are common.
""",
    """
Recommendations for Blood Thinners (Continued)
COR LOE Recommendations
2b B-NR 3. In adults who bleed, closing the appendage may be reasonable for
some.
Bleeding is common.
""",
    """
Summary of recommendation
Population Recommendation Grade
Adults aged 50 to 75 years The task force recommends screening for
colorectal cancer in all adults of this age. A
Adults aged 45 to 49 years The task force recommends screening for
colorectal cancer in these adults too. B
""",
]


def test_rows_of_tables_are_recommendations_with_class_and_level(tmp_path):
    added(tmp_path, ESC, "hearts.pdf", guideline="ESC-H", authority="ESC", version="2024")
    rows = {
        fields["recommendation"]: (fields.get("strength"), fields.get("certainty"), fields["page"])
        for one in all_documents().values()
        if "recommendation" in (fields := dict(one.fields))
    }
    assert rows == {
        "T4.1": ("class I", "level A", "1"),
        "T4.2": ("class III", "level B", "1"),
        "T4.3": ("class IIa", "level C", "2"),
        "t1.1": ("class 1", "level A", "2"),
        "t1.2": ("class 3: Harm", "level C-LD", "2"),
        "t1.3": ("class 2b", "level B-NR", "3"),
        "t2.1": ("grade A", None, "4"),
        "t2.2": ("grade B", None, "4"),
    }
    anticoagulant = best("direct oral anticoagulant", authority="ESC")
    assert anticoagulant.document == "ESC-H@2024/T4.1" and anticoagulant.text.startswith(
        "Anticoagulation\nA direct oral"
    )
    assert anticoagulant.section == "Recommendation Table 4 — Recommendations for rhythm"
    assert "Synopsis" not in best("warfarin low score").text
    assert best("screening aged 45", strength="grade B").section == "Summary of recommendation"


REPORT = [
    """
1.1.1 Introduction
This report describes how the laboratory counts blood cells in three steps
and what may go wrong with each of them.
1.1.2 Methods
Cells were counted twice by two people who did not know of each other.
1.1.3 Results
Counts agreed in most of the samples that were taken in the first year.
""",
    "Recommendation 4 of the older report was changed.\nThe counts of cells were low-\ndose dependent.",
]


def test_a_pdf_that_is_no_guideline_is_read_page_by_page_as_before(tmp_path):
    assert added(tmp_path, REPORT, "report.pdf", title="Counting").documents == 2
    there = all_documents()
    assert list(there) == ["report.pdf#page=1", "report.pdf#page=2"]
    assert there["report.pdf#page=2"].text.split("\n") == REPORT[1].split("\n")
    assert there["report.pdf#page=1"].fields == (("page", "1"),)


def test_a_file_that_says_it_is_a_guideline_needs_one_recommendation(tmp_path):
    pages = ["Rest is good.\nRecommendation 1. Rest the joint for two days."]
    assert list(added_ids(tmp_path, pages, "a.pdf")) == ["a.pdf#page=1"]
    assert list(added_ids(tmp_path, pages, "b.pdf", guideline="G7", date="2020-05")) == [
        "G7@2020-05/1",
        "b.pdf#page=1",
    ]
    fronted = ["---\nguideline: G8\nversion: 3\n---\nRecommendation 1. Rest the joint for two days."]
    assert list(added_ids(tmp_path, fronted, "c.pdf")) == ["G8@3/1"]


def added_ids(tmp_path, pages, name, **about):
    if "guides" in store.names():
        store.remove("guides")
    added(tmp_path, pages, name, **about)
    return all_documents()


def test_the_day_on_which_a_file_was_made_is_its_date_and_no_version(tmp_path):
    pages = [f"Recommendation {n}. Rest the joint for {n} days after a fall." for n in range(1, 4)]
    added(tmp_path, pages, "rest.pdf", creation="D:20220304050607")
    passage = best("rest joint 2 days")
    assert (passage.document, passage.date, passage.field("version")) == ("rest/2", "2022-03-04", "")
    assert best("joint", since="2022-03").field("page") in {"1", "2", "3"}


def test_recommendations_and_grades_at_the_top_of_pages_are_no_running_heads(tmp_path):
    pages = [
        f"Joints handbook {n}\nRecommendation {n}\nStrong recommendation, low-certainty evidence\n"
        f"Rest the joint number {n} after a fall, and raise it.\n[2019]\n{n}"
        for n in range(1, 6)
    ]
    added(tmp_path, pages, "joints.pdf")
    there = [one for one in all_documents().values() if "recommendation" in dict(one.fields)]
    assert [one.id for one in there] == [f"joints/{n}" for n in range(1, 6)]
    assert all(one.text.endswith("raise it.\n[2019]") and one.date == "2019" for one in there)
    assert {dict(one.fields)["strength"] for one in there} == {"strong"}
    assert not any("handbook" in one.text for one in all_documents().values())


def test_two_versions_of_a_pdf_guideline_stay_in_one_corpus(tmp_path):
    folder = tmp_path / "both"
    folder.mkdir()
    older = [
        NICE[0].replace("Last updated: 21 November 2023", "Last updated: 3 May 2021"),
        *(page.replace("under 55", "under 50") for page in NICE[1:]),
    ]
    (folder / "new.pdf").write_bytes(pdf(NICE))
    (folder / "old.pdf").write_bytes(pdf(older))
    done = add("guides", folder)
    assert done.repeated_ids == 0
    found = {
        one.document: one.text for one in LexicalRetriever("guides").search("offer ACE inhibitor adults", 9)
    }
    assert "under 55" in found["NG999@2023-11-21/1.4.1"] and "under 50" in found["NG999@2021-05-03/1.4.1"]


def test_a_kill_amid_a_pdf_guideline_is_gone_on_from(tmp_path, monkeypatch):
    from osler.knowledge.corpus import ingest

    source = tmp_path / "guide.pdf"
    source.write_bytes(pdf(NICE))
    add("whole", source)
    monkeypatch.setattr(ingest, "_EVERY", 1)
    checkpoint, calls = store.Writer.checkpoint, []

    def dying(self, state):
        checkpoint(self, state)
        calls.append(state)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(store.Writer, "checkpoint", dying)
    with pytest.raises(KeyboardInterrupt):
        add("guides", source)
    monkeypatch.undo()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert add("guides", source).state == "resumed"
    folders = [store.place(name) / store.about(name)["data"] for name in ("guides", "whole")]
    for name in ("texts.bin", "documents.jsonl", "passages.bin"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    assert store.about("guides")["guidelines"] == {"NG999": ["2023-11-21"]}


@pytest.mark.parametrize(
    "line",
    ["a" * 60_000 + "-", "(" * 60_000, "1.1 " * 15_000, ". " * 30_000, "strong recommendation. " * 3_000, "Recommendation 9" + " " * 60_000 + "."],
)  # fmt: skip
def test_hostile_lines_hold_nothing_up(line):
    pages = [
        (
            n,
            f"Head\nRecommendation {n}. Rest the joint for some days.\nRaise it.\n{line}\nThat is day {'abcd'[n - 1] * 4}.\nFoot",
        )
        for n in range(1, 5)
    ]
    found = pdf_guidelines.documents(pages, {}, "rest.pdf", "Rest", "")
    assert (
        found is not None and found[0].id == "rest/1" and found[0].text.startswith("Recommendation 1. Rest")
    )


def test_a_long_pdf_is_read_by_pages_without_being_held(tmp_path, monkeypatch):
    from osler.knowledge.corpus import pdf as reader

    pages = [f"Recommendation {n}. Rest the joint for {n} days after a fall." for n in range(1, 5)]
    monkeypatch.setattr(reader, "MOST_TEXT", 100)
    assert added(tmp_path, pages, "long.pdf").documents == 4
    assert list(all_documents()) == [f"long.pdf#page={n}" for n in range(1, 5)]


TRAPS = [
    """
Recommendations 5
Recommendation 1 Rest and its limits 7
Recommendation 2 Aspirin after a fall 9
Recommendation 3 Walking 11
""",
    """
Recommendation 1. Rest the joint for two days after a fall. Refer people to the
Royal Hospital in the Town of Birmingham and the Clinic of Joints and Bones where
NSTEMI is suspected.
Recommendation 2
Offer aspirin to adults who have fallen and have no ulcer, as was said in
recommendation 1 (see above), unless there is no good
evidence. Stop it after a week.
Walking
Recommendation 3. Walk a little every day, at first with a stick and later
without one.
Rationale and impact
Recommendation 3
Why the committee said so
Walking is good.
""",
]


def test_contents_mentions_and_lines_with_capitals_do_not_mislead(tmp_path):
    added(tmp_path, TRAPS, "fall.pdf")
    own = {one.id: one for one in all_documents().values() if "recommendation" in dict(one.fields)}
    assert list(own) == ["fall/1", "fall/2", "fall/3"]
    assert own["fall/1"].text.endswith("NSTEMI is suspected.")
    assert own["fall/2"].text.endswith("evidence. Stop it after a week.")
    assert own["fall/3"].section == "Walking" and own["fall/3"].text.endswith("without one.")


# --- the same guideline in Markdown and in PDF ---------------------------------------------------------------------------------
WORDS = (
    "patients with chronic heart failure who have evidence-based low-dose treatment unless contraindicated because "
    "antihypertensive medication monitoring benefit in trials of adults NSTEMI Town IL-6"
)
ENDS = (". [2019]", ".", ". [2020, amended 2022]", " (strong recommendation, low-quality evidence).")


def both_forms(draw, mark):
    """A guideline as Markdown, and as the lines of a PDF, wrapped and with long words parted at line ends."""
    markdown, lines = [], []
    for chapter in range(1, 4):
        title = f"1.{chapter} Treating group {chapter}"
        markdown.append(f"## {title}\n")
        lines.append(title)
        for number in range(1, 5):
            words = " ".join(draw.choices(WORDS.split(), k=draw.randint(8, 40)))
            whole = f"{mark.format(chapter, number)} Offer {words}{draw.choice(ENDS)}"
            markdown.append(f"{whole}\n")
            lines += parted(textwrap.wrap(whole, 78), draw)
            if draw.random() < 0.4:
                markdown.append("Rationale\n\nThe panel found good trials.\n")
                lines += ["Rationale", "The panel found good trials."]
    return "\n".join(markdown), lines


def parted(lines, draw):
    """Lines of which some end amid the first long word of the next."""
    for place in range(len(lines) - 1):
        first, _, rest = lines[place + 1].partition(" ")
        if len(first) > 8 and first.isalpha() and not lines[place].endswith("-") and draw.random() < 0.6:
            lines[place] += f" {first[:4]}-"
            lines[place + 1] = f"{first[4:]} {rest}"
    return lines


@pytest.mark.parametrize("mark", ["1.{}.{}", "Recommendation {}{}.", "Recommendation {}.{}:"])
def test_a_pdf_gives_the_recommendations_of_the_same_guideline_in_markdown(mark):
    draw = random.Random(mark)
    for _ in range(8):
        markdown, lines = both_forms(draw, mark)
        pages = []
        while lines:
            many, head = draw.randint(5, 14), f"Hearts, part {len(pages) + 1}"
            body, lines = lines[:many], lines[many:]
            pages.append(
                (len(pages) + 1, "\n".join([head, *body, "© Society 2024", f"Page {len(pages) + 1}"]))
            )
        by_text = guidelines.documents(markdown, guidelines.about({}, "g.md", "")) or []
        by_pages = pdf_guidelines.documents(pages, {}, "g.pdf", "", "") or []
        assert told(by_pages) == told(by_text) and len(told(by_text)) == 12


def told(documents):
    """The recommendations: id, words, section, date and fields but for the page."""
    return [
        (one.id, " ".join(one.text.split()), one.section, one.date, [f for f in one.fields if f[0] != "page"])
        for one in documents
        if one.whole
    ]
