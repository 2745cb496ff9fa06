"""The looks that the controls of all our panels share: what has the focus is seen, and so is where a field is."""

from __future__ import annotations

__all__ = ["controls_css"]

_FOCUSED = "button, input, textarea, select"


def controls_css(panel: str) -> str:
    """
    Give rules for the controls in a panel.

    The front end's own frames stand out too little from a light ground, and its marks of lists from a dark one.

    Args:
        panel: The class of the panel.
    """
    return f"""
.{panel} {{--jp-widgets-input-border-color:var(--jp-ui-font-color2,#757575)}}
.{panel} ::placeholder {{color:var(--jp-ui-font-color2,#757575) !important; opacity:1}}
.{panel} select:not([size]) {{appearance:auto; background-image:none !important}}
.{panel} :is({_FOCUSED}):focus-visible
  {{outline:2px solid var(--jp-brand-color1,#1976d2) !important; outline-offset:1px}}
"""
