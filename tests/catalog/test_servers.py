"""Model servers told apart by what they answer: recorded ones, and ones after their makers' documents."""

from __future__ import annotations

import json

import pytest

from byom_magics.catalog import presets
from byom_magics.catalog.servers import LAST_PROBES, MODELS, PROBES, Answer, identify, is_list
from tests.catalog.model_servers import LMSTUDIO, OLLAMA, RECORDED, answer_of, answers_of, made, recorded
from tests.wire.answers import refused, sized


@pytest.mark.parametrize(("folder", "name"), RECORDED.items())
def test_a_recorded_server_is_known_by_what_it_answers_to_the_probes(folder: str, name: str) -> None:
    answers = {
        path: answer for path, answer in answers_of(recorded(folder)).items() if path in (MODELS, *PROBES, *LAST_PROBES)
    }
    assert identify(answers) == name
    assert name in presets.all()


@pytest.mark.parametrize("folder", ["llama_cpp", "llama_cpp_python", "vllm"])
def test_some_servers_are_known_by_their_list_alone(folder: str) -> None:
    assert identify({MODELS: answer_of(recorded(folder)["/v1/models"])}) == RECORDED[folder]


DOCUMENTED = [
    pytest.param(OLLAMA, "ollama", id="Ollama"),
    pytest.param(LMSTUDIO, "lmstudio", id="LM Studio"),
    pytest.param({path: answer for path, answer in LMSTUDIO.items() if path != "/api/v0/models"}, "lmstudio", id="LM Studio, its newer list only"),
    pytest.param(made({"/health": {"error": "Unexpected endpoint or method. (GET /health)"}}), "lmstudio", id="LM Studio, older"),
    pytest.param(made({"/system": {"backends": ["llama-cpp"], "loaded_models": []}, "/api/version": {"version": "3"}}), "localai", id="LocalAI"),
    pytest.param(made({"/": "AI Gateway says hey!"}), "portkey", id="Portkey"),
    pytest.param(made({MODELS: {"data": [{"id": "a", "owned_by": "xinference"}]}}), "xinference", id="Xinference"),
    pytest.param(made({MODELS: {"data": [{"id": "demo/pydoc"}]}}, "Server: byom-demo"), "byom-demo", id="built-in"),
    pytest.param(made({MODELS: {"data": [{"id": "a"}]}}, "x-litellm-version: 1.2"), "litellm", id="LiteLLM, its headers"),
    pytest.param(made({MODELS: {"data": [{"id": "a", "owned_by": "vllm"}]}}, "x-litellm-call-id: 1"), "litellm", id="vLLM behind LiteLLM"),
    pytest.param({MODELS: refused("401 Unauthorized", {"error": "Unauthorized"}), **{path: recorded("vllm")[path] for path in ("/health", "/version")}}, "vllm", id="vLLM with a key"),
    pytest.param(made({MODELS: {"data": [{"id": "a"}]}}), "", id="nobody that is known"),
    pytest.param({}, "", id="no answer"),
]  # fmt: skip


@pytest.mark.parametrize(("routes", "name"), DOCUMENTED)
def test_a_server_is_known_by_what_its_makers_document(routes: dict[str, bytes], name: str) -> None:
    assert identify(answers_of(routes)) == name


HOSTILE = [b"", b"\xff\xfe", b"[" * 100_000, b"null", b"1e999", b'{"data": 1, "backends": {}, "version": []}']
HOSTILE += [json.dumps({"data": [1, None, [], {"owned_by": {}}, {"owned_by": ["vllm"]}]}).encode()]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_answers_that_make_no_sense_are_nobodys(body: bytes) -> None:
    answers = {path: Answer(200, {}, body) for path in (MODELS, *PROBES, *LAST_PROBES)}
    assert identify(answers) == ""


@pytest.mark.parametrize(
    ("body", "status", "is_one"),
    [
        (b'{"data": []}', 200, True),
        (b'{"object": "list", "data": [{"id": "a"}]}', 200, True),
        (b'[{"id": "a"}]', 200, True),
        (b'{"models": [{"name": "a"}]}', 200, True),
        (b'{"endpoints": [{"name": "a"}]}', 200, True),
        (b'{"data": [{"id": "a"}]}', 404, False),
        (b'{"data": {"id": "a"}}', 200, False),
        (b'{"data": [1]}', 200, False),
        (b"<html>", 200, False),
        (b"{}", 200, False),
    ],
)
def test_a_list_of_models_is_known_by_its_shape(body: bytes, status: int, is_one: bool) -> None:
    assert is_list(Answer(status, {}, body)) is is_one


def test_a_sign_in_page_is_no_server_that_wants_a_key() -> None:
    assert answer_of(refused("401 Unauthorized", {"error": "no key"})).wants_key
    assert not answer_of(sized(b"<html>Sign in</html>", "403 Forbidden", "text/html")).wants_key
