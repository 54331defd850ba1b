"""Benchmark files are streamed from folders, ZIPs and single files; damage becomes an error that names the place."""

import tracemalloc
import zipfile

import pytest

from osler.benchmarks import files as module
from osler.benchmarks.files import Files
from osler.errors import InputError


def rows(path, name=None):
    with Files(path, "a file") as files:
        return list(files.rows(name or files.only("*.*")))


def test_json_lines_a_list_and_csv_give_rows_with_their_places(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"x": 1}\n\n{"x": 2}\n')
    (tmp_path / "b.json").write_text('[{"x": 1}, {"x": 2}]')
    (tmp_path / "c.csv").write_bytes(b'\xef\xbb\xbfx,y\r\n1,"two\r\nlines"\r\n2,\r\n')
    assert rows(tmp_path / "a.jsonl") == [("a.jsonl line 1", {"x": 1}), ("a.jsonl line 3", {"x": 2})]
    assert [row for _, row in rows(tmp_path / "b.json")] == [{"x": 1}, {"x": 2}]
    assert rows(tmp_path / "c.csv") == [
        ("c.csv row 1", {"x": "1", "y": "two\r\nlines"}),
        ("c.csv row 2", {"x": "2", "y": ""}),
    ]


def test_reading_holds_one_row_at_a_time(tmp_path):
    path = tmp_path / "big.jsonl"
    with path.open("w") as stream:
        for i in range(40_000):
            stream.write('{"x": "' + f"{i:06}" * 30 + '"}\n')
    tracemalloc.start()
    with Files(path, "a file") as files:
        n = sum(1 for _ in files.rows("big.jsonl"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n == 40_000 and peak < 1_000_000 < path.stat().st_size


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b'{"x": 1}\n{"x": \n', "line 2 is not valid JSON"),
        ("a.jsonl", b"[1]\n", "line 1 is not an object"),
        ("a.csv", b"x,y\n1,2,3\n", "row 1 has more cells"),
        ("a.csv", b"x,y\n1,2\n\xff\xfe,3\n", "not UTF-8"),
        ("a.csv", b'x,y\n1,"open', "row 1 is not valid CSV"),
    ],
)
def test_damage_names_its_place(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        rows(tmp_path)


def test_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_ROW", 100)
    (tmp_path / "a.jsonl").write_text('{"x": "' + "y" * 200 + '"}')
    with pytest.raises(InputError, match="longer than"):
        rows(tmp_path)
    monkeypatch.setattr(module, "MAX_BYTES", 50)
    with pytest.raises(InputError, match="over the limit"):
        rows(tmp_path)


def test_a_damaged_member_of_a_zip_is_an_input_error(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.jsonl", '{"x": "some words to compress"}\n' * 500)
    data = bytearray(path.read_bytes())
    data[40:60] = b"\x00" * 20
    path.write_bytes(data)
    with pytest.raises(InputError):
        rows(path)


def test_names_outside_the_folder_are_never_opened(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("../../evil.jsonl", '{"x": 1}\n')
    assert rows(path)[0][1] == {"x": 1}  # read inside the archive, nothing is written
    assert not (tmp_path.parent.parent / "evil.jsonl").exists()
