from __future__ import annotations

import json

from byom_magics.demo.pieces import Argument, Asked, Asking, asking, saying, thinking
from byom_magics.demo.tokens import split

OSLO, ROME = Asked("get_weather", {"city": "Oslo"}), Asked("get_weather", {"city": "Rome, “new”"})


def test_a_text_comes_token_by_token() -> None:
    assert [piece.text for piece in saying("Two words.")] == ["Two", " words", "."]  # type: ignore[union-attr]
    assert [piece.text for piece in thinking("Two words.")] == ["Two", " words", "."]  # type: ignore[union-attr]


def test_each_call_is_opened_and_then_its_arguments_come() -> None:
    pieces = list(asking([OSLO, ROME], "here"))
    opened = [piece for piece in pieces if isinstance(piece, Asking)]
    assert [(piece.index, piece.name) for piece in opened] == [(0, "get_weather"), (1, "get_weather")]
    for call, index in ((OSLO, 0), (ROME, 1)):
        texts = [piece.text for piece in pieces if isinstance(piece, Argument) and piece.index == index]
        assert json.loads("".join(texts)) == call.arguments
        assert texts == split("".join(texts))
        assert len(texts) > 3


def test_ids_tell_calls_apart_and_are_the_same_for_the_same_place() -> None:
    def ids(place: str) -> list[str]:
        return [piece.id for piece in asking([OSLO, OSLO, ROME], place) if isinstance(piece, Asking)]

    assert ids("here") == ids("here")
    assert len({*ids("here"), *ids("there")}) == 6
    assert all(identity.startswith("call_") for identity in ids("here"))
