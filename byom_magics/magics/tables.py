"""The table of models, for ``%byom_models`` and the overview of a bare ``%byom``; and all that is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.show.markup import escape
from byom_magics.show.models import abilities, model_table
from byom_magics.show.particulars import particulars
from byom_magics.show.views import show_html
from byom_magics.wire.policy import origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.session import Session

__all__ = ["show_models", "show_particulars"]


def show_models(session: Session, notes: Sequence[str], *, words: Sequence[str] = (), tags: Sequence[str] = ()) -> None:
    """Publish the table of models, all or those with these words and tags, with lines of text under it."""
    known = list(session.models.values())
    models = [spec for spec in known if _has(spec, words, tags)]
    if models:
        table = model_table(models, session.models.default, origin)
        html, text = table.html, table.plain
    else:
        note = "No model is registered: %byom_register KEY --url URL --model NAME brings one in."
        if known:
            note = f"None of the {len(known):,} models has {' and '.join((*words, *tags))}."
        html, text = f"<p>{escape(note)}</p>", note
    for note in notes:
        html += f"<p>{escape(note)}</p>"
    show_html(html, "\n\n".join([text, *notes]) if notes else text)


def show_particulars(session: Session, keys: Sequence[str]) -> None:
    """
    Publish all that is known of these models, a table each.

    Raises:
        UnknownModelError: There is no such model.
    """
    for spec in [session.models[key] for key in keys]:
        table = particulars(spec, origin, _preset_values(spec))
        show_html(table.html, table.plain)


def _has(spec: ModelSpec, words: Sequence[str], tags: Sequence[str]) -> bool:
    if not set(tags) <= set(spec.tags):
        return False
    if not words:
        return True
    texts = (spec.key, spec.name, spec.model, spec.url, spec.provider or "", spec.description, *spec.tags)
    all_of_it = "\n".join((*texts, *abilities(spec))).lower()
    return all(word.lower() in all_of_it for word in words)


def _preset_values(spec: ModelSpec) -> dict[str, object]:
    """What the preset of its endpoint says, by the names of fields."""
    from byom_magics.catalog import presets  # noqa: PLC0415 - only where the endpoint has one
    from byom_magics.errors import RegistrationError  # noqa: PLC0415 - the same

    if not spec.endpoint.preset:
        return {}
    try:
        preset = presets.find(spec.endpoint.preset)
    except RegistrationError:
        return {}  # its plug-in is gone
    known = dict(vars(preset)) | {"dialect": preset.dialect_at(spec.url)}
    return {name: value for name, value in known.items() if value not in (None, {}, ())}
