"""Folders for files of everyone and of the person, and sessions that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.folders import Folders


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    made = Folders(tmp_path)
    made.use(monkeypatch)
    return made
