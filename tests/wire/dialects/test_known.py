"""Which dialects there are, and what a plug-in may add."""

from __future__ import annotations

from typing import Any, cast

import pytest

from byom_magics.errors import OptionError
from byom_magics.wire.dialects import known
from byom_magics.wire.dialects.openai_chat import OpenAIChat


class Other(OpenAIChat):
    name = "other"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "plugins", known.plugins)
    monkeypatch.setattr(known, "_added", {})


@pytest.mark.parametrize("name", known.BUILT_IN)
def test_each_dialect_of_this_package_is_found_under_its_name(name: str) -> None:
    dialect = known.find(name)
    assert dialect.name == name
    known.register(dialect)
    assert known.find(name) is dialect


def test_an_unknown_name_is_told_with_the_nearest_one() -> None:
    with pytest.raises(OptionError, match="did you mean 'openai_chat'") as caught:
        known.find("openai-chat")
    assert "gemini" in str(caught.value)


def test_a_dialect_that_was_added_is_found_and_listed_until_it_is_forgotten() -> None:
    other = Other()
    known.register(other)
    assert known.find("other") is other
    assert known.names() == (*known.BUILT_IN, "other")
    known.forget_added()
    assert known.names() == known.BUILT_IN


def test_plug_ins_are_asked_for_names_that_nothing_else_has() -> None:
    asked: list[str] = []
    other = Other()

    def plugins(name: str) -> object | None:
        asked.append(name)
        return other if name == "other" else None

    known.plugins = plugins
    known.find("openai_chat")
    assert known.find("other") is known.find("other") is other
    with pytest.raises(OptionError):
        known.find("nowhere")
    assert asked == ["other", "nowhere"]


def test_what_is_no_dialect_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(OptionError, match="models_path"):
        known.register(cast("Any", object()))

    class Odd(Other):
        framing = cast("Any", "pigeons")

    with pytest.raises(OptionError, match="framing"):
        known.register(Odd())
