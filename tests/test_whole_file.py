from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from byom_magics.whole_file import replace_whole


def test_a_file_is_made_and_then_replaced(tmp_path: Path) -> None:
    target = tmp_path / "votes.json"
    replace_whole(target, b"one")
    replace_whole(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_its_mode_stays(tmp_path: Path) -> None:
    target = tmp_path / "votes.json"
    target.touch(0o640)
    target.chmod(0o640)
    replace_whole(target, b"two")
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_private_one_is_for_the_person_alone_whatever_was_there_before(tmp_path: Path) -> None:
    target = tmp_path / "favourites.json"
    target.touch(0o644)
    replace_whole(target, b"two", private=True)
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"two", 0o600)


def test_what_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "votes.json"
    target.write_bytes(b"one")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_whole(target, b"two")
    assert target.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_whole(tmp_path / "none" / "votes.json", b"one")
