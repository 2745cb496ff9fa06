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
        ("text + n + m", "text = 'a'\nclass N: pass\nn = N()\nm = N()", "text + str(n) + str(m)"),
        ("text += 3", "text = '3'", "text += str(3)"),
        ("'ä: ' + len(text)", "text = 'a'", "'ä: ' + str(len(text))"),
        ("'a' + (1 if text else 2) + '!'", "text = 'a'", "'a' + (str(1 if text else 2)) + '!'"),
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
        ("'a' + f(\n)", "def f(): return 1"),
        ("'a' + (\n  [\n])", ""),
        ("sum(names)", "names = ['a', 'b']"),
        ("sum(['1', 2])", ""),
        ("sum(['1', '2'], 0.5)", ""),
        ("len(3)", ""),
        ("f(3)", "def f(x): return 'a' + x"),
        ("'a' + f() + g()", "def f(): return 1\ng = f"),
    ],
)
def test_other_sums_are_left_alone(cell: str, before: str) -> None:
    failure, read = told(cell, before)
    assert failure.error == "TypeError"
    assert added_text(failure, read) is None


def test_a_very_long_sum_takes_no_long_look() -> None:
    assert added_text(*told("'a' + " + " + ".join(["1"] * 900))) is not None
