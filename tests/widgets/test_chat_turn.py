from __future__ import annotations

import ipywidgets
import pytest

from byom_magics.widgets.chat_parts import ChatParts
from byom_magics.widgets.chat_turn import Row
from tests.widgets.chatting import buttons, press


@pytest.fixture
def parts() -> ChatParts:
    return ChatParts()


@pytest.fixture
def row(parts: ChatParts) -> Row:
    row = Row(parts)
    row.show("<div>said</div>")
    return row


def kinds(row: Row) -> list[str]:
    return [type(each).__name__ for each in row.box.children]


def test_a_turn_is_one_piece_of_html(row: Row) -> None:
    assert kinds(row) == ["HTMLMath"]
    assert "<div>said</div>" in row.box.children[0].value
    assert not row.offers


def test_what_can_be_done_with_it_stands_below_and_goes_again(row: Row, parts: ChatParts) -> None:
    done: list[str] = []
    row.offer((("Edit", "change it", lambda: done.append("edit")), ("Copy", "copy it", lambda: done.append("copy"))))
    assert buttons(row.box) == ["Edit", "Copy"]
    press(row.box, "Copy")
    assert done == ["copy"]
    row.offer(())
    assert buttons(row.box) == []
    assert len(parts) == 2


def test_one_thing_is_open_at_a_time(row: Row, parts: ChatParts) -> None:
    def make() -> ipywidgets.Box:
        return parts.box([parts.html("open")])

    before = len(parts)
    assert row.toggle("copy", make)
    assert row.toggle("adopt", make)
    assert len(parts) == before + 2
    assert not row.toggle("adopt", make)
    assert len(parts) == before
    row.toggle("copy", make)
    row.show("<div>another</div>")
    assert (kinds(row), len(parts)) == (["HTMLMath"], before)


def test_what_belongs_to_somebody_else_stays_open_when_it_is_closed(row: Row, parts: ChatParts) -> None:
    foreign = ipywidgets.HTML("coming")
    row.put_below(foreign)
    assert kinds(row) == ["HTMLMath", "HTML"]
    row.close()
    assert len(parts) == 0
    assert foreign.comm is not None
    foreign.close()
