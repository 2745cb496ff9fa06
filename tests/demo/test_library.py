from __future__ import annotations

import pytest

from byom_magics.demo.library import attributes, built_in, home, is_module, members, modules, value


def test_modules_of_the_standard_library_are_known_and_private_ones_are_not() -> None:
    assert is_module("math")
    assert not is_module("_thread")
    assert not is_module("numpy")
    assert {"json", "numpy", "xml"} <= set(modules())


def test_what_modules_have_is_known() -> None:
    assert {"sqrt", "pi"} <= set(members("math"))
    assert "join" in members("os.path")
    assert members("antigravity") == members("nothing") == ()
    assert value("math", "tau") is not None
    assert value("math", "__name__") is value("antigravity", "webbrowser") is None


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("sqrt", "math"),
        ("Counter", "collections"),
        ("Path", "pathlib"),
        ("mean", "statistics"),
        ("e", ""),
        ("nix", ""),
        ("sys", ""),
    ],
)
def test_a_name_is_from_the_module_that_means_to_have_it(name: str, module: str) -> None:
    assert home(name) == module


def test_what_nobody_means_is_not_among_the_built_in_names() -> None:
    called, other = built_in(called=True), built_in(called=False)
    assert {"print", "len", "list", "ValueError"} <= set(called)
    assert {"list", "ValueError"} <= set(other)
    assert "print" not in other
    assert not {"eval", "exec", "quit"} & set(called)


def test_attributes_of_classes_are_known() -> None:
    assert "upper" in attributes("str")
    assert "read_text" in attributes("PosixPath")
    assert "most_common" in attributes("Counter")
    assert attributes("DataFrame") == attributes("print") == ()
