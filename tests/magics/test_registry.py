from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.catalog.spec import Capabilities, Limits, Prices, Quirks, Tls
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
        ("%byom_forget a --endpoint b", "too much"),
        ("%byom_models -v", "the key is missing"),
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


# All options


def test_every_option_of_an_endpoint_reaches_it(nb: Notebook) -> None:
    nb.ok(
        "%byom_register gpt --url https://llm.example.com/v1 --endpoint ours --provider us --dialect anthropic "
        "--api-key env:GPT_KEY --key-header X-Our-Id --key-prefix Token --proxy http://proxy:3128 --proxy-login env:LOGIN "
        "--unix-socket /run/llm.sock --region eu --ca ca.pem --no-system-trust --client-cert me.pem --client-key me.key "
        "--client-key-password env:PASS --tls 1.3 --max-concurrent 2 --rpm 60 --tpm 10_000 "
        "--quirk stream_usage=false --quirk seed_field=random_seed --quirk 'without=[\"stop\"]'"
    )
    endpoint = byom.endpoints["ours"]
    assert endpoint is byom.models["gpt"].endpoint
    assert (byom.models["gpt"].provider, byom.models["gpt"].dialect) == ("us", "anthropic")
    assert (endpoint.key_header, endpoint.key_prefix, endpoint.proxy_login) == ("X-Our-Id", "Token", "env:LOGIN")
    assert (endpoint.unix_socket, endpoint.region) == ("/run/llm.sock", "eu")
    assert endpoint.tls == Tls("ca.pem", False, "me.pem", "me.key", "env:PASS", "1.3")
    assert endpoint.limits == Limits(2, 60, 10_000)
    assert endpoint.quirks == Quirks(stream_usage=False, seed_field="random_seed", without=("stop",))


def test_every_option_of_a_model_reaches_it(nb: Notebook) -> None:
    nb.ok(
        "%byom_register gpt --url http://localhost:1/v1 --top-p 0.5 --seed 7 --stop END --stop '\\n' -s 'Be brief.' "
        "--tag big --tag 'of ours' --pinned --price-cached-in 0.5 --price-cached-out 3"
    )
    spec = byom.models["gpt"]
    assert (spec.top_p, spec.seed, spec.stop, spec.system) == (0.5, 7, ("END", "\n"), "Be brief.")
    assert (spec.tags, spec.pinned) == (("big", "of ours"), True)
    assert (spec.prices.cached_input, spec.prices.cached_output) == (0.5, 3)
    nb.ok("%byom_register gpt --url http://localhost:1/v1 --not-pinned")
    assert byom.models["gpt"].pinned is False


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--preset nope", "There is no preset 'nope'"),
        ("--preset antropic", "did you mean anthropic"),
        ("--preset azure", "https://my-resource.openai.azure.com/openai/v1"),
        ("--endpoint nope", "No endpoint 'nope' is registered"),
        ("--url http://localhost:1 --dialect klingon", "no dialect 'klingon'"),
        ("--url http://localhost:1 --tls 1.1", "did you mean 1."),
        ("--url http://localhost:1 --top-p 2", "from 0 to 1"),
        ("--url http://localhost:1 --rpm 0", "1 or more"),
        ("--url http://localhost:1 --quirk nope=1", "nothing 'nope' in quirks"),
        ("--url http://localhost:1 --quirk content=list", "text, parts"),
        ("--url http://localhost:1 --client-key me.key", "--client-cert"),
        ("--url http://localhost:1 --no-system-trust", "--ca"),
        ("--url http://localhost:1 --request-transformer nope", "No transformer 'nope'"),
    ],
)
def test_what_there_is_not_is_told_with_the_next_step(nb: Notebook, options: str, says: str) -> None:
    before = dict(byom.models)
    assert says in nb.fails(f"%byom_register gpt {options}", errors.SetupError)
    assert dict(byom.models) == before


