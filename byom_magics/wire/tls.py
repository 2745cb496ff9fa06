"""TLS: the contexts that connections are made with."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from byom_magics.catalog.spec import Tls
from byom_magics.wire.faults import Fault

__all__ = ["context", "reading_context"]

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_NOTHING = Tls()


def context(tls: Tls = _NOTHING, password: str | None = None) -> ssl.SSLContext:
    """
    The context for https connections; the same one for the same settings, until one of their files changes.

    Without settings: the system's authorities and certifi's, TLS 1.2 at least. ``SSL_CERT_FILE`` is honoured. Made at
    the first https call, since reading the authorities takes some 40 ms.

    Args:
        tls: The endpoint's settings.
        password: Of the client's private key, if that is encrypted.

    Raises:
        Fault: A file cannot be read or used; the message names it and its setting.
    """
    system = ssl.get_default_verify_paths().cafile if tls.system_trust else None  # SSL_CERT_FILE, if it is set
    return _made(tls, password, (system, *(_stamp(file) for file in (system, tls.ca, tls.certificate, tls.key))))


@lru_cache(maxsize=1)
def reading_context() -> ssl.SSLContext:
    """The context for looking at a certificate that was refused: it believes anything, and nothing is sent over it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


@lru_cache(maxsize=64)
def _made(tls: Tls, password: str | None, stamps: tuple[object, ...]) -> ssl.SSLContext:  # noqa: ARG001 - part of the key
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not tls.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif tls.system_trust:
        import certifi  # noqa: PLC0415 - only needed here

        made = ssl.create_default_context()
        made.load_verify_locations(certifi.where())
    elif tls.ca is None:
        what = "No authority is trusted: the system's are switched off, and no others are given."
        raise Fault("connect", what, hint="give a file of authorities: --ca FILE")
    made.minimum_version = _VERSIONS[tls.minimum_version]
    made.set_alpn_protocols(["http/1.1"])
    if tls.ca is not None and tls.verify:
        _load_authorities(made, tls.ca)
    if tls.certificate is not None:
        _load_certificate(made, tls, password)
    return made


def _load_authorities(made: ssl.SSLContext, ca: str) -> None:
    file = _readable(ca, "the authorities", "--ca")
    try:
        made.load_verify_locations(file)
    except (ssl.SSLError, OSError) as problem:
        what = f"The file of the authorities, {ca}, holds no certificates that can be read ({_said(problem)})."
        hint = "--ca wants them in PEM form: texts that begin with -----BEGIN CERTIFICATE-----"
        raise Fault("connect", what, hint=hint) from None


def _load_certificate(made: ssl.SSLContext, tls: Tls, password: str | None) -> None:
    assert tls.certificate is not None  # noqa: S101 - the caller has looked
    certificate = _readable(tls.certificate, "the client's certificate", "--client-cert")
    key = _readable(tls.key, "the client's private key", "--client-key") if tls.key is not None else certificate
    asked = False

    def give() -> str:
        # Without this OpenSSL would ask on the terminal.
        nonlocal asked
        asked = True
        return password or ""

    try:
        made.load_cert_chain(certificate, key, give)
    except (ssl.SSLError, OSError, ValueError) as problem:
        raise _certificate_fault(tls, problem, asked=asked, given=bool(password)) from None


def _certificate_fault(tls: Tls, problem: Exception, *, asked: bool, given: bool) -> Fault:
    certificate, key = tls.certificate or "", tls.key or tls.certificate or ""
    if isinstance(problem, ssl.SSLError) and "KEY_VALUES_MISMATCH" in (problem.reason or ""):
        what = f"The private key in {key} does not belong to the certificate in {certificate}."
        return Fault(
            "connect", what, hint="give the two that were issued together: --client-cert FILE --client-key FILE"
        )
    if asked:
        what = f"The private key in {key} is encrypted, and " + (
            "its password is another one." if given else "no password for it is given."
        )
        return Fault("connect", what, hint="give a reference to its password: --client-key-password env:NAME")
    if b"-----BEGIN CERTIFICATE-----" not in _bytes(certificate):
        what = f"The file of the client's certificate, {certificate}, holds none ({_said(problem)})."
        hint = "--client-cert wants a text that begins with -----BEGIN CERTIFICATE-----"
        return Fault("connect", what, hint=hint)
    if b"PRIVATE KEY-----" not in _bytes(key):
        what = f"There is no private key in {key} ({_said(problem)})."
        return Fault("connect", what, hint="give the file that holds it, in PEM form: --client-key FILE")
    what = f"The client's certificate in {certificate} with the key in {key} cannot be used ({_said(problem)})."
    return Fault("connect", what, hint="have them made anew, in PEM form, by whoever issued them")


def _readable(file: str, what: str, option: str) -> Path:
    path = Path(file).expanduser()
    try:
        with path.open("rb"):
            return path
    except OSError as problem:
        said = problem.strerror or type(problem).__name__
        message = f"The file of {what}, {file}, cannot be read: {said}."
        raise Fault("connect", message, hint=f"check the path after {option}, and who may read it") from None


def _bytes(file: str) -> bytes:
    try:
        return Path(file).expanduser().read_bytes()
    except OSError:
        return b""


def _stamp(file: str | None) -> object:
    if file is None:
        return None
    try:
        seen = Path(file).expanduser().stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def _said(problem: Exception) -> str:
    if isinstance(problem, ssl.SSLError):
        return problem.reason or str(problem) or "an error of OpenSSL without words"
    return str(problem) or type(problem).__name__
