"""Pools of connections: one for each way, and the old one goes when its certificate does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import trustme

from byom_magics.catalog.spec import Endpoint, Limits, Tls
from byom_magics.wire.faults import Fault
from byom_magics.wire.transports import Transports

PLAIN, SAFE = Endpoint("http://models.test/v1"), Endpoint("https://models.test/v1")


@pytest.fixture
def transports() -> Transports:
    return Transports({"demo": lambda: httpx.MockTransport(lambda _: httpx.Response(200))}, tuple)


def test_calls_that_go_the_same_way_share_a_pool(transports: Transports) -> None:
    for endpoint in (PLAIN, SAFE, Endpoint("demo://models")):
        assert transports.to(endpoint, None, None) is transports.to(replace(endpoint, limits=Limits(1)), None, None)
    assert transports.active_connections() == 0


def test_every_way_has_a_pool_of_its_own(transports: Transports, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(ca))
    ways = [
        (PLAIN, None),
        (SAFE, None),
        (PLAIN, "http://proxy.test:3128"),
        (SAFE, "http://proxy.test:3128"),
        (SAFE, "http://me:word@proxy.test:3128"),
        (replace(PLAIN, unix_socket="/run/models.sock"), None),
        (replace(SAFE, tls=Tls(minimum_version="1.3")), None),
        (replace(SAFE, tls=Tls(ca=str(ca))), None),
    ]
    assert len({id(transports.to(endpoint, proxy, None)) for endpoint, proxy in ways}) == len(ways)


def test_tls_settings_make_no_difference_where_there_is_no_tls(transports: Transports) -> None:
    assert transports.to(PLAIN, None, None) is transports.to(replace(PLAIN, tls=Tls(minimum_version="1.3")), None, None)


def test_a_changed_file_makes_a_new_pool(transports: Transports, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(ca))
    endpoint = replace(SAFE, tls=Tls(ca=str(ca)))
    before = transports.to(endpoint, None, None)
    trustme.CA().cert_pem.write_to_path(str(ca), append=True)
    after = transports.to(endpoint, None, None)
    assert after is not before
    assert transports.to(endpoint, None, None) is after


def test_what_cannot_be_used_is_a_fault_each_time(transports: Transports) -> None:
    for _ in range(2):
        with pytest.raises(Fault):
            transports.to(replace(SAFE, tls=Tls(ca="/nowhere/ca.pem")), None, None)
        with pytest.raises(Fault):
            transports.to(PLAIN, "socks5://proxy.test:1080", None)


def test_after_closing_pools_are_made_anew(transports: Transports) -> None:
    before = transports.to(PLAIN, None, None)
    transports.close()
    assert transports.to(PLAIN, None, None) is not before
