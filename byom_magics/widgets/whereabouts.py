"""Where a model runs, as far as its address tells. Nothing is looked up, so that nobody hears of the question."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from byom_magics.wire.policy import literal, place_of, this_machine

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec

__all__ = ["CLOUD", "PLACES", "PRIVATE", "THIS_MACHINE", "place_words", "whereabouts"]

THIS_MACHINE, PRIVATE, CLOUD = "this machine", "private network", "cloud"
PLACES = (THIS_MACHINE, PRIVATE, CLOUD)

# Names that no public name server answers for: RFC 6762, RFC 8375, and ICANN's for private use.
_PRIVATE_ENDS = (".local", ".home.arpa", ".internal", ".lan", ".localdomain")


def whereabouts(spec: ModelSpec) -> str:
    """
    Give one of `PLACES` for a model: where its requests go first. What a server passes on is not known here.

    Built-in models, unix sockets and loopback addresses are on this machine. Addresses that the internet does not
    reach, and names that it does not know (``gpu-7``, ``box.local``), are in the private network. All else is the
    cloud: a name of a company's own server, too, unless it is of that kind.
    """
    if spec.builtin or spec.endpoint.unix_socket:
        return THIS_MACHINE
    return _of(spec.url)


def place_words(spec: ModelSpec) -> str:
    """Say where a model runs, with the region that its endpoint declares, if any."""
    return " ".join(part for part in (whereabouts(spec), spec.endpoint.region or "") if part)


@functools.lru_cache(maxsize=1_000)  # thousands of models are served at one address
def _of(url: str) -> str:
    host = place_of(url)[0].lower().rstrip(".")
    address = literal(host)
    if this_machine(host) or (address is not None and (address.is_loopback or address.is_unspecified)):
        return THIS_MACHINE
    if address is not None:
        return CLOUD if address.is_global else PRIVATE
    return PRIVATE if "." not in host or host.endswith(_PRIVATE_ENDS) else CLOUD
