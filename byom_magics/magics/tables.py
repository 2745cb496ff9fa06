"""The table of models, for ``%byom_models`` and the overview of a bare ``%byom``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.catalog import secrets
from byom_magics.show.markup import escape
from byom_magics.show.tables import Table
from byom_magics.show.views import show_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.session import Session

__all__ = ["model_table", "show_models"]

_COLUMNS = ("key", "name", "model", "address", "key from", "capabilities")


def model_table(models: Sequence[ModelSpec], default: str | None) -> Table:
    """All models, a row each; of keys only where they come from."""
    return Table(_COLUMNS, [_row(spec, default) for spec in models])


def show_models(session: Session, notes: Sequence[str]) -> None:
    """Publish the table of all models, with lines of text under it."""
    models = list(session.models.values())
    if models:
        table = model_table(models, session.models.default)
        html, text = table.html, table.plain
    else:
        note = "No model is registered: %byom_register KEY --url URL --model NAME brings one in."
        html, text = f"<p>{escape(note)}</p>", note
    for note in notes:
        html += f"<p>{escape(note)}</p>"
    show_html(html, "\n\n".join([text, *notes]) if notes else text)


def _row(spec: ModelSpec, default: str | None) -> tuple[str, ...]:
    from byom_magics.wire.policy import origin  # noqa: PLC0415 - not needed to load

    return (
        f"{spec.key} (default)" if spec.key == default else spec.key,
        "" if spec.name == spec.key else spec.name,
        spec.model,
        "built in" if spec.builtin else spec.url,
        _key_source(spec, origin(spec.url)),
        _abilities(spec),
    )


def _key_source(spec: ModelSpec, origin: str) -> str:
    sources = [secrets.describe(spec.api_key, origin)] if spec.api_key is not None else []
    sources += [secrets.describe(value, origin) for value in spec.endpoint.headers.values() if value.startswith("env:")]
    return ", ".join(map(str, sources)) or "none needed"


def _abilities(spec: ModelSpec) -> str:
    able = [name.replace("_", " ") for name in spec.capabilities.names() if getattr(spec.capabilities, name)]
    if spec.context_window:
        able.append(f"{spec.context_window:,} tokens of context")
    if able:
        return ", ".join(able)
    known = any(getattr(spec.capabilities, name) is not None for name in spec.capabilities.names())
    return "text" if known else "not stated"
