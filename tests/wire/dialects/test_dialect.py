"""What a dialect is: its plain values."""

from __future__ import annotations

from byom_magics.catalog.spec import Capabilities, Prices
from byom_magics.wire.dialects.dialect import Listed


def test_what_a_server_does_not_say_of_a_model_is_unknown() -> None:
    listed = Listed("tiny")
    assert (listed.name, listed.context_window, listed.max_tokens) == ("", None, None)
    assert (listed.prices, listed.capabilities) == (Prices(), Capabilities())
