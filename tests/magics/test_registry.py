from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.catalog.spec import Capabilities, Prices
from tests.wire.answers import GOOD, refused
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook

CANARY = "sk-canary-0123456789"


# Registering


def test_a_model_is_registered_and_it_is_said_how_to_ask_it(nb: Notebook) -> None:
    cell = nb.ok("%byom_register llama --url http://localhost:11434/v1 --model llama3.2")
    assert cell.printed == "Registered llama: llama3.2 at http://localhost:11434/v1. Ask it with %%byom llama\n"
    assert byom.models["llama"].model == "llama3.2"


def test_every_option_reaches_the_spec(nb: Notebook) -> None:
    nb.ok(
        "%byom_register gpt --url https://api.example.com/v1/chat/completions --model gpt-4o --api-key env:GPT_KEY "
        "--header 'X-Tenant: a b' --header X-Secret:env:OTHER --name 'The big one' --description \"It's big\" --max-tokens 500 "
        '--temperature 0.3 --path /chat -o user=me -o deep={"a": [1, 2]} --context-window 128_000 --price-in 2.5 '
        "--price-out 10 --currency EUR --can tools,no_reasoning --timeouts first_byte=60,idle=none --timeout 90 --proxy env "
        "--max-event-bytes 4096"
    )  # fmt: skip
    spec = byom.models["gpt"]
    assert (spec.url, spec.endpoint.path, spec.model, spec.api_key) == (
        "https://api.example.com/v1",
        "/chat",
        "gpt-4o",
        "env:GPT_KEY",
    )
    assert spec.endpoint.headers == {"X-Tenant": "a b", "X-Secret": "env:OTHER"}
    assert (spec.endpoint.proxy, spec.endpoint.max_event_bytes) == ("env", 4096)
    assert (spec.name, spec.description) == ("The big one", "It's big")
    assert (spec.max_tokens, spec.temperature, spec.context_window) == (500, 0.3, 128_000)
    assert spec.extra_body == {"user": "me", "deep": {"a": [1, 2]}}
    assert spec.prices == Prices(2.5, 10, "EUR")
    assert spec.capabilities == Capabilities(tools=True, reasoning=False)
    assert spec.timeouts == {"first_byte": 60.0, "idle": None, "total": 90.0}


def test_a_model_that_is_replaced_is_said_to_be(nb: Notebook) -> None:
    nb.ok("%byom_register llama --url http://localhost:1/v1")
    assert nb.ok("%byom_register llama --url http://localhost:2/v1").printed.startswith(
        "Replaced llama: llama at http://localhost:2/v1"
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "the key and the address is missing"),
        ("llama", "--url is missing"),
        ("--url http://localhost:1/v1", "the key and the address is missing"),
        ("llama --url", "--url has no value"),
        ("llama extra --url http://localhost:1/v1", "one word too many"),
        ("llama --ulr http://localhost:1/v1", "did you mean --url"),
        ("llama --url http://localhost:1/v1 --apikey env:A", "did you mean --api-key"),
        ("llama --url localhost:11434", "write http://localhost:11434"),
        ("llama --url ftp://localhost/v1", "http and https can be called"),
        ("llama --url http://localhost:1/v1 --temperature hot", "a number of 0 or more"),
        ("llama --url http://localhost:1/v1 --max-tokens 0", "1 or more"),
        ("llama --url http://localhost:1/v1 --currency euro", "such as USD or EUR"),
        ("llama --url http://localhost:1/v1 --can fly", "tools, reasoning"),
        ("llama --url http://localhost:1/v1 --timeouts idle=0", "seconds above 0"),
        ("llama --url http://localhost:1/v1 --proxy socks5://a", "http://proxy:3128"),
        ("llama --url http://localhost:1/v1 --header X-Tenant", "'NAME: VALUE'"),
        ("'two words' --url http://localhost:1/v1", "one word"),
        ("llama --url http://localhost:1/v1 -o messages", "KEY=VALUE"),
        ("llama --url http://a.example.com/v1 --api-key env:A", "--allow-http-key"),
    ],
)
def test_what_cannot_be_registered_is_told_with_the_next_step(nb: Notebook, line: str, says: str) -> None:
    before = dict(byom.models)
    assert says in nb.fails(f"%byom_register {line}", errors.SetupError)
    assert dict(byom.models) == before


