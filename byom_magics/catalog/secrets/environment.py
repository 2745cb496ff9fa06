"""What the environment says: keys in variables, and proxies."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

__all__ = ["environment_proxy", "variable"]


def variable(name: str) -> str:
    """The value of a variable; empty if it is not set."""
    return os.environ.get(name, "")


def environment_proxy(url: str) -> str | None:
    """The proxy that the environment names for a URL (``HTTP_PROXY``, ``HTTPS_PROXY``, ``NO_PROXY``), or None."""
    import urllib.request  # noqa: PLC0415 - slow to load, and rarely needed

    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
