"""The table of models, for ``%byom_models`` and the overview of a bare ``%byom``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.show.markup import escape
from byom_magics.show.models import model_table
from byom_magics.show.views import show_html
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byom_magics.session import Session

__all__ = ["show_models"]


def show_models(session: Session, notes: Sequence[str]) -> None:
    """Publish the table of all models, with lines of text under it."""
    models = list(session.models.values())
    if models:
        table = model_table(models, session.models.default, origin)
        html, text = table.html, table.plain
    else:
        note = "No model is registered: %byom_register KEY --url URL --model NAME brings one in."
        html, text = f"<p>{escape(note)}</p>", note
    for note in notes:
        html += f"<p>{escape(note)}</p>"
    show_html(html, "\n\n".join([text, *notes]) if notes else text)
