"""Where calls may go: each rule by itself and together with others, and the places that are refused by themselves."""

from __future__ import annotations

import socket
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.catalog.spec import Endpoint, ModelSpec, Policy, Prices
from byom_magics.errors import PolicyError
from byom_magics.wire.faults import Fault
from byom_magics.wire.rules import check_address, check_call, check_endpoint, check_host, check_key
from tests.wire.answers import GOOD, head
from tests.wire.asking import ask, ask_key, expect, fetched, register
from tests.wire.raw_server import RawServer, keep

FILE = "/etc/byom/byom.toml"


def policy(**rules: Any) -> Policy:
    return Policy(FILE, **rules)


def spec(url: str = "https://models.test/v1", **more: Any) -> ModelSpec:
    prices = more.pop("prices", Prices())
    return ModelSpec("it", "m", Endpoint(url, **more), prices=prices)


def refused(host: str, *policies: Policy, port: int = 443) -> Fault:
    with pytest.raises(Fault) as caught:
        check_host(host, port, policies)
    assert caught.value.kind == "policy"
    assert caught.value.hint
    return caught.value


def says(refusal: Fault | PolicyError, *words: str) -> None:
    text = f"{refusal.what} {refusal.hint}"
    assert all(word in text for word in words), text


# Hosts


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("models.test", "models.test"),
        ("Models.Test", "mODELS.tEST"),
        ("models.test", "models.test."),
        ("models.test.", "models.test"),
        ("*.models.test", "a.models.test"),
        ("*.models.test", "a.b.models.test"),
        ("*.MODELS.test", "a.models.TEST."),
        ("bücher.test", "xn--bcher-kva.test"),
        ("*", "anything.test"),
        ("*", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "0x0a.0.0.1"),
        ("0xA000001", "10.0.0.1"),
        ("[2001:db8::1]", "2001:0DB8:0:0::1"),
        ("2001:db8:0::1", "2001:db8::1"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
    ],
)
def test_a_listed_host_may_be_called(listed: str, host: str) -> None:
    check_host(host, 443, (policy(hosts=("other.test", listed)),))


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("models.test", "evil.test"),
        ("models.test", "a.models.test"),
        ("models.test", "models.test.evil.test"),
        ("*.models.test", "models.test"),
        ("*.models.test", "evilmodels.test"),
        ("*.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2"),
        ("10.0.0.1", "10.0.0.1.evil.test"),
        ("models.test", "localhost"),
        ("models.test", "127.0.0.1"),
        ("", "models.test"),
    ],
)
def test_another_host_is_refused_by_rule_and_file(listed: str, host: str) -> None:
    says(refused(host, policy(hosts=(listed,))), host, "'hosts'", FILE)


def test_an_empty_list_of_hosts_allows_none() -> None:
    refused("models.test", policy(hosts=()))


def test_each_policy_has_to_agree() -> None:
    site, user = policy(hosts=("*.test",)), Policy("the user's file", hosts=("models.test",))
    check_host("models.test", 443, (site, user))
    says(refused("other.test", site, user), "the user's file")
    says(refused("models.example", user, site))


# Networks and ports


def test_the_very_address_has_to_be_in_a_listed_network() -> None:
    rules = (policy(networks=("10.0.0.0/8", "2001:db8::/32")),)
    check_host("models.test", 443, rules)
    check_address("models.test", "10.1.2.3", 443, rules)
    check_address("models.test", "2001:db8::5", 443, rules)
    check_address("models.test", "::ffff:10.1.2.3", 443, rules)
    for ip in ("11.0.0.1", "2001:db9::5", "::ffff:11.0.0.1", "127.0.0.1"):
        with pytest.raises(Fault) as caught:
            check_address("models.test", ip, 443, rules)
        says(caught.value, "'networks'", FILE, "models.test")


def test_a_literal_address_is_checked_before_it_is_told_to_a_proxy() -> None:
    says(refused("11.0.0.1", policy(networks=("10.0.0.0/8",))), "'networks'")


