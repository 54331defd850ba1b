"""The flat array file: what is written comes back, and every kind of damage is noticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.data.arrays import Arrays, DamagedFile, Strings, pack_strings, read_arrays, write_arrays


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_strings_come_back_in_any_script(words):
    table = Arrays(pack_strings("words", words)).strings("words")
    assert table.tolist() == words
    assert [Strings(table._blob, table._offsets)[i] for i in range(len(words))] == words


def test_arrays_and_meta_come_back_memory_mapped(tmp_path):
    path = tmp_path / "x.arrays"
    arrays = {"a": np.arange(7, dtype=np.int32), "b": np.eye(3), "none": np.zeros((0, 4), np.int8)}
    write_arrays(path, arrays, {"release": "2030-02-03"})
    back = read_arrays(path)
    assert back.meta == {"release": "2030-02-03"}
    assert all(
        (back[name] == arrays[name]).all() and back[name].dtype == arrays[name].dtype for name in arrays
    )
    assert back["none"].shape == (0, 4)
    assert not back["a"].flags.writeable
    assert path.stat().st_mode & 0o777 == 0o600


@given(st.data())
def test_any_changed_byte_of_header_or_arrays_is_noticed(tmp_path, data):
    path = tmp_path / "x.arrays"
    write_arrays(path, {"a": np.arange(64, dtype=np.uint8)})
    raw = bytearray(path.read_bytes())
    # Padding between header and arrays holds nothing, so a change there is no damage.
    start = len(raw) - 64
    header_end = 20 + int.from_bytes(raw[8:16], "little")
    places = [*range(header_end), *range(start, len(raw))]
    raw[data.draw(st.sampled_from(places))] ^= 0x41
    path.write_bytes(bytes(raw))
    with pytest.raises((DamagedFile, ValueError)):
        read_arrays(path)


@pytest.mark.parametrize("keep", [0, 7, 15, 40, 200])
def test_truncation_is_noticed(tmp_path, keep):
    path = tmp_path / "x.arrays"
    write_arrays(path, {"a": np.arange(999)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DamagedFile):
        read_arrays(path)


def test_a_string_table_knows_its_bounds():
    table = Arrays(pack_strings("w", ["a", "é"])).strings("w")
    assert (table[-1], table[0:1], len(table), table == ["a", "é"]) == ("é", ["a"], 2, True)
    with pytest.raises(IndexError):
        table[2]
