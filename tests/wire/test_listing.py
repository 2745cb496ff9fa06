"""What model lists say: each kind of server's, recorded or from its documentation, and lists that mean harm."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byom_magics.catalog.spec import Capabilities, Prices
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.listing import capable, identity, listed, next_page, size

FOLDER = Path(__file__).parents[1] / "recordings"


def only(payload: object) -> Listed:
    found = listed(payload)
    assert len(found) == 1
    return found[0]


def entry(**fields: Any) -> Listed:
    return only({"object": "list", "data": [{"id": "m", **fields}]})


# Recorded

NAMES = ("mock", "mock-slow", "mock-tool", "mock-limit", "mock-error", "mock-context")
RECORDED = [
    ("llama_cpp", "models", [Listed("tiny", context_window=1024, capabilities=Capabilities(attachments=False))]),
    ("llama_cpp", "get_api_tags", []),
    ("llama_cpp_python", "models", [Listed("tiny")]),
    ("vllm", "models", [Listed("tiny", context_window=2048)]),
    ("transformers", "models", []),
    ("mlx", "models", [Listed("/xxxxxxxxxxx/model/hf")]),
    ("mlflow", "models", []),
    (
        "mlflow",
        "get_api_2.0_endpoints_",
        [Listed("chat", description="tiny by openai"), Listed("broken", description="tiny by openai")],
    ),
    ("litellm", "models", [*map(Listed, NAMES), Listed("tiny")]),
    ("litellm", "get_v1_model_info", [*map(Listed, NAMES), Listed("tiny", context_window=2048)]),
]


@pytest.mark.parametrize(("server", "name", "models"), RECORDED, ids=[f"{row[0]}/{row[1]}" for row in RECORDED])
def test_a_recorded_list(server: str, name: str, models: list[Listed]) -> None:
    case = json.loads((FOLDER / server / "lists.json").read_text())["cases"][name]
    body = (FOLDER / server / case["file"]).read_bytes().partition(b"\r\n\r\n")[2]
    found = listed(json.loads(body))
    order = {model.id: at for at, model in enumerate(models)}
    assert sorted(found, key=lambda model: order[model.id]) == models


def test_every_recorded_list_is_tried() -> None:
    cases = {
        (index.parent.name, name)
        for index in FOLDER.glob("*/lists.json")
        for name in json.loads(index.read_text())["cases"]
    }
    assert cases == {(server, name) for server, name, _ in RECORDED}


# From documentation

TOLD: list[tuple[str, object, Listed]] = [
    ("OpenAI", {"object": "list", "data": [{"id": "gpt-x", "object": "model", "owned_by": "openai"}]}, Listed("gpt-x")),
    (
        "OpenRouter",
        {
            "data": [
                {
                    "id": "acme/roadrunner",
                    "name": "Acme: Roadrunner",
                    "description": "Fast.\n\nVery fast.",
                    "context_length": 128000,
                    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
                    "pricing": {
                        "prompt": "0.00000015",
                        "completion": "0.0000006",
                        "input_cache_read": "0.000000075",
                        "input_cache_write": "0.0000001875",
                        "request": "0",
                    },
                    "top_provider": {"context_length": 128000, "max_completion_tokens": 16384},
                    "supported_parameters": ["tools", "structured_outputs", "include_reasoning", "seed"],
                }
            ]
        },
        Listed(
            "acme/roadrunner",
            "Acme: Roadrunner",
            "Fast. Very fast.",
            128000,
            16384,
            Prices(input=0.15, output=0.6, cached_input=0.075, cached_output=0.1875),
            Capabilities(tools=True, reasoning=True, structured_output=True, attachments=True, image_generation=False),
        ),
    ),
    (
        "OpenRouter, free",
        {
            "data": [
                {
                    "id": "acme/coyote:free",
                    "pricing": {"prompt": "0", "completion": "0"},
                    "supported_parameters": [],
                    "architecture": {"input_modalities": ["text"], "output_modalities": ["text", "image"]},
                }
            ]
        },
        Listed(
            "acme/coyote:free",
            prices=Prices(input=0.0, output=0.0),
            capabilities=Capabilities(
                tools=False, reasoning=False, structured_output=False, attachments=False, image_generation=True
            ),
        ),
    ),
    (
        "OpenRouter's router, whose price is not known beforehand",
        {"data": [{"id": "acme/auto", "pricing": {"prompt": "-1", "completion": "-1"}}]},
        Listed("acme/auto"),
    ),
    (
        "Mistral",
        {
            "data": [
                {
                    "id": "mistral-x",
                    "name": "mistral-x",
                    "max_context_length": 32768,
                    "capabilities": {
                        "completion_chat": True,
                        "function_calling": True,
                        "vision": False,
                        "reasoning": True,
                    },
                    "deprecation": "2026-12-01T00:00:00Z",
                }
            ]
        },
        Listed(
            "mistral-x",
            context_window=32768,
            capabilities=Capabilities(tools=True, reasoning=True, attachments=False),
            tags=("deprecated",),
        ),
    ),
    (
        "Groq",
        {"data": [{"id": "llama-g", "active": True, "context_window": 131072, "max_completion_tokens": 32768}]},
        Listed("llama-g", context_window=131072, max_tokens=32768),
    ),
    (
        "Together's bare array",
        [
            {
                "id": "meta/llama-t",
                "type": "chat",
                "display_name": "Llama T",
                "context_length": 131072,
                "pricing": {"hourly": 0, "input": 0.88, "output": 0.9, "base": 0, "finetune": 0},
            }
        ],
        Listed("meta/llama-t", "Llama T", context_window=131072, prices=Prices(input=0.88, output=0.9)),
    ),
    (
        "Together's zeros are no prices",
        [{"id": "a", "type": "image", "pricing": {"input": 0, "output": 0}, "contextLength": "4096"}],
        Listed("a", context_window=4096, tags=("image",)),
    ),
    (
        "prices for one token under the other names",
        {
            "data": [
                {"id": "v", "pricing": {"input": "0.000003", "output": "0.000015", "input_cache_read": "0.0000003"}}
            ]
        },
        Listed("v", prices=Prices(input=3.0, output=15.0, cached_input=0.3)),
    ),
    (
        "Fireworks",
        {
            "data": [
                {
                    "id": "accounts/fireworks/models/x",
                    "context_length": 40960,
                    "supports_chat": True,
                    "supports_tools": True,
                    "supports_image_input": False,
                }
            ]
        },
        Listed(
            "accounts/fireworks/models/x",
            context_window=40960,
            capabilities=Capabilities(tools=True, attachments=False),
        ),
    ),
    (
        "xAI's language models",
        {
            "models": [
                {
                    "id": "grok-x",
                    "input_modalities": ["text", "image"],
                    "output_modalities": ["text"],
                    "prompt_text_token_price": 20000,
                    "cached_prompt_text_token_price": 5000,
                    "completion_text_token_price": 100000,
                }
            ]
        },
        Listed(
            "grok-x",
            prices=Prices(input=2.0, output=10.0, cached_input=0.5),
            capabilities=Capabilities(attachments=True, image_generation=False),
        ),
    ),
    (
        "Cohere",
        {"models": [{"name": "command-c", "endpoints": ["chat", "generate"], "context_length": 288000.0}]},
        Listed("command-c", context_window=288000),
    ),
    (
        "Cohere, of a model that does not chat",
        {"models": [{"name": "rerank-c", "endpoints": ["rerank"], "context_length": 4096}]},
        Listed("rerank-c", context_window=4096, tags=("rerank",)),
    ),
    (
        "Gemini in OpenAI's way",
        {"data": [{"id": "models/gemini-x", "object": "model", "owned_by": "google", "display_name": "Gemini X"}]},
        Listed("gemini-x", "Gemini X"),
    ),
    (
        "a file in a folder that is called models",
        {"data": [{"id": "models/tiny.gguf", "owned_by": "llamacpp"}]},
        Listed("models/tiny.gguf"),
    ),
    (
        "Xinference",
        {
            "data": [
                {
                    "id": "qwen-x",
                    "model_name": "qwen3",
                    "context_length": 40960,
                    "model_ability": ["chat", "tools", "reasoning"],
                }
            ]
        },
        Listed(
            "qwen-x",
            context_window=40960,
            capabilities=Capabilities(
                tools=True, reasoning=True, structured_output=False, attachments=False, image_generation=False
            ),
        ),
    ),
    (
        "LM Studio's own list, loaded with a smaller context",
        {
            "models": [
                {
                    "type": "llm",
                    "key": "acme/tiny",
                    "display_name": "Tiny",
                    "max_context_length": 131072,
                    "loaded_instances": [{"id": "a", "config": {"context_length": 8192}}],
                    "capabilities": {"vision": True, "trained_for_tool_use": True},
                }
            ]
        },
        Listed("acme/tiny", "Tiny", context_window=8192, capabilities=Capabilities(tools=True, attachments=True)),
    ),
    (
        "LM Studio's own list, not loaded",
        {"models": [{"type": "embedding", "key": "nomic", "max_context_length": 2048, "loaded_instances": []}]},
        Listed("nomic", context_window=2048, tags=("embedding",)),
    ),
    (
        "LM Studio's older list",
        {"data": [{"id": "v", "type": "vlm", "max_context_length": 32768, "capabilities": ["tool_use"]}]},
        Listed("v", context_window=32768, capabilities=Capabilities(tools=True, attachments=True)),
    ),
    (
        "llama.cpp with a projector for images",
        {
            "models": [{"name": "v.gguf", "capabilities": ["completion", "multimodal"]}],
            "data": [{"id": "v.gguf", "meta": {"n_ctx": 8192, "n_ctx_train": 32768}}],
        },
        Listed("v.gguf", context_window=8192, capabilities=Capabilities(attachments=True)),
    ),
    (
        "LiteLLM",
        {
            "data": [
                {
                    "model_name": "house-model",
                    "litellm_params": {"model": "openai/gpt-x"},
                    "model_info": {
                        "id": "hash",
                        "mode": "chat",
                        "max_tokens": 16384,
                        "max_input_tokens": 128000,
                        "max_output_tokens": 16384,
                        "input_cost_per_token": 2.5e-06,
                        "output_cost_per_token": 1e-05,
                        "cache_read_input_token_cost": 1.25e-06,
                        "supports_function_calling": True,
                        "supports_vision": True,
                        "supports_response_schema": True,
                        "supports_reasoning": None,
                    },
                }
            ]
        },
        Listed(
            "house-model",
            context_window=128000,
            max_tokens=16384,
            prices=Prices(input=2.5, output=10.0, cached_input=1.25),
            capabilities=Capabilities(tools=True, structured_output=True, attachments=True),
        ),
    ),
    (
        "LiteLLM's zeros are no prices",
        {"data": [{"model_name": "a", "model_info": {"input_cost_per_token": 0, "output_cost_per_token": 0}}]},
        Listed("a"),
    ),
    (
        "LiteLLM's zeros that somebody wrote are",
        {
            "data": [
                {
                    "model_name": "a",
                    "litellm_params": {"input_cost_per_token": 0, "output_cost_per_token": 0.0},
                    "model_info": {"mode": "embedding"},
                }
            ]
        },
        Listed("a", prices=Prices(input=0.0, output=0.0), tags=("embedding",)),
    ),
    (
        "Anthropic in OpenAI's way",
        {
            "data": [
                {
                    "id": "claude-x",
                    "type": "model",
                    "display_name": "Claude X",
                    "max_input_tokens": 200000,
                    "max_tokens": 64000,
                    "capabilities": {
                        "thinking": {"supported": True},
                        "image_input": {"supported": True},
                        "structured_outputs": {"supported": False},
                    },
                }
            ],
            "has_more": False,
        },
        Listed(
            "claude-x",
            "Claude X",
            context_window=200000,
            max_tokens=64000,
            capabilities=Capabilities(reasoning=True, structured_output=False, attachments=True),
        ),
    ),
    ("names alone", ["tiny"], Listed("tiny")),
]


@pytest.mark.parametrize(("payload", "model"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_a_list_says_what_its_server_means(payload: object, model: Listed) -> None:
    assert only(payload) == model


# Lists that mean harm


@pytest.mark.parametrize(
    "bad",
    [
        "",
        " ",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\x1b[31mb",
        "a\x00",
        "a\u202eb",
        "a\u200bb",
        "a\ud800",
        " a",
        "a ",
        "x" * 201,
        "\U000e0041x",
        7,
        None,
        True,
        [],
        {},
    ],
)
def test_names_that_cannot_be_sent_or_shown_as_they_are_are_left_out(bad: object) -> None:
    assert [model.id for model in listed({"data": [{"id": bad}, {"id": "good"}]})] == ["good"]
    assert identity(bad) is None


@pytest.mark.parametrize("fine", ["x" * 200, "a b", "модель", "模型:7b", "a/b@c+d#e?f", "<b>x</b>", "👩‍🔬-lab"])
def test_odd_names_that_hide_nothing_stay(fine: str) -> None:
    assert only({"data": [{"id": fine}]}).id == fine


def test_look_alikes_stay_apart_and_duplicates_go() -> None:
    names = ["gpt", "gрt", "GPT", "gpt", "gpt ", "gpt\u00a0"]
    assert [model.id for model in listed(names)] == ["gpt", "gрt", "GPT"]


def test_the_first_of_two_with_one_name_holds() -> None:
    assert only([{"id": "a", "context_length": 1}, {"id": "a", "context_length": 2}]).context_window == 1


def test_texts_are_bounded_and_show_what_they_hide() -> None:
    found = entry(
        display_name="\x1b]0;owned\x07" + "n" * 10_000, description="<script>alert(1)</script>\r\n\u202e" * 10_000
    )
    assert found.name.startswith("\\x1b]0;owned\\x07nn")
    assert len(found.name) == 100
    assert found.description.startswith("<script>alert(1)</script> \\u202e")
    assert len(found.description) == 300


@pytest.mark.parametrize(
    "number", [0, -1, True, 1.5, float("nan"), float("inf"), 10**12, "12x", "-5", "٣", "9" * 5000, None, [], {}]
)
def test_sizes_that_make_no_sense_are_unknown(number: object) -> None:
    assert size(number) is None
    assert entry(context_length=number, max_completion_tokens=number, meta={"n_ctx": number}) == Listed("m")


@pytest.mark.parametrize(
    "price", ["-1", "nan", "inf", "-inf", "1e400", "", "free", "0x1", "9" * 5000, "2", 0.5, True, None, [], {}]
)
def test_prices_that_make_no_sense_are_unknown(price: object) -> None:
    assert entry(pricing={"prompt": price, "completion": price}).prices == Prices()


@pytest.mark.parametrize("price", [-1, float("nan"), float("inf"), 10**400, True, "x", None, []])
def test_prices_in_numbers_that_make_no_sense_are_unknown(price: object) -> None:
    assert entry(pricing={"input": price, "output": price}).prices == Prices()
    assert entry(model_info={"input_cost_per_token": price}).prices == Prices()
    assert entry(prompt_text_token_price=price).prices == Prices()


@pytest.mark.parametrize(
    "payload",
    [
        None,
        True,
        7,
        "x",
        b"x",
        {},
        [],
        {"data": None},
        {"data": {}},
        {"data": "x"},
        {"data": [None, 7, [], {}]},
        [[[]]],
    ],
)
def test_what_is_no_list_has_no_models(payload: object) -> None:
    assert listed(payload) == []
    assert next_page(payload) is None


def hostile(number: int) -> dict[str, Any]:
    """One of very many entries, each of them bad in its own way."""
    bad: list[dict[str, Any]] = [
        {"id": f"<img src=x onerror=alert({number})>", "description": "<script>" * 50},
        {"id": f"model-{number % 7}", "name": "\x1b[2J" * 50},
        {"id": f"m{number}\x07"},
        {"id": "x" * (200 + number % 3)},
        {"id": f"gp\u0442-{number}", "pricing": {"prompt": "NaN", "completion": -(10**30)}, "context_length": 10**40},
        {"id": number, "name": [], "model": {}},
        {"id": f"ok-{number}", "capabilities": ["x", [], {}, None] * 20, "architecture": {"input_modalities": [[]]}},
        {"id": f"ok-{number}", "loaded_instances": [{"config": 7}, None] * 50, "endpoints": [{}], "tags": [number]},
    ]
    return bad[number % len(bad)]


def test_many_hostile_entries_do_no_harm() -> None:
    found = listed({"data": [hostile(number) for number in range(20_000)]})
    names = [model.id for model in found]
    assert len(names) == len(set(names))
    assert 2_500 * 3 < len(names) < 20_000
    assert {f"model-{number}" for number in range(7)} <= set(names)
    for model in found:
        assert len(model.id) <= 200
        assert not re.search(r"[\x00-\x1f\x7f]", model.id + model.name + model.description)
        assert len(model.name) <= 100
        assert len(model.description) <= 300
        assert model.context_window is None
        assert model.prices == Prices()


def test_entries_beyond_a_hundred_thousand_are_not_read() -> None:
    assert len(listed([f"m{number}" for number in range(100_010)])) == 100_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "id", "name", "model", "key", "model_name", "display_name", "description", "context_length", "meta", "pricing",
    "capabilities", "architecture", "supported_parameters", "model_info", "litellm_params", "model_ability", "type",
    "endpoints", "loaded_instances", "top_provider", "input_modalities", "prompt_text_token_price", "owned_by",
    "max_tokens", "max_input_tokens", "deprecation",
)  # fmt: skip


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8), max_size=4),
    st.sampled_from(["data", "models"]),
)
@settings(max_examples=100, deadline=None)
def test_nothing_that_can_stand_in_a_list_raises(entries: list[dict[str, Any]], name: str) -> None:
    for model in listed({name: [{"id": "m", **each} for each in entries], "models": entries}):
        assert isinstance(model, Listed)
        assert model.context_window is None or 0 < model.context_window <= 1_000_000_000
        assert all(each is None or isinstance(each, bool) for each in vars(model.capabilities).values())


# The next page


@pytest.mark.parametrize(
    ("payload", "query"),
    [
        ({"has_more": True, "last_id": "claude-x"}, "after_id=claude-x"),
        ({"has_more": False, "last_id": "claude-x"}, None),
        ({"has_more": "yes", "last_id": "claude-x"}, None),
        ({"next_page_token": "a b&c=d#"}, "page_token=a%20b%26c%3Dd%23"),
        ({"next_page_token": None}, None),
        ({"nextPageToken": "x"}, "pageToken=x"),
        ({"next_page_token": "x\r\nHost: y"}, "page_token=x%0D%0AHost%3A%20y"),
        ({"next_page_token": "\ud800"}, "page_token=%3F"),
        ({"next_page_token": "x" * 5000}, None),
        ({"next_page_token": 7}, None),
        ({"data": []}, None),
    ],
)
def test_the_next_page_is_asked_for_in_the_servers_way(payload: object, query: str | None) -> None:
    assert next_page(payload) == query


def test_what_a_full_list_of_abilities_lacks_the_model_cannot() -> None:
    assert capable(["chat", "vision", 7, None]) == Capabilities(
        tools=False, reasoning=False, structured_output=False, attachments=True, image_generation=False
    )
