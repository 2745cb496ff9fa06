"""What a picker says beside its list: how many models were found, and all that is known of the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.plain import one_line
from byom_magics.show.looks import controls_css
from byom_magics.show.models import model_html
from byom_magics.show.sheet import QUIET, document, escape, note_html
from byom_magics.widgets.choosing import Wish, words
from byom_magics.widgets.whereabouts import whereabouts
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.widgets.stock import Found

__all__ = ["CSS", "FAVOURITE", "NO_MODELS", "about_html", "found_html"]

NO_MODELS = "No model is registered: %byom_register KEY --url URL brings one in."
FAVOURITE = (
    ("Add to favourites", "Mark the chosen model with a star, here and in later sessions"),
    ("Remove favourite", "Take the star of the chosen model away"),
)
"""The words on the button, and a sentence on it: for a model that is no favourite, and for one that is."""

CSS = f"""<style>{controls_css("byom-picker")}
.byom-picker {{display:flex; flex-direction:column; gap:.15em; font-family:var(--jp-ui-font-family,sans-serif)}}
.byom-picker-css {{display:none}}
.byom-picker .byom {{line-height:1.5}}
.byom-picker .widget-html, .byom-picker .jupyter-widget-html {{height:auto; max-width:100%}}
.byom-picker .widget-html-content {{line-height:1.5; white-space:normal; overflow-wrap:anywhere; min-width:0}}
.byom-picker select[size] {{width:100%; font-family:var(--jp-code-font-family,monospace);
  font-size:var(--jp-code-font-size,13px)}}
.byom-picker option {{padding:1px 4px}}
.byom-picker-row {{display:flex; flex-flow:row wrap; gap:.3em .6em; align-items:center; overflow:visible}}
.byom-picker-row > * {{flex:none; margin:0}}
.byom-picker-panel {{display:flex; flex-flow:column; gap:.4em; overflow:visible; padding:.4em .8em;
  border-left:3px solid var(--jp-border-color1,#bdbdbd)}}
.byom-picker-fold, .byom-picker-list {{display:flex; flex-flow:column; gap:.4em; overflow:visible; flex:none}}
.byom-picker-fold > *, .byom-picker-list > * {{width:100%; margin:0; box-sizing:border-box}}
.byom-picker-panel td {{padding-right:.8em !important}}
.byom-picker .jupyter-button {{padding:0 .8em}}
</style>"""


def found_html(found: Found, shown: int, wish: Wish) -> str:
    """
    Say how many models were found, which filters are on, and how many were left out for want of knowledge.

    Args:
        found: What was found.
        shown: How many the list has at most.
        wish: What the filters want.
    """
    lines = [_count(len(found.keys), found.total, shown)]
    on = words(wish)
    if on:
        lines.append(f"Filters on: {', '.join(on)}.")
    if found.unsaid:
        unsaid = ", ".join(f"{what} ({_models(number)})" for what, number in found.unsaid.items())
        lines.append(f"Left out because nobody said: {unsaid}.")
    said = "".join(f"<div>{escape(one_line(line, 600))}</div>" for line in lines)
    return document(f'<div role="status" style="{QUIET}">{said}</div>')


def about_html(spec: ModelSpec | None, parameters: str, note: str) -> str:
    """
    Say which model is asked when none is named, and all that is known of it.

    Args:
        spec: The model; None if none is chosen.
        parameters: What was chosen for such cells beside it, in words.
        note: What else is to be said.
    """
    notes = [note_html(note)] if note else []
    if spec is None:
        said = "A bare <code>%%byom</code> asks no model yet. The one that you choose here becomes the default."
        return document(*notes, f"<div>{said}</div>")
    beside = f", with {escape(parameters)}" if parameters else ""
    said = f"A bare <code>%%byom</code> now asks <strong>{escape(spec.key)}</strong>{beside}."
    return document(*notes, f"<div>{said}</div>\n", model_html(spec, origin, place=whereabouts(spec)))


def _count(found: int, total: int, shown: int) -> str:
    if not total:
        return NO_MODELS
    if not found:
        return f"none of {total:,}"
    if found > shown:
        return f"{shown} shown, and {found - shown:,} more: type to narrow"
    return f"{found:,} of {total:,}" if found < total else _models(total)


def _models(number: int) -> str:
    return f"{number:,} model{'' if number == 1 else 's'}"