def test_a_network_that_cannot_be_read_allows_nothing() -> None:
    says(refused("10.0.0.1", policy(networks=("10.0.0.0/99", "nonsense"))), "'networks'")


def test_hosts_and_networks_both_have_to_hold() -> None:
    rules = (policy(hosts=("models.test",), networks=("10.0.0.0/8",)),)
    check_host("models.test", 443, rules)
    check_address("models.test", "10.0.0.1", 443, rules)
    says(refused("10.0.0.1", *rules), "'hosts'")
    with pytest.raises(Fault):
        check_address("models.test", "192.0.2.1", 443, rules)


def test_only_listed_ports_may_be_called() -> None:
    check_host("models.test", 443, (policy(ports=(443, 8443)),))
    says(refused("models.test", policy(ports=(443, 8443)), port=80), "80", "'ports'", FILE)


# Air-gapped


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "::1", "models.corp.test", "10.2.3.4", "LOCALHOST."]
)
def test_air_gapped_listed_hosts_networks_and_this_machine_may_be_called(host: str) -> None:
    check_host(host, 443, (policy(air_gapped=True, hosts=("*.corp.test",), networks=("10.0.0.0/8",)),))


@pytest.mark.parametrize("host", ["models.test", "11.0.0.1", "corp.test", "2001:db8::1"])
def test_air_gapped_nothing_else_is_looked_up_or_called(host: str) -> None:
    rules = policy(air_gapped=True, hosts=("*.corp.test",), networks=("10.0.0.0/8",))
    says(refused(host, rules), "'air_gapped'", FILE, host)
    says(refused(host, policy(air_gapped=True)), "'air_gapped'", FILE)


def test_air_gapped_this_machine_needs_no_network_and_a_listed_name_does() -> None:
    rules = (policy(air_gapped=True, hosts=("models.test",), networks=("10.0.0.0/8",)),)
    check_address("localhost", "127.0.0.1", 80, rules)
    check_address("models.test", "10.0.0.1", 80, rules)
    with pytest.raises(Fault):
        check_address("models.test", "192.0.2.1", 80, rules)


def test_localhost_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(Fault) as caught:
        check_address("localhost", "192.0.2.1", 80, ())
    says(caught.value, "192.0.2.1", "hosts file")


# What no model is ever meant to be

SPECIAL = [
    "169.254.169.254", "169.254.170.2", "169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1", "fd00:ec2::254",
    "fd00:0ec2:0:0:0:0:0:254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "0.0.0.0", "0.1.2.3",
    "::", "224.0.0.1", "239.255.255.255", "ff02::1", "255.255.255.255", "240.0.0.1", "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1", "::a9fe:a9fe", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "0xa9fea9fe", "2852039166",
    "0251.0376.0251.0376", "169.254.43518", "169.16689662", "0xA9.0xFE.0xA9.0xFE", "169.254.169.254.", "0", "0x0",
    "0.0", "[fe80::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", SPECIAL)
def test_sec_31_special_addresses_are_refused_without_any_policy(host: str) -> None:
    refused(host)


@pytest.mark.parametrize("ip", [each for each in SPECIAL if ":" in each or each.count(".") == 3])
def test_sec_31_names_that_lead_to_special_addresses_are_refused(ip: str) -> None:
    for rules in ((), (policy(hosts=("models.test", "*")),), (policy(networks=("0.0.0.0/0", "::/0")),)):
        with pytest.raises(Fault) as caught:
            check_address("models.test", ip, 80, rules)
        says(caught.value, "models.test")


