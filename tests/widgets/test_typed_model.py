from __future__ import annotations

import pytest

from byom_magics.catalog.found import Found
from byom_magics.catalog.secrets import memory
from byom_magics.catalog.secrets.secret import Secret
from byom_magics.catalog.spec import Capabilities, Listed, Prices
from byom_magics.errors import OptionError, RegistrationError, SecretError
from byom_magics.session import Session
from byom_magics.widgets.typed_model import TypedModel, check_key, is_secret, key_line, offer_of, register

REFERENCES = ["", "env:OPENAI_API_KEY", "keyring:openai", "file:~/key.txt", "command:vault read secret/llm", "ask"]
SECRETS = ["sk-abcdefghij0123456789", "hunter2", "AIzaSyA0123456789abcdefgh", "env:sk-abc0123456789defghi", "Bearer x"]
OFFER = Listed(
    "org/llama",
    name="Llama",
    context_window=8_000,
    prices=Prices(input=1, output=2, currency="EUR"),
    capabilities=Capabilities(tools=True),
    tags=("chat",),
)
FOUND = Found("vllm", "vLLM", "http://localhost:8000/v1", models=(Listed("other"), OFFER))


@pytest.mark.parametrize("text", REFERENCES)
def test_references_are_taken(text: str) -> None:
    check_key(text)
    assert not is_secret(text)


@pytest.mark.parametrize("text", SECRETS)
def test_what_may_be_a_key_itself_is_refused_and_not_repeated(text: str) -> None:
    assert is_secret(text)
    with pytest.raises(SecretError) as caught:
        check_key(text)
    assert text not in str(caught.value)
    assert "keyring:NAME" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["OPENAI_API_KEY", "$OPENAI_API_KEY"])
def test_the_bare_name_of_a_variable_is_no_secret_and_is_put_right(text: str) -> None:
    assert not is_secret(text)
    with pytest.raises(SecretError) as caught:
        check_key(text)
    assert "env:OPENAI_API_KEY" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["keyring:", "env:a b", "file: "])
def test_a_reference_that_is_not_whole_is_told_and_may_stay(text: str) -> None:
    assert not is_secret(text)
    with pytest.raises(SecretError):
        check_key(text)


def test_an_address_is_needed() -> None:
    with pytest.raises(OptionError, match="no address"):
        TypedModel(model="m").check()
    TypedModel(preset="ollama").check()
    TypedModel(url="http://localhost/v1").check()


def test_a_key_that_is_to_be_typed_is_asked_for_in_a_cell() -> None:
    typed = TypedModel(url="https://llm.example/v1", api_key="ask")
    with pytest.raises(SecretError, match="no prompt") as caught:
        typed.check_can_be_asked("%byom_discover URL --api-key ask")
    assert "%byom_discover URL --api-key ask" in str(caught.value.hint)
    memory.retyped(Secret("k", source="ask", origin="https://llm.example:443"))
    typed.check_can_be_asked("")
    TypedModel(url="https://other.example/v1", api_key="env:X").check_can_be_asked("")


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        (TypedModel(), "%byom_key set NAME"),
        (TypedModel(preset="openai"), "%byom_key set openai --url https://api.openai.com/v1"),
        (TypedModel(preset="no such"), "%byom_key set no-such"),
        (TypedModel(key="mine", url="https://a/v1"), "%byom_key set mine --url https://a/v1"),
        (TypedModel(key="mine", api_key="keyring:team"), "%byom_key set team"),
        (TypedModel(model="org/a b"), "%byom_key set org/a-b"),
    ],
)
def test_the_line_that_keeps_a_key_names_it_and_its_only_receiver(typed: TypedModel, line: str) -> None:
    assert key_line(typed) == line


def test_an_offer_is_known_by_its_server_and_name() -> None:
    assert offer_of([FOUND], TypedModel(url=FOUND.url + "/", model="org/llama")) == (FOUND, OFFER)
    assert offer_of([FOUND], TypedModel(model="org/llama")) == (FOUND, OFFER)
    assert offer_of([FOUND], TypedModel(url="http://elsewhere/v1", model="org/llama")) is None
    assert offer_of([FOUND], TypedModel(model="nothing")) is None


def test_a_model_that_was_offered_is_registered_with_what_its_server_said() -> None:
    session = Session()
    spec, path = register(session, TypedModel(model="org/llama", key="mine"), [FOUND], save=False)
    assert session.models["mine"] is spec
    assert (spec.model, spec.url, spec.context_window, spec.prices.output) == ("org/llama", FOUND.url, 8_000, 2)
    assert (spec.capabilities.tools, spec.tags, spec.endpoint.preset, path) == (True, ("chat",), "vllm", "")


def test_a_model_that_nobody_offered_is_registered_as_typed_and_called_by_its_name() -> None:
    session = Session()
    typed = TypedModel(url="http://localhost:1/v1", model="a b", api_key="env:TEAM")
    spec, _ = register(session, typed, [FOUND], save=False)
    assert (spec.key, spec.model, spec.api_key) == ("a-b", "a b", "env:TEAM")


def test_what_cannot_be_registered_is_said() -> None:
    with pytest.raises(RegistrationError):
        register(Session(), TypedModel(preset="no such"), [], save=False)
    with pytest.raises(SecretError):
        register(Session(), TypedModel(url="http://localhost/v1", api_key="hunter2"), [], save=False)


def test_a_model_that_is_saved_is_known_to_the_next_session_as_it_was() -> None:
    from byom_magics.catalog.layers import user_file

    session = Session()
    spec, path = register(session, TypedModel(model="org/llama", key="mine"), [FOUND], save=True)
    assert path == str(user_file())
    following = Session()
    following.read_files()
    kept = following.models["mine"]
    assert (kept.model, kept.url, kept.context_window, kept.prices) == (
        spec.model,
        spec.url,
        spec.context_window,
        spec.prices,
    )
