"""PDF files that would cost far more than they weigh are refused in words, and ids, titles and addresses have a longest length."""

import json
import zlib

import pytest
from pdf_writer import _file, pdf

from osler.knowledge.corpus import pdf as reader
from osler.knowledge.corpus import pdf_budget, pdf_guidelines, store
from osler.knowledge.corpus.guidelines import LONGEST
from osler.knowledge.corpus.ingest import add

pytest.importorskip("pypdf", reason="extra documents")
RECORD = "Recommendation {}. We recommend this drug for adults who have gout."


def sharing(pages, content):
    """A PDF whose pages are objects of their own and share one packed stream; `pages` 0: 40 references to one page."""
    packed = zlib.compress(content, 9)
    own = [
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
    ]
    kids = [b"%d 0 R" % (6 + n) for n in range(pages)] or [b"6 0 R"] * 40
    return _file([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids)),
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed),
        b"<< /Title (Shared) >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *own * max(1, pages),
    ])  # fmt: skip


def documents():
    there = store.Reader(store.place("guides") / store.about("guides")["data"])
    return {one.id: one for one in there.documents(0, there.n_documents)}


@pytest.mark.parametrize(("pages", "size"), [(1, 4_000_000), (40, 100_000)])
def test_a_file_that_unpacks_to_far_more_than_its_size_is_refused_and_the_others_are_read(
    tmp_path, pages, size
):
    step = b"BT /F1 10 Tf (a) Tj ET\n"
    (tmp_path / "bomb.pdf").write_bytes(sharing(pages, step * (size // len(step))))
    (tmp_path / "gout.pdf").write_bytes(pdf([[RECORD.format(n) for n in range(1, 4)]]))
    done = add("guides", tmp_path)
    assert list(documents()) == ["gout/1", "gout/2", "gout/3"]
    assert list(done.skipped) == [
        "damaged PDF: its pages unpack to far more than the file's size (print it anew)"
    ]


def test_a_page_that_is_referred_to_again_and_again_is_read_once(tmp_path):
    (tmp_path / "again.pdf").write_bytes(
        sharing(0, b"BT /F1 10 Tf (Gout is treated with colchicine.) Tj ET\n")
    )
    done = add("guides", tmp_path / "again.pdf")
    assert list(documents()) == ["again.pdf#page=1"]
    assert done.skipped == {"PDF page that is the same object as one before": 39}


def test_a_file_that_takes_too_many_seconds_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_budget, "SECONDS", -1.0)
    (tmp_path / "slow.pdf").write_bytes(pdf([["Gout is treated with colchicine."]]))
    (tmp_path / "gout.txt").write_text("Gout is treated with colchicine.")
    done = add("guides", tmp_path)
    assert list(documents()) == ["gout.txt"] and "damaged PDF" in next(iter(done.skipped))


def test_pages_of_very_many_lines_are_not_held_together(monkeypatch):
    monkeypatch.setattr(reader, "MOST_LINES", 100)
    held, whole = reader._held(iter([(1, "a\n" * 90), (2, "b\n" * 90), (3, "c")]))
    assert len(held) == 2 and not whole
    assert reader._held(iter([(1, "a\n" * 90)]))[1]


def test_blanks_by_the_thousand_after_version_are_passed_over_once():
    lines = f"---\nguideline: X\nversion{' ' * 15_000}x\n---\n{RECORD.format(1)}"
    made = pdf_guidelines.documents([(1, lines)], {}, "x.pdf", "X", "")
    assert made is not None and made[0].id == "X/1"


def test_a_guideline_of_many_pages_tables_and_reasons_gives_each_once():
    rows = "Recommendations for rest\nRecommendations Class Level\nBed rest is recommended in all adults with gout.12 I A"
    page = "Recommendation {n}. We recommend drug {n} for adults who have gout.\nRationale\nIt helps.\n"
    pages = [(n, f"{page.format(n=n)}{rows}") for n in range(1, 301)]
    made = pdf_guidelines.documents(pages, {"guideline": "X"}, "x.pdf", "X", "")
    assert made is not None
    worded = [one for one in made if one.field("recommendation").isdigit()]
    assert [one.field("page") for one in worded] == [str(n) for n in range(1, 301)]
    assert not any("Bed rest" in one.text or "It helps" in one.text for one in worded)
    assert sum("It helps" in one.text for one in made) == 300


LONG = {
    "guideline": "G" * 2_000,
    "version": "9" * 2_000,
    "title": "t" * 2_000,
    "authority": "a" * 2_000,
    "url": "u" * 2_000,
}
FRONT = "".join(f"{key}: {value}\n" for key, value in LONG.items())
FORMS = {
    "x.md": f"---\n{FRONT}---\n{RECORD.format(1)}\n",
    "x.html": "".join(f'<meta name="{key}" content="{value}">' for key, value in LONG.items())
    + f"<p>{RECORD.format(1)}</p>",
    "x.yaml": f"{FRONT}recommendations:\n- id: '{'1' * 2_000}'\n  text: Give less salt.\n",
    "x.jsonl": json.dumps(LONG | {"recommendation": "1", "text": "Give less salt."}),
    "x.pdf": pdf([[RECORD.format(1)]], **LONG),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_a_guideline_says_of_itself_has_a_longest_length_and_a_cut_is_told(tmp_path, name):
    form = FORMS[name]
    (tmp_path / name).write_bytes(form if isinstance(form, bytes) else form.encode())
    done = add("guides", tmp_path / name)
    one = next(iter(documents().values()))
    assert (
        len(one.field("guideline")) == LONGEST["guideline"]
        and len(one.field("version")) == LONGEST["version"]
    )
    assert len(one.field("authority")) == LONGEST["authority"] and len(one.id) < 400
    if name != "x.jsonl":
        assert len(one.title) <= LONGEST["title"] and len(one.url) <= LONGEST["url"]
    assert any("characters, cut there" in reason for reason in done.skipped)


def test_lines_between_dashes_end_somewhere(tmp_path):
    front = "---\nguideline: G\n" + "note: long\n" * 3_000
    (tmp_path / "x.md").write_text(f"{front}---\n{RECORD.format(1)}\n")
    add("guides", tmp_path / "x.md")
    assert list(documents()) == ["x.md"]
