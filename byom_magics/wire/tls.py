"""TLS: the context that connections are made with, and what its failures mean."""

from __future__ import annotations

import ssl
from functools import lru_cache

from byom_magics.wire.faults import Fault

__all__ = ["context", "tls_fault"]

_PLAIN_ANSWERS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")


@lru_cache(maxsize=1)
def context() -> ssl.SSLContext:
    """
    The context for all https connections: the system's authorities and certifi's, TLS 1.2 at least.

    Made at the first https call, since reading the authorities takes some 40 ms. ``SSL_CERT_FILE`` is honoured.
    """
    import certifi  # noqa: PLC0415 - only needed here

    made = ssl.create_default_context()
    made.load_verify_locations(certifi.where())
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    return made


def tls_fault(problem: ssl.SSLError, host: str) -> Fault:
    """What a failure of TLS with ``host`` means, in words that say what to do."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return _certificate_fault(problem, host)
    reason = problem.reason or ""
    said = f"({problem})" if str(problem) else ""
    if any(word in reason for word in _PLAIN_ANSWERS):
        what = f"{host} does not speak TLS on this port {said}."
        return Fault("connect", what, hint="if the server speaks plain http, register it with http:// instead")
    if "CERTIFICATE_REQUIRED" in reason or ("ALERT" in reason and "CERTIFICATE" in reason) or "HANDSHAKE" in reason:
        what = f"{host} ended the TLS handshake {said}."
        hint = "it may want a client certificate, or another version of TLS; ask whoever runs it"
        return Fault("connect", what, hint=hint)
    return Fault("connect", f"TLS with {host} failed {said}.", hint="check the address and the port", passing=True)


def _certificate_fault(problem: ssl.SSLCertVerificationError, host: str) -> Fault:
    said = f"({problem.verify_message.rstrip('.')})"
    code = problem.verify_code
    if code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
        what = f"The certificate that answers at {host} belongs to another name {said}."
        return Fault("connect", what, hint="use the name that stands in the certificate, or check the address")
    if code in (10, 9):  # X509_V_ERR_CERT_HAS_EXPIRED, _NOT_YET_VALID
        what = f"The certificate of {host} is not valid today {said}."
        return Fault("connect", what, hint="check this machine's clock; else whoever runs the server must renew it")
    if code in (18, 19, 20, 21, 2):  # self-signed, or no issuer that is known here
        what = f"The certificate of {host} is signed by an authority that is not known here {said}."
        hint = "if it is your company's, start the kernel with SSL_CERT_FILE set to a file that holds it"
        return Fault("connect", what, hint=hint)
    return Fault("connect", f"The certificate of {host} is refused {said}.", hint="ask whoever runs the server")
