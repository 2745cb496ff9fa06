from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from byom_magics.demo.naming import attribute, imported_name, missing_module, missing_name
from tests.demo.failing import told

if TYPE_CHECKING:
    from byom_magics.demo.failure import Repair


def name(cell: str, before: str = "", error: BaseException | None = None) -> Repair | None:
    return missing_name(*told(cell, before, error))


@pytest.mark.parametrize(
    ("cell", "before", "mended"),
    [
        ("pritn('a')", "", "print('a')"),
        ("print(price)", "prices = [1]", "print(prices)"),
        ("total = 1\nprint(totl + totl)", "", "total = 1\nprint(total + total)"),
        ("def area(width):\n    return widht\n\narea(1)", "", "def area(width):\n    return width\n\narea(1)"),
        ("total = 0\nfor n in [1]:\n    totla += n", "", "total = 0\nfor n in [1]:\n    total += n"),
        ("x = true", "", "x = True"),
        ("[null]", "", "[None]"),
        (
            "try:\n    1 / 0\nexcept ZeroDivisonError:\n    pass",
            "",
            "try:\n    1 / 0\nexcept ZeroDivisionError:\n    pass",
        ),
        ("%matplotlib inline\npritn('ä')", "", "%matplotlib inline\nprint('ä')"),
    ],
)
def test_a_misspelled_name_becomes_what_it_looks_like(cell: str, before: str, mended: str) -> None:
    missing = "pritn" if cell.startswith("%") else ""
    repair = name(cell, before, NameError(f"name '{missing}' is not defined") if missing else None)
    assert repair is not None
    assert repair.cell == mended
    assert "is spelled much like it" in repair.why


@pytest.mark.parametrize(
    ("cell", "statement"),
    [
        ("json.dumps(1)", "import json"),
        ("datetime.now()", "from datetime import datetime"),
        ("datetime.date(2020, 1, 1)", "from datetime import datetime"),
        ("time.sleep(0)", "import time"),
        ("pprint(1)", "from pprint import pprint"),
        ("sqrt(2)", "from math import sqrt"),
        ("print(pi)", "from math import pi"),
        ("Path('a')", "from pathlib import Path"),
        ("@dataclass\nclass A:\n    x: int", "from dataclasses import dataclass"),
        ("np.arange(3)", "import numpy as np"),
        ("plt.plot([1])", "import matplotlib.pyplot as plt"),
    ],
)
def test_what_was_not_imported_is_imported(cell: str, statement: str) -> None:
    repair = name(cell)
    assert repair is not None
    assert repair.cell == f"{statement}\n{cell}"
    assert f"`{statement}`" in repair.why


def test_what_python_suggests_is_taken_where_it_is_there() -> None:
    said = NameError("name 'vlaues' is not defined. Did you mean: 'values'?")
    repair = name("vlaues", "values = 1", said)
    assert repair is not None
    assert (repair.cell, repair.why.endswith("Python itself suggests it.")) == ("values", True)
    assert name("val()", "", NameError("name 'val' is not defined. Did you mean: 'eval'?")) is None
    assert name("num + 1", "", NameError("name 'num' is not defined. Did you mean: 'sum'?")) is None
    forgotten = NameError("name 'xml' is not defined. Did you forget to import 'xml'?")
    repair = name("print(xml)", "", forgotten)
    assert repair is not None
    assert repair.cell == "import xml\nprint(xml)"


def test_where_two_names_are_near_the_other_one_is_told() -> None:
    repair = name("prices = 1\npriced = 2\nprice", "", NameError("name 'price' is not defined"))
    assert repair is not None
    assert "Or was `" in repair.why


@pytest.mark.parametrize("cell", ["data", "df.head()", "num + 1", "model.fit(x)", "val"])
def test_a_name_of_which_nothing_is_known_is_left_alone(cell: str) -> None:
    assert name(cell) is None


def test_a_name_that_the_cell_makes_later_is_left_alone() -> None:
    assert name("print(prices)\nprices = price = 1") is None


def test_a_name_that_is_missing_in_a_function_elsewhere_is_not_mended_here() -> None:
    assert name("f(1)", "def f(x):\n    return pritn(x)") is None


@pytest.mark.parametrize(
    ("cell", "mended"),
    [
        ("import maths\nmaths.sqrt(2)", "import math\nmath.sqrt(2)"),
        ("import maths as m, os", "import math as m, os"),
        ("from colections.abc import Mapping", "from collections.abc import Mapping"),
        ("import numpyy", "import numpy"),
        ("import urlib.request\nurlib.request", "import urllib.request\nurllib.request"),
    ],
)
def test_a_misspelled_module_becomes_the_one_that_there_is(cell: str, mended: str) -> None:
    repair = missing_module(*told(cell))
    assert repair is not None
    assert repair.cell == mended


@pytest.mark.parametrize("cell", ["import zzyzx", "import os.pth", "__import__('maths')"])
def test_other_modules_are_left_alone(cell: str) -> None:
    assert missing_module(*told(cell)) is None


@pytest.mark.parametrize(
    ("cell", "mended"),
    [
        ("from math import sqroot\nsqroot(4)", "from math import sqrt\nsqrt(4)"),
        ("from collections import deque, OrderDic as D", "from collections import deque, OrderedDict as D"),
    ],
)
def test_a_name_that_a_module_lacks_becomes_one_that_it_has(cell: str, mended: str) -> None:
    repair = imported_name(*told(cell))
    assert repair is not None
    assert repair.cell == mended


def test_names_of_modules_that_are_not_known_are_left_alone() -> None:
    assert imported_name(*told("from math import zzyzx")) is None
    assert imported_name(*told("from byom_magics.demo import MODLES")) is None


@pytest.mark.parametrize(
    ("cell", "before", "mended"),
    [
        ("math.sqroot(4)", "import math", "math.sqrt(4)"),
        ("x = 'ä'.uper()", "", "x = 'ä'.upper()"),
        ("xs.push(1)", "xs = []", "xs.append(1)"),
        ("point.nmae", "class A:\n    def __init__(self):\n        self.name = 1\npoint = A()", "point.name"),
        ("xs.lenght = 1\n", "class A:\n    __slots__ = ()\nxs = A()", ""),
        (
            "class A:\n    def area(self): return 1\n\nA().aera()",
            "",
            "class A:\n    def area(self): return 1\n\nA().area()",
        ),
        (
            "from pathlib import Path\nPath('a')\\\n  .read_txt()",
            "",
            "from pathlib import Path\nPath('a')\\\n  .read_text()",
        ),
    ],
)
def test_a_misspelled_attribute_becomes_one_that_there_is(cell: str, before: str, mended: str) -> None:
    repair = attribute(*told(cell, before))
    assert (repair.cell if repair else "") == mended


def test_an_attribute_that_python_suggests_is_taken() -> None:
    error = AttributeError("module 'pandas' has no attribute 'DataFrme'. Did you mean: 'DataFrame'?")
    repair = attribute(*told("pd.DataFrme()", error=error))
    assert repair is not None
    assert repair.cell == "pd.DataFrame()"
