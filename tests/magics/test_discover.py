"""``%byom_discover``: what it shows, what it registers, and that it does neither more."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import byom_magics as byom
from byom_magics.errors import ConnectError, OptionError, RegistrationError, StatusError
from tests.catalog.model_servers import LMSTUDIO, OLLAMA, made, recorded, serving
from tests.show.safe import text_of
from tests.wire.answers import refused, sized
from tests.wire.raw_server import RawServer, hold, nobody_listens

if TYPE_CHECKING:
    from tests.magics.notebook import Notebook

WAIT = "--timeout 8"


@pytest.fixture
def ollama() -> Iterator[RawServer]:
    with serving(OLLAMA) as server:
        yield server


def test_the_ports_of_this_machine_are_shown_with_what_is_offered_there(nb: Notebook, ollama: RawServer) -> None:
    before = set(byom.models)
    with serving(LMSTUDIO) as other:
        cell = nb.ok(f"%byom_discover --ports {ollama.port},{other.port} {WAIT}")
    for text in (cell.plain, text_of(cell.html)):
        assert f"Ollama at {ollama.origin.replace('127.0.0.1', 'localhost')}: 2 models" in text
        assert "LM Studio at" in text
        assert "gemma3:4b" in text
        assert "131,072" in text
        assert "--register NAME" in text
    assert set(byom.models) == before


def test_where_nothing_answers_it_says_how_to_go_on(nb: Notebook) -> None:
    with nobody_listens() as url:
        port = url.removesuffix("/v1").rpartition(":")[2]
        text = nb.ok(f"%byom_discover --ports {port}").plain
    assert "No model server answers" in text
    assert "%byom_discover URL" in text


def test_models_are_registered_by_name_and_the_next_line_is_said(nb: Notebook, ollama: RawServer) -> None:
    printed = nb.ok(f"%byom_discover {ollama.origin} --register gemma3:4b").printed
    assert "Registered 1 model of Ollama" in printed
    assert "Ask with %%byom gemma3:4b" in printed
    assert byom.models["gemma3:4b"].context_window == 8192
    assert "llama3.2:latest" not in byom.models


def test_numbers_mean_the_rows_that_were_shown(nb: Notebook, ollama: RawServer) -> None:
    nb.ok(f"%byom_discover {ollama.origin}")
    asked = len(ollama.requests)
    nb.ok(f"%byom_discover {ollama.origin} --register 2,1")
    assert len(ollama.requests) == asked
    assert {"gemma3:4b", "llama3.2:latest"} <= set(byom.models)


def test_all_may_be_narrowed_by_words(nb: Notebook, ollama: RawServer) -> None:
    assert "llama3.2" not in nb.ok(f"%byom_discover {ollama.origin} gemma").plain.partition("Register")[0]
    nb.ok(f"%byom_discover {ollama.origin} gemma --register all")
    assert "gemma3:4b" in byom.models
    assert "llama3.2:latest" not in byom.models
    assert "No model has the words qwen" in nb.ok(f"%byom_discover {ollama.origin} qwen").plain
    nb.fails(f"%byom_discover {ollama.origin} qwen --register all", OptionError)


def test_what_is_there_already_is_only_replaced_when_that_is_said(nb: Notebook) -> None:
    byom.register("tiny", url="http://localhost:1/v1")
    with serving(recorded("llama_cpp")) as server:
        nb.ok(f"%byom_discover {server.url} --register tiny")
        assert byom.models["llamacpp/tiny"].context_window == 1024
        assert byom.models["tiny"].url == "http://localhost:1/v1"
        nb.ok(f"%byom_discover {server.url} --register tiny --replace")
        assert byom.models["tiny"].url == server.url


@pytest.mark.parametrize("address", ["http://127.0.0.1:{}", "http://127.0.0.1:{}/v1", "127.0.0.1:{}", "localhost:{}"])
def test_an_address_may_lack_its_scheme_and_its_path(nb: Notebook, address: str) -> None:
    with serving(recorded("vllm")) as server:
        text = nb.ok(f"%byom_discover {address.format(server.port)}").plain
    assert "vLLM at" in text
    assert f":{server.port}/v1: 1 model" in text


def test_a_key_and_headers_go_to_the_server_that_is_named(nb: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_KEY", "sk-canary-0123456789abcdef")
    with serving(made({"/v1/models": {"data": [{"id": "a"}]}})) as server:
        cell = nb.ok(f"%byom_discover {server.url} --api-key env:OUR_KEY --header 'X-Tenant: a' --register all")
        headers = server.requests[0].headers
    assert headers["authorization"] == "Bearer sk-canary-0123456789abcdef"
    assert headers["x-tenant"] == "a"
    assert byom.models["a"].endpoint.headers == {"X-Tenant": "a"}
    assert byom.models["a"].api_key == "env:OUR_KEY"
    assert "sk-canary" not in cell.everything


def test_a_service_is_listed_with_its_prices(nb: Notebook) -> None:
    entry = {"id": "maker/model", "context_length": 1000, "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
    with serving(made({"/v1/models": {"data": [entry]}})) as server:
        text = nb.ok(f"%byom_discover {server.url} --preset openrouter").plain
        assert "1 / 2 USD" in text
        nb.ok(f"%byom_discover {server.url} --preset openrouter --register 1")
    spec = byom.models["maker/model"]
    assert (spec.prices.input, spec.prices.output, spec.context_window) == (1, 2, 1000)
    assert spec.endpoint.quirks.effort_field == "reasoning.effort"


def test_sec_44_a_long_list_is_shown_in_part_and_does_nothing(nb: Notebook) -> None:
    evil = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'\"`$\\", "\u202eevil", "plain"]
    entries = [{"id": f"{evil[number % 5]}{number}", "name": "<b>x</b>\x1b[2J"} for number in range(5_000)]
    with serving({"/v1/models": sized(json.dumps({"data": entries}).encode(), "200 OK", "application/json")}) as server:
        cell = nb.ok(f"%byom_discover {server.url}")
        assert "give words to filter" in cell.plain
        assert "more;" in text_of(cell.html)
        assert len(cell.plain) < 20_000
        assert "\x1b" not in cell.plain
        printed = nb.ok(f"%byom_discover {server.url} plain --register all").printed
    assert "Registered 1,000 models" in printed
    assert len(printed) < 2_000


WRONG = [
    ("--api-key env:A_KEY", OptionError, "no.*is named"),
    ("--ports x", OptionError, "ports"),
    ("--ports 0", OptionError, "ports"),
    ("--register ,", OptionError, "names"),
    ("--timeout 0", OptionError, "seconds"),
    ("--preset opneai", RegistrationError, "openai"),
    ("--preset azure", RegistrationError, "resource"),
    ("ftp://localhost", RegistrationError, "scheme"),
    ("http://user:secret@localhost", RegistrationError, "user name"),
    ("https://llm.test/v1 --api-key sk-0123456789abcdef0123", Exception, "env:"),
    ("--regster x", OptionError, "--register"),
]


@pytest.mark.parametrize(("line", "kind", "says"), WRONG)
def test_what_is_wrong_is_said(nb: Notebook, line: str, kind: type[BaseException], says: str) -> None:
    assert re.search(says, nb.fails(f"%byom_discover {line}", kind))


def test_a_server_that_is_not_there_or_is_closed_is_an_error(nb: Notebook) -> None:
    with nobody_listens() as url:
        assert "refused" in nb.fails(f"%byom_discover {url}", ConnectError)
    with serving({"/v1/models": refused("401 Unauthorized", {"error": "no"})}) as server:
        assert "--api-key" in nb.fails(f"%byom_discover {server.url}", StatusError)


def test_an_interrupt_ends_it_at_once(nb: Notebook) -> None:
    with RawServer([hold]) as server:
        main = threading.get_ident()

        def interrupt() -> None:
            server.wait_for_requests(1)
            signal.pthread_kill(main, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        cell = nb.run(f"%byom_discover {server.url}")
        thread.join()
        assert isinstance(cell.error, KeyboardInterrupt)
        server.wait_for_hang_up()


def test_its_manual_names_every_option(nb: Notebook) -> None:
    manual = nb.shell.find_line_magic("byom_discover").__doc__
    for option in ("--preset", "--api-key", "--register", "--replace", "--header", "--proxy", "--ports", "--timeout"):
        assert option in manual
