from __future__ import annotations

import functools
import json
import linecache
import math
import types
from typing import Any

import pytest

from byom_magics.catalog.secrets.masking import look_for
from byom_magics.errors import OptionError
from byom_magics.talk.sources import has_source, raised, source


def cell(code: str, name: str = "<ipython-input-3-0123456789ab>") -> dict[str, Any]:
    """The names that a cell defines, with its source where Python looks for it."""
    names: dict[str, Any] = {"__name__": "__main__"}
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    exec(compile(code, name, "exec"), names)
    return names


def text(value: Any, limit: int = 20_000) -> str:
    return source(value, limit).text


# Functions and classes

CODE = '''
import functools

def twice(function):
    @functools.wraps(function)
    def wrapped(*words):
        return function(*words)
    return wrapped

@twice
def area(r: float) -> float:
    """Of a circle."""
    return 3.14 * r ** 2

class Shape:
    """A shape."""

    size = 3

    def grow(self, by):
        self.size += by

    @property
    def large(self):
        return self.size > 3

class Empty:
    """Nothing."""
'''


def test_a_function_of_a_cell_is_its_source_decorators_included() -> None:
    names = cell(CODE)
    assert text(names["area"]) == (
        '```python\n@twice\ndef area(r: float) -> float:\n    """Of a circle."""\n    return 3.14 * r ** 2\n```'
    )
    assert source(names["area"], 999).block


def test_a_method_is_its_source_without_its_indent() -> None:
    assert text(cell(CODE)["Shape"]().grow) == "```python\ndef grow(self, by):\n    self.size += by\n```"


def test_a_class_of_a_cell_is_its_source() -> None:
    told = text(cell(CODE)["Shape"])
    assert told.startswith('```python\nclass Shape:\n    """A shape."""\n\n    size = 3\n')
    assert told.endswith("return self.size > 3\n```")


def test_a_class_whose_source_is_not_found_is_told_by_what_it_says() -> None:
    told = text(type("Empty", (), {"__doc__": "Nothing.", "__module__": "__main__"}))
    assert "Empty()" in told
    assert "Nothing." in told


@pytest.mark.parametrize(("value", "words"), [(len, "len(obj, /)"), ([].append, "append(object, /)"), (str.join, "Concatenate"), (int.__add__, "__add__")])  # fmt: skip
def test_what_is_built_in_is_told_by_its_signature_and_docstring(value: Any, words: str) -> None:
    assert has_source(value)
    assert words in text(value)


def test_a_long_class_is_told_by_its_methods() -> None:
    rendered = source(json.JSONDecoder, 1_000)
    assert "decode(self, s" in source(json.JSONDecoder, 2_500).text
    assert rendered.cut
    assert rendered.note.startswith("its source left out: ")
    assert len(rendered.text) < 1_200


def test_a_long_function_is_cut_and_says_so() -> None:
    rendered = source(json.dumps, 200)
    assert "more characters were left out" in rendered.text
    assert rendered.note.endswith("characters left out")


def test_a_docstring_and_a_default_that_fail_do_no_harm() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise OSError

    def function(a: Any = Broken()) -> None:  # noqa: B008 - that is the point
        pass

    built = types.FunctionType(function.__code__, {}, "built", function.__defaults__)
    built.__code__ = built.__code__.replace(co_filename="<nowhere>")
    assert "built(…)" in text(built)


# Modules


def test_a_module_is_its_docstring_and_its_public_names() -> None:
    told = text(math)
    assert "Module math" in told
    assert "sqrt(x, /)  # Return the square root of x." in told
    assert "pi: float" in told
    assert "_" not in {line[:1] for line in told.splitlines()}


def test_a_module_is_not_asked_for_what_is_not_there() -> None:
    lazy = types.ModuleType("lazy", "Loads late.")
    exec(
        "__all__ = ['ready', 'heavy']\ndef __getattr__(name): raise RuntimeError(name)\ndef ready(): 'Is here.'",
        lazy.__dict__,
    )
    told = text(lazy)
    assert "ready()  # Is here." in told
    assert "\nheavy\n" in told


def test_a_module_that_lists_odd_names_is_told_all_the_same() -> None:
    odd = types.ModuleType("odd")
    odd.__dict__.update(__all__=[1, "missing", "twice"], twice=len)
    assert "\n1\nmissing\ntwice(obj, /)" in text(odd)


