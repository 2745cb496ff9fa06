"""What a person does in a panel, as a front end sends it, and what the panel shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets

from tests.show.safe import text_of

# What is around the pieces of an answer that is still growing.
_LIVE = re.compile(r'<div [^>]*aria-busy="[^>]*>')
SPOKEN = '<div role="log"'
"""How HTML begins that screen readers hear and nobody sees."""


def do(widget: Any, **state: Any) -> None:
    """What a front end sends when a person changes something."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def press(button: Any) -> None:
    """What a front end sends when a button is pressed."""
    assert not button.disabled, button.description
    data = {"method": "custom", "content": {"event": "click"}}
    button._handle_msg({"content": {"data": data}, "buffers": []})


def inside(widget: Any) -> Iterator[Any]:
    """A widget and all that is shown in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


def labelled(box: Any, words: str) -> Any:
    """The control in a box that these words stand on or before."""
    (found,) = [each for each in inside(box) if getattr(each, "description", None) == words]
    return found


def shown(box: Any) -> str:
    """What is said in a box, outside of its controls."""
    kinds = (ipywidgets.HTML, ipywidgets.HTMLMath)
    unseen = ("<style>", SPOKEN)
    values = [each.value for each in inside(box) if isinstance(each, kinds) and not each.value.startswith(unseen)]
    return "\n".join(text_of(_LIVE.sub("<div>", value)) for value in values)


def heard(box: Any) -> list[str]:
    """What the live regions in a box have for screen readers now."""
    values = [each.value for each in inside(box) if getattr(each, "value", None) and str(each.value).startswith(SPOKEN)]
    return [text_of(value[value.index(">") + 1 :].removesuffix("</div>")) for value in values]


def widgets() -> dict[str, Any]:
    """All widgets that are open, by their ids."""
    module = ipywidgets.widgets.widget
    found = getattr(module, "_instances", None)
    return dict(ipywidgets.Widget.widgets if found is None else found)


@contextmanager
def none_left() -> Iterator[None]:
    """Sees to it that what is opened in the block is closed in it."""
    before = set(widgets())
    yield
    left = [type(each).__name__ for key, each in widgets().items() if key not in before]
    assert left == []