@pytest.mark.parametrize(
    "options",
    [
        f"--api-key {CANARY}",
        f"--api-key={CANARY}",
        f"--api-key '{CANARY}'",
        f"--header 'Authorization: Bearer {CANARY}'",
        f"--header 'x-api-key: {CANARY}'",
        f"--path /chat?api_key={CANARY}",
    ],
)
def test_sec_21_a_literal_key_is_refused_with_the_right_way_and_shown_nowhere(nb: Notebook, options: str) -> None:
    cell = nb.run(f"%byom_register gpt --url https://api.example.com/v1 {options}")
    assert isinstance(cell.error, errors.SetupError)
    assert "env:NAME" in cell.printed
    assert CANARY not in cell.everything
    assert "gpt" not in byom.models


def test_sec_21_a_key_in_the_address_is_refused_and_shown_nowhere(nb: Notebook) -> None:
    for url in (f"https://api.example.com/v1?key={CANARY}", f"https://me:{CANARY}@api.example.com/v1"):
        cell = nb.run(f"%byom_register gpt --url {url}")
        assert isinstance(cell.error, errors.RegistrationError)
        assert "--api-key env:NAME" in cell.printed
        assert CANARY not in cell.everything


# Testing


def test_a_test_sends_one_small_request_and_says_what_came(nb: Notebook) -> None:
    with RawServer(GOOD) as server:
        cell = nb.ok(f"%byom_register llama --url {server.url} --test")
        (request,) = server.requests
    assert request.json["max_tokens"] == 32
    assert "llama answered as served in" in cell.printed
    assert "(complete): Hello" in cell.printed


def test_a_test_that_fails_is_told_and_the_model_stays_registered(nb: Notebook) -> None:
    with RawServer([refused("401 Unauthorized", {"error": "who are you?"})]) as server:
        assert "who are you?" in nb.fails(f"%byom_register llama --url {server.url} --test", errors.StatusError)
    assert "llama" in byom.models


def test_sec_08_what_a_server_says_in_a_test_cannot_steer_a_terminal(nb: Notebook) -> None:
    from tests.wire.answers import chunked, sse

    with RawServer([chunked(sse("\x1b[2Jhi\nthere"))]) as server:
        cell = nb.ok(f"%byom_register llama --url {server.url} --test")
    assert cell.printed.endswith(r": \x1b[2Jhi there" + "\n")


# Forgetting and choosing


def test_a_forgotten_model_is_gone(nb: Notebook) -> None:
    assert nb.ok("%byom_forget demo/pydoc").printed == "Forgot demo/pydoc.\n"
    assert "demo/pydoc" not in byom.models
    assert "did you mean" in nb.fails("%byom_forget demo/pydok", errors.UnknownModelError)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%byom_forget", "the key is missing"),
        ("%byom_forget a b", "one word too many"),
        ("%byom_forget --all", "--all is no option"),
        ("%byom_default a b", "one word too many"),
        ("%byom_models x", "one word too many"),
        ("%byom_models --json", "is no option"),
        ("%byom_picker x", "one word too many"),
    ],
)
def test_what_these_magics_do_not_take_is_told(nb: Notebook, line: str, says: str) -> None:
    assert says in nb.fails(line, errors.OptionError)


def test_the_default_is_chosen_and_told(nb: Notebook) -> None:
    assert "There is no default model" in nb.ok("%byom_default").printed
    assert nb.ok("%byom_default demo/5gram").printed == "A bare %%byom now asks demo/5gram.\n"
    assert nb.ok("%byom_default").printed == "A bare %%byom asks demo/5gram.\n"
    nb.ok("%byom_forget demo/5gram")
    assert "There is no default model" in nb.ok("%byom_default").printed


def test_an_unknown_default_is_refused_and_the_old_one_stays(nb: Notebook) -> None:
    nb.ok("%byom_default demo/5gram")
    nb.fails("%byom_default demo/6gram", errors.UnknownModelError)
    assert byom.models.default == "demo/5gram"
