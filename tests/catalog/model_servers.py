"""Model servers for tests: recorded ones replayed path by path, and ones made up after what their makers document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from byom_magics.catalog.servers import Answer
from tests.wire.answers import refused, sized
from tests.wire.raw_server import Peer, RawServer

RECORDINGS = Path(__file__).parent.parent / "recordings"
NOT_FOUND = refused("404 Not Found", {"detail": "Not Found"})

# Which path was asked for when a file was recorded.
PATHS = {
    "models": "/v1/models",
    "get_health": "/health",
    "get_version": "/version",
    "get_props": "/props",
    "get_api_tags": "/api/tags",
    "get_health_liveliness": "/health/liveliness",
    "get_v1_model_info": "/v1/model/info",
    "get_api_2.0_endpoints_": "/api/2.0/endpoints/",
}
RECORDED = {
    "litellm": "litellm",
    "llama_cpp": "llamacpp",
    "llama_cpp_python": "llama-cpp-python",
    "mlflow": "mlflow",
    "mlx": "mlx",
    "transformers": "transformers",
    "vllm": "vllm",
}
"""The folders, and the presets of what was recorded there."""


def recorded(folder: str) -> dict[str, bytes]:
    """What a real server answered, by path."""
    files = ((path, RECORDINGS / folder / f"{name}.http") for name, path in PATHS.items())
    return {path: file.read_bytes() for path, file in files if file.exists()}


def made(routes: Mapping[str, object], *headers: str) -> dict[str, bytes]:
    """Answers of a server that is made up: JSON, or a text as it is."""
    answers = {}
    for path, said in routes.items():
        is_text = isinstance(said, str)
        body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        answers[path] = sized(body, "200 OK", "text/plain" if is_text else "application/json", *headers)
    return answers


def serving(routes: Mapping[str, bytes], otherwise: bytes = NOT_FOUND) -> RawServer:
    """A server that gives each path its answer, and closes."""

    def answer(peer: Peer) -> None:
        request = [each for each in peer.server.requests if each.peer is peer][-1]
        peer.send(routes.get(request.line.split()[1], otherwise))

    return RawServer([answer])


def answer_of(raw: bytes) -> Answer:
    """The bytes of an answer as what looks at it gets it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Answer(int(lines[0].split()[1]), headers, body)


def answers_of(routes: Mapping[str, bytes]) -> dict[str, Answer]:
    """The same for all paths."""
    return {path: answer_of(raw) for path, raw in routes.items()}


OLLAMA = made(
    {
        "/": "Ollama is running",
        "/api/version": {"version": "0.12.3"},
        "/v1/models": {"object": "list", "data": [{"id": "llama3.2:latest", "object": "model", "owned_by": "library"}]},
        "/api/tags": {
            "models": [
                {"name": "llama3.2:latest", "model": "llama3.2:latest", "details": {"family": "llama"}},
                {"name": "gemma3:4b", "model": "gemma3:4b", "details": {"family": "gemma3"}},
            ]
        },
        "/api/show": {
            "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
            "capabilities": ["completion", "tools"],
        },
        "/api/ps": {"models": [{"name": "gemma3:4b", "model": "gemma3:4b", "context_length": 8192}]},
    }
)
LMSTUDIO = made(
    {
        "/v1/models": {
            "object": "list",
            "data": [{"id": "qwen3", "object": "model", "owned_by": "organization_owner"}],
        },
        "/api/v0/models": {
            "object": "list",
            "data": [{"id": "qwen3", "type": "llm", "compatibility_type": "gguf", "max_context_length": 40960}],
        },
        "/api/v1/models": {
            "models": [
                {
                    "type": "llm",
                    "key": "qwen3",
                    "display_name": "Qwen3 8B",
                    "max_context_length": 40960,
                    "loaded_instances": [{"id": "qwen3", "config": {"context_length": 4096}}],
                    "capabilities": {"vision": False, "trained_for_tool_use": True},
                }
            ]
        },
    }
)
