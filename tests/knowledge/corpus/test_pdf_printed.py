"""Guidelines printed from a browser: without what it prints at the edges, with letters for ligatures, titles and versions as said."""

import pytest
from pdf_writer import pdf

from osler.knowledge.corpus import pdf_guidelines, store
from osler.knowledge.corpus.guidelines import grading
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.pdf_text import folded

pytest.importorskip("pypdf", reason="extra documents")

PAGE = [
    "11/21/26, 12:22 PM Hypertension in adults",
    "Hypertension in adults: management",
    "Fictional Guideline Office. Guideline HTN. Version 2019. Published: 2019-08-28",
    "1.1 Measuring blood pressure",
    "1.1.1 When considering a diagnosis of hypertension, measure blood pressure in both arms. Strength:",
    "strong. Evidence: moderate.",
    "1.1.2 Repeat the measurements where the arms differ by more than 20 mmHg. Strength: conditional.",
    "Evidence: low.",
    "1.1.3 Take the arm with the higher reading from then on.",
    "11/21/26, 12:22 PM Hypertension in adults",
    "file:///home/someone/v1.html 1/1",
]


def documents(tmp_path, pages, **about):
    (tmp_path / "htn-print.pdf").write_bytes(pdf(pages, **about))
    add("guides", tmp_path / "htn-print.pdf")
    reader = store.Reader(store.place("guides") / store.about("guides")["data"])
    return {one.id: one for one in reader.documents(0, reader.n_documents)}


def test_what_a_browser_prints_at_the_edges_of_a_single_page_is_left_out(tmp_path):
    there = documents(tmp_path, [PAGE], title="v1.html")
    assert there["htn-print@2019/1.1.3"].text == "1.1.3 Take the arm with the higher reading from then on."
    assert not any("12:22" in one.text or "file:" in one.text for one in there.values())


def test_an_address_or_a_day_within_a_page_stays(tmp_path):
    lines = [
        *PAGE[1:5],
        "strong. See https://example.org/bp 1/2 of the way.",
        *PAGE[6:9],
        "Seen on 11/21/26 in 3 adults.",
    ]
    text = "\n".join(one.text for one in documents(tmp_path, [lines]).values())
    assert "https://example.org/bp 1/2" in text and "11/21/26" in text


def test_version_and_date_on_one_line_and_the_title_of_the_page(tmp_path):
    one = documents(tmp_path, [PAGE], title="v1.html")["htn-print@2019/1.1.1"]
    assert (one.title, one.field("version"), one.date) == (
        "Hypertension in adults: management",
        "2019",
        "2019-08-28",
    )
    assert documents(tmp_path, [PAGE], title="Its own title")["htn-print@2019/1.1.1"].title == "Its own title"


def test_strength_and_evidence_after_the_words_also_over_a_line_end(tmp_path):
    there = documents(tmp_path, [PAGE])
    rated = {
        name[-5:]: (one.field("strength"), one.field("certainty"))
        for name, one in there.items()
        if "/" in name
    }
    assert rated == {"1.1.1": ("strong", "moderate"), "1.1.2": ("conditional", "low"), "1.1.3": ("", "")}


@pytest.mark.parametrize(
    ("words", "rated"),
    [
        ("Offer it. Strength: strong. Evidence: high.", ("strong", "high")),
        ("Offer it. Strength: weak; certainty: very low.", ("weak", "very low")),
        ("Give tablets. Strength: 2 mg. Evidence: see annex.", ("", "")),
    ],
)
def test_words_that_rate_and_words_that_do_not(words, rated):
    assert grading(words) == rated


def test_reasons_that_begin_with_evidence_still_end_a_recommendation():
    page = "\n".join([*PAGE[1:9], "Evidence: high blood pressure was seen in trials."])
    made = pdf_guidelines.documents([(1, page)], {}, "h.pdf", "", "")
    assert made is not None
    assert next(one for one in made if one.field("recommendation") == "1.1.3").text.endswith("from then on.")


def test_ligatures_are_letters_and_soft_hyphens_within_a_line_go():
    assert folded("Oﬀer ﬁrst-line, ﬂare, eﬃcacy, baﬄe") == "Offer first-line, flare, efficacy, baffle"
    assert folded("con\u00adtraindicated") == "contraindicated"
    made = pdf_guidelines.documents(
        [(1, folded("Recommendation 1. It is con\u00ad\ntraindicated in ﬁbrosis of the lungs."))],
        {"guideline": "X"},
        "x.pdf",
        "X",
        "",
    )
    assert (
        made is not None
        and made[0].text == "Recommendation 1. It is contraindicated in fibrosis of the lungs."
    )


def test_the_id_of_the_lines_between_dashes_is_the_guidelines(tmp_path):
    (tmp_path / "x.md").write_text(
        "---\nid: HTN-7\nversion: 2\n---\nRecommendation 1. We recommend less salt for all.\n"
    )
    add("guides", tmp_path / "x.md")
    assert store.about("guides")["guidelines"] == {"HTN-7": ["2"]}
