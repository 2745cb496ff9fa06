"""Where a link of a model may lead, and what is said of it: http, https and mail only, with the host in sight."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from byom_magics.plain import one_line

__all__ = ["Target", "host_of", "inline_image", "target"]

_WEB = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_.])?|\[[0-9a-f:.]{2,45}\])(?::(?P<port>\d{1,5}))?"
    r"(?P<rest>[/?#][^\s\\<>\"`{}|^\x00-\x20\x7f-\U0010ffff]*)?",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"mailto:(?P<address>[\w.!#$&*+/=?^{|}~-]{1,64}@[a-z0-9.-]{1,253})(?:\?.*)?", re.IGNORECASE | re.ASCII
)
_LONGEST = 4_000

_IMAGE = re.compile(r"data:image/(?P<kind>png|jpeg|gif|webp);base64,(?P<data>[A-Za-z0-9+/]+={0,2})")
_LARGEST_IMAGE = 400_000
_MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}


@dataclass(frozen=True)
class Target:
    """A place that a link may lead to: its address, and the host (or mail address) to show beside the text."""

    href: str
    host: str

    def told_by(self, text: str) -> bool:
        """Whether the text of the link says no more and no less than where it leads."""
        bare = self.href.removeprefix("mailto:").rstrip("/")
        return text.strip().rstrip("/") in {self.href.rstrip("/"), bare, bare.partition("://")[2]}


def target(url: str) -> Target | None:
    """
    Give the target of a URL, or None if it is dead: another scheme, no host, a user name before the host, white space.

    The host is expected in its ASCII form (``xn--…``), so that look-alike letters show as what they are.
    """
    if len(url) > _LONGEST:
        return None
    web = _WEB.fullmatch(url)
    if web:
        port = f":{web['port']}" if web["port"] else ""
        host = web["host"].lower() + port
        return Target(f"{web['scheme'].lower()}://{host}{web['rest'] or ''}", host)
    mail = _MAIL.fullmatch(url)
    # Whatever follows the address could fill in hidden recipients and a body.
    return Target(f"mailto:{mail['address']}", mail["address"]) if mail else None


def host_of(url: str) -> str:
    """Name the host of any URL for a reader, as well as can be told."""
    rest = url.partition("://")[2] if "://" in url[:40] else url.lstrip("/\\") if url[:2] in {"//", "\\\\"} else ""
    host = re.split(r"[/?#\\]", rest[:300], maxsplit=1)[0].rpartition("@")[2]
    return one_line(host or url.partition(":")[0], 80)


def inline_image(url: str) -> bool:
    """Whether the URL is itself a small PNG, JPEG, GIF or WebP image, and says so truthfully."""
    found = _IMAGE.fullmatch(url) if len(url) <= _LARGEST_IMAGE else None
    if found is None:
        return False
    try:
        start = base64.b64decode(found["data"][:32] + "=" * (-len(found["data"][:32]) % 4))
    except binascii.Error:
        return False
    return start.startswith(_MAGIC[found["kind"]])
