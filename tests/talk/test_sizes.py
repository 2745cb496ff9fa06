from __future__ import annotations

from byom_magics.messages import Call, Image, Message, Schema, Text, Tool
from byom_magics.talk.expansion import Expansion, Item
from byom_magics.talk.sizes import beside, sizes


def test_an_everyday_prompt_says_nothing_of_its_size_unless_asked() -> None:
    prompt = Expansion((Text("Why?"),))
    assert sizes(prompt) == []
    assert sizes(prompt, always=True) == ["sending about 1 tokens"]


def test_what_is_large_is_told_before_it_goes() -> None:
    prompt = Expansion((Text("x" * 40_000),), (Item("df", "DataFrame", 40_000, tokens=10_000),))
    assert sizes(prompt) == [
        "sending about 10,000 tokens",
        "df: DataFrame, 40,000 characters, about 10,000 tokens",
    ]


def test_what_was_cut_and_every_picture_is_told() -> None:
    cut = Item("df", "DataFrame", 400, tokens=100, note="40 of 2,000 rows", cut=True)
    shown = Item("fig", "picture", images=1, tokens=1_000)
    prompt = Expansion((Text("x"), Image(b"x")), (cut, shown, Item("n", "int", 1)))
    lines = sizes(prompt)
    assert "1 picture among them" in lines[0]
    assert "40 of 2,000 rows" in lines[1]
    assert lines[2].startswith("fig: picture")
    assert len(lines) == 3


def test_many_are_counted() -> None:
    items = tuple(Item(f"x{number}", "list", 10, cut=True) for number in range(30))
    assert sizes(Expansion((Text("x"),), items))[-1] == "and 20 more"


def test_sec_08_names_are_visible() -> None:
    assert "\x1b" not in "".join(sizes(Expansion((), (Item("a\x1b[2J", "list", cut=True),))))


def test_what_goes_out_with_a_prompt_is_told_where_it_is_large() -> None:
    said = (Message("user", "And?"),)
    little = Call((Message("system", "Be brief."), *said))
    assert beside(little, said) == []
    assert beside(little, said, always=True) == ["and with it about 2 tokens of system message"]
    assert beside(Call(said), said, always=True) == []
    turns = (Message("user", "x" * 4_000), Message("assistant", "y" * 40_000))
    tool = Tool("f", "d" * 391, {})
    assert beside(Call((*turns, *said), tools=(tool,)), said) == [
        "and with it about 11,099 tokens: earlier turns 11,000, tools 99"
    ]
    assert "schema" in beside(Call(said, schema=Schema("S", {"type": "object"})), said, always=True)[0]
