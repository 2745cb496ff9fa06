from __future__ import annotations

import copy
import pickle
import traceback
from functools import partial
from typing import Any

import pytest

from byom_magics.catalog.secrets import Secret, call_headers, call_proxy, mask, shown_headers
from byom_magics.catalog.spec import Endpoint
from byom_magics.errors import SecretError
from byom_magics.wire.policy import origin as origin_of

URL = "https://api.example.com/v1"
ORIGIN = "https://api.example.com:443"
KEY = "canary-0123456789"

headers_of = partial(call_headers, origin=ORIGIN, header="Authorization", prefix="Bearer", model="gpt")
shown = partial(shown_headers, header="Authorization", prefix="Bearer")
proxy_of = partial(call_proxy, origin_of=origin_of, model="gpt")


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", KEY)
    monkeypatch.setenv("OTHER", "other-canary-987")


def sent(headers: dict[str, Any]) -> dict[str, str]:
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in headers.items()}


# Headers


def test_the_key_goes_into_the_header_of_the_dialect() -> None:
    endpoint = Endpoint(URL, api_key="env:CANARY")
    assert sent(headers_of(endpoint)) == {"Authorization": f"Bearer {KEY}"}
    given = headers_of(endpoint, header="x-api-key", prefix="")
    assert sent(given) == {"x-api-key": KEY}
    key = given["x-api-key"]
    assert isinstance(key, Secret)
    assert (key.origin, key.source) == (ORIGIN, "env:CANARY")


@pytest.mark.parametrize(
    ("header", "prefix", "expected"),
    [
        ("api-key", "", {"api-key": KEY}),
        ("api-key", None, {"api-key": KEY}),
        ("X-Key", "Token", {"X-Key": f"Token {KEY}"}),
        (None, "", {"Authorization": KEY}),
        (None, "Key", {"Authorization": f"Key {KEY}"}),
        ("authorization", None, {"authorization": f"Bearer {KEY}"}),
    ],
)
def test_an_endpoint_may_name_another_header_and_prefix(
    header: str | None, prefix: str | None, expected: dict[str, str]
) -> None:
    endpoint = Endpoint(URL, api_key="env:CANARY", key_header=header, key_prefix=prefix)
    assert sent(headers_of(endpoint)) == expected


def test_another_authorization_header_than_the_dialects_has_its_usual_prefix() -> None:
    endpoint = Endpoint(URL, api_key="env:CANARY", key_header="Authorization")
    assert sent(headers_of(endpoint, header="x-goog-api-key", prefix="")) == {"Authorization": f"Bearer {KEY}"}


def test_references_in_headers_are_looked_up_and_bound_too() -> None:
    endpoint = Endpoint(URL, headers={"X-Tenant": "a", "X-Key": "env:OTHER"}, api_key="env:CANARY")
    given = headers_of(endpoint)
    assert sent(given) == {"X-Tenant": "a", "X-Key": "other-canary-987", "Authorization": f"Bearer {KEY}"}
    other = given["X-Key"]
    assert isinstance(other, Secret)
    assert other.origin == ORIGIN


def test_a_header_of_ones_own_takes_the_place_of_the_key() -> None:
    endpoint = Endpoint(URL, headers={"authorization": "env:OTHER"}, api_key="env:NOT_SET")
    assert sent(headers_of(endpoint)) == {"authorization": "other-canary-987"}
    assert shown(endpoint) == {"authorization": "[key from env:OTHER]"}


def test_another_key_can_be_tried_without_looking_up_the_one_in_use() -> None:
    endpoint = Endpoint(URL, api_key="env:NOT_SET")
    key = Secret("new-key", source="ask", origin=ORIGIN)
    assert sent(headers_of(endpoint, key=key)) == {"Authorization": "Bearer new-key"}


def test_without_a_key_there_is_no_header_for_it() -> None:
    assert headers_of(Endpoint(URL)) == {}
    assert shown(Endpoint(URL)) == {}


