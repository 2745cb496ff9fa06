"""
Keys: references to them, and the only place where their values stand.

The catalog holds references (``env:NAME``, ``ask``, or a callable), never a key. A reference is resolved when a call
starts, on the thread that asked, and bound to the origin it was registered for.
"""

from __future__ import annotations

from byom_magics.catalog.secrets.environment import environment_proxy
from byom_magics.catalog.secrets.masking import Masker, mask, masker
from byom_magics.catalog.secrets.memory import forget_typed
from byom_magics.catalog.secrets.reference import carries_key, check_reference
from byom_magics.catalog.secrets.resolving import KeySource, describe, resolve
from byom_magics.catalog.secrets.secret import Secret

__all__ = [
    "KeySource",
    "Masker",
    "Secret",
    "carries_key",
    "check_reference",
    "describe",
    "environment_proxy",
    "forget_typed",
    "mask",
    "masker",
    "resolve",
]
