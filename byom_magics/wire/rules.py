"""
Whether a call may go where it wants to: the policies' rules, and the places where no model is ever meant to be.

Pure: names and addresses come in, and what is forbidden is raised. ``hosts`` is about the name (or the literal address)
that is asked for, ``networks`` about the very address that is connected to, ``ports`` about both. Each rule that is set
has to hold, in each policy. Air-gapped, nothing is looked up or connected to but the listed hosts, literal addresses
in the listed networks, and this machine itself. Through a proxy these rules hold for the name asked for and for the
proxy; which address the proxy then connects to is the proxy's matter. What stays in this process (``demo://``) is
free, and a unix socket has no host, address or port.

Without any policy, link-local addresses, the metadata services of clouds, addresses that mean no one machine, and
unusual spellings of an address are refused, unless a policy lists them: a network counts that lies within such a
range (``169.254.0.0/16`` does, ``0.0.0.0/0`` does not), and an address under ``hosts``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from byom_magics.errors import PolicyError
from byom_magics.wire.faults import Fault
from byom_magics.wire.policy import IP, carries_key_safely, literal, origin, place_of, scheme_of, this_machine

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Endpoint, ModelSpec, Policy

__all__ = ["check_address", "check_call", "check_endpoint", "check_host", "check_key"]

_LOCAL = "is link-local: there clouds keep keys, and no model"
_METADATA = "is where a cloud keeps keys and settings of its machines, and no model"
_NO_MACHINE = "means no one machine"
_EVERYONE = "means many machines at once"
_SPECIAL = tuple(
    (ipaddress.ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", _NO_MACHINE),
        ("::/128", _NO_MACHINE),
        ("169.254.0.0/16", _LOCAL),
        ("fe80::/10", _LOCAL),
        ("fd00:ec2::/32", _METADATA),  # AWS
        ("fd20:ce::254/128", _METADATA),  # Google
        ("fd00:42::42/128", _METADATA),  # Scaleway
        ("100.100.100.200/32", _METADATA),  # Alibaba
        ("168.63.129.16/32", _METADATA),  # Azure
        ("192.0.0.192/32", _METADATA),  # Oracle
        ("224.0.0.0/4", _EVERYONE),
        ("ff00::/8", _EVERYONE),
        ("240.0.0.0/4", _NO_MACHINE),  # 255.255.255.255, the broadcast, included
    )
)
# A proxy would look them up where we cannot see the address.
_SPECIAL_NAMES = frozenset(
    {"metadata.google.internal", "metadata.goog", "metadata", "instance-data", "instance-data.ec2.internal"}
    | {"metadata.azure.internal", "metadata.tencentyun.com", "metadata.platformequinix.com", "metadata.packet.net"}
)
# Networks whose addresses end in an IPv4 address that they stand for: NAT64 (RFC 6052, and RFC 8215 as it is mostly
# used), IPv4-translated (RFC 2765).
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96")))
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: so begins the second half of an address that ends in an IPv4 address


def check_call(spec: ModelSpec, policies: tuple[Policy, ...], *, proxy: str | None = None) -> None:
    """
    Whether a model may be asked at all: before anything is looked up, resolved or sent.

    Args:
        spec: The model.
        policies: All that hold.
        proxy: The URL of the proxy that it is asked through.

    Raises:
        PolicyError: A rule forbids it; the message names the rule and the file that it stands in.
    """
    for policy in policies:
        missing = [name for name in ("input", "output") if getattr(spec.prices, name) is None]
        if policy.require_prices and missing and not _stays_here(spec.endpoint):
            unknown = f"The price for {' and '.join(missing)} of '{spec.key}' is not known"
            what = f"{unknown}, and {_rule('require_prices', policy)} asks for it."
            hint = f"register it with its prices: %byom_register {spec.key} … --price-in … --price-out …"
            raise PolicyError(what, model=spec.key, address=spec.url, hint=hint)
    check_endpoint(spec.endpoint, policies, proxy=proxy, model=spec.key)


def check_endpoint(
    endpoint: Endpoint, policies: tuple[Policy, ...], *, proxy: str | None = None, model: str | None = None
) -> None:
    """
    Whether anything may be asked of an endpoint: its region, its host and port, and its proxy's.

    Raises:
        PolicyError: A rule forbids it.
    """
    if _stays_here(endpoint):
        return
    try:
        for policy in policies:
            _check_broken(policy)
            _check_region(endpoint, policy)
        if endpoint.unix_socket is None:
            check_host(*place_of(endpoint.url), policies)
            if proxy is not None:
                check_host(*place_of(proxy), policies)
    except Fault as fault:
        raise PolicyError(fault.what, model=model, address=endpoint.url, hint=fault.hint) from None


def check_key(endpoint: Endpoint, policies: tuple[Policy, ...], *, source: str, proxy: str | None = None) -> None:
    """
    Whether a key may travel to an endpoint as it is reached: over TLS, or without leaving this machine.

    Else the endpoint's own flag or a policy has to allow it, and no policy may forbid it.

    Args:
        endpoint: Where it goes.
        policies: All that hold.
        source: Where the key comes from, for the message.
        proxy: The URL of the proxy in between: it reads what is not encrypted.

    Raises:
        Fault: It may not.
    """
    url = endpoint.url
    if endpoint.unix_socket or (carries_key_safely(url) and (scheme_of(url) != "http" or _near(proxy))):
        return
    way = f"to {origin(url)}" + (f" through the proxy {_shown(proxy)}" if proxy else "")
    forbidding = next((policy for policy in policies if policy.keys_over_http is False), None)
    if forbidding:
        what = (
            f"The key from {source} would travel unencrypted {way}; {_rule('keys_over_http', forbidding)} forbids that."
        )
        raise Fault("policy", what, hint=f"use https://, or have the rule changed in {forbidding.source}")
    if not (endpoint.allow_http_key or any(policy.lets_keys_over_http for policy in policies)):
        what = f"The key from {source} would travel unencrypted {way}."
        hint = "use https://, or say --allow-http-key on %byom_register if that network is trusted"
        raise Fault("policy", what, hint=hint)


def check_host(host: str, port: int, policies: tuple[Policy, ...]) -> None:
    """
    Whether a host may be asked for, by its name or literal address: before it is looked up or told to a proxy.

    Raises:
        Fault: A rule forbids it.
    """
    address = literal(host)
    if address is not None:
        _check_spelling(host, address, policies)
        _check_special(host, address, policies)
    elif _bare(host) in _SPECIAL_NAMES and not any(_names(policy, host) for policy in policies):
        what = f"'{host}' {_METADATA}."
        raise Fault(
            "policy", what, hint="check the address; if it is meant so, list the name under 'hosts' in a policy"
        )
    for policy in policies:
        if policy.ports is not None and port not in policy.ports:
            what = f"Port {port} of '{host}' may not be called by {_rule('ports', policy)}."
            raise Fault("policy", what, hint=_ask(f"{port}", "ports", policy))
        _check_listed(host, address, policy)
        if address is not None:
            _check_network(host, address, policy)


def check_address(host: str, ip: str, port: int, policies: tuple[Policy, ...]) -> None:
    """
    Whether the very address may be connected to that a host was found at.

    Raises:
        Fault: A rule forbids it.
    """
    address = literal(ip)
    if address is None:
        raise Fault("policy", f"'{host}' leads to '{ip}', which is no address.", hint="check the address")
    if this_machine(host) and not address.is_loopback:
        what = f"'{host}' stands for this machine itself, and leads to {ip} (port {port}) here."
        raise Fault("policy", what, hint="mend this machine's hosts file, or write 127.0.0.1")
    _check_special(host, address, policies)
    for policy in policies:
        _check_network(host, address, policy)


def _check_broken(policy: Policy) -> None:
    if policy.broken:
        what = f"Nothing may be called: {policy.source} may set rules, and it cannot be used: {policy.broken}"
        raise Fault("policy", what, hint=f"have {policy.source} mended, and ask again")


def _check_region(endpoint: Endpoint, policy: Policy) -> None:
    if policy.regions is None or (endpoint.region or "").casefold() in {each.casefold() for each in policy.regions}:
        return
    allowed = ", ".join(policy.regions) or "none"
    said = f"in the region '{endpoint.region}'" if endpoint.region else "in no region that it declares"
    what = f"This endpoint runs {said}; {_rule('regions', policy)} allows {allowed}."
    hint = "ask a model that runs there" + ("" if endpoint.region else ", or declare where this one runs: --region")
    raise Fault("policy", what, hint=hint)


def _check_listed(host: str, address: IP | None, policy: Policy) -> None:
    listed = policy.hosts is not None and _lists_name(policy, host)
    if policy.air_gapped:
        if not (listed or this_machine(host) or (address is not None and _lists_address(policy, address))):
            what = f"'{host}' may not be looked up or called: {_rule('air_gapped', policy)} allows listed hosts only."
            hint = f"ask a model on this machine, or have '{host}' added to 'hosts' in {policy.source}"
            raise Fault("policy", what, hint=hint)
    elif policy.hosts is not None and not listed:
        what = f"The host '{host}' is not among those that {_rule('hosts', policy)} allows."
        raise Fault("policy", what, hint=_ask(f"'{host}'", "hosts", policy))


def _check_network(host: str, address: IP, policy: Policy) -> None:
    if policy.networks is None or _lists_address(policy, address) or (policy.air_gapped and this_machine(host)):
        return
    leads = f"'{host}' leads to {address}, which" if literal(host) is None else f"{address}"
    what = f"{leads} is in no network that {_rule('networks', policy)} allows."
    raise Fault("policy", what, hint=_ask(f"'{address}'", "networks", policy))


def _check_spelling(host: str, address: IP, policies: tuple[Policy, ...]) -> None:
    bare = host.strip("[]").lower()
    if bare == str(address) or (address.version == 6 and "." not in bare and not bare.endswith(".")):
        return
    if any(_lists_address(policy, address) or _lists_literal(policy, address) for policy in _allowing(policies)):
        return
    what = f"'{host}' is an unusual way to write the address {address}."
    raise Fault("policy", what, hint=f"if that is what is meant, write {address}")


def _check_special(host: str, address: IP, policies: tuple[Policy, ...]) -> None:
    for each in (address, *_embedded(address)):
        for network, why in _SPECIAL:
            if each in network and not any(_lists_special(policy, each, network) for policy in _allowing(policies)):
                leads = "" if literal(host) == address else f"'{host}' leads to "
                hint = f"check the address; if it is meant so, list '{each}' under 'networks' in a policy"
                if str(each) in ("0.0.0.0", "::"):  # noqa: S104 - it is refused
                    hint = "for a server on this machine, write 127.0.0.1"
                raise Fault("policy", f"{leads}{address} {why}.", hint=hint)


def _embedded(address: IP) -> Iterator[IP]:
    """The IPv4 addresses that an IPv6 address stands for on networks that translate."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield address.teredo[1]
        number = int(address)
        if (
            any(address in network for network in _TRANSLATED)
            or (number >> 32 & 0xFFFFFFFF) in _ISATAP
            or (number >> 32 == 0 and number > 1)
        ):
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _lists_name(policy: Policy, host: str) -> bool:
    address = literal(host)
    if address is not None and _lists_literal(policy, address):
        return True
    bare = _bare(host)
    for listed in map(_bare, policy.hosts or ()):
        if listed == "*" or (
            address is None and (bare == listed or (listed[:2] == "*." and bare.endswith(listed[1:])))
        ):
            return True
    return False


