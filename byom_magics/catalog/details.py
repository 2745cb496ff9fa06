"""What servers say of themselves beside their lists: read into offers. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Listed

__all__ = ["llamacpp_props"]

_MOST_TOKENS = 10**9


def llamacpp_props(offers: list[Listed], payload: object) -> list[Listed]:
    """The one model of a llama.cpp server with what ``GET /props`` says: the context of a slot, and images."""
    props = _mapping(payload)
    context = _tokens(_mapping(props.get("default_generation_settings")).get("n_ctx"))
    vision = _mapping(props.get("modalities")).get("vision")
    if len(offers) != 1:
        return offers  # a server of several models answers for itself, not for each
    can = offers[0].capabilities
    if isinstance(vision, bool):
        can = replace(can, attachments=vision)
    return [replace(offers[0], context_window=context or offers[0].context_window, capabilities=can)]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _tokens(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MOST_TOKENS else None
