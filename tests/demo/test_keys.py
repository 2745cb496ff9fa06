from __future__ import annotations

import pytest

from byom_magics.demo.keys import missing_key
from tests.demo.failing import told

FRAME = """
class Frame:
    columns = ["price", "unit cost"]
    dtypes = ["float64", "float64"]
    shape = (2, 2)
    def __getitem__(self, key):
        raise KeyError(key)
table = Frame()
"""


@pytest.mark.parametrize(
    ("cell", "before", "mended"),
    [
        ("d = {'colour': 1}\nd['color']", "", "d = {'colour': 1}\nd['colour']"),
        ('prices["Apple"]', "prices = {'apple': 1, 'pear': 2}", 'prices["apple"]'),
        ("print('color', d['color'])", "d = {'colour': 1}", "print('color', d['colour'])"),
        ("def f(k):\n    return {'one': 1}[k]\n\nf('oen')", "", "def f(k):\n    return {'one': 1}[k]\n\nf('one')"),
        ("d.pop('naem')", "d = {'name': 1}", "d.pop('name')"),
        ("table['prise']", FRAME, "table['price']"),
        ("table['unit_cost']", FRAME, "table['unit cost']"),
    ],
)
def test_a_misspelled_key_becomes_one_that_can_be_seen(cell: str, before: str, mended: str) -> None:
    repair = missing_key(*told(cell, before))
    assert repair is not None
    assert repair.cell == mended
    assert "is spelled much like it" in repair.why


@pytest.mark.parametrize(
    ("cell", "before"),
    [
        ("d['zzyzx']", "d = {'name': 1}"),
        ("d[3]", "d = {'3': 1, 4: 2}"),
        ("d[key]", "d = {'name': 1}\nkey = 'naem'"),
        ("d['a' 'b']", "d = {'abc': 1}"),
        ("d['it\\'s']", "d = {'its': 1}"),
        ("d['na\\nme']", "d = {'name': 1}"),
    ],
)
def test_other_keys_are_left_alone(cell: str, before: str) -> None:
    assert missing_key(*told(cell, before)) is None


def test_a_key_that_could_not_be_written_as_it_is_is_not_proposed() -> None:
    assert missing_key(*told("d['its me']", 'd = {"it\'s me": 1}')) is None


def test_where_two_keys_are_near_the_other_one_is_told() -> None:
    repair = missing_key(*told("d['price']", "d = {'prices': 1, 'priced': 2}"))
    assert repair is not None
    assert "Or was `'priced'` meant?" in repair.why