def test_what_is_shown_names_references_and_looks_nothing_up() -> None:
    def token() -> str:
        raise AssertionError

    endpoint = Endpoint(URL, headers={"X-Key": "keyring:ours", "X-Tenant": "a"}, api_key=token)
    assert shown(endpoint) == {
        "X-Key": "[key from keyring:ours]",
        "X-Tenant": "a",
        "Authorization": "Bearer [key from callable token]",
    }
    assert shown(Endpoint(URL, api_key=("command:", "vault", "--password", "canary"), key_prefix="")) == {
        "Authorization": "[key from command:vault …]"
    }


def test_a_key_that_is_not_set_is_told_with_its_model() -> None:
    with pytest.raises(SecretError) as caught:
        headers_of(Endpoint(URL, headers={"X-Key": "env:NOT_SET"}))
    assert caught.value.model == "gpt"


# Proxies


def test_a_proxy_is_taken_as_it_is_and_none_is_none() -> None:
    assert proxy_of(Endpoint(URL)) is None
    assert proxy_of(Endpoint(URL, proxy="http://proxy.example.com:3128")) == "http://proxy.example.com:3128"


def test_sec_26_the_environments_proxy_is_used_only_if_the_endpoint_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://env.example.com:3128")
    assert proxy_of(Endpoint(URL)) is None
    assert proxy_of(Endpoint(URL, proxy="env")) == "http://env.example.com:3128"


def test_the_login_of_a_proxy_is_put_into_its_address_and_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN", "me:pass wörd@canary/1:2")
    endpoint = Endpoint(URL, proxy="http://proxy.example.com:3128", proxy_login="env:LOGIN")
    proxy = proxy_of(endpoint)
    assert proxy == "http://me:pass%20w%C3%B6rd%40canary%2F1%3A2@proxy.example.com:3128"
    assert "canary" not in repr(proxy)
    assert "canary" not in repr({("https", proxy): 1})
    assert repr(proxy) == "'http://[login hidden]@proxy.example.com:3128'"
    assert "canary" not in mask("the proxy said: pass wörd@canary/1:2 is wrong")


def test_a_login_in_the_environments_proxy_is_hidden_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:canary@env.example.com:3128")
    proxy = proxy_of(Endpoint(URL, proxy="env"))
    assert proxy == "http://me:canary@env.example.com:3128"
    assert "canary" not in repr(proxy)


@pytest.mark.parametrize("leave", [pickle.dumps, copy.deepcopy])
def test_an_address_with_a_login_cannot_be_copied(leave: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:canary@env.example.com:3128")
    with pytest.raises(TypeError):
        leave(proxy_of(Endpoint(URL, proxy="env")))


@pytest.mark.parametrize("login", ["only-a-name", ":only-a-password"])
def test_a_login_without_name_or_password_is_told_and_not_repeated(login: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN", login)
    with pytest.raises(SecretError) as caught:
        proxy_of(Endpoint(URL, proxy="http://proxy.example.com:3128", proxy_login="env:LOGIN"))
    assert "user:password" in str(caught.value)
    assert "only-a" not in str(caught.value)


def test_sec_20_a_login_that_is_none_is_in_no_frame_of_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN", "canary-without-a-colon")
    with pytest.raises(SecretError) as caught:
        proxy_of(Endpoint(URL, proxy="http://proxy.example.com:3128", proxy_login="env:LOGIN"))
    trace = caught.value.__traceback__
    held = [repr(frame.f_locals) for frame, _ in traceback.walk_tb(trace) if "byom_magics" in frame.f_code.co_filename]
    assert held
    assert not [each for each in held if "canary-without" in each]


def test_sec_22_the_login_in_the_environments_proxy_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:canary%2Fpassword@env.example.com:3128")
    found = proxy_of(Endpoint(URL, proxy="env"))
    assert found == "http://me:canary%2Fpassword@env.example.com:3128"
    assert "canary" not in repr(found)
    assert "canary" not in mask("407: me:canary/password is not welcome; canary%2Fpassword")
