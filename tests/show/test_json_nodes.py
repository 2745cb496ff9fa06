from __future__ import annotations

import pytest

from byom_magics.show.json_nodes import Node, grown
from byom_magics.show.json_place import Place
from byom_magics.show.partial_json import Reader

TEXT = '{"a": [1, {"b": "long text"}, 3], "c": {"d": null}, "e": []}'


def tree(node: Node) -> object:
    label = node.key if node.key is not None else node.index
    return (label, [tree(child) for child in node.children] if node.is_container else node.text)


def paths(nodes: list[Node], above: tuple[str | int | None, ...] = ()) -> list[tuple[object, str]]:
    found: list[tuple[object, str]] = []
    for node in nodes:
        here = (*above, node.key if node.key is not None else node.index)
        found += paths(node.children, here) if node.is_container else [(here, node.text)]
    return found


def test_each_value_knows_its_key_or_its_place() -> None:
    reader = Reader()
    (root,) = grown(Place(), reader.feed(TEXT)).roots
    assert tree(root) == (
        None,
        [
            ("a", [(0, "1"), (1, [("b", "long text")]), (2, "3")]),
            ("c", [("d", "null")]),
            ("e", []),
        ],
    )
    assert root.ended


@pytest.mark.parametrize("at", range(1, len(TEXT)))
def test_a_piece_goes_on_where_the_one_before_ended(at: int) -> None:
    reader = Reader()
    before = grown(Place(), reader.feed(TEXT[:at]))
    place = reader.place
    after = grown(place, Reader(place).feed(reader.held + TEXT[at:]))
    assert len(before.open) == len(place.levels)
    texts: dict[object, str] = {}
    for path, text in paths(before.roots) + paths(after.roots):
        # A key whose value is still to come has an empty one.
        texts.update({path: texts.get(path, "") + text} if text else {})
    assert texts == dict(paths(grown(Place(), Reader().feed(TEXT)).roots))
    assert all(not root.begun for root in after.roots)


def test_what_turned_out_to_be_prose_takes_the_place_of_the_container() -> None:
    (root,) = grown(Place(), Reader().feed("[the list]")).roots
    assert (root.kind, root.text) == ("prose", "[the list]")


def test_a_key_that_has_no_value_yet_is_there() -> None:
    (root,) = grown(Place(), Reader().feed('{"name":')).roots
    assert tree(root) == (None, [("name", "")])
    assert not root.ended
