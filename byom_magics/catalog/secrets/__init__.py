"""
Keys: references to them, and the only place where their values stand.

The catalog holds references (`byom_magics.catalog.spec.KeyReference`), never a key. A reference is resolved when a call
starts, on the thread that asked, and bound to the origin it was registered for. What has to stay in memory (a typed
key, a short-lived token, the list of values that masking looks for) stays in here, for the session.
"""

from __future__ import annotations

from byom_magics.catalog.secrets.credentials import call_headers, call_proxy, shown_headers
from byom_magics.catalog.secrets.environment import environment_proxy
from byom_magics.catalog.secrets.masking import Masker, mask, masker
from byom_magics.catalog.secrets.memory import hold, prompt
from byom_magics.catalog.secrets.reference import (
    carries_key,
    check_name,
    check_reference,
    is_reference,
    is_secret_header,
    looks_like_key,
)
from byom_magics.catalog.secrets.resolving import KeySource, bound_to, describe, forget_session, look, resolve
from byom_magics.catalog.secrets.secret import Password, Secret
from byom_magics.catalog.secrets.stores import check_can_keep, drop, keep, stored

__all__ = [
    "KeySource",
    "Masker",
    "Password",
    "Secret",
    "bound_to",
    "call_headers",
    "call_proxy",
    "carries_key",
    "check_can_keep",
    "check_name",
    "check_reference",
    "describe",
    "drop",
    "environment_proxy",
    "forget_session",
    "hold",
    "is_reference",
    "is_secret_header",
    "keep",
    "look",
    "looks_like_key",
    "mask",
    "masker",
    "prompt",
    "resolve",
    "shown_headers",
    "stored",
]
