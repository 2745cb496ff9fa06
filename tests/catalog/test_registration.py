from __future__ import annotations

import math
from typing import Any

import pytest

from byom_magics.catalog.registration import cautions, checked_fields, checked_timeouts, spec_of
from byom_magics.catalog.spec import Capabilities, ModelSpec, Prices, Timeouts
from byom_magics.errors import ByomError, OptionError, RegistrationError, SecretError

URL = "http://localhost:11434/v1"


def spec(key: str = "llama", **more: Any) -> ModelSpec:
    return spec_of(key, url=URL, **more)


def refused(error: type[ByomError], key: Any = "llama", **more: Any) -> str:
    """The message of the refusal, which always says what to do next."""
    with pytest.raises(error) as caught:
        spec_of(key, url=URL, **more)
    assert caught.value.hint
    return str(caught.value)


# What is left out


def test_a_key_and_an_address_are_enough() -> None:
    made = spec()
    assert (made.key, made.model, made.name, made.description) == ("llama", "llama", "llama", "")
    assert (made.endpoint.url, made.endpoint.path) == (URL, None)
    assert made.endpoint.max_event_bytes == 8 * 1024 * 1024
    assert made.capabilities == Capabilities()
    assert not made.builtin


def test_prices_abilities_and_timers_may_be_the_objects_that_a_spec_holds() -> None:
    prices, can = Prices(1, 2.5, "EUR", cached_input=0.5), Capabilities(tools=True, attachments=False)
    made = spec(prices=prices, capabilities=can, timeouts=Timeouts(idle=5, total=60))
    assert (made.prices, made.capabilities) == (prices, can)
    assert Timeouts(**made.timeouts) == Timeouts(idle=5, total=60)
    assert spec(prices=prices, price_in=3).prices == Prices(3, 2.5, "EUR", cached_input=0.5)
    refused(RegistrationError, prices=Prices(-1))
    refused(RegistrationError, capabilities=Capabilities(tools="yes"))  # type: ignore[arg-type]
    refused(OptionError, timeouts=Timeouts(idle=0))
    refused(RegistrationError, prices=can)


def test_everything_that_is_said_is_kept() -> None:
    made = spec(
        model="llama3.2:3b",
        api_key="env:KEY",
        headers={"X-Tenant": " a "},
        path="v2/chat",
        proxy="http://proxy.example.com:3128",
        allow_http_key=True,
        max_event_bytes=4096,
        name="Llama",
        description="A model.\nOf many lines.",
        temperature=0,
        max_tokens=10,
        extra_body={"a": [1, None]},
        context_window=8192,
        price_in=0,
        price_out=1.5,
        currency="EUR",
        timeouts={"idle": 5, "total": None},
        capabilities={"tools": True, "reasoning": None},
    )
    assert (made.model, made.name, made.description) == ("llama3.2:3b", "Llama", "A model.\nOf many lines.")
    assert made.endpoint.headers == {"X-Tenant": "a"}
    assert (made.endpoint.path, made.endpoint.proxy, made.endpoint.max_event_bytes) == (
        "/v2/chat",
        "http://proxy.example.com:3128",
        4096,
    )
    assert (made.api_key, made.endpoint.allow_http_key) == ("env:KEY", True)
    assert (made.temperature, made.max_tokens, made.context_window) == (0, 10, 8192)
    assert made.prices == Prices(0, 1.5, "EUR")
    assert made.timeouts == {"idle": 5.0, "total": None}
    assert made.capabilities == Capabilities(tools=True)
    assert made.extra_body == {"a": [1, None]}


def test_what_the_caller_passed_is_not_shared() -> None:
    headers, fields = {"X-Tenant": "a"}, {"a": 1}
    made = spec(headers=headers, extra_body=fields)
    headers["X-Tenant"] = "b"
    fields["a"] = 2
    assert (made.endpoint.headers, made.extra_body) == ({"X-Tenant": "a"}, {"a": 1})


