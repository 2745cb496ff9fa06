"""Where configuration files are looked for, in a folder of a test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Folders:
    """
    Places of configuration files.

    Args:
        root: An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.user = root / "user" / "byom_magics" / "byom.toml"
        self.site = root / "site" / "byom_magics" / "byom.toml"
        self.below = root / "below" / "byom_magics" / "byom.toml"  # for everyone too, and less important
        self.project = root / "project" / "byom.toml"

    def use(self, monkeypatch: pytest.MonkeyPatch, site: Sequence[str] | None = None) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(self.root / "user"))
        monkeypatch.setenv("XDG_CONFIG_DIRS", ":".join(site or (str(self.root / "site"), str(self.root / "below"))))

    def write(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path