def test_a_large_module_is_bounded_and_says_what_is_left_out() -> None:
    large = types.ModuleType("large")
    for number in range(5_000):
        setattr(large, f"name_{number}", number)
    rendered = source(large, 1_000)
    assert len(rendered.text) < 1_200
    assert "more entries were left out" in rendered.text
    assert rendered.note.endswith("entries left out")
    assert rendered.cut


@pytest.mark.parametrize("value", [1, "x", object(), None, functools.partial(len)])
def test_other_values_have_no_source(value: Any) -> None:
    assert not has_source(value)


# Exceptions


def failed(code: str, **names: Any) -> BaseException:
    try:
        exec(compile(code, "<ipython-input-3-0123456789ab>", "exec"), names)
    except Exception as problem:  # noqa: BLE001 - whatever the cell raises
        return problem
    raise AssertionError(code)


def test_an_exception_is_its_traceback_with_what_led_to_it() -> None:
    code = "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('no') from e\n"
    cell_lines = code.splitlines(keepends=True)
    linecache.cache["<ipython-input-3-0123456789ab>"] = (len(code), None, cell_lines, "<ipython-input-3-0123456789ab>")
    rendered = raised(failed(code))
    assert rendered.kind == "ValueError"
    assert "ZeroDivisionError: division by zero" in rendered.text
    assert "direct cause of the following exception" in rendered.text
    assert 'File "Cell In[3]", line 4' in rendered.text
    assert "ValueError: no" in rendered.text


def test_frames_of_this_package_are_no_news() -> None:
    def fails() -> None:
        source(json.dumps, None)  # type: ignore[arg-type]

    told = raised(failed("fails()", fails=fails)).text
    assert "TypeError" in told
    assert 'sources.py", line' not in told.replace("test_sources.py", "")


def test_an_exception_that_was_never_raised_is_its_message() -> None:
    assert raised(ValueError("no")).text == "```\nValueError: no\n```"


def test_an_exception_that_cannot_be_printed_is_told_all_the_same() -> None:
    class BrokenError(Exception):
        def __str__(self) -> str:
            raise OSError

    assert "BrokenError" in raised(BrokenError()).text


def test_a_long_message_loses_its_middle_and_that_is_said() -> None:
    rendered = raised(ValueError("x" * 10_000_000))
    assert len(rendered.text) < 7_000
    assert "more characters were left out" in rendered.text
    assert (rendered.note, rendered.cut) == ("the middle of the traceback left out", True)


def test_a_cause_that_leads_to_itself_ends() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__context__, second.__context__ = second, first
    assert "ValueError: first" in raised(first).text


def test_sec_20_keys_and_passwords_are_hidden_in_tracebacks() -> None:
    look_for("sk-canary-0123456789")
    told = raised(ValueError("bad key sk-canary-0123456789, password='hunter2hunter2'")).text
    assert "canary" not in told
    assert "hunter2" not in told


def test_an_error_of_our_own_is_told_with_what_to_do() -> None:
    told = raised(OptionError("It cannot be.", hint="do it otherwise")).text
    assert "OptionError: It cannot be.\nNext: do it otherwise" in told


def test_a_class_of_a_cell_without_methods_is_its_source_too() -> None:
    first = cell(
        "import dataclasses, typing\n@dataclasses.dataclass\nclass Land:\n    name: str\n    size: int = 0\n"
        "class Row(typing.TypedDict):\n    a: int\nclass Odd(Exception): pass\n",
        "<ipython-input-7-0123456789ab>",
    )
    cell("class Land:\n    other: str\n", "<ipython-input-8-0123456789ab>")
    assert text(first["Land"]).startswith(
        "```python\n@dataclasses.dataclass\nclass Land:\n    name: str\n    size: int = 0"
    )
    assert text(first["Row"]) == "```python\nclass Row(typing.TypedDict):\n    a: int\n```"
    assert text(first["Odd"]) == "```python\nclass Odd(Exception): pass\n```"


def test_a_class_that_no_cell_defines_is_what_it_says_of_itself() -> None:
    kind = type("Nowhere", (), {"__module__": "__main__", "__doc__": "Nothing."})
    assert "Nothing." in text(kind)
    assert "```python" not in text(kind)
