from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byom_magics.errors import ByomError
from byom_magics.magics import options
from byom_magics.magics.filling import filled, names_of, sizes_of, spoken, system_of
from byom_magics.messages import Image, Message

SHELL: Any = SimpleNamespace(user_ns={"who": "the notebook", "text": "a note of its own"})


def test_names_of_the_function_that_calls_the_magic_come_before_those_of_the_notebook() -> None:
    assert names_of(SHELL, {"who": "the function"}).evaluate("who") == "the function"
    assert names_of(SHELL, None).evaluate("who") == "the notebook"


def test_the_prompt_stands_behind_what_goes_with_it() -> None:
    arguments = options.ASK.parse("demo/pydoc --file text")
    prompt = str(filled(SHELL, "Who? {{ who }}", arguments, names_of(SHELL, None)).prompt)
    assert prompt.index("a note of its own") < prompt.index("Who? the notebook")


def test_raw_text_is_sent_as_it_stands() -> None:
    arguments = options.ASK.parse("demo/pydoc --raw -s '{{ who }}'")
    names = names_of(SHELL, None)
    assert filled(SHELL, "{{ who }}", arguments, names).prompt == "{{ who }}"
    assert system_of(arguments, names) == "{{ who }}"
    assert system_of(options.ASK.parse("-s '{{ who }}'"), names) == "the notebook"


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ByomError, match="whom"):
        filled(SHELL, "{{ whom }}", options.ASK.parse(""), names_of(SHELL, None))


def test_what_is_said_again_is_known_by_its_parts() -> None:
    image = Image(b"\x89PNG\r\n\x1a\n")
    said = spoken([Message("system", "Be brief."), {"role": "user", "content": "What is it?"}, image])
    assert (said.text, said.images) == ("Be brief.What is it?", (image,))
    assert spoken("Hi").prompt == "Hi"


def test_a_dry_run_always_tells_the_size() -> None:
    prompt = filled(SHELL, "Hi", options.ASK.parse(""), names_of(SHELL, None))
    assert not sizes_of(prompt, options.ASK.parse(""))
    assert sizes_of(prompt, options.ASK.parse("--dry-run"))
