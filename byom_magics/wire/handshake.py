"""What the failure of a TLS handshake means, in words that say what to do."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from byom_magics.wire.certificates import Certificate, certificate_of
from byom_magics.wire.faults import Fault

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Tls

__all__ = ["tls_fault"]

_PLAIN_ANSWERS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
_VERSIONS = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW")
# What a server says about the client's certificate.
_OURS_REFUSED = {
    "UNKNOWN_CA": "it does not know the authority that issued it",
    "CERTIFICATE_EXPIRED": "it has expired",
    "CERTIFICATE_REVOKED": "it was revoked",
    "BAD_CERTIFICATE": "it is none that it takes",
    "UNSUPPORTED_CERTIFICATE": "it is of a kind that it does not take",
    "CERTIFICATE_UNKNOWN": "it is none that it takes",
    "ACCESS_DENIED": "its owner may not come in",
    "DECRYPT_ERROR": "its key does not fit",
}
_ISSUE = "ask whoever runs the server for one, and give it and its private key: --client-cert FILE --client-key FILE"


def tls_fault(problem: ssl.SSLError, host: str, tls: Tls, shown: Certificate | None = None) -> Fault:
    """
    What a failure of TLS means.

    Args:
        problem: What Python says.
        host: The server, as messages name it.
        tls: The endpoint's settings.
        shown: The certificate that the server has shown, if it is known.
    """
    if isinstance(problem, ssl.SSLCertVerificationError):
        return _certificate_fault(problem, host, tls, shown)
    reason = problem.reason or ""
    said = f"({problem})" if str(problem) else ""
    if any(word in reason for word in _PLAIN_ANSWERS):
        what = f"{host} does not speak TLS on this port {said}."
        return Fault("connect", what, hint="if the server speaks plain http, register it with http:// instead")
    if any(word in reason for word in _VERSIONS):
        what = f"{host} and this machine have no version of TLS in common {said}."
        hint = f"TLS {tls.minimum_version} at least is spoken here (--tls); the server has to as well"
        return Fault("connect", what, hint=hint)
    if "ALERT" in reason or "CERTIFICATE_REQUIRED" in reason:
        fault = _client_fault(reason, host, tls, said)
        if fault is not None:
            return fault
    return Fault("connect", f"TLS with {host} failed {said}.", hint="check the address and the port", passing=True)


def _client_fault(reason: str, host: str, tls: Tls, said: str) -> Fault | None:
    """What the server says about the certificate that it wants of us."""
    if "CERTIFICATE_REQUIRED" in reason:
        return Fault("connect", f"{host} wants a client certificate, and none was given {said}.", hint=_ISSUE)
    if "HANDSHAKE_FAILURE" in reason:
        what = f"{host} ended the TLS handshake {said}."
        if tls.certificate is None:
            return Fault("connect", what, hint=f"it may want a client certificate: {_ISSUE}")
        return Fault("connect", what, hint="it may want another client certificate; ask whoever runs it")
    why = next((why for word, why in _OURS_REFUSED.items() if reason.endswith(word)), None)
    if why is None:
        return None
    if tls.certificate is None:
        return Fault("connect", f"{host} wants a client certificate, and none was given {said}.", hint=_ISSUE)
    ours = _own_certificate(tls.certificate)
    about = "" if ours is None else f" of '{ours.subject}', issued by '{ours.issuer}'{_until(ours)}"
    what = f"{host} refuses the client certificate in {tls.certificate}{about}: {why} {said}."
    return Fault("connect", what, hint="ask whoever runs the server for one that it takes, then run the cell again")


def _certificate_fault(problem: ssl.SSLCertVerificationError, host: str, tls: Tls, shown: Certificate | None) -> Fault:
    said = f"({problem.verify_message.rstrip('.')})"
    code = problem.verify_code
    if code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
        names = "" if shown is None else f", {_listed(shown.names or (shown.subject,))}"
        what = f"The certificate that answers at {host} belongs to another name{names} {said}."
        return Fault("connect", what, hint="use the name that stands in the certificate, or check the address")
    if code == 10:  # X509_V_ERR_CERT_HAS_EXPIRED
        when = "" if shown is None or shown.ends is None else f" on {_day(shown.ends)}"
        what = f"The certificate of {host} has expired{when} {said}."
        hint = "whoever runs the server has to renew it; if the date lies ahead, this machine's clock is wrong"
        return Fault("connect", what, hint=hint)
    if code == 9:  # X509_V_ERR_CERT_NOT_YET_VALID
        when = "" if shown is None or shown.begins is None else f"; it will be on {_day(shown.begins)}"
        what = f"The certificate of {host} is not yet valid{when} {said}."
        return Fault("connect", what, hint="check this machine's clock; else whoever runs the server must mend it")
    if code == 18:  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
        whom = "" if shown is None else f" ('{shown.subject}')"
        what = f"The certificate of {host} is self-signed{whom}, so nobody vouches for it {said}."
        hint = "if you know it to be the right one, save it to a file and trust that: --ca FILE"
        return Fault("connect", what, hint=hint)
    if code in (19, 20, 21, 2):  # a root that is not known, or no issuer at all
        whom = "an authority" if shown is None else f"'{shown.issuer}', an authority"
        what = f"The certificate of {host} was issued by {whom} that is not known here {said}."
        if not tls.system_trust:
            what = f"{what[:-1]}; only those in {tls.ca} are."
        hint = (
            "if it is your company's, name the file that holds it: --ca FILE for this model, "
            "or SSL_CERT_FILE in the kernel's environment for all"
        )
        return Fault("connect", what, hint=hint)
    return Fault("connect", f"The certificate of {host} is refused {said}.", hint="ask whoever runs the server")


def _own_certificate(file: str) -> Certificate | None:
    try:
        text = Path(file).expanduser().read_text("ascii", "replace")
        begin, end = text.index("-----BEGIN CERTIFICATE-----"), text.index("-----END CERTIFICATE-----")
        return certificate_of(ssl.PEM_cert_to_DER_cert(text[begin : end + len("-----END CERTIFICATE-----")]))
    except (OSError, ValueError):
        return None


def _until(certificate: Certificate) -> str:
    return "" if certificate.ends is None else f", valid until {_day(certificate.ends)}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _listed(names: tuple[str, ...]) -> str:
    rest = len(names) - 5
    return ", ".join(f"'{name}'" for name in names[:5]) + (f" and {rest} more" if rest > 0 else "")
