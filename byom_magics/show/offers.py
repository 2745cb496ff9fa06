"""What servers offer, as a table: a row a model, with what the server itself says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from byom_magics.show.tables import Table

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Listed, Prices

__all__ = ["Server", "offer_table", "server_line"]

_COLUMNS = ("#", "model", "context", "price in / out", "can do", "about", "server")


class Server(Protocol):
    """Where models are."""

    @property
    def title(self) -> str:
        """What a person calls it."""

    @property
    def url(self) -> str:
        """Its base URL."""

    @property
    def note(self) -> str:
        """What else there is to know."""


def offer_table(rows: Iterable[tuple[int, Server, Listed]]) -> Table:
    """
    Models in rows; columns of which nothing is known, and the server's where it is the same in all, are left out.

    Args:
        rows: The number of each model, its server, and what is known of it.
    """
    cells = [
        (
            str(number),
            offer.id,
            f"{offer.context_window:,}" if offer.context_window else "",
            _price(offer.prices),
            _abilities(offer),
            offer.name or offer.description,
            f"{server.title}, {server.url}",
        )
        for number, server, offer in rows
    ]
    kept = [column for column in range(len(_COLUMNS)) if _tells(column, cells)]
    return Table(
        tuple(_COLUMNS[column] for column in kept),
        [tuple(row[column] for column in kept) for row in cells],
    )


def server_line(server: Server, models: Sequence[Listed]) -> str:
    """One server in a line."""
    count = f"{len(models):,} model{'' if len(models) == 1 else 's'}"
    return f"{server.title} at {server.url}: {count}" + (f"; {server.note}" if server.note else "")


def _tells(column: int, cells: Sequence[tuple[str, ...]]) -> bool:
    said = {row[column] for row in cells}
    return len(said) > 1 if _COLUMNS[column] == "server" else bool(said - {""})


def _price(prices: Prices) -> str:
    if prices.input is None and prices.output is None:
        return ""
    amounts = " / ".join("?" if each is None else f"{each:,.10g}" for each in (prices.input, prices.output))
    return f"{amounts} {prices.currency}"


def _abilities(offer: Listed) -> str:
    can = [name.replace("_", " ") for name in offer.capabilities.names() if getattr(offer.capabilities, name)]
    return ", ".join([*offer.tags, *can])
