"""What a look asks, and what it makes of the answers; recorded and made-up servers, without a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from byom_magics.catalog import presets
from byom_magics.catalog.looking import Ask, Asked, Known, Look, Offered, Place, look_around, look_at, look_up
from byom_magics.catalog.servers import LIVELINESS, Answer
from byom_magics.catalog.spec import Capabilities
from byom_magics.errors import ByomError, ConnectError, StalledError
from byom_magics.wire.dialects import known, ollama
from tests.catalog.model_servers import LMSTUDIO, NOT_FOUND, OLLAMA, RECORDED, answer_of, made, recorded
from tests.wire.answers import refused

KNOWN = Known(presets.all(), cast("Any", known.find), ollama.details, ollama.running)
ROOT = "http://localhost:1"


def walked(
    look: Look, routes: Mapping[str, bytes], root: str = ROOT, failing: Mapping[str, ByomError] | None = None
) -> tuple[Offered, list[str]]:
    """What comes of a look at a server, and what it asked; some paths may fail."""
    asked: list[str] = []
    asks = next(look)
    try:
        while True:
            paths = {ask: f"{ask.base}{ask.path}".removeprefix(root) for ask in asks}
            asked += paths.values()
            failed = failing or {}
            asks = look.send(
                {ask: failed.get(path) or answer_of(routes.get(path, NOT_FOUND)) for ask, path in paths.items()}
            )
    except StopIteration as end:
        return end.value, asked


@pytest.mark.parametrize(("folder", "name"), RECORDED.items())
def test_a_recorded_server_is_known_and_listed_with_what_it_says(folder: str, name: str) -> None:
    offered, _ = walked(look_around(ROOT, KNOWN), recorded(folder))
    assert offered.place == Place(name, f"{ROOT}/v1")
    said = [(each.id, each.context_window) for each in offered.models]
    expected: dict[str, list[tuple[str, int | None]]] = {
        "litellm": [
            *((f"mock{more}", None) for more in ("", "-slow", "-tool", "-limit", "-error", "-context")),
            ("tiny", 2048),
        ],
        "llamacpp": [("tiny", 1024)],
        "llama-cpp-python": [("tiny", None)],
        "mlflow": [("chat", None), ("broken", None)],
        "mlx": [("/xxxxxxxxxxx/model/hf", None)],
        "transformers": [],
        "vllm": [("tiny", 2048)],
    }
    assert said == expected[name]
    assert offered.complete
    assert offered.problem is None


@pytest.mark.parametrize("began", [look_around, look_up])
@pytest.mark.parametrize("late", [False, True])
def test_litellm_is_not_made_to_prompt_its_models_even_if_it_says_too_late_who_it_is(
    began: Callable[[str, Known], Look], *, late: bool
) -> None:
    failing: dict[str, ByomError] = {LIVELINESS: StalledError("It took too long.")} if late else {}
    _, asked = walked(began(ROOT, KNOWN), recorded("litellm"), failing=failing)
    assert LIVELINESS in asked
    assert "/health" not in asked


@pytest.mark.parametrize("look", [look_around(ROOT, KNOWN), look_up(ROOT, KNOWN), look_up(f"{ROOT}/v1", KNOWN)])
def test_ollama_is_asked_about_each_model_and_for_the_context_in_use(look: Look) -> None:
    offered, asked = walked(look, OLLAMA)
    assert offered.place == Place("ollama", ROOT, "ollama")
    assert [(each.id, each.context_window) for each in offered.models] == [
        ("llama3.2:latest", 131072),
        ("gemma3:4b", 8192),
    ]
    assert offered.models[0].capabilities.tools
    assert asked.count("/api/show") == 2


def test_lm_studio_tells_more_in_its_own_list() -> None:
    offered, asked = walked(look_around(ROOT, KNOWN), LMSTUDIO)
    assert offered.place == Place("lmstudio", f"{ROOT}/v1")
    model = offered.models[0]
    assert (model.id, model.name, model.context_window) == ("qwen3", "Qwen3 8B", 4096)
    assert model.capabilities == Capabilities(tools=True, attachments=False)
    assert asked[-1] == "/api/v1/models"


def test_an_older_lm_studio_is_asked_for_its_older_list() -> None:
    offered, _ = walked(look_around(ROOT, KNOWN), {path: LMSTUDIO[path] for path in ("/v1/models", "/api/v0/models")})
    assert offered.models[0].context_window == 40960


def test_what_is_no_model_server_is_none() -> None:
    offered, _ = walked(look_around(ROOT, KNOWN), made({"/": "It works!"}))
    assert offered.place is None
    assert isinstance(offered.problem, Answer)


def test_a_server_that_wants_a_key_is_found_without_a_list() -> None:
    offered, _ = walked(look_around(ROOT, KNOWN), {"/v1/models": refused("401 Unauthorized", {"error": "no key"})})
    assert offered.place == Place("", f"{ROOT}/v1")
    assert isinstance(offered.problem, Answer)
    assert offered.problem.wants_key


def test_a_port_where_nobody_listens_is_asked_once() -> None:
    look = look_around(ROOT, KNOWN)
    asks = next(look)
    problem = ConnectError("Nothing answers.")
    with pytest.raises(StopIteration) as end:
        look.send(dict.fromkeys(asks, problem))
    assert end.value.value == Offered(None, problem=problem)
    assert len(asks) == 1


LIST = {"data": [{"id": "a"}]}


@pytest.mark.parametrize(
    ("url", "there", "base"),
    [
        (ROOT, "/v1/models", f"{ROOT}/v1"),
        (ROOT, "/models", ROOT),
        (f"{ROOT}/v1", "/v1/models", f"{ROOT}/v1"),
        (f"{ROOT}/llm", "/llm/models", f"{ROOT}/llm"),
        (f"{ROOT}/llm", "/llm/v1/models", f"{ROOT}/llm/v1"),
        (f"{ROOT}?api-version=1", "/v1?api-version=1/models", f"{ROOT}/v1?api-version=1"),
    ],
)
def test_the_base_url_that_answers_is_found_where_the_path_is_missing(url: str, there: str, base: str) -> None:
    offered, _ = walked(look_up(url, KNOWN), made({there: LIST}))
    assert offered.place == Place("", base)
    assert [each.id for each in offered.models] == ["a"]


def test_an_address_that_nothing_answers_at_is_not_probed_further() -> None:
    look = look_up(ROOT, KNOWN)
    asks = next(look)
    outcomes: dict[Ask, Answer | ByomError] = dict.fromkeys(asks, ConnectError("Nothing answers."))
    with pytest.raises(StopIteration) as end:
        look.send(outcomes)
    assert isinstance(end.value.value.problem, ConnectError)
    assert len(asks) == 2


def test_pages_are_asked_for_until_the_last() -> None:
    pages = {
        "/models": {"data": [{"id": "a"}], "has_more": True, "last_id": "a"},
        "/models?after_id=a": {"data": [{"id": "b"}], "has_more": True, "last_id": "b"},
        "/models?after_id=b": {"data": [{"id": "c"}], "has_more": False, "last_id": "c"},
    }
    offered, asked = walked(look_at(Place("", ROOT), KNOWN), made(pages))
    assert [each.id for each in offered.models] == ["a", "b", "c"]
    assert asked == list(pages)


def test_a_list_without_an_end_is_left_after_some_pages() -> None:
    page = {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}
    offered, asked = walked(look_at(Place("", ROOT), KNOWN), made({"/models": page, "/models?after_id=a": page}))
    assert [each.id for each in offered.models] == ["a"]
    assert len(asked) == 2


def test_what_does_not_come_in_time_leaves_the_rest() -> None:
    look = look_around(ROOT, KNOWN)
    asked: Asked = {}
    ask = next(look)[0]
    asks = look.send({ask: answer_of(recorded("llama_cpp")["/v1/models"])})
    assert [each.path for each in asks] == ["/props"]
    with pytest.raises(StopIteration) as end:
        look.send(asked)
    assert [each.context_window for each in end.value.value.models] == [1024]
    assert not end.value.value.complete


def test_a_server_whose_traits_did_not_come_in_time_is_not_called_a_stranger() -> None:
    look = look_around(ROOT, KNOWN)
    ask = next(look)[0]
    probes = look.send({ask: answer_of(refused("500 Internal Server Error", b"no", "text/plain"))})
    assert len(probes) > 5
    with pytest.raises(StopIteration) as end:
        look.send({probes[0]: answer_of(NOT_FOUND)})
    assert end.value.value == Offered(None, complete=False)