# Keys of models


@pytest.mark.parametrize(
    "key", ["llama", "openai/gpt-4o", "demo/5gram", "llama3.2:3b-q4_K_M", "мodell", "a@b", "x" * 200]
)
def test_a_key_is_one_word(key: str) -> None:
    assert spec(key).key == key


@pytest.mark.parametrize(
    "key",
    ["", " ", "two words", "-t", "--raw", "%byom", "a\nb", "a\tb", "a'b", 'a"b', "{a}", "$a", "`a`", "a\\b", "a\x1bb", "a\u202eb", "x" * 201, None, 5, b"a", ("a",)],
)  # fmt: skip
def test_what_cannot_be_typed_after_a_magic_is_no_key(key: Any) -> None:
    assert "one word" in refused(RegistrationError, key)


# Names and texts


@pytest.mark.parametrize("what", ["model", "name"])
@pytest.mark.parametrize("value", [" ", "a\nb", "a\r\nX-Evil: 1", "a\x00", "a\x1b[2J", 5])
def test_sec_27_names_are_one_line_of_text(what: str, value: Any) -> None:
    assert what in refused(RegistrationError, **{what: value})


def test_an_empty_model_name_is_refused_and_not_replaced() -> None:
    refused(RegistrationError, model="")


def test_a_description_is_a_text() -> None:
    refused(RegistrationError, description=5)


@pytest.mark.parametrize(
    "path", ["/a b", "/a#b", "/a\\b", "//evil.example.com", "http://evil.example.com", "/a\nb", "/ä", 5]
)
def test_what_is_no_path_is_refused(path: Any) -> None:
    refused(RegistrationError, path=path)


@pytest.mark.parametrize(
    ("path", "kept"), [("", ""), ("chat", "/chat"), ("/chat", "/chat"), ("/c?api-version=1", "/c?api-version=1")]
)
def test_a_path_begins_with_one_slash_or_is_none(path: str, kept: str) -> None:
    assert spec(path=path).endpoint.path == kept


@pytest.mark.parametrize("currency", ["", "usd", "EURO", "€", "US\nD", 5])
def test_a_currency_is_three_capital_letters(currency: Any) -> None:
    assert "such as USD" in refused(RegistrationError, currency=currency)


# Numbers


@pytest.mark.parametrize("what", ["temperature", "price_in", "price_out"])
@pytest.mark.parametrize("value", [-1, -0.1, math.nan, math.inf, True, "0.5", [1]])
def test_a_number_out_of_range_is_refused_by_its_name(what: str, value: Any) -> None:
    assert what in refused(RegistrationError, **{what: value})


@pytest.mark.parametrize("what", ["max_tokens", "context_window", "max_event_bytes"])
@pytest.mark.parametrize("value", [0, -1, 1.5, 2.0, math.nan, True, "10"])
def test_a_count_is_a_whole_number_above_zero(what: str, value: Any) -> None:
    assert what in refused(RegistrationError, **{what: value})


def test_a_limit_of_events_leaves_room_for_an_event() -> None:
    assert "1024" in refused(RegistrationError, max_event_bytes=1023)


@pytest.mark.parametrize("value", ["no", 1])
def test_a_switch_is_true_or_false(value: Any) -> None:
    assert "True or False" in refused(RegistrationError, allow_http_key=value)


# Timers


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, True, "60", "none", [1]])
def test_a_timer_is_a_number_of_seconds_or_off(value: Any) -> None:
    with pytest.raises(OptionError, match="'idle' cannot be"):
        checked_timeouts({"idle": value})


@pytest.mark.parametrize("name", ["", "idel", "Idle", 5, None, ("idle",)])
def test_an_unknown_timer_is_refused_with_those_there_are(name: Any) -> None:
    with pytest.raises(OptionError) as caught:
        checked_timeouts({name: 5})
    assert "first_byte, first_token, idle" in str(caught.value)