def _names(policy: Policy, host: str) -> bool:
    """Whether it lists this very name: one that stands for many is not meant for where keys are."""
    return not policy.only_forbids and _bare(host) in map(_bare, policy.hosts or ())


def _allowing(policies: tuple[Policy, ...]) -> Iterator[Policy]:
    return (policy for policy in policies if not policy.only_forbids)


def _lists_literal(policy: Policy, address: IP) -> bool:
    return any(literal(listed) == address for listed in policy.hosts or ())


def _lists_address(policy: Policy, address: IP) -> bool:
    return any(address in network for network in _networks(policy.networks or ()))


def _lists_special(policy: Policy, address: IP, special: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    if _lists_literal(policy, address):
        return True
    return any(
        address in network and network.prefixlen >= special.prefixlen for network in _networks(policy.networks or ())
    )


@lru_cache(maxsize=64)
def _networks(listed: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(network for text in listed if (network := _network(text)) is not None)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None  # what cannot be read allows nothing


@lru_cache(maxsize=1024)
def _bare(host: str) -> str:
    text = host.strip().strip("[]").lower().rstrip(".")
    try:
        return text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        return text


def _stays_here(endpoint: Endpoint) -> bool:
    return scheme_of(endpoint.url) not in ("http", "https")


def _near(proxy: str | None) -> bool:
    return proxy is None or this_machine(place_of(proxy)[0])


def _shown(proxy: str) -> str:
    host, port = place_of(proxy)
    return f"{host}:{port}"


def _rule(name: str, policy: Policy) -> str:
    return f"the rule '{name}' in {policy.source}"


def _ask(what: str, rule: str, policy: Policy) -> str:
    return f"ask a model that is allowed, or have {what} added to '{rule}' in {policy.source}"
