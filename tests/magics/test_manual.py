from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from byom_magics.magics.arguments import Option, Table
from byom_magics.magics.manual import ASK, manual
from byom_magics.magics.options import ASK as ASK_OPTIONS
from byom_magics.magics.options import REGISTER
from tests.magics.tables import TABLES

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook

MAGICS = ("byom", *(table.magic.lstrip("%") for table in TABLES.values() if table is not ASK_OPTIONS), "byom_picker")


@pytest.mark.parametrize("table", [ASK_OPTIONS, REGISTER], ids=lambda table: table.magic)
def test_a_manual_shows_every_option_with_its_sentence(table: Table) -> None:
    text = manual("About it.", table)
    rows = [" ".join(row.split()) for row in re.split(r"\n    (?=-)", text)[1:]]
    assert len(rows) == len(table.options)
    for row, option in zip(rows, table.options, strict=True):
        assert row.startswith(", ".join(option.flags))
        assert row.endswith(" ".join(option.help.split()))


@pytest.mark.parametrize("table", [ASK_OPTIONS, REGISTER], ids=lambda table: table.magic)
def test_no_line_of_a_manual_is_wider_than_a_screen(table: Table) -> None:
    assert max(map(len, manual("About it.", table).splitlines())) <= 120


def test_a_long_sentence_goes_on_below_its_beginning() -> None:
    table = Table("%x", (Option("a", ("-a",), "one word and another, " * 8, "TEXT"),), 0)
    first, second = manual("About it.", table).splitlines()[-2:]
    assert first.index("one") == len(second) - len(second.lstrip()) == 13


def test_values_are_shown_by_what_stands_for_them_and_switches_by_nothing() -> None:
    table = Table("%x", (Option("a", ("-a", "--all"), "all of it", "TEXT"), Option("b", ("-b",), "a switch")), 0)
    assert manual("About it.\n", table).endswith("    -a, --all TEXT  all of it\n    -b              a switch\n")


def test_a_magic_without_options_has_no_table() -> None:
    assert manual("About it.") == manual("About it.", Table("%x", (), 0)) == "About it."


@pytest.mark.parametrize("magic", [f"%{name}?" for name in MAGICS] + ["%%byom?"])
def test_a_question_mark_shows_the_manual_in_the_notebook(nb: Notebook, magic: str) -> None:
    assert magic.strip("?") in nb.ok(magic).everything


def test_the_manual_of_asking_has_examples_that_can_be_typed() -> None:
    examples = [line.strip() for line in ASK.partition("Examples:")[2].splitlines()]
    lines = [line for line in examples if line.startswith("%")]
    assert len(lines) >= 4
    for line in lines:
        rest = re.sub(r"^%%?byom", "", line)
        assert ASK_OPTIONS.parse(rest, rest=not line.startswith("%%")).words


def test_the_examples_of_registering_can_be_typed(nb: Notebook) -> None:
    doc = nb.shell.find_line_magic("byom_register").__doc__
    lines = [line.strip().removeprefix("%byom_register") for line in doc.splitlines() if "--url http" in line]
    assert len([REGISTER.parse(line) for line in lines]) >= 3
