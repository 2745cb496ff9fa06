from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from byom_magics.errors import OptionError
from byom_magics.events import Reply
from byom_magics.messages import Image, Message
from byom_magics.talk.values import as_image, as_text, rendered

PNG = b"\x89PNG\r\n\x1a\n"


def function() -> int:
    return 1


@pytest.mark.parametrize(
    ("value", "kind", "part"),
    [
        ("{{ text }}", "text", "{{ text }}"),
        (5, "int", "5"),
        (np.float64(2.5), "float64", "2.5"),
        ([1, {"a": 2}], "list", "[1, {'a': 2}]"),
        (pd.DataFrame({"a": [1]}), "DataFrame", "| a (int64) |"),
        (np.arange(3), "array", "shape (3,)"),
        (ValueError("no"), "ValueError", "ValueError: no"),
        (function, "function", "def function"),
        (json, "module", "Module json"),
        (Reply(text="said"), "reply", "said"),
        ([Message("user", "a"), Message("assistant", "b")], "messages", "user: a\n\nassistant: b"),
    ],
)
def test_each_kind_of_value_is_told_in_its_own_way(value: Any, kind: str, part: str) -> None:
    made = rendered(value)
    assert made.kind == kind
    assert part in made.text
    assert as_text(value) == made.text


def test_a_text_is_never_cut() -> None:
    assert rendered("x" * 1_000_000).text == "x" * 1_000_000


def test_pictures_are_pictures() -> None:
    assert rendered(PNG).parts == (Image(PNG),)
    assert as_image(Image(PNG)) == Image(PNG)
    assert as_image(5) is None
    assert as_image(b"<svg>") is None


def test_a_path_is_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("inside")
    assert "inside" in rendered(tmp_path / "a.txt").text
    with pytest.raises(OptionError):
        rendered(tmp_path / "b.txt")


def test_an_iterator_is_not_consumed() -> None:
    numbers = iter([1, 2])
    rendered(numbers)
    assert list(numbers) == [1, 2]


def test_an_object_may_bring_its_own_markdown() -> None:
    class Own:
        def _repr_markdown_(self) -> str:
            return "**own**"

    assert rendered(Own()).text == "**own**"


def test_other_values_are_what_str_makes_of_them_bounded() -> None:
    class Long:
        def __str__(self) -> str:
            return "x" * 1_000_000

    made = rendered(Long())
    assert made.cut
    assert len(made.text) < 300_000


def test_a_value_that_answers_to_every_name_is_told_by_its_text() -> None:
    class Everything:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: PNG

        def __str__(self) -> str:
            return "everything"

    assert rendered(Everything()).text == "everything"
