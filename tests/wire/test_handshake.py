"""What a failed handshake means: each kind in words of its own, with what to do next."""

from __future__ import annotations

import ssl
from datetime import datetime, timezone

import pytest

from byom_magics.catalog.spec import Tls
from byom_magics.wire.certificates import Certificate
from byom_magics.wire.handshake import tls_fault

SHOWN = Certificate(
    "a model", "Example CA", ("one.test", "two.test"), datetime(2030, 1, 2, tzinfo=timezone.utc), datetime(2020, 3, 4, tzinfo=timezone.utc)
)  # fmt: skip


def unverified(code: int, message: str = "as OpenSSL says") -> ssl.SSLCertVerificationError:
    problem = ssl.SSLCertVerificationError(1, message)
    problem.verify_code, problem.verify_message = code, message
    return problem


def failed(reason: str) -> ssl.SSLError:
    problem = ssl.SSLError(1, f"[SSL: {reason}] as OpenSSL says")
    problem.reason = reason
    return problem


@pytest.mark.parametrize(
    ("code", "says", "without"),
    [
        (62, "'one.test', 'two.test'", "another name"),
        (64, "'one.test', 'two.test'", "another name"),
        (10, "expired on 2020-03-04", "expired"),
        (9, "not yet valid; it will be on 2030-01-02", "not yet valid"),
        (18, "self-signed ('a model')", "self-signed"),
        (19, "issued by 'Example CA'", "authority"),
        (20, "issued by 'Example CA'", "authority"),
        (21, "issued by 'Example CA'", "authority"),
        (2, "issued by 'Example CA'", "authority"),
        (23, "is refused", "is refused"),
    ],
)
def test_a_refused_certificate_is_described_as_far_as_it_is_known(code: int, says: str, without: str) -> None:
    described, bare = tls_fault(unverified(code), "h:1", Tls(), SHOWN), tls_fault(unverified(code), "h:1", Tls())
    assert says in described.what
    assert without in bare.what
    for fault in (described, bare):
        assert "h:1" in fault.what
        assert "as OpenSSL says" in fault.what
        assert fault.hint
        assert not fault.passing


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("WRONG_VERSION_NUMBER", "does not speak TLS"),
        ("HTTP_REQUEST", "does not speak TLS"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "version of TLS"),
        ("UNSUPPORTED_PROTOCOL", "version of TLS"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "wants a client certificate, and none was given"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "wants a client certificate, and none was given"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "ended the TLS handshake"),
        ("SOMETHING_NEW", "failed"),
    ],
)
def test_a_failure_is_told_by_its_kind(reason: str, says: str) -> None:
    fault = tls_fault(failed(reason), "h:1", Tls())
    assert says in fault.what
    assert reason in fault.what
    assert fault.hint


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("TLSV1_ALERT_UNKNOWN_CA", "does not know the authority"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "it has expired"),
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", "it was revoked"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "none that it takes"),
        ("SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "of a kind"),
        ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", "none that it takes"),
        ("TLSV1_ALERT_ACCESS_DENIED", "may not come in"),
        ("TLSV1_ALERT_DECRYPT_ERROR", "does not fit"),
    ],
)
def test_what_a_server_says_of_our_certificate_is_passed_on(reason: str, says: str) -> None:
    fault = tls_fault(failed(reason), "h:1", Tls(certificate="/nowhere/me.pem"))
    assert says in fault.what
    assert "/nowhere/me.pem" in fault.what


def test_only_the_named_authorities_are_named_where_the_systems_are_switched_off() -> None:
    fault = tls_fault(unverified(20), "h:1", Tls(ca="/etc/company.pem", system_trust=False), SHOWN)
    assert "only those in /etc/company.pem are" in fault.what


def test_many_names_are_cut_short() -> None:
    many = Certificate("x", "y", tuple(f"{number}.test" for number in range(100)), None, None)
    assert "'4.test' and 95 more" in tls_fault(unverified(62), "h:1", Tls(), many).what
    nameless = Certificate("a model", "y", (), None, None)
    assert "'a model'" in tls_fault(unverified(62), "h:1", Tls(), nameless).what
