"""Images that a model makes, out of what servers send for them: base64, or addresses that carry the data."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

from byom_magics.events import ImageMade
from byom_magics.messages import Image
from byom_magics.plain import one_line

if TYPE_CHECKING:
    from byom_magics.events import Event

__all__ = ["MadeImages"]

_DATA = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,30}:", re.IGNORECASE)
_NAMED = 3
_SHOWN = 300


class MadeImages:
    """
    Takes the images of one answer.

    An image is what begins as a PNG, JPEG, GIF or WebP does, whatever the server calls it. One that comes twice, as
    some servers tell all again at the end, is given out once. Nothing is fetched: what is only an address is a warning.

    Attributes:
        count: How many were given out.
    """

    def __init__(self) -> None:
        self.count = 0
        self._seen: set[bytes] = set()
        self._unreadable = 0
        self._addresses: dict[str, None] = {}

    def take(self, said: object, out: list[Event]) -> bool:
        """
        Take what stands where an image should.

        Args:
            said: Base64, or a ``data:`` address.
            out: What the image is appended to.

        Returns:
            Whether there was anything, readable or not.
        """
        if not isinstance(said, str) or not said:
            return False
        head = _DATA.match(said)
        if head is None and _ADDRESS.match(said):
            if len(self._addresses) <= _NAMED:
                self._addresses.setdefault(one_line(said[: 2 * _SHOWN], _SHOWN))
            return True
        image = _image(said[head.end() :] if head else said)
        if image is None:
            self._unreadable += 1
        elif self._is_new(image.data):
            self.count += 1
            out.append(ImageMade(image))
        return True

    def warnings(self) -> tuple[str, ...]:
        """What came in place of images."""
        found = [
            f"an image came as an address, which is not fetched: {address}"
            for address in list(self._addresses)[:_NAMED]
        ]
        if len(self._addresses) > _NAMED:
            found.append("further images came as addresses, which are not fetched")
        if self._unreadable:
            images = "1 image" if self._unreadable == 1 else f"{self._unreadable} images"
            found.append(f"{images} came as something else than a whole PNG, JPEG, GIF or WebP, not shown")
        return tuple(found)

    def _is_new(self, data: bytes) -> bool:
        digest = hashlib.sha256(data).digest()
        new = digest not in self._seen
        self._seen.add(digest)
        return new


def _image(encoded: str) -> Image | None:
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = _kind(data[:16])
    return Image(data, kind) if kind else None


def _kind(start: bytes) -> str | None:
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/webp" if start[:4] == b"RIFF" and start[8:12] == b"WEBP" else None
