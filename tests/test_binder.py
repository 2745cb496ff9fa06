"""What the Binder badge leads to exists, and its environment holds the project itself."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def badge() -> str:
    found = re.search(r"\]\((https://mybinder\.org/v2/[^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert found, "the README has no Binder badge"
    return found[1]


def test_the_badge_opens_a_notebook_that_exists_in_jupyterlab(badge: str) -> None:
    [opened] = parse_qs(urlsplit(badge).query)["urlpath"]
    assert opened.startswith("lab/tree/")
    assert (ROOT / opened.removeprefix("lab/tree/")).is_file()


def test_the_badge_follows_the_newest_commit_of_a_github_repository(badge: str) -> None:
    assert re.fullmatch(r"/v2/gh/[\w.-]+/[\w.-]+/HEAD", urlsplit(badge).path)


def test_binders_environment_is_the_project_with_what_the_notebook_opens_in() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [".[lab]"]


def test_binder_is_asked_for_a_python_that_the_project_supports() -> None:
    asked = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"Python :: {asked.removeprefix('python-')}" in project
