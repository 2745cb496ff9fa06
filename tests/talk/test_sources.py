from __future__ import annotations

import functools
import json
import math
import types

import pytest

from byom_magics.talk.sources import is_source, module, raised, source


def twice(number: int) -> int:
    """Twice as much."""
    return 2 * number


def fails_twice() -> None:
    try:
        json.loads("{")
    except ValueError as first:
        raise KeyError("second") from first


class Thing:
    def method(self) -> str:
        return "x"


def test_a_function_is_its_source() -> None:
    made = source(twice, 10_000)
    assert made.text.startswith("```python\ndef twice(number: int) -> int:")
    assert made.block
    assert source(Thing().method, 10_000).text.split("\n")[1].startswith("def method")
    assert "class Thing" in source(Thing, 10_000).text


def test_what_has_no_source_is_its_signature_and_docstring() -> None:
    text = source(math.sqrt, 10_000).text
    assert "sqrt(" in text
    assert "square root" in text


def test_a_long_source_is_cut_and_says_so() -> None:
    made = source(json.JSONEncoder, 500)
    assert made.cut
    assert "left out" in made.note
    assert len(made.text) < 800


def test_functions_methods_and_classes_have_a_source() -> None:
    assert all(map(is_source, (twice, Thing, Thing().method, math.sqrt, len)))
    assert not any(map(is_source, (5, "text", functools.partial(twice), json)))


def test_a_module_is_its_help() -> None:
    made = module(json, 20_000)
    assert "Module json" in made.text
    assert "dumps(obj" in made.text
    assert len(module(json, 300).text) < 500


def test_a_module_with_odd_names_is_told_all_the_same() -> None:
    odd = types.ModuleType("odd")
    odd.__all__ = [1, "missing", "twice"]  # type: ignore[attr-defined]
    odd.twice = twice  # type: ignore[attr-defined]
    assert "twice" in module(odd, 1_000).text


def test_an_exception_is_its_traceback_with_what_led_to_it() -> None:
    with pytest.raises(KeyError) as caught:
        fails_twice()
    text = raised(caught.value, 10_000).text
    assert "JSONDecodeError" in text
    assert "KeyError: 'second'" in text
    assert "direct cause" in text


def test_an_exception_that_leads_to_itself_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__context__, second.__context__ = second, first
    assert "ValueError" in raised(first, 1_000).text


def test_a_long_traceback_is_cut() -> None:
    made = raised(ValueError("x" * 100_000), 1_000)
    assert made.cut
    assert len(made.text) < 1_300