def test_a_preset_needs_no_more_than_a_model(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    cell = nb.ok("%byom_register claude --preset anthropic --model some-model")
    assert cell.printed.startswith("Registered claude: some-model at https://api.anthropic.com/v1.")
    assert "Its key comes from env:ANTHROPIC_API_KEY (not set)." in cell.printed


def test_what_is_given_beside_a_preset_wins(nb: Notebook) -> None:
    nb.ok(
        "%byom_register m --preset mistral --url https://eu.example.com/v1 --api-key env:OTHER --quirk stream_usage=true"
    )
    spec = byom.models["m"]
    assert (spec.url, spec.api_key) == ("https://eu.example.com/v1", "env:OTHER")
    assert (spec.endpoint.quirks.stream_usage, spec.endpoint.quirks.seed_field) == (True, "random_seed")


def test_a_preset_that_is_not_verified_says_so(nb: Notebook) -> None:
    assert "localai is not verified" in nb.ok("%byom_register m --preset localai").printed


def test_an_endpoint_is_reused_with_all_that_it_has(nb: Notebook) -> None:
    nb.ok("%byom_register a --url https://a.example.com --endpoint ours --api-key env:KEY --dialect gemini")
    nb.ok("%byom_register b --endpoint ours --model other")
    assert byom.models["b"].endpoint is byom.endpoints["ours"]
    assert byom.models["b"].dialect == "gemini"


def test_an_endpoint_is_forgotten_when_no_model_is_served_there(nb: Notebook) -> None:
    nb.ok("%byom_register a --url https://a.example.com --endpoint ours")
    assert "serves a" in nb.fails("%byom_forget --endpoint ours", errors.RegistrationError)
    nb.ok("%byom_forget a")
    assert nb.ok("%byom_forget --endpoint ours").printed == "Forgot ours.\n"
    assert "ours" not in byom.endpoints


def test_sec_25_a_certificate_that_is_not_verified_is_seen_everywhere(nb: Notebook) -> None:
    cell = nb.ok("%byom_register open --url https://a.example.com --insecure")
    assert "the certificate of https://a.example.com is not verified" in cell.printed
    assert "certificate NOT verified" in nb.ok("%byom_models").plain
    assert "THE CERTIFICATE IS NOT VERIFIED" in nb.ok("%byom_models -v open").plain


def test_a_function_of_the_notebook_is_a_transformer(nb: Notebook) -> None:
    nb.ok("def mark(body):\n    return {**body, 'marked': True}")
    with RawServer(GOOD) as server:
        nb.ok(f"%byom_register llama --url {server.url} --request-transformer mark")
        nb.ok("%byom llama hi")
        assert server.requests[-1].json["marked"] is True


# What is known


def test_models_are_filtered_by_words_and_tags(nb: Notebook) -> None:
    nb.ok("%byom_register a --url https://one.example.com --tag big --provider Acme")
    nb.ok("%byom_register b --url https://two.example.com --tag big --tag old")
    shown = nb.ok("%byom_models EXAMPLE acme").plain
    assert "one.example.com" in shown
    assert "two.example.com" not in shown
    assert "demo/" not in shown
    shown = nb.ok("%byom_models --tag big --tag old").plain
    assert "two.example.com" in shown
    assert "one.example.com" not in shown
    assert "None of the" in nb.ok("%byom_models nothing-like-it").plain


def test_all_that_is_known_of_a_model_is_shown_with_where_it_comes_from(
    nb: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", CANARY)
    nb.ok("%byom_register m --preset mistral --model large --temperature 0.2 --region eu")
    shown = nb.ok("%byom_models -v m")
    lines = {" ".join(line.split()) for line in shown.plain.splitlines()}
    for line in (
        "model large session",
        "temperature 0.2 session",
        "address https://api.mistral.ai/v1 preset",
        "quirk: seed_field random_seed preset",
        "region eu session",
        "context_window unknown",
        "price: input unknown",
        "can: tools unknown",
    ):
        assert line in lines, line
    assert "env:MISTRAL_API_KEY (set" in shown.plain
    assert CANARY not in shown.everything


def test_an_unknown_model_has_no_particulars(nb: Notebook) -> None:
    assert "did you mean demo/pydoc" in nb.fails("%byom_models -v demo/pydok", errors.UnknownModelError)