@pytest.mark.parametrize("timeouts", [5, "idle=5", [("idle", 5)]])
def test_timers_are_a_mapping(timeouts: Any) -> None:
    with pytest.raises(OptionError, match="timeouts cannot be"):
        checked_timeouts(timeouts)


def test_no_timers_are_no_timers() -> None:
    assert checked_timeouts(None) == checked_timeouts({}) == {}


# Fields and capabilities


@pytest.mark.parametrize("fields", ["a=1", 5, [("a", 1)], {1: 2}, {None: 1}, {("a",): 1}])
def test_fields_of_the_body_have_texts_as_names(fields: Any) -> None:
    with pytest.raises(OptionError, match="extra_body"):
        checked_fields(fields)


@pytest.mark.parametrize(
    "capabilities", [["tools"], "tools", {"tool": True}, {"tools": "yes"}, {"tools": 1}, {1: True}]
)
def test_capabilities_are_known_flags(capabilities: Any) -> None:
    refused(RegistrationError, capabilities=capabilities)


# Keys, headers, proxies


def test_sec_21_a_literal_key_is_refused_and_not_repeated() -> None:
    message = refused(SecretError, api_key="sk-canary-1234567890")
    assert "--api-key env:NAME" in message
    assert "canary" not in message


@pytest.mark.parametrize(
    "name",
    ["Authorization", "authorization", "Proxy-Authorization", "Cookie", "x-api-key", "api_key", "Ocp-Apim-Subscription-Key", "X-Auth-Token", "PRIVATE-TOKEN", "Token", "x-goog-api-key", "Client-Secret", "X-Password", "X-Auth"],
)  # fmt: skip
def test_sec_21_a_literal_secret_in_a_header_is_refused_and_not_repeated(name: str) -> None:
    message = refused(SecretError, headers={name: "canary-1234567890"})
    assert f"--header '{name}: env:NAME'" in message
    assert "canary" not in message


@pytest.mark.parametrize("value", ["Bearer canary", "bearer canary", "Basic Y2FuYXJ5"])
def test_sec_21_a_bearers_key_is_refused_under_any_name(value: str) -> None:
    message = refused(SecretError, headers={"X-Forwarded-Auth-Info": value})
    assert value not in message


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Tenant": "a"},
        {"X-Api-Key": "env:NAME"},
        {"api-version": "1"},
        {"X-Max-Tokens": "5"},
        {"HTTP-Referer": "https://a.example.com"},
    ],
)
def test_headers_that_hold_no_secret_or_a_reference_are_taken(headers: dict[str, str]) -> None:
    assert spec(headers=headers).endpoint.headers == headers


@pytest.mark.parametrize(
    "name",
    [
        "",
        "X Tenant",
        "X:Tenant",
        "X-Tenant\r\nX-Evil",
        "Xé",
        "Host",
        "content-length",
        "Content-Type",
        "Accept-Encoding",
        5,
        None,
    ],
)
def test_sec_27_what_is_no_header_that_can_be_set_is_refused(name: Any) -> None:
    message = refused(RegistrationError, headers={name: "a"})
    assert "\r" not in message


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", "é", 5, None, ["a"]])
def test_sec_27_a_value_that_no_header_can_carry_is_refused(value: Any) -> None:
    assert "X-Tenant" in refused(RegistrationError, headers={"X-Tenant": value})


@pytest.mark.parametrize("headers", ["X-Tenant: a", [("X-Tenant", "a")], 5])
def test_headers_are_a_mapping(headers: Any) -> None:
    refused(RegistrationError, headers=headers)


def test_a_reference_in_a_header_that_is_none_is_refused() -> None:
    refused(SecretError, headers={"X-Tenant": "env:not a name"})


def test_sec_21_a_key_in_the_query_of_a_path_is_refused_and_not_repeated() -> None:
    message = refused(RegistrationError, path="/chat?api-key=canary")
    assert "canary" not in message
    assert "--api-key env:NAME" in message


