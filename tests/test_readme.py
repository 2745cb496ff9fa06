"""The README says what is there: its options, its links, its Python, its two commands."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from byom_magics.magics import options

if TYPE_CHECKING:
    from byom_magics.magics.arguments import Table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"\n#+ ", README.split(f"# {title}\n")[1])[0]


def flags_of(table: Table) -> set[str]:
    return {flag for option in table.options for flag in option.flags}


def flags_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(re.findall(r"`([^`]+)`", text))))


def test_the_options_of_a_cell_are_all_there_and_no_others() -> None:
    assert flags_in(section("Asking")) == flags_of(options.ASK)


def test_every_option_of_registering_that_it_names_exists() -> None:
    named = flags_in(section("Registering a model"))
    assert "--price-in" in flags_of(options.REGISTER)
    assert named
    assert named <= flags_of(options.REGISTER)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?://)([^)]+)\)", README))))
def test_a_link_leads_somewhere(target: str) -> None:
    if target.startswith("#"):
        headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
        assert target[1:] in {heading.lower().replace(" ", "-") for heading in headings}
    else:
        assert (ROOT / target).is_file()


def test_its_python_can_be_parsed() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        ast.parse(block)


@pytest.mark.parametrize("tool", ["jupyter lab notebooks/quickstart.ipynb", "pytest"])
def test_each_of_the_two_commands_is_one_line_that_makes_its_own_environment(tool: str) -> None:
    [line] = re.findall(rf"^python3 -m venv .*/{tool}.*$", README, re.MULTILINE)
    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")
