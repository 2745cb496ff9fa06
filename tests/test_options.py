from __future__ import annotations

import inspect

import pytest

from byom_magics import api
from byom_magics.errors import OptionError
from byom_magics.options import Options, check_options


def test_functions_that_pass_options_on_know_each_of_them() -> None:
    named = [*inspect.signature(api.stream).parameters][2:]
    assert set(Options.__annotations__) == set(named)


def test_what_is_no_argument_is_told_with_its_neighbour() -> None:
    check_options(["temperature", "seed"], "compare")
    with pytest.raises(OptionError, match=r"compare: there is no argument 'sed'[\s\S]*did you mean seed"):
        check_options(["temperature", "sed"], "compare")
    with pytest.raises(OptionError, match=r"help\(byom_magics.stream\)"):
        check_options(["xyzzy"], "compare")