@pytest.mark.parametrize("name", ["metadata.google.internal", "METADATA.google.internal.", "metadata"])
def test_sec_31_the_names_of_metadata_services_are_not_told_to_a_proxy_either(name: str) -> None:
    refused(name)
    check_host(name, 80, (policy(hosts=(name,)),))


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("2130706433", "127.0.0.1"), ("0x7f000001", "127.0.0.1"), ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"), ("127.0.0.1.", "127.0.0.1"), ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::ffff:7f00:1", "127.0.0.1"), ("134744072", "8.8.8.8"), ("010.0.0.1", "8.0.0.1"), ("8.8.2056", "8.8.8.8"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
    ],
)  # fmt: skip
def test_sec_31_unusual_spellings_are_refused_and_the_usual_one_is_named(host: str, meant: str) -> None:
    says(refused(host), f"write {meant}")
    check_host(meant, 80, ())


@pytest.mark.parametrize(
    "listed",
    [
        {"networks": ("169.254.169.254/32",)},
        {"networks": ("169.254.0.0/16",)},
        {"hosts": ("169.254.169.254",)},
    ],
    ids=str,
)
def test_sec_31_who_lists_such_an_address_by_itself_may_call_it(listed: dict[str, Any]) -> None:
    check_host("169.254.169.254", 80, (policy(**listed),))
    check_address("169.254.169.254", "169.254.169.254", 80, (policy(**listed),))


@pytest.mark.parametrize(
    "host", ["models.test", "10.0.0.1", "192.168.1.5", "127.0.0.1", "::1", "2001:db8::1", "fd12::1"]
)
def test_ordinary_addresses_are_free_without_a_policy(host: str) -> None:
    check_host(host, 8000, ())
    if host != "models.test":
        check_address(host, host, 8000, ())


def test_what_is_no_address_is_not_connected_to() -> None:
    with pytest.raises(Fault):
        check_address("models.test", "models.test", 80, ())


# Endpoints and models


def test_a_region_has_to_be_declared_and_listed() -> None:
    rules = (policy(regions=("eu", "ch")),)
    check_call(spec(region="EU"), rules)
    for region, words in (("us", "'us'"), (None, "--region")):
        with pytest.raises(PolicyError) as caught:
            check_call(spec(region=region), rules)
        says(caught.value, "'regions'", FILE, "eu, ch", words)
        assert (caught.value.model, caught.value.address) == ("it", "https://models.test/v1")


def test_prices_may_be_asked_for() -> None:
    rules = (policy(require_prices=True),)
    check_call(spec(prices=Prices(0, 1)), rules)
    check_endpoint(spec().endpoint, rules)
    with pytest.raises(PolicyError) as caught:
        check_call(spec(prices=Prices(input=1)), rules)
    says(caught.value, "price for output", "'require_prices'", FILE)


def test_the_host_and_port_of_the_endpoint_and_of_its_proxy_are_checked() -> None:
    check_call(spec(), (policy(hosts=("models.test",), ports=(443,)),))
    rules = (policy(hosts=("models.test", "proxy.test"), ports=(443, 3128)),)
    check_call(spec(), rules, proxy="http://me:word@proxy.test:3128")
    for proxy in ("http://other.test:3128", "http://proxy.test:8080", "http://proxy.test:99999"):
        with pytest.raises(PolicyError):
            check_call(spec(), rules, proxy=proxy)
    with pytest.raises(PolicyError):
        check_call(spec("https://models.test:8443/v1"), rules)
    with pytest.raises(PolicyError):
        check_call(spec("HTTPS://other.test/v1"), rules)


def test_what_stays_in_this_process_is_free() -> None:
    rules = policy(air_gapped=True, hosts=(), networks=(), ports=(), regions=(), require_prices=True)
    check_call(spec("demo://models/v1"), (rules,))


def test_a_unix_socket_has_no_host_and_still_a_region() -> None:
    rules = policy(air_gapped=True, hosts=(), networks=(), ports=())
    check_call(spec("http://anything.test/v1", unix_socket="/run/models.sock"), (rules,))
    with pytest.raises(PolicyError):
        check_call(spec("http://localhost/v1", unix_socket="/run/models.sock"), (policy(regions=("eu",)),))


