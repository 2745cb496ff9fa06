"""The README says what is there: its magics and options, presets, settings, links, its Python, its two commands."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import byom_magics
from byom_magics.catalog import presets
from byom_magics.catalog.fields import SECTIONS
from byom_magics.magics import options
from byom_magics.magics.compare import COMPARE
from byom_magics.magics.config import Byom
from byom_magics.magics.leaderboard import LEADERBOARD
from byom_magics.wire.dialects import known
from tests.magics.notebook import notebook
from tests.magics.tables import TABLES

if TYPE_CHECKING:
    from byom_magics.magics.arguments import Table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"\n#+ ", README.split(f"# {title}\n")[1])[0]


def flags_of(table: Table) -> set[str]:
    return {flag for option in table.options for flag in option.flags}


def flags_in(text: str) -> set[str]:
    code = re.findall(r"`([^`]+)`", re.sub(r"^```.*$", "`", text, flags=re.MULTILINE))
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(code)))


def test_the_options_of_a_cell_are_all_there_and_no_others() -> None:
    assert flags_in(section("Asking")) == flags_of(options.ASK)


def test_the_options_of_a_comparison_are_all_there_beside_those_of_a_cell() -> None:
    named = flags_in(section("Comparing"))
    own, shared = flags_of(COMPARE) - flags_of(options.ASK), flags_of(options.ASK) - flags_of(COMPARE)
    assert own | {"--n"} <= named <= flags_of(COMPARE) | flags_of(options.ASK)
    assert shared <= named


def test_the_options_of_the_leaderboard_are_all_there() -> None:
    assert flags_of(LEADERBOARD) <= flags_in(section("Voting"))


def blocks(language: str = "") -> list[str]:
    """What stands between fences: every second piece of the text."""
    pieces = re.split(r"^```", README, flags=re.MULTILINE)[1::2]
    return [text for name, _, text in (piece.partition("\n") for piece in pieces) if name == language]


def lines_of_magics() -> list[tuple[str, str]]:
    lines = [line for block in blocks() for line in block.splitlines() if line.startswith("%byom_")]
    return [(magic, rest) for magic, _, rest in (line.partition(" ") for line in lines)]


def test_every_magic_that_it_names_exists_and_every_one_that_exists_is_named() -> None:
    with notebook() as nb:
        nb.ok("%load_ext byom_magics")
        magics = nb.shell.magics_manager.magics
        there = {f"%{name}" for name in magics["line"] if name.startswith("byom")}
    assert {f"%{name}" for name in re.findall(r"%(byom\w*)", README)} == there


@pytest.mark.parametrize(("magic", "line"), [pair for pair in lines_of_magics() if pair[0] != "%byom_register"])
def test_a_line_of_its_examples_is_understood(magic: str, line: str) -> None:
    TABLES[magic].parse(line)


def test_the_models_of_its_examples_are_registered() -> None:
    lines = [line for magic, line in lines_of_magics() if magic == "%byom_register"]
    assert len(lines) > 5
    with notebook() as nb:
        nb.ok("%load_ext byom_magics")
        for line in lines:
            nb.ok(f"%byom_register {line}")
        assert {line.split()[0] for line in lines} <= set(byom_magics.models)


@pytest.mark.parametrize("flag", sorted(flags_in(README.split("### Asking")[1].split("### Built-in models")[0])))
def test_an_option_that_it_names_exists(flag: str) -> None:
    assert any(table.option(flag) for table in TABLES.values())


def test_presets_and_dialects_are_all_named_and_no_others() -> None:
    text = section("Registering a model")
    (rows,) = re.findall(r"\| where \| presets \|\n\|---\|---\|\n((?:\|.*\n)+)", text)
    assert sorted(re.findall(r"`([^`]+)`", rows)) == sorted(presets.all())
    (sentence,) = re.findall(r"The dialects are (.+?)\. ", text)
    assert tuple(re.findall(r"`([^`]+)`", sentence)) == known.BUILT_IN


def test_the_rules_that_it_names_are_those_that_there_are() -> None:
    (sentence,) = re.findall(r"hold together: (.+?)\. Every", section("Rules and connections"))
    rules = set(SECTIONS["policy"])
    assert {word for word in re.findall(r"`([^`]+)`", sentence) if not word.startswith("-")} == rules


def test_a_setting_that_it_names_exists() -> None:
    named = set(re.findall(r"\bByom\.(\w+)", README))
    assert {"policy", "air_gapped"} <= named
    assert named <= set(Byom.class_trait_names(config=True))


def test_a_function_that_it_names_is_public() -> None:
    named = set(re.findall(r"\bbyom\.(\w+)", README)) - {"toml", "schema"}
    assert {"register", "Image", "load"} <= named
    assert named <= set(byom_magics.__all__)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?://)([^)]+)\)", README))))
def test_a_link_leads_somewhere(target: str) -> None:
    path, _, place = target.partition("#")
    file = ROOT / (path or "README.md")
    assert file.is_file()
    if place:
        headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert place in {heading.lower().replace(" ", "-") for heading in headings}


def test_its_python_can_be_parsed() -> None:
    found = blocks("python")
    assert found
    for block in found:
        ast.parse(block)


@pytest.mark.parametrize("tool", ["jupyter lab notebooks/quickstart.ipynb", "pytest"])
def test_each_of_the_two_commands_is_one_line_that_makes_its_own_environment(tool: str) -> None:
    [line] = re.findall(rf"^python3 -m venv .*/{tool}.*$", README, re.MULTILINE)
    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")
