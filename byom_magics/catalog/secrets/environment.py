"""What the environment says: keys in variables, and proxies."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

__all__ = ["environment_proxy", "for_programs", "name_key", "variable"]

_keys: set[str] = set()  # variables that were named as references to keys


def variable(name: str) -> str:
    """The value of a variable; empty if it is not set."""
    return os.environ.get(name, "")


def name_key(name: str) -> None:
    """A variable was named as the place of a key: programs that are run for other keys do not get it."""
    _keys.add(name)


def for_programs() -> dict[str, str]:
    """The environment for a program that is run for a key: without the keys of others."""
    return {name: value for name, value in os.environ.items() if name not in _keys}


def environment_proxy(url: str) -> str | None:
    """The proxy that the environment names for a URL (``HTTP_PROXY``, ``HTTPS_PROXY``, ``NO_PROXY``), or None."""
    import urllib.request  # noqa: PLC0415 - slow to load, and rarely needed

    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
