"""A server that was found and what it offers, and the choosing among models of several."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from byom_magics.catalog.offers import key_of
from byom_magics.errors import OptionError
from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.catalog.spec import KeyReference, Listed, ModelSpec

__all__ = ["Found", "Register", "chosen", "matching"]

_MOST_AT_ONCE = 10_000

# What lists call models that do not chat.
_NO_CHAT = frozenset({"audio", "embedding", "image", "moderation", "rerank"})

Register = Callable[["Found", "Sequence[Listed]", bool], "list[ModelSpec]"]
"""Brings models of a server into a session; the last argument says whether models of the same keys are replaced."""


@dataclass(frozen=True)
class Found:
    """
    A server and what it offers. Texts of the models come from the server as they are.

    Attributes:
        server: The name of its preset, or of a server that has none; empty if it cannot be told.
        title: What a person calls such a server.
        url: The base URL for its models.
        dialect: How it speaks there.
        models: What it offers.
        api_key: The reference of the key with which it was asked, or None.
        note: What else there is to know, such as that it wants a key; empty if nothing.
    """

    server: str
    title: str
    url: str
    dialect: str = "openai_chat"
    models: tuple[Listed, ...] = ()
    api_key: KeyReference | None = field(default=None, repr=False)
    note: str = ""
    register_with: Register | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        return visible(f"<{self.title} at {self.url}: {len(self.models):,} models>")

    def register(self, *names: str, replace: bool = False) -> list[ModelSpec]:
        """
        Bring models of this server into the session.

        Args:
            names: Their names, or ``all`` (which leaves out those that are known not to chat).
            replace: Whether models that have the same keys are replaced; otherwise other keys are made.

        Returns:
            Their specs; what is registered already is left as it is.

        Raises:
            OptionError: It offers no such model.
            RegistrationError: None of them can be registered.
        """
        return self.register_offers([offer for _, offer in chosen([self], names)], replace=replace)

    def register_offers(self, offers: Sequence[Listed], *, replace: bool = False) -> list[ModelSpec]:
        """The same for models of `models`."""
        if self.register_with is None:
            what = "This was found in no session, so that there is none to register it in."
            raise OptionError(what, hint="use byom_magics.discover()")
        return self.register_with(self, offers, replace)


def matching(found: Sequence[Found], words: Sequence[str]) -> list[tuple[int, Found, Listed]]:
    """All models that have all words in their names, tags or server, each with its number among all, from 1."""
    wanted = [word.lower() for word in words]
    rows = []
    number = 0
    for server in found:
        for offer in server.models:
            number += 1
            text = f"{offer.id} {offer.name} {' '.join(offer.tags)}".lower() if wanted else ""
            if all(word in text or word == server.server for word in wanted):
                rows.append((number, server, offer))
    return rows


def chosen(found: Sequence[Found], names: Sequence[str], words: Sequence[str] = ()) -> list[tuple[Found, Listed]]:
    """
    The models that a person named.

    Args:
        found: What there is.
        names: Names or keys of models, their numbers, or ``all``.
        words: Words that ``all`` is narrowed by.

    Raises:
        OptionError: There is no such model, or all are too many.
    """
    rows = matching(found, ())
    by_number = {str(number): (server, offer) for number, server, offer in rows}
    by_name: dict[str, tuple[Found, Listed]] = {}
    for _, server, offer in rows:
        for name in (offer.id, key_of(offer.id), f"{server.server}/{offer.id}"):
            by_name.setdefault(name, (server, offer))
    picked: dict[tuple[str, str], tuple[Found, Listed]] = {}
    for name in names:
        if name == "all" and name not in by_name:
            some = [
                (server, offer) for _, server, offer in matching(found, words) if not _NO_CHAT.intersection(offer.tags)
            ]
        else:
            one = by_name.get(name) or by_number.get(name)
            if one is None:
                raise _not_offered(name, by_name)
            some = [one]
        picked |= {(server.url, offer.id): (server, offer) for server, offer in some}
    if len(picked) > _MOST_AT_ONCE:
        what = f"That would register {len(picked):,} models at once; at most {_MOST_AT_ONCE:,} can be."
        raise OptionError(what, hint="narrow them by words: %byom_discover URL WORD --register all")
    return list(picked.values())


def _not_offered(name: str, known: Mapping[str, object]) -> OptionError:
    shown = visible(name)[:60]
    some = list(known)[:5_000]
    near = difflib.get_close_matches(name[:100], some, n=3, cutoff=0.5)
    near = near or [each for each in some if name.lower() in each.lower()][:3]
    if near:
        hint = f"did you mean {visible(' or '.join(near))}?"
    else:
        hint = "%byom_discover without --register shows what is offered"
    return OptionError(f"No model '{shown}' is offered there.", hint=hint)