@pytest.mark.parametrize(("proxy", "kept"), [(None, None), ("env", "env"), ("http://proxy:3128", "http://proxy:3128")])
def test_a_proxy_is_none_the_environments_or_an_address(proxy: str | None, kept: str | None) -> None:
    assert spec(proxy=proxy).endpoint.proxy == kept


@pytest.mark.parametrize(
    "proxy", ["", "proxy:3128", "https://proxy", "socks5://proxy", "http://user:canary@proxy:3128", 5]
)
def test_other_proxies_are_refused_and_their_passwords_not_repeated(proxy: Any) -> None:
    assert "canary" not in refused(RegistrationError, proxy=proxy)


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": "\x1b[2J"},
        {"headers": {"\x1b[2J": "a"}},
        {"timeouts": {"\x1b[2J": 5}},
        {"capabilities": {"\x1b[2J": True}},
        {"currency": "\x1b[2J"},
        {"extra_body": "\x1b[2J"},
    ],
)
def test_sec_08_what_a_message_repeats_cannot_steer_a_terminal(more: dict[str, Any]) -> None:
    assert "\x1b" not in refused(ByomError, **more)


# All that a model can be


def test_defaults_of_sampling_are_kept() -> None:
    made = spec(top_p=0.5, seed=-1, stop=["a", "\n"], system="Be\nbrief.")
    assert (made.top_p, made.seed, made.stop, made.system) == (0.5, -1, ("a", "\n"), "Be\nbrief.")
    assert spec(stop="END").stop == ("END",)


def test_prices_are_a_mapping_and_flat_words_lie_over_it() -> None:
    made = spec(prices={"input": 1, "cached_input": 0.1, "currency": "EUR"}, price_out=2, price_in=3)
    assert made.prices == Prices(3, 2, "EUR", cached_input=0.1)
    assert spec(price_cached_in=1, price_cached_out=2).prices == Prices(cached_input=1, cached_output=2)
    assert spec(prices={"currency": "EUR"}, currency="CHF").prices.currency == "CHF"


def test_tags_are_words_without_doubles() -> None:
    assert spec(tags=["big", "of ours", "big"]).tags == ("big", "of ours")


def test_transformers_are_functions_or_names() -> None:
    made = spec(request_transformer=dict, response_transformer="unpack")
    assert (made.request_transformer, made.response_transformer) == (dict, "unpack")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"top_p": 1.5}, "from 0 to 1"),
        ({"seed": 1.5}, "seed"),
        ({"stop": [""]}, "stop"),
        ({"system": 5}, "system"),
        ({"prices": {"inptu": 1}}, "did you mean input"),
        ({"prices": {"input": -1}}, "input"),
        ({"prices": 5}, "prices"),
        ({"price_cached_in": -1}, "price_cached_in"),
        ({"tags": [5]}, "tags"),
        ({"pinned": "yes"}, "pinned"),
        ({"provider": ""}, "provider"),
        ({"dialect": "two words"}, "no dialect 'two words'"),
        ({"dialect": 5}, "no dialect 5"),
        ({"request_transformer": "two words"}, "request_transformer"),
        ({"response_transformer": 5}, "response_transformer"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_its_name(more: dict[str, Any], says: str) -> None:
    assert says in refused(RegistrationError, **more)


def test_what_a_file_says_of_itself_is_on_the_model_and_its_endpoint() -> None:
    made = spec(source="/a/byom.toml", locked="/a/byom.toml")
    assert made.source == made.endpoint.source == made.locked == made.endpoint.locked == "/a/byom.toml"


def test_sec_25_a_certificate_that_is_not_verified_is_cautioned_of() -> None:
    (said,) = cautions(spec(tls={"verify": False}))
    assert "llama: the certificate of http://localhost:11434/v1 is not verified" in said
    assert cautions(spec()) == ()


def test_an_argument_that_there_is_not_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="temprature"):
        spec(temprature=1)
