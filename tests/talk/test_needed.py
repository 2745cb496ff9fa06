from __future__ import annotations

import math
import types
from typing import Any

import pytest

from byom_magics.talk.needed import names_needed, names_used, versions_of


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("total = sum(prices) * rate", ("total", "prices", "rate")),
        ("df.a.sum()", ("df",)),
        ("print(len(x))", ("x",)),
        ("for x in [1, 2)\n    print(y) # not z 'w'", ("x", "y")),
        ("'a string'  # a comment", ()),
        ("%timeit f(x)\ny", ("y", "f", "x")),
        ("!ls\nx", ("x",)),
        ("%%time\nz = a + 1", ("z", "a")),
        ("%%byom gpt\nWhat of {{ df.head() }} here?", ("gpt", "df")),
        ("", ()),
    ],
)
def test_the_names_of_a_cell_are_found_in_their_order(cell: str, names: tuple[str, ...]) -> None:
    assert names_used(cell) == names


def test_a_cell_of_any_size_and_depth_is_read() -> None:
    assert names_used("(" * 100_000 + "x")[-1:] == ("x",)
    assert names_used("a + " * 1_000_000) == ("a",)
    assert names_used("x\0y") == ("x", "y")


def test_names_are_told_with_what_they_stand_for() -> None:
    needed = names_needed(["x", "missing", "math", "x"], {"x": [1, 2], "math": math, "other": 3})
    assert [(each.name, each.what) for each in needed.names] == [("x", "list, len 2 = [1, 2]"), ("math", "module math")]
    assert needed.left_out == 0


@pytest.mark.parametrize("name", ["api_key", "TOKEN", "client_secret", "password", "passwd", "credentials"])
def test_of_what_sounds_like_a_secret_only_the_kind_is_told(name: str) -> None:
    assert names_needed([name], {name: "canary"}).names[0].what == "str"


def test_own_functions_come_with_their_source_and_with_what_they_use_in_turn() -> None:
    namespace: dict[str, Any] = {}
    exec("def f():\n    return g(rate)\ndef g(x): return x\nrate = 2\nother = 3", namespace)
    sources = {namespace["f"]: "def f(): ...", namespace["g"]: "def g(x): ..."}
    needed = names_needed(["f"], namespace, lambda value: sources.get(value, "") if callable(value) else "")
    assert [(each.name, each.source) for each in needed.names] == [
        ("f", "def f(): ..."),
        ("g", "def g(x): ..."),
        ("rate", ""),
    ]


def test_a_long_source_is_left_out_and_said_to_be() -> None:
    def f() -> None: ...

    named = names_needed(["f"], {"f": f}, lambda _: "x" * 5_000).names[0]
    assert named.source == ""
    assert "5,000 characters of source are left out" in named.what


def test_many_names_are_bounded_and_counted() -> None:
    namespace = {f"n{number}": number for number in range(100)}
    needed = names_needed(namespace, namespace)
    assert (len(needed.names), needed.left_out) == (40, 60)


def test_versions_are_told_once_a_package_and_only_where_there_are_some() -> None:
    pandas = types.ModuleType("pandas")
    pandas.__version__ = "3.1"  # type: ignore[attr-defined]
    loaded = {"pandas": pandas, "math": math}
    assert versions_of(["pandas.core.frame", "pandas", "math", "__main__", "gone"], loaded) == {"pandas": "3.1"}
