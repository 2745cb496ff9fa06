"""All that a dialect has to do, as one class of tests."""

from __future__ import annotations

from byom_magics.testing.building import BuildingContract
from byom_magics.testing.listing import ListingContract
from byom_magics.testing.reading import ReadingContract

__all__ = ["DialectContract"]


class DialectContract(ReadingContract, BuildingContract, ListingContract):
    """
    The tests of a dialect. A subclass, named ``Test…`` for pytest, says what is tried.

    Attributes:
        dialect: The dialect.
        cases: Answers of its service, and what they mean. Short ones: each is cut at every position.
        finish_reasons: Every word with which the service ends an answer, and the state that it comes to;
            ``ending_with(word)`` gives the body of a short streamed answer that ends so.
        listings: Lists of models as the service sends them, and what they mean.
        lacks: What the service cannot do: no case need show it, and a call that asks for it is refused with an
            `byom_magics.errors.OptionError`.
    """
