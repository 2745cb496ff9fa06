from __future__ import annotations

import pytest

from byom_magics.demo.adding import added_text
from tests.demo.failing import told


@pytest.mark.parametrize(
    ("cell", "before", "mended"),
    [
        ("'there are ' + n", "n = 3", "'there are ' + str(n)"),
        ("print('ä ' + 3)", "", "print('ä ' + str(3))"),
        ("1 + 'a'", "", "str(1) + 'a'"),
        ("'a' + -1", "", "'a' + str(-1)"),
        ("text = 'a'\ntext += 3", "", "text = 'a'\ntext += str(3)"),
        ("text + age + ' years, ' + age", "text = 'a'\nage = 3", "text + str(age) + ' years, ' + str(age)"),
        ("def f(x):\n    return 'n: ' + x\n\nf(3)", "", "def f(x):\n    return 'n: ' + str(x)\n\nf(3)"),
        ("f'{n}' + n", "n = 2.5", "f'{n}' + str(n)"),
        ("text.upper() + n", "text = 'a'\nn = 3", "text.upper() + str(n)"),
    ],
)
def test_the_number_becomes_text(cell: str, before: str, mended: str) -> None:
    repair = added_text(*told(cell, before))
    assert repair is not None
    assert repair.cell == mended
    assert "`str` makes text of" in repair.why


@pytest.mark.parametrize(
    ("cell", "before", "mended"),
    [("age + 1", "age = '35'", "int(age) + 1"), ("1.5 + cost", "cost = '2.5'", "1.5 + float(cost)")],
)
def test_text_that_reads_as_a_number_becomes_one(cell: str, before: str, mended: str) -> None:
    repair = added_text(*told(cell, before))
    assert repair is not None
    assert repair.cell == mended
    assert "reads as a number" in repair.why


@pytest.mark.parametrize(
    ("cell", "before", "mended"),
    [
        ("sum(prices)", "prices = ['1.5', '2']", "sum(map(float, prices))"),
        ("total = sum(counts)", "counts = ('1', '2')", "total = sum(map(int, counts))"),
        ("sum(['1', '2'])", "", "sum(map(int, ['1', '2']))"),
    ],
)
def test_of_numbers_that_are_written_as_text_a_sum_is_made(cell: str, before: str, mended: str) -> None:
    repair = added_text(*told(cell, before))
    assert repair is not None
    assert repair.cell == mended


@pytest.mark.parametrize(
    ("cell", "before"),
    [
        ("'a' + []", ""),
        ("'a' + f()", "def f(): return 1"),
        ("'a' + (\n1)", ""),
        ("sum(names)", "names = ['a', 'b']"),
        ("sum(['1', 2])", ""),
        ("len(3)", ""),
        ("[] + 'a'", ""),
        ("f(3)", "def f(x): return 'a' + x"),
        ("text + n + m", "text = 'a'\nclass N: pass\nn = N()\nm = N()"),
    ],
)
def test_of_other_sums_nothing_wrong_is_made(cell: str, before: str) -> None:
    repair = added_text(*told(cell, before))
    assert repair is None or "str(" in repair.cell


def test_a_very_long_sum_takes_no_long_look() -> None:
    assert added_text(*told("'a' + " + " + ".join(["1"] * 900))) is not None
