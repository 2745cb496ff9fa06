from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from byom_magics.catalog.describing import check_endpoint, described, own_endpoint
from byom_magics.catalog.registry import Registry
from byom_magics.catalog.spec import Endpoint, Limits, ModelSpec, Tls
from byom_magics.errors import ByomError, RegistrationError, SecretError, UnknownEndpointError
from byom_magics.wire.policy import base_url

URL = "https://a.example.com/v1"


@pytest.fixture
def models() -> Registry:
    return Registry()


def made(models: Registry, key: str, **more: Any) -> ModelSpec:
    spec = described(models, base_url, key, **more)
    models.register(spec)
    return spec


def test_an_address_is_checked(models: Registry) -> None:
    assert made(models, "a", url=f"{URL}/chat/completions").url == URL
    with pytest.raises(RegistrationError, match="no scheme"):
        made(models, "a", url="localhost:1")


def test_an_endpoint_is_named_after_its_model_unless_it_gets_a_name(models: Registry) -> None:
    assert made(models, "a", url=URL).endpoint.name == "a"
    assert made(models, "b", url=URL, endpoint="ours").endpoint.name == "ours"
    assert made(models, "c", preset="groq", endpoint="theirs").endpoint.name == "theirs"


def test_an_endpoint_that_is_registered_is_taken_as_it_is(models: Registry) -> None:
    first = made(models, "a", url=URL, endpoint="ours", api_key="env:KEY", dialect="gemini", provider="us")
    second = made(models, "b", endpoint="ours")
    assert second.endpoint is first.endpoint
    assert (second.dialect, second.provider) == ("gemini", "us")
    assert made(models, "c", endpoint="ours", dialect="openai_chat").dialect == "openai_chat"


def test_an_endpoint_may_be_given_itself(models: Registry) -> None:
    endpoint = Endpoint(URL)
    assert made(models, "a", endpoint=endpoint).endpoint is endpoint


def own(models: Registry, given: Endpoint) -> Endpoint:
    return own_endpoint(models, base_url, "a", given)


def test_an_endpoint_that_a_person_made_is_checked_and_named() -> None:
    given = Endpoint(f"{URL}/chat/completions", headers={"X-Tenant": " a "}, api_key="env:KEY", limits=Limits(2))
    made = own(Registry(), given)
    assert (made.url, made.name, made.headers) == (URL, "a", {"X-Tenant": "a"})
    assert (made.api_key, made.limits) == ("env:KEY", Limits(2))
    assert own(Registry(), Endpoint(URL, name="ours", preset="groq")).preset == "groq"
    assert own(Registry(), Endpoint(URL, name="ours")).name == "ours"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (Endpoint(URL, api_key="sk-0123456789abcdefghijklmnop"), SecretError),
        (Endpoint(URL, headers={"Authorization": "Bearer 0123456789abcdefghijklmnop"}), SecretError),
        (Endpoint(URL, tls=Tls(certificate="a.pem", key_password="hunter2")), SecretError),
        (Endpoint(URL, headers={"X-A": "b\r\nX-C: d"}), RegistrationError),
        (Endpoint("https://me:secret@a.example.com/v1"), RegistrationError),
        (Endpoint("ftp://a.example.com"), RegistrationError),
        (Endpoint(URL, name="two words"), RegistrationError),
        (Endpoint(URL, limits=Limits(0)), RegistrationError),
        (Endpoint(URL, tls={"verfy": False}), RegistrationError),  # type: ignore[arg-type]
    ],
    ids=["key", "header", "password", "line-end", "user", "scheme", "name", "limit", "tls"],
)
def test_an_endpoint_that_a_person_made_gets_no_value_past_the_checks(given: Endpoint, error: type[ByomError]) -> None:
    with pytest.raises(error):
        own(Registry(), given)


def test_an_endpoint_made_after_a_locked_one_is_not_the_locked_one(models: Registry) -> None:
    locked = Endpoint(URL, name="company", source="/site", locked="/site")
    models.register_endpoint(locked)
    assert own(models, locked) is locked
    elsewhere = own(models, replace(locked, url="https://b.example.com/v1"))
    assert elsewhere.locked == ""
    with pytest.raises(RegistrationError, match="is locked by /site"):
        models.register(described(models, base_url, "a", endpoint=elsewhere))


def test_a_model_at_a_presets_endpoint_speaks_the_presets_dialect(models: Registry) -> None:
    made(models, "a", preset="anthropic", endpoint="ours")
    models.forget("a")
    second = made(models, "b", endpoint="ours")
    assert (second.dialect, second.provider, second.api_key) == ("anthropic", "anthropic", "env:ANTHROPIC_API_KEY")


def test_the_address_beside_a_preset_may_say_another_dialect(models: Registry) -> None:
    assert made(models, "a", preset="ollama").dialect == "ollama"
    assert made(models, "b", preset="ollama", url="http://gpu.example.com:11434/v1").dialect == "openai_chat"


def test_an_unknown_endpoint_is_told_with_the_nearest(models: Registry) -> None:
    made(models, "a", url=URL, endpoint="company")
    with pytest.raises(UnknownEndpointError, match="did you mean company"):
        made(models, "b", endpoint="compny")


@pytest.mark.parametrize("more", [{"headers": {"X-A": "b"}}, {"api_key": "env:A"}, {"tls": {"verify": False}}])
def test_what_belongs_to_the_endpoint_is_refused_beside_one(models: Registry, more: dict[str, Any]) -> None:
    made(models, "a", url=URL, endpoint="ours")
    with pytest.raises(RegistrationError, match=f"{next(iter(more))} belongs to the endpoint, and 'ours' has its own"):
        made(models, "b", endpoint="ours", **more)


def test_without_an_address_the_ways_to_give_one_are_told(models: Registry) -> None:
    with pytest.raises(RegistrationError, match="give --url URL, --preset NAME or --endpoint NAME"):
        made(models, "a")
    with pytest.raises(RegistrationError, match="part of your own: resource"):
        made(models, "a", preset="azure")


def test_a_models_own_endpoint_takes_no_name_that_others_rely_on(models: Registry) -> None:
    made(models, "a", url=URL, endpoint="b")
    with pytest.raises(RegistrationError, match="endpoint 'b' already and serves a"):
        check_endpoint(models, described(models, base_url, "b", url="https://b.example.com"))
    models.register_endpoint(Endpoint(URL, name="alone"))
    with pytest.raises(RegistrationError, match="endpoint 'alone' already"):
        check_endpoint(models, described(models, base_url, "alone", url="https://b.example.com"))


def test_a_model_may_replace_the_endpoint_that_was_made_for_it(models: Registry) -> None:
    made(models, "a", url=URL)
    check_endpoint(models, described(models, base_url, "a", url="https://b.example.com"))
