from __future__ import annotations

import json
import re

import pytest

from byom_magics.show.json_pieces import cut_json, piece_html
from byom_magics.show.segments import SHOWN, Opening, Piece
from tests.show.safe import read, text_of

VALUE = {
    "title": "A <b>report</b>",
    "people": [{"id": number, "name": "Ada " + "x" * number, "score": number / 3, "ok": None} for number in range(30)],
    "nested": {"a": {"b": [{"c": [1, 2, {"d": []}]}, "long " * 300]}},
    "vector": [number * 1.5 for number in range(200)],
    "escaped": "é😀" * 500,
}
TEXT = "Sure:\n```json\n" + json.dumps(VALUE, indent=1) + "\n```\nDone.\n"


def cuts(text: str, size: int) -> list[tuple[str, str]]:
    """The pieces of a text, each with its HTML."""
    found: list[tuple[str, str]] = []
    opening, start = Opening(), 0
    while True:
        ahead = Piece(text[start : start + 2 * size + 100], opening)
        place = cut_json(ahead, size)
        if place is None:
            rest = Piece(text[start:], opening)
            return [*found, (rest.text, piece_html(rest, settled=True))]
        piece = Piece(ahead.text[: place[0]], opening)
        assert 0 < place[0] <= 2 * size
        found.append((piece.text, piece_html(piece, settled=True)))
        start, opening = start + place[0], place[1]


def words(html: str) -> str:
    return re.sub(r"\W+", "", text_of(html))


@pytest.mark.parametrize("size", [300, 337, 500, 1_300, 20_000])
def test_the_pieces_show_all_that_the_whole_shows(size: int) -> None:
    found = cuts(TEXT, size)
    assert "".join(text for text, _ in found) == TEXT
    whole = piece_html(Piece(TEXT), settled=True)
    assert "".join(words(html) for _, html in found) == words(whole)
    for _, html in found:
        assert "b" not in re.findall(r"<b>report", html)
        read(html)


def test_a_table_goes_on_as_a_table_with_one_head() -> None:
    found = [html for text, html in cuts(json.dumps({"people": VALUE["people"]}), 300) if "name" in text]
    assert len(found) > 3
    assert ["<table" in html for html in found] == [True] * len(found)
    assert sum("<th" in html for html in found) == 1


def test_rows_are_cut_between_one_another() -> None:
    for text, _ in cuts(json.dumps(VALUE["people"]), 300)[:-1]:
        assert text.endswith("}")


def test_a_row_that_does_not_fit_ends_the_table() -> None:
    rows = [{"a": 1, "b": "x" * 40}] * 10 + [{"a": {"deep": True}}] + [{"a": 2}]
    found = cuts(json.dumps(rows), 300)
    assert "<table" in found[0][1]
    assert "deep" in text_of(found[-1][1])
    assert "[10]" in text_of(found[-1][1])


def test_what_arrives_is_shown_at_once_and_never_as_braces() -> None:
    text = json.dumps({"name": "Ada", "works": [{"title": "Notes", "year": 1843}]})
    for end in range(1, len(text)):
        shown = text_of(piece_html(Piece(text[:end]), settled=False))
        assert not set('{}["') & set(shown)
    assert "Ad" in text_of(piece_html(Piece('{"name": "Ad'), settled=False))


def test_half_an_escape_waits_and_is_there_in_the_end() -> None:
    assert text_of(piece_html(Piece('{"a": "x\\ud83d'), settled=False)).strip() == "a: x"
    assert text_of(piece_html(Piece('{"a": "x\\u00'), settled=True)).strip() == "a: x\\u00"


def test_from_where_it_is_no_json_it_is_shown_as_it_is() -> None:
    found = cuts("word <b> " * 500 + '{"a": oops} ' + "more " * 500, 400)
    shown = "".join(text_of(html).replace("\n", "") for _, html in found)
    assert shown.split() == ["word", "<b>"] * 500 + ["a:", "oops}"] + ["more"] * 500


def test_sec_10_a_hostile_text_is_cut_into_pieces_of_bounded_size() -> None:
    for text in ("[" * 20_000, '{"a":' * 4_000, '"' * 20_000, '{"' + "k" * 20_000, "[" + "1" * 20_000, " " * 20_000):
        for source, html in cuts(text, 500):
            assert len(source) <= 1_100
            assert len(html) < 60_000


def test_what_nobody_sees_is_not_read() -> None:
    opening = Opening(before=SHOWN + 1)
    place = cut_json(Piece("[" * 1_000, opening), 300)
    assert place is not None
    assert place[0] == 1_000
