"""Certificates in messages: what stands in them, and that broken ones do no harm."""

from __future__ import annotations

import random
import ssl
from datetime import datetime, timezone

import pytest
import trustme

from byom_magics.wire.certificates import certificate_of

BEGINS, ENDS = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc), datetime(2061, 6, 7, 8, 9, 10, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def der() -> bytes:
    ca = trustme.CA(organization_name="Example Company", organization_unit_name="Example CA")
    made = ca.issue_cert(
        "models.test", "*.models.test", "10.0.0.1", "::1", common_name="a model", not_before=BEGINS, not_after=ENDS
    )
    return ssl.PEM_cert_to_DER_cert(made.cert_chain_pems[0].bytes().decode())


def test_who_issued_it_for_whom_and_for_how_long(der: bytes) -> None:
    read = certificate_of(der)
    assert read is not None
    assert read.issuer == "Example Company"
    assert read.subject.startswith("a model (")
    assert read.names == ("models.test", "*.models.test", "10.0.0.1", "::1")
    assert (read.begins, read.ends) == (BEGINS, ENDS)


def test_cut_anywhere_it_is_not_read(der: bytes) -> None:
    assert all(certificate_of(der[:size]) is None for size in range(len(der)))


@pytest.mark.parametrize("seed", range(10))
def test_broken_bytes_do_no_harm(der: bytes, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(300):
        broken = bytearray(der)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        read = certificate_of(bytes(broken))
        assert read is None or "\n" not in read.subject + read.issuer + "".join(read.names)


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x00", b"0" * 100])
def test_what_is_no_certificate_is_not_read(data: bytes) -> None:
    assert certificate_of(data) is None
