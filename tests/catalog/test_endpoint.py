from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from byom_magics.catalog.endpoint import endpoint_of
from byom_magics.catalog.preset import Preset
from byom_magics.catalog.spec import Endpoint, Limits, Quirks, Tls
from byom_magics.errors import ByomError, RegistrationError, SecretError

URL = "https://a.example.com/v1"
CANARY = "sk-canary-0123456789"


def made(**more: Any) -> Endpoint:
    return endpoint_of(URL, **more)


def refused(error: type[ByomError] = RegistrationError, **more: Any) -> str:
    with pytest.raises(error) as caught:
        made(**more)
    assert caught.value.hint
    return str(caught.value)


def test_an_address_is_enough() -> None:
    assert made() == Endpoint(URL)


def test_parts_are_mappings_or_the_things_themselves() -> None:
    tls, limits, quirks = Tls(minimum_version="1.3"), Limits(concurrent=2), Quirks(content="parts")
    assert made(tls=tls, limits=limits, quirks=quirks) == made(
        tls={"minimum_version": "1.3"}, limits={"concurrent": 2}, quirks={"content": "parts"}
    )
    assert made(tls=tls).tls == tls


def test_a_command_is_kept_as_it_was_given_whoever_changes_the_list_afterwards() -> None:
    command: Any = ["command:", "vault", "read"]
    made = endpoint_of(URL, api_key=command, proxy_login=command, tls={"certificate": "c.pem", "key_password": command})
    command.append("more")
    assert made.api_key == made.proxy_login == made.tls.key_password == ("command:", "vault", "read")


