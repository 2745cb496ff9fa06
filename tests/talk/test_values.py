from __future__ import annotations

import json
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.display import HTML, Markdown

from byom_magics.errors import OptionError
from byom_magics.events import Reply
from byom_magics.messages import Image, Message, Text, ToolCall
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


class Answers:
    """Has everything that it is asked for."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: PNG


class Hides:
    """Answers to nothing at all."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __str__(self) -> str:
        return "hidden"


def test_an_object_that_raises_whatever_it_is_asked_is_told_by_its_text() -> None:
    assert rendered(Hides()).text == "hidden"


def test_a_class_that_is_named_like_another_is_not_taken_for_it() -> None:
    class DataFrame(Answers):
        def __str__(self) -> str:
            return "mine"

    assert rendered(DataFrame()).text == "mine"


def test_a_value_that_fails_to_be_shown_is_an_error_of_its_own() -> None:
    class Broken:
        def __str__(self) -> str:
            raise OSError("no text")

    with pytest.raises(OSError, match="no text"):
        rendered(Broken())


def test_an_enum_that_is_a_text_is_that_text() -> None:
    class Colour(str, Enum):
        RED = "red"

    assert rendered(Colour.RED).text == "red"


def test_a_reply_brings_its_pictures_and_is_never_cut() -> None:
    made = rendered(Reply(text="x" * 300_000, images=(Image(PNG),)))
    assert made.parts == (Text("x" * 300_000), Image(PNG))
    assert not made.cut


def test_messages_are_a_transcript_with_what_was_asked_for() -> None:
    messages = [
        Message("user", (Text("Look: "), Image(PNG))),
        Message("assistant", "", tool_calls=(ToolCall("1", "add", '{"a": 1}'),)),
        Message("tool", "2", tool_call_id="1", tool_name="add"),
    ]
    assert rendered(messages).text == (
        'user: Look: (image/png, 8 bytes)\n\nassistant: (asks for add with {"a": 1})\n\ntool add: 2'
    )
    assert rendered(messages[2]).text == "tool add: 2"
    assert rendered([]).text == "[]"


def test_a_list_of_pictures_is_pictures_and_a_mixed_one_is_text() -> None:
    assert rendered([PNG, Image(PNG)]).parts == (Image(PNG), Image(PNG))
    assert rendered((PNG, 1)).text.startswith("(b'\\x89PNG")


def test_what_ipython_displays_as_text_is_that_text() -> None:
    markdown: Any = Markdown
    html: Any = HTML
    assert rendered(markdown("# Title")).text == "# Title"
    assert rendered(html("<b>bold</b>")).text == "<b>bold</b>"


@pytest.mark.parametrize("own", [None, 3, lambda self: None, lambda self: 3, ("text",)])
def test_markdown_of_ones_own_that_is_none_is_not_used(own: Any) -> None:
    kind = type("Own", (), {"_repr_markdown_": own, "__str__": lambda self: "plain"})
    assert rendered(kind()).text == "plain"


def test_markdown_of_ones_own_is_bounded() -> None:
    kind = type("Own", (), {"_repr_markdown_": lambda self: ("x" * 100_000, {})})
    made = rendered(kind())
    assert made.cut
    assert len(made.text) < 21_000


def test_a_drawing_that_cannot_be_drawn_is_its_data_without_its_template() -> None:
    content = {
        "data": [{"type": "bar", "y": list(range(1_000))}],
        "layout": {"title": "T", "template": {"big": "x" * 9_999}},
    }
    kind = type("BaseFigure", (), {"__module__": "plotly.basedatatypes", "to_json": lambda self: json.dumps(content)})
    made = rendered(kind())
    assert '"type": "bar"' in made.text
    assert '"… (980 more)"' in made.text
    assert "big" not in made.text
    assert "kaleido" in made.note


def test_a_tool_that_gives_a_path_does_not_give_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret words")
    assert as_text(tmp_path / "secret.txt") == str(tmp_path / "secret.txt")


def test_as_text_a_picture_is_a_few_words() -> None:
    assert as_text(Image(PNG)) == "(image/png, 8 bytes)"


def test_nothing_is_imported_to_know_what_a_value_is() -> None:
    code = (
        "import sys; from byom_magics.talk.values import rendered\n"
        "for value in ('x', 1, [1], {1}, b'x', len, sys, ValueError(), object(), iter([])): rendered(value)\n"
        "print(*{'pandas', 'numpy', 'matplotlib', 'PIL', 'IPython', 'pypdf'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
