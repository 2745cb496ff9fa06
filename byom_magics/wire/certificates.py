"""
What stands in a certificate, for messages: who it is for, who issued it, from when to when it holds.

Read from its DER form, since Python takes one apart only when it was verified, and messages are about those that were
not. Nothing is decided by what is read here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from byom_magics.plain import one_line

__all__ = ["Certificate", "certificate_of"]

_SEQUENCE, _OCTETS, _OID = 0x30, 0x04, 0x06
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_UTC_TIME, _LONG_TIME = 0x17, 0x18
_COMMON_NAME, _ORGANISATION, _UNIT = b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x04\x0b"
_ALTERNATIVE_NAMES = b"\x55\x1d\x11"
_DNS_NAME, _ADDRESS = 0x82, 0x87
_CODES = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1C: "utf-32-be", 0x1E: "utf-16-be"}
_MOST_NAMES = 100


@dataclass(frozen=True)
class Certificate:
    """
    A certificate, as far as messages need it.

    Attributes:
        subject: Whom it names.
        issuer: Who signed it.
        names: The host names and addresses that it is for.
        begins: From when it holds.
        ends: Until when.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime | None
    ends: datetime | None


def certificate_of(der: bytes) -> Certificate | None:
    """The certificate in ``der``; None if it cannot be read."""
    try:
        fields = _children(_children(_only(der, _SEQUENCE))[0][1])
        if fields[0][0] == _VERSION:
            fields = fields[1:]
        issuer, validity, subject = (fields[at][1] for at in (2, 3, 4))
        begins, ends = (_time(tag, content) for tag, content in _children(validity)[:2])
        names = tuple(_names(fields[5:]))
        return Certificate(_name(subject), _name(issuer), names, begins, ends)
    except (ValueError, IndexError, OverflowError):  # UnicodeError is a ValueError
        return None


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size >= 0x80:
            digits = size & 0x7F
            if not 1 <= digits <= 4:
                message = "a length that no certificate has"
                raise ValueError(message)
            size, at = int.from_bytes(data[at : at + digits], "big"), at + digits
        if at + size > len(data):
            message = "cut off"
            raise ValueError(message)
        yield tag, data[at : at + size]
        at += size


def _children(data: bytes) -> list[tuple[int, bytes]]:
    return list(_elements(data))


def _only(data: bytes, expected: int) -> bytes:
    tag, content = next(_elements(data), (None, b""))
    if tag != expected:
        message = "another kind of element"
        raise ValueError(message)
    return content


def _name(data: bytes) -> str:
    """The common name with the organisation, or what there is of them."""
    found: dict[bytes, str] = {}
    for _, group in _elements(data):
        for _, pair in _elements(group):
            (kind, oid), (tag, value) = _children(pair)[:2]
            if kind == _OID and oid not in found:
                found[oid] = one_line(value.decode(_CODES.get(tag, "latin-1"), "replace"), 100)
    common, organisation = found.get(_COMMON_NAME), found.get(_ORGANISATION) or found.get(_UNIT)
    if common and organisation and organisation not in common:
        return f"{common} ({organisation})"
    return common or organisation or "somebody without a name"


def _time(tag: int, content: bytes) -> datetime | None:
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _LONG_TIME:
        return None
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc)


def _names(fields: list[tuple[int, bytes]]) -> Iterator[str]:
    extensions = next((content for tag, content in fields if tag == _EXTENSIONS), None)
    if extensions is None:
        return
    for _, extension in _elements(_only(extensions, _SEQUENCE)):
        parts = _children(extension)
        if parts[0][1] == _ALTERNATIVE_NAMES and parts[-1][0] == _OCTETS:
            for tag, value in _children(_only(parts[-1][1], _SEQUENCE))[:_MOST_NAMES]:
                if tag == _DNS_NAME:
                    yield one_line(value.decode("ascii", "replace"), 253)
                elif tag == _ADDRESS and len(value) in (4, 16):
                    yield str(ipaddress.ip_address(value))
