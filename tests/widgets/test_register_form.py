from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from byom_magics import finding
from byom_magics.session import Session
from byom_magics.widgets.controls import Controls
from byom_magics.widgets.register_form import RegisterForm
from tests.catalog.model_servers import OLLAMA, serving
from tests.widgets.hands import do, labelled, none_left, press, shown
from tests.wire.raw_server import PATIENCE, RawServer, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = ("Preset", "URL", "API key from", "Model", "Call it")


class Panel:
    def __init__(self) -> None:
        self.session = Session()
        self.controls = Controls(threading.RLock())
        self.form = RegisterForm(self.controls, threading.RLock(), self.session)

    def close(self) -> None:
        self.controls.close()
        self.session.close()

    def type(self, **typed: str) -> None:
        for words, value in typed.items():
            do(labelled(self.form.box, words.replace("_", " ")), value=value)

    def press(self, words: str) -> str:
        press(labelled(self.form.box, words))
        self.form.join(PATIENCE)
        return shown(self.form.box)

    @property
    def typed(self) -> list[str]:
        return [labelled(self.form.box, words).value for words in FIELDS]


@pytest.fixture
def panel() -> Iterator[Panel]:
    with none_left():
        panel = Panel()
        yield panel
        panel.close()


def test_a_model_is_registered_as_typed_and_the_server_stays_for_the_next_one(panel: Panel) -> None:
    panel.type(URL="http://localhost:1/v1", Model="m", Call_it="mine", API_key_from="env:NOT_SET")
    said = panel.press("Register")
    assert "Registered mine: m at http://localhost:1/v1. Ask it with %%byom mine" in said
    assert "Its key comes from env:NOT_SET (not set)." in said
    assert panel.session.models["mine"].model == "m"
    assert panel.typed == ["", "http://localhost:1/v1", "env:NOT_SET", "", ""]
    panel.type(Call_it="mine")
    assert "Replaced mine" in panel.press("Register")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"Model": "m"}, "There is no address."),
        ({"URL": "localhost:11434"}, "http://localhost:11434"),
        ({"Preset": "olama"}, "did you mean ollama"),
        ({"URL": "http://far.example/v1", "API_key_from": "env:X"}, "https://"),
        ({"URL": "http://localhost/v1", "Call_it": "two words"}, "one word"),
        ({"URL": "http://localhost/v1", "API_key_from": "MY_KEY"}, "env:MY_KEY"),
    ],
)
def test_an_error_is_told_with_its_next_step_and_loses_nothing(
    panel: Panel, typed: dict[str, str], problem: str
) -> None:
    panel.type(**typed)
    before = panel.typed
    said = panel.press("Register")
    assert problem in said
    assert "Next:" in said
    assert panel.typed == before
    assert not panel.session.models


def test_a_key_that_was_typed_is_taken_out_and_the_line_to_run_is_shown(panel: Panel) -> None:
    panel.type(URL="https://api.example/v1", Call_it="mine")
    panel.type(API_key_from="sk-abcdefghij0123456789")
    said = shown(panel.form.box)
    assert "may be a key itself" in said
    assert "%byom_key set mine --url https://api.example/v1" in said
    assert "sk-abc" not in said
    assert panel.typed == ["", "https://api.example/v1", "", "", "mine"]
    assert "sk-abc" not in repr([each.get_state() for each in panel.controls._made.values()])


def test_a_key_of_the_keyring_comes_with_the_line_that_keeps_it(panel: Panel) -> None:
    panel.type(URL="https://api.example/v1", Call_it="mine", API_key_from="keyring:team")
    assert "%byom_key set team --url https://api.example/v1" in panel.press("Register")


def test_a_preset_says_its_address_and_its_usual_key(panel: Panel) -> None:
    panel.type(Preset="openai")
    assert "OpenAI: https://api.openai.com/v1, key from env:OPENAI_API_KEY" in shown(panel.form.box)


def test_a_server_is_asked_what_it_offers_and_its_facts_are_kept(panel: Panel) -> None:
    with serving(OLLAMA) as server:
        address = server.url.removesuffix("/v1")
        panel.type(URL=address)
        said = panel.press("Discover models")
        assert "offers 2 models: llama3.2:latest, gemma3:4b" in said
        assert labelled(panel.form.box, "Model").options == ("llama3.2:latest", "gemma3:4b")
        panel.type(Model="llama3.2:latest")
        said = panel.press("Register")
    spec = panel.session.models["llama3.2:latest"]
    assert "Registered llama3.2:latest" in said
    assert spec.endpoint.preset == "ollama"
    assert spec.capabilities.tools is True


def test_without_an_address_this_machine_is_looked_at(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(OLLAMA) as server:
        whole = finding.discover
        port = int(server.url.rpartition(":")[2].partition("/")[0])
        monkeypatch.setattr(finding, "discover", lambda session: whole(session, ports=[port], seconds=PATIENCE))
        assert "Ollama" in panel.press("Discover models")
    assert labelled(panel.form.box, "URL").value.endswith(f":{port}")
    monkeypatch.setattr(finding, "discover", lambda _: ([], ["port 1 is slow"]))
    panel.type(URL="")
    said = panel.press("Discover models")
    assert "No model server answers" in said
    assert "port 1 is slow" in said


def test_a_server_that_cannot_be_asked_is_told(panel: Panel) -> None:
    panel.type(URL="http://127.0.0.1:9/v1")
    assert "Next:" in panel.press("Discover models")
    panel.type(URL="https://llm.example/v1", API_key_from="ask")
    assert "%byom_discover https://llm.example/v1 --api-key ask" in panel.press("Discover models")


def test_what_comes_after_it_was_closed_is_lost_without_a_trace() -> None:
    with none_left(), RawServer([hold]) as server:
        panel = Panel()
        panel.type(URL=server.url)
        press(labelled(panel.form.box, "Discover models"))
        assert "Asking" in shown(panel.form.box)
        server.wait_for_requests(1)
        panel.controls.close()
    panel.form.join(PATIENCE)
    panel.close()


def test_a_fault_of_ours_is_told_too(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "broken"
        raise TypeError(message)

    monkeypatch.setattr(finding, "look", broken)
    panel.type(URL="http://localhost/v1")
    assert "TypeError: broken" in panel.press("Discover models")


def test_a_model_is_kept_for_the_next_session_on_request(panel: Panel) -> None:
    panel.type(URL="http://localhost:1/v1", Model="m", Call_it="mine")
    do(labelled(panel.form.box, "keep it for the next session (byom.toml)"), value=True)
    assert "the next session knows it" in panel.press("Register")
