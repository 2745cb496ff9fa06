"""What all our outputs are made of: texts as HTML, the element around them, quiet lines, and colours. Quick to load."""

from __future__ import annotations

from html import escape as escape_html

from byom_magics.plain import visible
from byom_magics.show.highlight import COLOURS

__all__ = ["BAD", "LINE", "ODD", "QUIET", "document", "escape", "note_html"]

QUIET = "color:var(--jp-ui-font-color2,#757575)"
LINE = f"{QUIET};font-size:.85em;margin:.4em 0 .2em;font-family:var(--jp-ui-font-family,sans-serif)"
BAD = "var(--jp-error-color1,#c62828)"
ODD = "var(--jp-warn-color0,#b26a00)"  # for frames: as words it stands out too little from a light ground


def escape(text: str) -> str:
    """Give any text as HTML text, good between tags and in attributes; what hides in it is shown escaped."""
    return escape_html(visible(text))


def document(*parts: str) -> str:
    """Put the parts of an output into the element that all our outputs share, with the colours that they use."""
    body = "".join(parts)
    colours = "".join(f"--{key}:{value};" for key, value in COLOURS.items() if f'"color:var(--{key})"' in body)
    style = f' style="{colours}"' if colours else ""
    return f'<div class="byom mathjax_ignore tex2jax_ignore"{style}>{body}</div>'


def note_html(line: str) -> str:
    """Any other quiet line of ours as HTML."""
    return f'<div style="{LINE}">{escape_html(line)}</div>'
