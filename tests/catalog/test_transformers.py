from __future__ import annotations

from typing import Any

import pytest

from byom_magics.catalog import plugins
from byom_magics.catalog.registration import spec_of
from byom_magics.catalog.transformers import Transformers
from byom_magics.errors import OptionError, RegistrationError


def theirs(chunk: dict[str, Any]) -> dict[str, Any]:
    return chunk


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What plug-ins offer."""
    offered: dict[str, Any] = {"theirs": theirs, "both": theirs, "broken": 5}
    monkeypatch.setattr(plugins, "find", lambda group, name: offered.get(name))
    monkeypatch.setattr(plugins, "names", lambda group: tuple(offered))
    return offered


def test_a_function_is_found_by_its_name() -> None:
    made = Transformers()
    made.register("ours", dict)
    assert made.find("ours") is dict
    assert "ours" in made.names()


def test_after_those_of_the_session_come_those_of_plug_ins() -> None:
    made = Transformers()
    made.register("both", dict)
    assert made.find("both") is dict
    assert made.find("theirs") is theirs
    assert made.names() == ("both", "theirs", "broken")


def test_an_unknown_one_is_told_with_the_nearest_and_the_way_to_register_it() -> None:
    with pytest.raises(OptionError) as caught:
        Transformers().find("theires")
    assert "did you mean theirs?" in str(caught.value)
    assert "byom_magics.register_transformer('theires', FUNCTION)" in str(caught.value)


def test_a_plug_ins_that_is_no_function_is_refused() -> None:
    with pytest.raises(OptionError, match="int, which cannot be called"):
        Transformers().find("broken")


@pytest.mark.parametrize(("name", "given"), [("a b", dict), ("", dict), (5, dict), ("ours", "dict"), ("ours", None)])
def test_what_is_no_name_or_no_function_is_refused(name: Any, given: Any) -> None:
    with pytest.raises(RegistrationError) as caught:
        Transformers().register(name, given)
    assert caught.value.hint


def test_names_in_a_model_are_filled_in_and_functions_stay() -> None:
    made = Transformers()
    made.register("ours", dict)
    spec = spec_of("a", url="http://localhost:1", request_transformer="ours", response_transformer=theirs)
    filled = made.filled_in(spec)
    assert filled.request_transformer is dict
    assert filled.response_transformer is theirs
    plain = spec_of("a", url="http://localhost:1", request_transformer=dict)
    assert made.filled_in(plain) is plain