@pytest.mark.parametrize(
    ("what", "value", "says"),
    [
        ("name", "two words", "one word"),
        ("tls", 5, "mapping"),
        ("tls", {"caa": "x"}, "did you mean ca?"),
        ("tls", {"ca": 5}, "tls.ca"),
        ("tls", {"verify": "no"}, "tls.verify"),
        ("tls", {"system_trust": 1}, "tls.system_trust"),
        ("tls", {"minimum_version": "1.0"}, "1.2, 1.3"),
        ("tls", {"key": "me.key"}, "--client-cert"),
        ("tls", {"key_password": "env:A"}, "--client-cert"),
        ("tls", {"system_trust": False}, "--ca"),
        ("limits", {"concurrent": 0}, "limits.concurrent"),
        ("limits", {"requests_per_minute": True}, "limits.requests_per_minute"),
        ("limits", {"rpm": 5}, "nothing 'rpm'"),
        ("quirks", {"system_role": "boss"}, "system, developer, user"),
        ("quirks", {"stream_usage": "no"}, "quirks.stream_usage"),
        ("quirks", {"seed_field": ""}, "quirks.seed_field"),
        ("quirks", {"without": [5]}, "quirks.without"),
        ("quirks", {"schema": ["json_schema"]}, "quirks.schema"),
        ("quirks", {5: 6}, "nothing '5'"),
        ("region", "", "region"),
        ("region", "a\nb", "region"),
        ("unix_socket", "", "unix_socket"),
        ("key_header", "X Y", "no header"),
        ("key_header", "Host", "no header"),
        ("max_event_bytes", 10, "1024"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_its_name(what: str, value: Any, says: str) -> None:
    assert says in refused(**{what: value})


@pytest.mark.parametrize("what", ["api_key", "proxy_login"])
def test_sec_21_a_literal_secret_is_refused_and_not_repeated(what: str) -> None:
    assert CANARY not in refused(SecretError, **{what: CANARY})


def test_sec_21_a_literal_password_of_a_private_key_is_refused_and_not_repeated() -> None:
    assert CANARY not in refused(SecretError, tls={"certificate": "me.pem", "key_password": CANARY})


@pytest.mark.parametrize(
    "key", ["sk-proj-0123456789abcdefXYZ", "AIzaSyD0123456789abcdefghij", "ghp_0123456789abcdefXYZ"]
)
@pytest.mark.parametrize("name", ["X-Tenant", "X-Upstream", "Helicone"])
def test_sec_21_what_can_only_be_a_key_is_refused_in_any_header(key: str, name: str) -> None:
    assert key not in refused(SecretError, headers={name: key})
    assert made(headers={name: "org-0123456789abcdefXYZ01"}).headers
    assert made(headers={name: "sk-12"}).headers


@pytest.mark.parametrize("path", ["/v1/sk-proj-0123456789abcdefXYZ/chat", "/chat?to=sk-proj-0123456789abcdefXYZ"])
def test_sec_21_a_key_in_a_path_is_refused_and_not_repeated(path: str) -> None:
    assert "0123456789" not in refused(path=path)


@pytest.mark.parametrize(
    "proxy",
    ["http://a\0b:1", 'http://a"b', "http://a?b", "http://a#b", "http://[::1%25lo]:1", "http://a\\b", "http://é"],
)
def test_sec_31_the_address_of_a_proxy_can_be_read_in_one_way_only(proxy: str) -> None:
    assert "proxy" in refused(proxy=proxy).lower()
    assert made(proxy="http://[::1]:3128/").proxy


@pytest.mark.parametrize("prefix", [CANARY + "-and-much-more", "Bearer abc", "a\nb", 5])
def test_sec_21_what_stands_before_a_key_is_a_short_word(prefix: Any) -> None:
    assert CANARY not in refused(key_prefix=prefix)


def test_no_prefix_at_all_is_one_that_can_be_asked_for() -> None:
    assert made(key_prefix="").key_prefix == ""
    assert made().key_prefix is None


def test_a_path_in_the_home_folder_is_written_out() -> None:
    assert made(tls={"ca": "~/ca.pem"}).tls.ca == str(Path("~/ca.pem").expanduser())
    assert made(tls={"ca": Path("/etc/ca.pem")}).tls.ca == "/etc/ca.pem"


def test_a_unix_socket_stands_for_the_host_of_an_http_address() -> None:
    with pytest.raises(RegistrationError, match="http address"):
        endpoint_of("demo://models", unix_socket="/run/a.sock")


PRESET = Preset(
    "ours", "Ours", URL, api_key="env:OURS", key_header="api-key", key_prefix="", headers={"X-A": "1", "X-B": "2"},
    quirks={"stream_usage": False, "seed_field": "s"}, region="eu",
)  # fmt: skip


def test_a_preset_says_what_is_left_out() -> None:
    assert made(preset=PRESET) == Endpoint(
        URL,
        preset="ours",
        api_key="env:OURS",
        key_header="api-key",
        key_prefix="",
        headers={"X-A": "1", "X-B": "2"},
        quirks=Quirks(stream_usage=False, seed_field="s"),
        region="eu",
    )


def test_what_is_given_wins_over_the_preset() -> None:
    endpoint = made(
        preset=PRESET, api_key="ask", key_header="X-Ours", key_prefix="Key", headers={"x-a": "3"},
        quirks={"stream_usage": True}, region="us",
    )  # fmt: skip
    assert (endpoint.api_key, endpoint.key_header, endpoint.key_prefix, endpoint.region) == (
        "ask",
        "X-Ours",
        "Key",
        "us",
    )
    assert endpoint.headers == {"X-B": "2", "x-a": "3"}
    assert endpoint.quirks == Quirks(stream_usage=True, seed_field="s")


def test_where_another_address_than_the_presets_runs_is_not_known() -> None:
    assert endpoint_of("https://b.example.com", preset=PRESET).region is None


def test_a_preset_of_a_plug_in_is_checked_like_what_a_person_says() -> None:
    literal = Preset("evil", "Evil", URL, headers={"Authorization": f"Bearer {CANARY}"})
    assert CANARY not in refused(SecretError, preset=literal)
    assert "nothing 'nope'" in refused(preset=Preset("evil", "Evil", URL, quirks={"nope": 1}))
