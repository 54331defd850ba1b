"""Files of a corpus that were emptied, cut or overwritten: one clear error, never passages without words."""

import pytest

from osler.errors import InputError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.ingest import add
from osler.knowledge.retrieval import across

FILES = ("texts.bin", "passages.bin", "documents.bin", "documents.jsonl", "signatures.bin")
BREAKS = {
    "empty": lambda data: b"",
    "shorter": lambda data: data[: len(data) // 2],
    "garbage": lambda data: b"\xff" * len(data),
    "other": lambda data: bytes(range(1, 256)) * 8,
}


@pytest.fixture
def folder(tmp_path):
    for name in ("gout", "asthma", "anaemia"):
        (tmp_path / f"{name}.txt").write_text(
            f"SYMPTOMS\n\nWhat is seen in {name} is told here at length, naïvely.\n"
        )
    add("notes", tmp_path)
    return store.place("notes") / store.about("notes")["data"]


def broken(path, data):
    """A file under the same name with other content; the old one may be mapped."""
    path.unlink()
    path.write_bytes(data)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", BREAKS)
def test_a_broken_file_is_an_error_that_says_what_to_do(folder, name, how):
    if name == "signatures.bin" and how == "garbage":
        pytest.skip("only its size is of use to a reader")
    broken(folder / name, BREAKS[how]((folder / name).read_bytes()))
    with pytest.raises(InputError, match="corpus notes is damaged; osler corpus remove notes"):
        across.search("gout", ["notes"])
    with pytest.raises(InputError, match="corpus notes is damaged"):
        across.document("notes", "gout.txt")


@pytest.mark.parametrize("name", ["texts.bin", "passages.bin", "documents.bin", "documents.jsonl"])
def test_a_row_in_the_middle_that_is_garbage_gives_no_passage(folder, name):
    data = (folder / name).read_bytes()
    third = len(data) // 3
    broken(folder / name, data[:third] + b"\xff" * third + data[2 * third :])
    with pytest.raises(InputError, match="corpus notes is damaged"):
        across.search("what is seen in gout asthma anaemia", ["notes"])


@pytest.mark.parametrize("ending", [".pos", ".idx", ".term", ".store", ".fast"])
def test_an_index_that_lacks_a_file_is_the_same_error(folder, ending):
    path = next((folder / "index").glob(f"*{ending}"))
    path.unlink()
    with pytest.raises(InputError, match="damaged"):
        across.search("what is seen in type I gout", ["notes"])
