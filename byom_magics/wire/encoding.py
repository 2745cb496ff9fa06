"""Content codings of a response: gzip and deflate as they arrive; anything else is refused, never passed on as text."""

from __future__ import annotations

import zlib
from typing import Protocol

from byom_magics.wire.faults import Fault

__all__ = ["BodyDecoder", "body_decoder"]

_PIECE = 256 * 1024


class BodyDecoder(Protocol):
    """Undoes a content coding piece by piece."""

    def decode(self, chunk: bytes) -> list[bytes]:
        """
        Decode the next bytes.

        Raises:
            Fault: They are not what the coding promised.
        """


def body_decoder(coding: str | None) -> BodyDecoder | None:
    """
    The decoder for the value of a ``Content-Encoding`` header; None where there is nothing to decode.

    Raises:
        Fault: We cannot decode it (we ask for ``identity``, so no server should use it).
    """
    names = [name.strip().lower() for name in (coding or "").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return None
    if len(names) == 1 and names[0] in ("gzip", "x-gzip", "deflate"):
        return _Inflate(names[0])
    what = f"The answer is compressed as '{', '.join(names)}', although plain bytes were asked for."
    raise Fault("protocol", what, hint="switch that compression off in the server or proxy")


class _Inflate:
    """gzip (several members too), zlib, and the raw deflate that some servers mean by ``deflate``."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._head = b""  # the first two bytes tell zlib from raw deflate
        self._bits = 0 if coding == "deflate" else 31
        self._inflate = zlib.decompressobj(wbits=31)

    def decode(self, chunk: bytes) -> list[bytes]:
        if not self._bits:
            self._head += chunk
            if len(self._head) < 2:
                return []
            chunk, self._bits = self._head, _bits(self._head)
            self._inflate = zlib.decompressobj(wbits=self._bits)
        pieces: list[bytes] = []
        try:
            while chunk:
                piece = self._inflate.decompress(chunk, _PIECE)
                chunk = self._inflate.unconsumed_tail
                if piece:
                    pieces.append(piece)
                if self._inflate.eof:
                    chunk = self._inflate.unused_data
                    self._inflate = zlib.decompressobj(wbits=self._bits)
        except zlib.error as problem:
            what = f"The answer says that it is compressed as {self._coding}, and is not readable as such ({problem})."
            raise Fault("protocol", what, hint="switch compression off in the server or proxy") from None
        return pieces


def _bits(head: bytes) -> int:
    """The window bits for zlib's format (RFC 1950) or for raw deflate (RFC 1951)."""
    is_zlib = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return 15 if is_zlib else -15
