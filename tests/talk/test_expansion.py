from __future__ import annotations

from byom_magics.messages import Image, Message, Text
from byom_magics.talk.expansion import Expansion, Item, Rendered, item_of, joined, together

PNG = Image(b"\x89PNG")


def test_texts_side_by_side_become_one_and_empty_ones_go() -> None:
    assert joined([Text("a"), Text(""), Text("b"), PNG, Text("")]) == (Text("ab"), PNG)


def test_a_prompt_without_images_is_a_text() -> None:
    prompt = Expansion((Text("Hi"),))
    assert (prompt.text, prompt.content, prompt.prompt, prompt.images) == ("Hi", "Hi", "Hi", ())


def test_a_prompt_with_images_is_a_message() -> None:
    prompt = Expansion((Text("Look"), PNG))
    assert (prompt.content, prompt.images) == ((Text("Look"), PNG), (PNG,))
    assert prompt.prompt == [Message("user", (Text("Look"), PNG))]


def test_what_goes_along_stands_before_it_with_a_blank_line() -> None:
    item = Item("x", "file")
    whole = together(Expansion((Text("file"),), (item,)), Expansion(), Expansion((Text("question"),)))
    assert whole == Expansion((Text("file\n\nquestion"),), (item,))


def test_a_person_is_told_how_large_a_value_is() -> None:
    item = item_of("df", Rendered("DataFrame", (Text("x" * 400), PNG), note="2 of 3 rows", cut=True))
    assert (item.name, item.kind, item.characters, item.images, item.note, item.cut) == (
        "df", "DataFrame", 400, 1, "2 of 3 rows", True)  # fmt: skip
    assert item.tokens > 100
