"""What messages, manuals and files tell a person to type exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.magics.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "byom_magics"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if (PACKAGE / "demo") not in path.parents)
FLAG = re.compile(r"(?<![\w(-])--(?!jp-)[a-z][a-z-]*")  # after a bracket, or with jp, it is a colour of the front end
# Options of model servers, and the colours of highlighted code and of differences.
OF_OTHERS = {"--enable-auto-tool-choice", "--jinja", "--k", "--e", "--gone", "--new"}
MAGICS = {*TABLES, "%byom", "%byom_picker"}


def texts(path: Path) -> list[tuple[str, str]]:
    """All texts that a module holds, and those of its docstrings, with their lines."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    held = [each for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return [(f"{path.relative_to(ROOT)}:{each.lineno}", str(each.value)) for each in held]


TEXTS = [
    *(pair for path in SOURCES for pair in texts(path)),
    *((path.name, path.read_text(encoding="utf-8")) for path in sorted((PACKAGE / "catalog").glob("*.toml"))),
]


def test_there_is_something_to_look_at() -> None:
    assert sum(len(FLAG.findall(text)) for _, text in TEXTS) > 100


def test_every_option_that_a_text_names_exists() -> None:
    flags = {flag for table in TABLES.values() for flag in table.flags()} | OF_OTHERS
    assert [(where, flag) for where, text in TEXTS for flag in FLAG.findall(text) if flag not in flags] == []


def test_every_magic_that_a_text_names_exists() -> None:
    named = [(where, name) for where, text in TEXTS for name in re.findall(r"%%?byom\w*", text)]
    assert [each for each in named if each[1] not in MAGICS and each[1] != "%byom_"] == []


@pytest.mark.parametrize("magic", sorted(TABLES))
def test_the_options_in_a_line_of_a_magic_are_its_own(magic: str) -> None:
    lines = [(where, line) for where, text in TEXTS for line in re.findall(rf"{magic}\b([^\n%;,]*)", text)]
    wrong = [(where, flag) for where, line in lines for flag in FLAG.findall(line) if not TABLES[magic].option(flag)]
    assert wrong == []
