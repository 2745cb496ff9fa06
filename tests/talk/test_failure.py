from __future__ import annotations

import pytest

from byom_magics.talk.failure import Failure, fix_messages, proposed
from byom_magics.talk.needed import Named, Needed

FAILURE = Failure("total = sum(prices)", "TypeError", "unsupported", "Traceback …\nTypeError: unsupported", line=1)


def test_a_model_gets_the_cell_the_traceback_and_what_it_uses() -> None:
    needed = Needed(
        (Named("prices", "list, len 2"), Named("f", "function f(x)", "def f(x):\n    return x")), left_out=3
    )
    system, prompt = fix_messages(
        FAILURE, needed, {"Python": "3.12"}, {"f (Cell In[1], line 2)": Needed((Named("x", "int = 1"),))}
    )
    assert "one Python code block" in system
    for part in ("total = sum(prices)", "at line 1", "TypeError: unsupported", "- prices: list, len 2", "def f(x):",
                 "and 3 more names", "- x: int = 1", "Python 3.12"):  # fmt: skip
        assert part in prompt


def test_a_cell_cannot_break_out_of_its_fence() -> None:
    _, prompt = fix_messages(Failure("```\nx", "E", "m", "t"), Needed(), {})
    assert "````python" in prompt


def test_what_is_not_known_or_too_long_is_said() -> None:
    assert not Failure("", "E", "m", "t").whole
    assert "its source is not known" in fix_messages(Failure("", "E", "m", ""), Needed(), {})[1]
    assert "E: m" in fix_messages(Failure("", "E", "m", ""), Needed(), {})[1]
    long = Failure("x = 1\n" * 10_000, "E", "m", "t")
    assert not long.whole
    assert len(fix_messages(long, Needed(), {})[1]) < 40_000


def test_names_that_look_like_a_missing_one_are_told() -> None:
    missing = Failure("prics", "NameError", "m", "t", alike=("prices",))
    assert "prices" in fix_messages(missing, Needed(), {})[1]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Because.\n```python\nx = 1\n```", "x = 1"),
        ("```python\nold\n```\nbetter\n```py\nnew\n```", "new"),
        ("```\nplain\n```", "plain"),
        ("```sql\nselect 1\n```", "select 1"),
        ("```sql\na\n```\n```sql\nb\n```", None),
        ("```sql\na\n```\n```python\nb\n```", "b"),
        ("no code", None),
        ("```python\n```", None),
        ("```python\nx = 1", "x = 1"),
        ("```python\nprint(1)\n```\nIt prints:\n```\n1\n```", "print(1)"),
        ("1. Then\n   ```python\n   if x:\n       y\n   ```", "if x:\n    y"),
    ],
)
def test_the_last_block_of_python_is_what_is_proposed(answer: str, code: str | None) -> None:
    assert proposed(answer) == code


def test_a_block_that_broke_off_is_no_proposal() -> None:
    assert proposed("```python\nx = ", whole=False) is None
    assert proposed("```python\nx = 1\n```\nand th", whole=False) == "x = 1"


def test_what_is_told_of_the_notebook_is_bounded_and_says_what_is_left_out() -> None:
    many = Needed(tuple(Named(f"n{number}", "x" * 600) for number in range(40)), left_out=2)
    long = Needed((Named("f", "function f()", "x" * 13_000), Named("g", "function g()", "def g(): ...")))
    _, prompt = fix_messages(FAILURE, many, {}, {"f (Cell In[1], line 2)": many})
    assert len(prompt) < 14_000
    assert "and 23 more names, which are left out" in prompt
    assert "and 42 more names, which are left out" in prompt
    _, prompt = fix_messages(FAILURE, long, {})
    assert "The source of f is left out" in prompt
    assert "def g(): ..." in prompt


def test_what_stands_in_the_cell_itself_is_not_sent_twice() -> None:
    cell = Failure("def f():\n    return 1 / 0\nf()", "E", "m", "t")
    _, prompt = fix_messages(cell, Needed((Named("f", "function f()", "def f():\n    return 1 / 0"),)), {})
    assert prompt.count("def f():") == 1


def test_an_answer_without_end_is_read_up_to_a_bound() -> None:
    assert proposed("```python\nx = 1\n```\n" + "```python\n" + "y\n" * 1_000_000) == "x = 1"
