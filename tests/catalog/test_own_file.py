from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from byom_magics.catalog import own_file
from byom_magics.catalog.own_file import alone
from byom_magics.errors import RegistrationError
from tests.wire.raw_server import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path


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
