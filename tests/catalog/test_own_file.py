from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.catalog import own_file
from byom_magics.catalog.own_file import alone, put_whole
from byom_magics.errors import RegistrationError
from tests.wire.raw_server import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_replaced_and_the_person_alone_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    put_whole(path, "after")
    assert path.read_text() == "after"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(own_file, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        put_whole(path, "after")
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_one_waits_until_the_other_has_written(tmp_path: Path) -> None:
    path, seen = tmp_path / "file", []
    inside = threading.Event()

    def wait() -> None:
        inside.set()
        with alone(path):
            seen.append("second")

    second = threading.Thread(target=wait)
    with alone(path):
        second.start()
        assert inside.wait(PATIENCE)
        seen.append("first")
    second.join(PATIENCE)
    assert seen == ["first", "second"]


def test_a_lock_that_is_never_given_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_file, "_PATIENCE_S", 0.05)
    path = tmp_path / "file"
    with alone(path), pytest.raises(RegistrationError, match="Another kernel has been writing"), alone(path):
        pass
