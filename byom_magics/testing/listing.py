"""The part of the contract that is about lists of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from byom_magics.testing.checks import fail, require, same
from byom_magics.testing.hostile import DOCUMENTS, mutated
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.payload import MalformedPayloadError, parse

if TYPE_CHECKING:
    from byom_magics.testing.case import Feature, Listing
    from byom_magics.wire.dialects.dialect import Dialect

__all__ = ["ListingContract"]


class ListingContract:
    """
    What a reader of lists of models has to do.

    Attributes:
        dialect: The dialect.
        listings: Lists as its service sends them, and what they mean.
        lacks: What the service cannot do.
    """

    dialect: ClassVar[Dialect]
    listings: ClassVar[Sequence[Listing]] = ()
    lacks: ClassVar[frozenset[Feature]] = frozenset()

    def test_a_service_that_lists_its_models_is_shown_to(self) -> None:
        listed = bool(self.dialect.models_path)
        same("models" not in self.lacks, listed, "'models_path', and whether the service lacks 'models'")
        require(not listed or any(listing.models for listing in self.listings), "no listing shows a model")

    def test_lists_of_models_mean_what_they_say(self) -> None:
        for listing in self.listings:
            payload, _ = parse(listing.body)
            found = self.dialect.models(payload)
            same(len(found), len(listing.models), f"{listing.name}: the number of models")
            for model, expected in zip(found, listing.models, strict=True):
                same(model, expected, f"{listing.name}: {expected.id}")
            same(self.dialect.next_page(payload), listing.next_page, f"{listing.name}: the next page")

    def test_lists_that_make_no_sense_do_no_harm(self) -> None:
        documents = list(DOCUMENTS)
        for listing in self.listings:
            documents += mutated(parse(listing.body)[0])
        for document in documents:
            try:
                payload, _ = parse(document)
            except MalformedPayloadError:
                continue
            self._sensible(payload, repr(document[:300]))

    def test_an_entry_that_makes_no_sense_costs_no_other(self) -> None:
        for listing in self.listings:
            payload, _ = parse(listing.body)
            entries = _longest_list(payload)
            if not listing.models or entries is None:
                continue
            before = self.dialect.models(payload)
            entries += [None, 7, "odd", [], {}, {"id": 7, "name": [], "model": {}}]
            found = self.dialect.models(payload)
            same(found[: len(before)], before, f"{listing.name}: the models before entries that make no sense")
            require(all(model.id for model in found), f"{listing.name}: a model without an id")

    def test_a_long_list_is_read(self) -> None:
        for listing in self.listings:
            payload, _ = parse(listing.body)
            entries = _longest_list(payload)
            if listing.models and entries is not None:
                number = len(self.dialect.models(payload))
                entries *= 1 + 20_000 // len(entries)
                require(len(self.dialect.models(payload)) >= number, f"{listing.name}: a long list loses models")

    def _sensible(self, payload: object, what: str) -> None:
        try:
            found = self.dialect.models(payload)
            query = self.dialect.next_page(payload)
        except Exception as error:  # noqa: BLE001 - whatever it is, the contract says that it is not raised
            fail(f"{what} raises {type(error).__name__}: {str(error)[:200]}")
        for model in found:
            require(isinstance(model, Listed), f"{what}: {model!r} is no Listed")
            texts = (model.id, model.name, model.description, *model.tags)
            require(model.id and all(isinstance(text, str) for text in texts), f"{what}: {model!r}"[:500])
            for number in (model.context_window, model.max_tokens):
                require(_is_size(number), f"{what}: {str(number)[:50]} tokens")
            for flag in vars(model.capabilities).values():
                require(flag is None or isinstance(flag, bool), f"{what}: a capability is {flag!r}")
        safe = query is None or (query and all("!" <= letter <= "~" and letter not in '#"<>' for letter in query))
        require(safe, f"{what}: the query of the next page is {query!r}")


def _is_size(number: object) -> bool:
    if number is None:
        return True
    return isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**53


def _longest_list(payload: object) -> list[object] | None:
    """The list of entries in a payload."""
    if isinstance(payload, list):
        return payload
    lists = [value for value in payload.values() if isinstance(value, list)] if isinstance(payload, dict) else []
    return max(lists, key=len, default=None)
