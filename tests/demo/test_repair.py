from __future__ import annotations

import re
from dataclasses import replace

import pytest

from byom_magics.demo import repair as module
from byom_magics.demo.answer import shipped_reference
from byom_magics.demo.cell import as_tree
from byom_magics.demo.failure import Failure, Repair, told_failure
from byom_magics.demo.repair import repaired, told_repair
from byom_magics.talk.failure import proposed
from tests.demo.failing import prompt, told


def answer(failure: Failure) -> str:
    return told_repair(failure, repaired(failure), shipped_reference())


def test_a_repair_is_explained_and_ends_with_the_whole_cell() -> None:
    text = answer(told("x = 1\npritn(x)")[0])
    assert text.startswith("*Built-in demo: follows a few rules")
    assert "Line 2 raised `NameError: name 'pritn' is not defined" in text
    assert text.endswith("\n\n```python\nx = 1\nprint(x)\n```\n")
    assert proposed(text) == "x = 1\nprint(x)"


def test_fences_in_the_cell_do_not_end_it() -> None:
    cell = 'text = """\n````python\n````\n"""\npritn(text)'
    assert proposed(answer(told(cell)[0])) == cell.replace("pritn", "print")


@pytest.mark.parametrize(
    "cell",
    ["1 / 0", "[1][5]", "{}['a']", "open('no such file')", "int('a')", "x: int\nx", "raise RuntimeError", "assert False",
     "next(iter([]))", "class A:\n    pass\nlen(A())", "'a'.zzyzx"],
)  # fmt: skip
def test_where_there_is_no_repair_it_says_so_and_nothing_it_quotes_is_taken_for_one(cell: str) -> None:
    text = answer(told(cell)[0])
    assert "I have no repair for this." in text
    assert proposed(text) is None


def test_what_the_reference_has_about_the_exception_is_quoted() -> None:
    text = answer(told("{}['zzyzx']")[0])
    assert "Python says of it: “Mapping key not found.”" in text
    assert "What the reference has about it:\n\n## `d[key]`" in text
    assert "\n    >>> c = Counter()" in text


def test_code_of_which_nothing_is_known_is_answered_too() -> None:
    failure = told_failure(prompt("", error=KeyError("a")))
    assert failure is not None
    assert "I have no repair" in answer(failure)
    assert "I have no repair" in answer(Failure("", "", ""))
    assert "The code raised `Own`." in answer(Failure("x", "Own", ""))


def test_what_a_message_says_is_told_as_code_and_not_at_any_length() -> None:
    text = answer(Failure("x", "ValueError", "`**a**` <b>\n" + "c" * 10_000))
    assert "`` ValueError: `**a**` <b> ccc" in text
    assert len(text) < 2_000


def test_no_cell_is_proposed_that_cannot_be_read_as_python(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = Failure("x", "NameError", "")
    for cell in ("x = (", "x"):
        monkeypatch.setitem(module._RULES, "NameError", lambda *_, cell=cell: Repair("why", cell))
        assert repaired(failure) is None
    monkeypatch.setitem(module._RULES, "NameError", lambda *_: Repair("why", "y"))
    assert repaired(failure) == Repair("why", "y")
    assert repaired(replace(failure, cell="")) is None


def test_a_cell_that_is_too_long_for_an_answer_is_not_begun() -> None:
    text = answer(told("x = 1\n" * 1_950 + "pritn(x)")[0])
    assert "The cell is too long for me" in text
    assert proposed(text) is None


@pytest.mark.parametrize(
    "cell",
    [
        "x\n" * 100_000,
        "(" * 29_000,
        "x = " + "[" * 90 + "]" * 90 + "\npritn",
        "pritn\n" * 1_900,
        "+".join(["pritn"] * 4_900),
        "a" * 29_000,
        "pritn." + "a." * 14_000 + "b",
        "'a' + 'b' " * 2_900,
        "\n".join(f"prin{number} = pritn" for number in range(1_400)),
        "d = {" + ", ".join(f"'colou{number}': 1" for number in range(1_500)) + "}\nd['color']",
    ],
)
@pytest.mark.parametrize(
    "said",
    ["NameError: name 'pritn' is not defined", "KeyError: 'color'", "SyntaxError: invalid syntax",
     "AttributeError: 'str' object has no attribute 'a'", 'TypeError: can only concatenate str (not "int") to str',
     "ModuleNotFoundError: No module named 'pritn'", "ImportError: cannot import name 'a' from 'math'"],
)  # fmt: skip
def test_hostile_cells_have_an_answer(cell: str, said: str) -> None:
    names = "\n".join(f"- prin{number}: int = 1" for number in range(3_000))
    failure = told_failure(
        f"This cell of my notebook failed (at line 1):\n\n```python\n{cell}\n```\n\nIt raised:\n\n```\n"
        f'  File "Cell In[1]", line 1\n{said}\n```\n\n{names}'
    )
    assert failure is not None
    code = proposed(answer(failure))
    assert code is None or as_tree(code) is not None


def test_every_rule_has_an_exception_that_there_is() -> None:
    assert all(re.fullmatch(r"[A-Z]\w+Error", name) and isinstance(__builtins__[name], type) for name in module._RULES)  # type: ignore[index]