# Keys over http

NEAR, FAR, SAFE = "http://localhost:8000/v1", "http://models.test/v1", "https://models.test/v1"


@pytest.mark.parametrize(
    ("url", "flag", "rule", "proxy", "may"),
    [
        (SAFE, False, None, None, True),
        (SAFE, False, False, "http://proxy.test:3128", True),
        (NEAR, False, None, None, True),
        (NEAR, False, False, None, True),
        (NEAR, False, None, "http://proxy.test:3128", False),
        (NEAR, False, None, "http://127.0.0.1:3128", True),
        (NEAR, True, None, "http://proxy.test:3128", True),
        (FAR, False, None, None, False),
        (FAR, True, None, None, True),
        (FAR, True, False, None, False),
        (FAR, False, True, None, True),
        ("HTTP://models.test/v1", False, None, None, False),
    ],
)
def test_a_key_travels_unencrypted_only_where_that_is_allowed(
    url: str, flag: bool, rule: bool | None, proxy: str | None, may: bool
) -> None:
    endpoint, rules = Endpoint(url, allow_http_key=flag), (policy(keys_over_http=rule),)
    if may:
        check_key(endpoint, rules, source="env:KEY", proxy=proxy)
        return
    with pytest.raises(Fault) as caught:
        check_key(endpoint, rules, source="env:KEY", proxy=proxy)
    says(caught.value, "env:KEY", "unencrypted", *(["'keys_over_http'", FILE] if rule is False else []))


def test_a_key_may_go_over_a_unix_socket() -> None:
    endpoint = Endpoint(FAR, unix_socket="/run/models.sock")
    check_key(endpoint, (policy(keys_over_http=False),), source="env:KEY")


def test_one_policy_that_forbids_outweighs_one_that_allows() -> None:
    rules = (policy(keys_over_http=True), Policy("the user's file", keys_over_http=False))
    with pytest.raises(Fault) as caught:
        check_key(Endpoint(FAR), rules, source="env:KEY")
    says(caught.value, "the user's file")


def test_the_password_of_a_proxy_is_in_no_refusal() -> None:
    with pytest.raises(Fault) as caught:
        check_key(Endpoint(FAR), (), source="env:KEY", proxy="http://me:hidden@proxy.test:3128")
    assert "hidden" not in f"{caught.value.what}{caught.value.hint}"
    with pytest.raises(PolicyError) as denied:
        check_call(spec(), (policy(hosts=("models.test",)),), proxy="http://me:hidden@proxy.test:3128")
    assert "hidden" not in str(denied.value)


# Through the wire


def under(**rules: Any) -> None:
    session.current().policy = policy(**rules)


def leading(monkeypatch: pytest.MonkeyPatch, name: str, *answers: list[tuple[str, int]]) -> None:
    """Have a name lead to these places, one answer for each look-up; the last one stays."""
    left, look_up = list(answers), socket.getaddrinfo

    def fake(host: Any, *args: Any, **more: Any) -> Any:
        if host != name:
            return look_up(host, *args, **more)
        places = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", fake)


def test_sec_30_a_rule_is_asked_before_the_key_is_looked_up() -> None:
    asked: list[str] = []
    under(hosts=("other.test",))

    def key() -> str:
        asked.append("key")
        return "a-key-for-models"

    byom.register("it", url="https://models.test/v1", api_key=key)
    with pytest.raises(PolicyError, match="'hosts'") as caught:
        byom.ask("it", "hi")
    says(caught.value, FILE)
    assert asked == []


def test_sec_30_a_name_that_leads_to_a_forbidden_address_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(GOOD) as server:
        leading(monkeypatch, "models.test", [("127.0.0.1", server.port)])
        under(networks=("10.0.0.0/8",))
        outcome = ask(f"http://models.test:{server.port}/v1")
        expect(outcome, "error(policy)", says=("'networks'", FILE, "models.test", "127.0.0.1"))
        assert server.peers == []


