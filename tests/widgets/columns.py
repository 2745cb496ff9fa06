"""What the panel of a comparison says, and all that a front end knows of it."""

from __future__ import annotations

import html
import re
from typing import Any

import ipywidgets

from tests.widgets.hands import SPOKEN, inside, widgets

__all__ = ["buttons", "everything", "said", "states"]

_TAG = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)
_KINDS = (ipywidgets.HTML, ipywidgets.HTMLMath)


def said(box: Any) -> str:
    """The text of what is shown in a box, outside of its controls."""
    seen = [each.value for each in inside(box) if isinstance(each, _KINDS) and not each.value.startswith(SPOKEN)]
    return "\n".join(html.unescape(_TAG.sub("", value)) for value in seen)


def states(box: Any) -> str:
    """All that a front end knows of the widgets in a box."""
    return "\n".join(repr(each.get_state()) for each in inside(box))


def everything() -> str:
    """All that a front end knows of any widget that is open."""
    return "\n".join(repr(each.get_state()) for each in widgets().values())


def buttons(box: Any) -> list[str]:
    """The words on the buttons in a box that can be pressed."""
    return [each.description for each in inside(box) if isinstance(each, ipywidgets.Button) and not each.disabled]
