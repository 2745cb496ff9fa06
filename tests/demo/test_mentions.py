from __future__ import annotations

from typing import Any

import pytest

from byom_magics.demo.mentions import Mentions, number_of


def texts(kind: Any, text: str) -> list[str]:
    return [mention.text for mention in Mentions(text).of(kind)]


def numbers(text: str) -> list[float]:
    return [number_of(each) for each in texts("number", text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Add 2 and 3", [2, 3]),
        ("2+3, 2 + 3", [2, 3, 2, 3]),
        ("5 - 3", [5, 3]),
        ("-4 and (-2.5)", [-4, -2.5]),
        ("1,000.5 of 10%", [1000.5, 10]),
        ("3km, 20°C, 1e3", [3, 20, 1000.0]),
        ("the 2nd of py3 in data2.csv", []),
        ("two and Three", [2, 3]),
        ("one of 5", [5]),
        ("on 2024-05-01 at 14:30", []),
        ("'7' is quoted", []),
    ],
)
def test_numbers_are_read_with_sign_and_unit(text: str, found: list[float]) -> None:
    assert numbers(text) == found


def test_a_whole_number_is_whole() -> None:
    assert isinstance(number_of("1,000"), int)
    assert isinstance(number_of("2.0"), float)


@pytest.mark.parametrize(
    "quoted", ['"a b"', "'a b'", "`a b`", "“a b”", "„a b“", "«a b»", '"""a b"""', "```python\na b\n```"]
)
def test_quotations_of_all_kinds_are_read_without_their_marks(quoted: str) -> None:
    assert texts("quoted", f"Say {quoted} now") == ["a b"]


def test_an_apostrophe_is_no_quotation_mark() -> None:
    assert texts("quoted", "Don't say what's Anna's") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is the weather in Oslo and in Rome?", ["Oslo", "Rome"]),
        ("in Oslo, Rome and New York", ["Oslo", "Rome", "New York"]),
        ("Ada Lovelace was born in London. Don't ask.", ["Ada Lovelace", "London"]),
        ("Convert 100 USD to EUR", ["USD", "EUR"]),
        ("Dr. Smith lives in St. Moritz.", ["Dr. Smith", "St. Moritz"]),
        ("Tell me", []),
        ("Anna's cat", ["Anna"]),
        ("I am OK", []),
    ],
)
def test_capitalised_words_are_names_where_no_sentence_begins_with_them(text: str, found: list[str]) -> None:
    assert texts("name", text) == found


def test_a_name_that_may_only_be_the_beginning_of_a_sentence_is_not_sure() -> None:
    (name,) = Mentions("Oslo weather?").of("name")
    assert not name.sure
    (name,) = Mentions("weather in Oslo?").of("name")
    assert (name.sure, name.after) == (True, "in")


def test_what_follows_a_preposition_is_read_up_to_the_next_word_of_that_kind() -> None:
    found = [
        (mention.text, mention.after) for mention in Mentions("weather in new york for the week, please").of("object")
    ]
    assert found == [("new york", "in"), ("week", "for")]


def test_addresses_dates_times_files_and_names_of_code_are_told_apart() -> None:
    text = "on 2024-05-01 at 5 pm mail a.b@c.org: see https://x.y/z?q=1, ./x/y.txt and my_table."
    assert texts("date", text) == ["2024-05-01"]
    assert texts("time", text) == ["5 pm"]
    assert texts("email", text) == ["a.b@c.org"]
    assert texts("url", text) == ["https://x.y/z?q=1"]
    assert texts("path", text) == ["./x/y.txt"]
    assert texts("code", text) == ["my_table"]


def test_places_in_the_plain_text_are_those_of_the_text() -> None:
    mentions = Mentions('Say "Oslo" twice')
    assert len(mentions.plain) == len(mentions.text)
    assert "Oslo" not in mentions.plain
    assert mentions.plain.index("twice") == mentions.text.index("twice")


@pytest.mark.parametrize(
    "text", ['"' * 50_000, "`" * 50_000, "Ab " * 20_000, "in " * 20_000, "1,1" * 20_000, "\ud800", ""]
)
def test_any_text_can_be_read(text: str) -> None:
    mentions = Mentions(text)
    for kind in ("url", "email", "quoted", "date", "time", "path", "code", "number", "name", "object"):
        assert all(mention.start < mention.end <= 20_000 for mention in mentions.of(kind))