def test_sec_31_a_name_that_leads_to_the_metadata_service_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    leading(monkeypatch, "models.test", [("169.254.169.254", 80), ("::ffff:169.254.169.254", 80)])
    expect(ask("http://models.test/v1"), "error(policy)", says=("models.test", "169.254.169.254", "link-local"))


def test_of_several_addresses_only_those_that_are_allowed_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(GOOD) as server:
        places = [("169.254.169.254", server.port), ("10.9.8.7", server.port), ("127.0.0.1", server.port)]
        leading(monkeypatch, "models.test", places)
        under(networks=("127.0.0.0/8",))
        expect(ask(f"http://models.test:{server.port}/v1"), "complete", text="Hello")


def test_sec_31_a_name_that_leads_elsewhere_at_the_second_attempt_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with RawServer([head("503 Busy", "text/plain", "Content-Length: 0")], GOOD) as server:
        leading(monkeypatch, "models.test", [("127.0.0.1", server.port)], [("169.254.169.254", server.port)])
        expect(ask(f"http://models.test:{server.port}/v1"), "error(policy)", says=("169.254.169.254",))
        assert len(server.requests) == 1


def test_a_rule_that_comes_later_holds_for_connections_that_were_kept() -> None:
    with RawServer([*GOOD, keep]) as server:
        key = register(server)
        expect(ask_key(key), "complete", text="Hello")
        under(ports=(443,))
        with pytest.raises(PolicyError, match="'ports'"):
            byom.ask(key, "hi")
        under(networks=("10.0.0.0/8",))
        with pytest.raises(PolicyError, match="'networks'"):
            byom.ask(key, "hi")
        assert len(server.requests) == 1


def test_a_plain_request_keeps_the_rules_too() -> None:
    under(air_gapped=True)
    with pytest.raises(PolicyError, match="'air_gapped'"):
        fetched(Endpoint("http://models.test/v1"), "/models")
    under(regions=("eu",))
    with RawServer(GOOD) as server:
        with pytest.raises(PolicyError, match="'regions'"):
            fetched(Endpoint(server.url), "/models")
        assert fetched(Endpoint(server.url, region="eu"), "/models").status == 200
        assert len(server.requests) == 1


def test_the_rules_of_a_broken_source_forbid_everything() -> None:
    under(broken="line 3: no such field")
    with RawServer(GOOD) as server:
        with pytest.raises(PolicyError, match=f"{FILE} may set rules"):
            byom.ask(register(server), "hi")
        assert server.peers == []


@pytest.mark.parametrize("listed", ["*", "*.internal", "*.google.internal"])
def test_sec_31_a_name_that_stands_for_many_does_not_list_where_clouds_keep_keys(listed: str) -> None:
    says(refused("metadata.google.internal", policy(hosts=(listed,))), "keeps keys")
    check_host("metadata.google.internal", 80, (policy(hosts=(listed, "Metadata.Google.Internal.")),))


@pytest.mark.parametrize(
    "ip",
    [
        "64:ff9b:1::a9fe:a9fe",
        "2001:db8::5efe:a9fe:a9fe",
        "2001:db8::200:5efe:169.254.169.254",
        "::ffff:0:169.254.169.254",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::23",
    ],
)
def test_sec_31_an_address_that_ends_at_the_metadata_service_is_refused_however_it_gets_there(ip: str) -> None:
    refused(f"[{ip}]")
    with pytest.raises(Fault):
        check_address("models.test", ip, 80, ())
    check_address("models.test", "2001:db8::5eff:a9fe:a9fe", 80, ())


def test_what_only_forbids_lists_nothing() -> None:
    loose = Policy(FILE, hosts=("169.254.169.254",), networks=("169.254.169.254/32",), only_forbids=True)
    refused("169.254.169.254", loose)
    check_host("169.254.169.254", 80, (policy(networks=("169.254.169.254/32",)),))
