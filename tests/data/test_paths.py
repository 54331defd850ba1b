"""The folders that Osler makes for itself."""

from __future__ import annotations

import pytest

from osler.data.paths import private_folder


def test_every_folder_made_on_the_way_is_private(tmp_path):
    made = private_folder(tmp_path / "a" / "b" / "c")
    assert made.is_dir()
    assert {folder.stat().st_mode & 0o777 for folder in (made, made.parent, made.parent.parent)} == {0o700}
    assert private_folder(made) == made


def test_a_file_in_the_way_is_an_error(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(OSError):
        private_folder(tmp_path / "a")
    with pytest.raises(OSError):
        private_folder(tmp_path / "a" / "b")
