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
        self._inflate = zlib.decompressobj(wbits=47)
        self._first = True

    def decode(self, chunk: bytes) -> list[bytes]:
        pieces: list[bytes] = []
        try:
            while chunk:
                piece = self._inflate.decompress(chunk, _PIECE)
                self._first = False
                chunk = self._inflate.unconsumed_tail
                if piece:
                    pieces.append(piece)
                if self._inflate.eof:
                    chunk = self._inflate.unused_data
                    self._inflate = zlib.decompressobj(wbits=47)
        except zlib.error as problem:
            if self._first:
                self._first = False
                self._inflate = zlib.decompressobj(wbits=-15)
                return self.decode(chunk)
            what = f"The answer says that it is compressed as {self._coding}, and is not readable as such ({problem})."
            raise Fault("protocol", what, hint="switch compression off in the server or proxy") from None
        return pieces
