from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.show.partial_json import DEEPEST, Reader

if TYPE_CHECKING:
    from byom_magics.show.json_place import Token

ANSWER = (
    'Here it is:\n```json\n{"a": [1, -2.5e3, true, null, "x\\u00e9\\ud83d\\ude00\\n\\ud83d y\\q"],\n'
    ' "k\\"ey": {"c": ""}, "deep": ' + "[" * DEEPEST + '"]\\"", {}' + "]" * DEEPEST + "}\n```\nThat [was] {it}.\n"
)

Told = list[tuple[str, str]]


def told(*feeds: list[Token]) -> Told:
    """What tokens say, however the text was cut."""
    joined: Told = []
    for token in (token for tokens in feeds for token in tokens):
        if token.kind == "prose" and not token.begins:
            # What had been opened was prose.
            while joined.pop()[0] not in {"object", "list"}:
                pass
        goes_on = not token.begins or token.kind == "prose"
        if joined and joined[-1][0] == token.kind and goes_on:
            joined[-1] = (token.kind, joined[-1][1] + token.text)
        else:
            joined.append((token.kind, token.text))
    return joined


def read(text: str) -> Told:
    reader = Reader()
    return told(reader.feed(text), reader.flush())


def test_each_value_is_told_with_what_it_means() -> None:
    assert read('{"a": [1, "x\\n"], "b": null}') == [
        ("object", ""),
        ("key", "a"),
        ("list", ""),
        ("scalar", "1"),
        ("string", "x\n"),
        ("close", ""),
        ("key", "b"),
        ("scalar", "null"),
        ("close", ""),
    ]


@pytest.mark.parametrize("at", range(len(ANSWER)))
def test_cut_anywhere_it_says_the_same(at: int) -> None:
    reader = Reader()
    first = reader.feed(ANSWER[:at])
    assert told(first, reader.feed(ANSWER[at:]), reader.flush()) == read(ANSWER)


@pytest.mark.parametrize("at", range(len(ANSWER)))
def test_another_reader_goes_on_from_a_place(at: int) -> None:
    reader = Reader()
    first = reader.feed(ANSWER[:at])
    other = Reader(reader.place)
    assert told(first, other.feed(reader.held + ANSWER[at:]), other.flush()) == read(ANSWER)


def test_character_by_character_it_says_the_same_and_holds_little() -> None:
    reader = Reader()
    feeds = []
    for character in ANSWER:
        feeds.append(reader.feed(character))
        assert len(reader.held) <= 12
    assert told(*feeds, reader.flush()) == read(ANSWER)


def test_escapes_say_what_they_mean_and_broken_ones_stay() -> None:
    assert read(r'["\ud83d\ude00\u00e9\/\q\uZZ\ud83dx"]')[1] == ("string", "😀é/\\q\\uZZ\ud83dx")


def test_fences_are_left_out_and_words_around_them_stay() -> None:
    assert read('Sure:\n```json\n{"a": 1}\n```\nDone.') == [
        ("prose", "Sure:\n"),
        ("object", ""),
        ("key", "a"),
        ("scalar", "1"),
        ("close", ""),
        ("prose", "\nDone."),
    ]


@pytest.mark.parametrize("text", ["See [this](x), {that} and $\\{x\\}$.", "[the list]", "{ nothing }", "a { b", "[x"])
def test_brackets_in_prose_are_prose(text: str) -> None:
    assert read(text) == [("prose", text)]


def test_a_comma_too_many_is_no_fault() -> None:
    reader = Reader()
    reader.feed('{"a": [1, 2,],}')
    assert not reader.is_broken
    assert reader.place.levels == ()


@pytest.mark.parametrize("text", ['{"a": 1 "b"}', '{"a": tru1}', '["a": 2]', '{"a" 1}'])
def test_from_where_it_is_no_json_it_is_given_as_it_is(text: str) -> None:
    reader = Reader()
    tokens = reader.feed(text + " <the rest>")
    assert reader.is_broken
    assert tokens[-1].kind == "broken"
    assert tokens[-1].text.endswith(" <the rest>")


def test_what_is_nested_too_deeply_is_given_as_its_text() -> None:
    text = "[" * 100_000 + '"]"' + "]" * 100_000
    found = read(text)
    assert [kind for kind, _ in found] == ["list"] * DEEPEST + ["deep"] + ["close"] * DEEPEST
    assert found[DEEPEST][1] == text[DEEPEST:-DEEPEST]


def test_sec_10_what_never_closes_is_read_with_little_to_remember() -> None:
    reader = Reader()
    for _ in range(100):
        reader.feed('{"a":[' * 1_000)
    assert len(reader.place.levels) == DEEPEST
    assert len(reader.held) < 10


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


@given(_VALUES.filter(lambda value: isinstance(value, (list, dict))), st.booleans(), st.integers(1, 7))
def test_any_json_is_told_whole(value: object, ascii_only: bool, size: int) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    reader = Reader()
    feeds = [reader.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert not reader.is_broken
    assert reader.place.levels == ()
    assert [text for kind, text in told(*feeds) if kind == "string"] == list(_strings(value))


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        # A pair of surrogates is one character, as everywhere.
        return [json.loads(json.dumps(value))]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inside for text in _strings(each)]
