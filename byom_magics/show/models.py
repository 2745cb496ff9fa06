"""What is said of a model, in tables, lists and details. Of keys only where they come from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from byom_magics.catalog import secrets
from byom_magics.plain import one_line, visible
from byom_magics.show.sheet import escape
from byom_magics.show.tables import Table

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec

__all__ = ["Facts", "abilities", "facts", "list_lines", "model_html", "model_table"]

_COLUMNS = ("key", "name", "model", "address", "key from", "capabilities")
_NAME_WIDTH = 36
_DESCRIPTION = 2_000
_LABEL = "text-align:left;vertical-align:top;font-weight:normal;white-space:nowrap;padding:0 1em 0 0;opacity:.7"
_CELL = "text-align:left;vertical-align:top;padding:0;overflow-wrap:anywhere;white-space:pre-line"


@dataclass(frozen=True)
class Facts:
    """
    What a person wants to know when choosing a model, in words. The texts may come from anywhere.

    Attributes:
        key: What is typed to ask it.
        name: Its readable name; empty if it has none beside the key.
        model: What it is called at its server.
        address: Where it is asked.
        key_from: Where its key comes from, and whether it is set.
        capabilities: What it can do.
    """

    key: str
    name: str
    model: str
    address: str
    key_from: str
    capabilities: str


def facts(spec: ModelSpec, origin_of: Callable[[str], str]) -> Facts:
    """
    Put the facts of a model into words.

    Args:
        spec: The model.
        origin_of: Gives scheme, host and port of an address, to which typed keys are bound.
    """
    return Facts(
        key=spec.key,
        name="" if spec.name == spec.key else spec.name,
        model=spec.model,
        address="built in" if spec.builtin else f"{spec.url}{_mark(spec)}",
        key_from=_key_from(spec, origin_of(spec.url)),
        capabilities=_capabilities(spec),
    )


def abilities(spec: ModelSpec) -> list[str]:
    """Name what the model is known to be able to do."""
    return [name.replace("_", " ") for name in spec.capabilities.names() if getattr(spec.capabilities, name)]


def model_table(
    models: Iterable[ModelSpec], default: str | None, origin_of: Callable[[str], str], *, note: str = ""
) -> Table:
    """
    Give all models as a table, a row each.

    Args:
        models: The models, in the order of the rows.
        default: The key of the default, which is marked.
        origin_of: See `facts`.
        note: A line below.
    """
    rows = []
    for each in (facts(spec, origin_of) for spec in models):
        key = f"{each.key} (default)" if each.key == default else each.key
        rows.append((key, each.name, each.model, each.address, each.key_from, each.capabilities))
    return Table(_COLUMNS, rows, note)


def list_lines(
    models: Iterable[ModelSpec],
    origin_of: Callable[[str], str],
    *,
    favourites: Collection[str] = (),
    where: Callable[[ModelSpec], str] | None = None,
) -> list[str]:
    """
    Give each model as one aligned line of text, for a list that shows one line each.

    Args:
        models: The models, in the order of the lines.
        origin_of: See `facts`.
        favourites: The keys of those that have a star.
        where: Where a model runs, in a few words; None to leave that out.
    """
    rows: list[tuple[str, ...]] = []
    for spec in models:
        said = facts(spec, origin_of)
        name = said.name or ("" if said.model == said.key else said.model)
        star = " ★" if spec.key in favourites else ""
        shown = [one_line(said.key, _NAME_WIDTH) + star, one_line(name, _NAME_WIDTH), _capabilities(spec, short=True)]
        if where is not None:
            shown.insert(2, one_line(where(spec), _NAME_WIDTH))
        rows.append((*shown, _price_out(spec), f"{said.key_from}{_mark(spec)}"))
    if not any(price for *_, price, _ in rows):
        rows = [(*before, key_from) for *before, _, key_from in rows]
    lines = Table(("",) * len(rows[0]) if rows else (), rows).plain.splitlines()[2:] if rows else []
    # Blanks in a row would be folded into one.
    return [line.replace("  ", "\u00a0\u00a0") for line in lines]


def model_html(spec: ModelSpec, origin_of: Callable[[str], str], *, place: str = "") -> str:
    """
    Give all that is known of one model as safe HTML, for a document that no formula is looked for in.

    Args:
        spec: The model.
        origin_of: See `facts`.
        place: Where it runs, in a few words; empty if that is not told.
    """
    said = facts(spec, origin_of)
    lines = (
        ("Name", said.name),
        ("Model", said.model),
        ("Provider", spec.provider or ""),
        ("Address", said.address),
        ("Runs on", place),
        ("Region", spec.endpoint.region or ""),
        ("Key", said.key_from),
        ("Can do", said.capabilities),
        ("Limits", _limits(spec)),
        ("Price", _price(spec)),
        ("Tags", ", ".join(spec.tags)),
        ("Locked by", spec.locked),
        ("About", spec.description),
    )
    rows = "".join(
        f'<tr style="background:none"><th style="{_LABEL}">{label}</th>'
        f'<td style="{_CELL}">{escape(_cut(text))}</td></tr>\n'
        for label, text in lines
        if text
    )
    return f'<table style="margin:0;font-size:inherit;border:none"><tbody>{rows}</tbody></table>\n'


def _cut(text: str) -> str:
    shown = visible(text[: _DESCRIPTION + 1])
    return shown if len(shown) <= _DESCRIPTION else f"{shown[: _DESCRIPTION - 1]}…"


def _mark(spec: ModelSpec) -> str:
    return "" if spec.endpoint.tls.verify else " (certificate NOT verified)"


def _key_from(spec: ModelSpec, origin: str) -> str:
    sources = [secrets.describe(spec.api_key, origin)] if spec.api_key is not None else []
    sources += [
        secrets.describe(value, origin) for value in spec.endpoint.headers.values() if secrets.is_reference(value)
    ]
    return ", ".join(map(str, sources)) or "none needed"


def _capabilities(spec: ModelSpec, *, short: bool = False) -> str:
    able = abilities(spec)
    if spec.context_window:
        tokens = f"{spec.context_window:,} tokens"
        able.append(tokens if short else f"{tokens} of context")
    if able:
        return ", ".join(able)
    known = any(getattr(spec.capabilities, name) is not None for name in spec.capabilities.names())
    return "text" if known else "not stated"


def _limits(spec: ModelSpec) -> str:
    said = []
    if spec.max_tokens is not None:
        said.append(f"at most {spec.max_tokens:,} tokens an answer")
    if spec.temperature is not None:
        said.append(f"temperature {spec.temperature:g}")
    return ", ".join(said)


def _price_out(spec: ModelSpec) -> str:
    return f"{spec.prices.output:,.10g} {spec.prices.currency}/M out" if spec.prices.output is not None else ""


def _price(spec: ModelSpec) -> str:
    prices = spec.prices
    ways = (
        (prices.input, "in"),
        (prices.output, "out"),
        (prices.cached_input, "cached in"),
        (prices.cached_output, "cached out"),
    )
    said = [f"{price:,.10g} {way}" for price, way in ways if price is not None]
    return f"{', '.join(said)} ({prices.currency} per million tokens)" if said else ""
