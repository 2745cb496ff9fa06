"""
Model servers told apart by what they answer. Everything here is read from answers; nothing is sent.

Where a trait comes from: recorded answers (tests/recordings) for llama.cpp, llama-cpp-python, vLLM, transformers serve,
MLX, LiteLLM and MLflow; ollama/ollama ``server/routes.go``; lmstudio.ai/docs REST API; localai.io "System Info and
Version"; Portkey-AI/gateway ``src/index.ts``; xinference's model list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

__all__ = ["MODELS", "PROBES", "Answer", "identify", "is_list"]

MODELS = "/v1/models"
"""Asked first: all but a few servers list their models there, and many say there who they are."""

LIVELINESS = "/health/liveliness"
"""Asked before `LAST_PROBES`: it tells LiteLLM."""

PROBES = (
    "/",
    "/api/version",
    "/api/v0/models",
    "/api/v1/models",
    "/system",
    LIVELINESS,
    "/props",
    "/version",
    "/api/2.0/endpoints/",
)
"""Asked where the list of models does not tell who answers."""

LAST_PROBES = ("/health",)
"""Asked only of what is not LiteLLM for sure: that sends a prompt to each of its models then, which costs money."""

_DASHED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Answer:
    """
    What a server answered.

    Attributes:
        status: The HTTP status.
        headers: Their names in lower case.
        body: The body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def payload(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty if it is none."""
        return self.payload if isinstance(self.payload, dict) else {}

    @property
    def ok(self) -> bool:
        """Whether the status is a success."""
        return 200 <= self.status < 300

    @property
    def wants_key(self) -> bool:
        """Whether the server says that it wants a key, in words for programs (a sign-in page is none)."""
        return self.status in (401, 403) and self.payload is not None


def is_list(answer: Answer) -> bool:
    """Whether an answer has the shape of a list of models, an empty one too."""
    if not answer.ok:
        return False
    payload = answer.payload
    found = [answer.fields.get(name) for name in ("data", "models", "endpoints")]
    entries = payload if isinstance(payload, list) else next((each for each in found if each is not None), None)
    if not isinstance(entries, list):
        return False
    return not entries or (isinstance(entries[0], dict) and any(name in entries[0] for name in ("id", "name", "key")))


def identify(answers: Mapping[str, Answer]) -> str:
    """
    Which server gave these answers.

    Args:
        answers: By the path that was asked for; those that did not come are left out.

    Returns:
        The name of its preset; empty if it cannot be told.
    """
    known = {path: answer for path, answer in answers.items() if answer.status < 500}
    return next((name for name, has_traits in _TRAITS if has_traits(known)), "")


_Answers = Mapping[str, Answer]


def _owners(answers: _Answers) -> set[str]:
    return {str(entry.get("owned_by")) for entry in _entries(answers) if "owned_by" in entry}


def _entries(answers: _Answers) -> Iterator[Mapping[str, Any]]:
    answer = answers.get(MODELS)
    entries = answer.fields.get("data") if answer else None
    return (entry for entry in (entries if isinstance(entries, list) else ())[:20] if isinstance(entry, dict))


def _header(answers: _Answers, name: str) -> str:
    return next((answer.headers[name] for answer in answers.values() if name in answer.headers), "")


def _field(answers: _Answers, path: str, name: str) -> object:
    answer = answers.get(path)
    return answer.fields.get(name) if answer is not None and answer.ok else None


def _text(answers: _Answers, path: str) -> str:
    answer = answers.get(path)
    return answer.body[:200].decode("utf-8", "replace").strip() if answer is not None and answer.ok else ""


def _is_llamacpp(answers: _Answers) -> bool:
    is_named = _header(answers, "server").startswith("llama.cpp") or "llamacpp" in _owners(answers)
    return is_named or isinstance(_field(answers, "/props", "default_generation_settings"), dict)


def _is_vllm(answers: _Answers) -> bool:
    if "vllm" in _owners(answers):
        return True
    healthy = answers.get("/health")
    # With a key its list is closed, and these two are not.
    return bool(_field(answers, "/version", "version")) and healthy is not None and healthy.ok and not healthy.body


def _is_litellm(answers: _Answers) -> bool:
    has_headers = any(name.startswith("x-litellm-") for each in answers.values() for name in each.headers)
    return has_headers or _text(answers, LIVELINESS) == '"I\'m alive!"'


def _is_lmstudio(answers: _Answers) -> bool:
    if any(
        str(answer.fields.get("error", "")).startswith("Unexpected endpoint or method") for answer in answers.values()
    ):
        return True
    lists = (("/api/v0/models", "data", "compatibility_type"), ("/api/v1/models", "models", "loaded_instances"))
    return any(_has_row(_field(answers, path, name), trait) for path, name, trait in lists)


def _has_row(rows: object, trait: str) -> bool:
    return isinstance(rows, list) and any(isinstance(row, dict) and trait in row for row in rows[:20])


def _is_ollama(answers: _Answers) -> bool:
    return _text(answers, "/") == "Ollama is running" or bool(_field(answers, "/api/version", "version"))


def _is_mlx(answers: _Answers) -> bool:
    plain = all("owned_by" not in entry for entry in _entries(answers))
    return _header(answers, "server").startswith("BaseHTTP") and plain and _field(answers, "/health", "status") == "ok"


def _is_transformers(answers: _Answers) -> bool:
    has_id = _DASHED.fullmatch(_header(answers, "x-request-id")) is not None
    return has_id and _header(answers, "server") == "uvicorn" and _field(answers, "/health", "status") == "ok"


# In this order: LocalAI speaks Ollama's protocol too, and gateways pass on what the server behind them says.
_TRAITS: tuple[tuple[str, Callable[[_Answers], bool]], ...] = (
    ("litellm", _is_litellm),
    ("mlflow", lambda answers: isinstance(_field(answers, "/api/2.0/endpoints/", "endpoints"), list)),
    ("portkey", lambda answers: _text(answers, "/") == "AI Gateway says hey!"),
    ("llamacpp", _is_llamacpp),
    ("vllm", _is_vllm),
    ("xinference", lambda answers: "xinference" in _owners(answers)),
    ("localai", lambda answers: isinstance(_field(answers, "/system", "backends"), list)),
    ("lmstudio", _is_lmstudio),
    ("ollama", _is_ollama),
    ("llama-cpp-python", lambda answers: _owners(answers) == {"me"}),
    ("mlx", _is_mlx),
    ("transformers", _is_transformers),
    ("byom-demo", lambda answers: _header(answers, "server") == "byom-demo"),
)
