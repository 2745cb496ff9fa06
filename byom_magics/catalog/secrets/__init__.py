"""
Keys: references to them, and the only place where their values stand.

The catalog holds references (`byom_magics.catalog.spec.KeyReference`), never a key. A reference is resolved when a call
starts, on the thread that asked, and bound to the origin it was registered for. What has to stay in memory (a typed
key, a short-lived token, the list of values that masking looks for) stays in here, for the session.
"""

from __future__ import annotations

from byom_magics.catalog.secrets.environment import environment_proxy
from byom_magics.catalog.secrets.masking import Masker, mask, masker
from byom_magics.catalog.secrets.memory import hold, prompt
from byom_magics.catalog.secrets.reference import carries_key, check_name, check_reference, is_reference, looks_like_key
from byom_magics.catalog.secrets.resolving import KeySource, describe, forget_session, look, resolve
from byom_magics.catalog.secrets.secret import Secret

__all__ = [
    "KeySource",
    "Masker",
    "Secret",
    "carries_key",
    "check_name",
    "check_reference",
    "describe",
    "environment_proxy",
    "forget_session",
    "hold",
    "is_reference",
    "look",
    "looks_like_key",
    "mask",
    "masker",
    "prompt",
    "resolve",
]
