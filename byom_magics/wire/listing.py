"""
What model lists say, whichever server sent them: pure, in linear time, and without a guess.

Lists come from strangers: what does not belong at its place counts as not said, and entries without a fit name are
left out. `listed` never raises.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from byom_magics.catalog.spec import Capabilities, Prices
from byom_magics.plain import one_line, visible
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.dialects.values import list_of, mapping_of, text_of

__all__ = ["capable", "identity", "listed", "next_page", "size"]

_MOST = 100_000
_LONGEST_ID = 200
_LARGEST_SIZE = 1_000_000_000
_DEAREST = 1_000_000.0  # money per million tokens
_PER_TOKEN = 1e6
# The xAI API counts in US cents per 100 million tokens.
_XAI = 1e-4

_XAI_PRICES = ("prompt_text_token_price", "completion_text_token_price", "cached_prompt_text_token_price")
_CACHE_PRICES = ("input_cache_read", "input_cache_write")
_LITELLM_PRICES = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
)
_LISTS = ("data", "models", "endpoints")
_IDS = ("id", "model_name", "key", "model", "name")
# What nearly all entries of most lists have, and nothing else.
_SAY_NOTHING = frozenset({"id", "object", "created", "owned_by", "root", "parent", "permission", "permissions"})
_WINDOWS = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "contextLength",
    "max_input_tokens",
    "inputTokenLimit",
)
_OUTPUTS = ("max_completion_tokens", "max_output_tokens", "outputTokenLimit")
_ABILITIES = {
    "tools": ("tools", "function_calling", "trained_for_tool_use", "tool_use", "supports_tools"),
    "reasoning": ("reasoning", "thinking"),
    "structured_output": ("structured_output", "structured_outputs", "json_schema"),
    "attachments": ("vision", "multimodal", "image_input", "supports_image_input"),
    "image_generation": ("image_generation", "image"),
}
_SUPPORTS = {
    "tools": ("supports_tools", "supports_function_calling"),
    "reasoning": ("supports_reasoning",),
    "structured_output": ("supports_response_schema", "supports_structured_output"),
    "attachments": ("supports_image_input", "supports_vision"),
}
# Models that do not chat, by what servers call their kind.
_KINDS = {
    "embedding": "embedding",
    "embeddings": "embedding",
    "embed": "embedding",
    "llm/v1/embeddings": "embedding",
    "llm/v1/completions": "completion",
    "completion": "completion",
    "image": "image",
    "image_generation": "image",
    "rerank": "rerank",
    "moderation": "moderation",
    "transcribe": "audio",
    "audio": "audio",
    "audio_transcription": "audio",
    "audio_speech": "audio",
}


def listed(payload: object) -> list[Listed]:
    """
    The models of a list as a server sends it, in its order, each id once.

    Understood are the lists of OpenAI and of all who speak like it: vLLM, llama.cpp, LM Studio (both of its lists),
    Xinference, LiteLLM (``/v1/model/info`` too), MLflow's endpoints, OpenRouter, Mistral, Groq, Together (a bare
    array), Fireworks, xAI (``/language-models`` too), Cohere, and Gemini's compatible one.

    Args:
        payload: The JSON of the answer.

    Returns:
        At most 100,000 models. What the server does not say is None, or empty; a price of zero is one only where the
        server means it.
    """
    entries, beside = _entries(payload)
    found: dict[str, Listed] = {}
    for given in islice(entries, _MOST):
        entry = {"id": given} if isinstance(given, str) else mapping_of(given)
        key = _key(entry)
        if key is not None and key not in found:
            silent = entry.keys() <= _SAY_NOTHING and key not in beside
            found[key] = Listed(key) if silent else _listed(key, entry, mapping_of(beside.get(key)))
    return list(found.values())


def next_page(payload: object) -> str | None:
    """The query that asks for the next page of a list, or None if this was the last."""
    page = mapping_of(payload)
    for name, query in (("next_page_token", "page_token"), ("nextPageToken", "pageToken"), ("last_id", "after_id")):
        mark = page.get(name)
        if name == "last_id" and page.get("has_more") is not True:
            continue
        if isinstance(mark, str) and 0 < len(mark) <= 10 * _LONGEST_ID:
            return f"{query}={quote(mark, safe='', errors='replace')}"
    return None


def identity(value: object) -> str | None:
    """A model's name that can be sent and shown as it is, or None."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        return None
    return value if value == visible(value).strip() and not set(value) & {"\n", "\t"} else None


def size(value: object) -> int | None:
    """A number of tokens, also as a text of digits; None if it is none, or absurd."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_SIZE else None


def capable(words: Iterable[object]) -> Capabilities:
    """What a model can do, where a server lists all that it can: what is not listed, it cannot."""
    said = {word for word in words if isinstance(word, str)}
    return Capabilities(**{name: bool(said.intersection(names)) for name, names in _ABILITIES.items()})


def _entries(payload: object) -> tuple[list[Any], Mapping[str, Any]]:
    """The entries, and what llama.cpp says of the same models in a second list, by their names."""
    if isinstance(payload, list):
        return payload, {}
    lists = [found for name in _LISTS if (found := list_of(mapping_of(payload).get(name)))]
    if not lists:
        return [], {}
    named = (mapping_of(entry) for entry in islice(lists[1], _MOST)) if len(lists) > 1 else ()
    return lists[0], {entry["name"]: entry for entry in named if isinstance(entry.get("name"), str)}


def _key(entry: Mapping[str, Any]) -> str | None:
    found = next((entry[name] for name in _IDS if isinstance(entry.get(name), str)), None)
    if found is not None and entry.get("owned_by") == "google":
        found = found.removeprefix("models/")
    return identity(found)


def _listed(key: str, entry: Mapping[str, Any], beside: Mapping[str, Any]) -> Listed:
    info = mapping_of(entry.get("model_info"))
    name = _line(entry, ("display_name", "displayName", "name"), 100)
    return Listed(
        key,
        "" if name == key else name,
        _line(entry, ("description",), 300) or _served(entry),
        _window(entry, info),
        _longest(entry, info),
        _prices(entry, info),
        _capabilities(entry, info, beside),
        _tags(entry, info),
    )


def _line(entry: Mapping[str, Any], names: tuple[str, ...], limit: int) -> str:
    return next((one_line(text, limit) for name in names if (text := text_of(entry.get(name)))), "")


def _served(entry: Mapping[str, Any]) -> str:
    """The model behind an endpoint of MLflow's gateway."""
    model = mapping_of(entry.get("model"))
    return one_line(" by ".join(filter(None, (text_of(model.get("name")), text_of(model.get("provider"))))), 300)


def _window(entry: Mapping[str, Any], info: Mapping[str, Any]) -> int | None:
    instances = [mapping_of(mapping_of(each).get("config")) for each in list_of(entry.get("loaded_instances"))[:100]]
    # What a server has set aside counts, not what the model could take.
    in_use = [found for each in instances if (found := size(each.get("context_length")))]
    if in_use:
        return min(in_use)
    places = [
        entry.get("loaded_context_length"),
        mapping_of(entry.get("meta")).get("n_ctx"),
        *(place.get(name) for place in (entry, info) for name in _WINDOWS),
        mapping_of(entry.get("litellm_params")).get("max_input_tokens"),
    ]
    return next((found for place in places if (found := size(place))), None)


def _longest(entry: Mapping[str, Any], info: Mapping[str, Any]) -> int | None:
    places = [
        *(place.get(name) for place in (entry, info, mapping_of(entry.get("top_provider"))) for name in _OUTPUTS),
        entry.get("max_tokens") if "max_input_tokens" in entry else None,  # Anthropic's
    ]
    return next((found for place in places if (found := size(place))), None)


def _prices(entry: Mapping[str, Any], info: Mapping[str, Any]) -> Prices:
    pricing, params = mapping_of(entry.get("pricing")), mapping_of(entry.get("litellm_params"))
    if "prompt_text_token_price" in entry:
        return _priced([_money(entry.get(name), _XAI) for name in _XAI_PRICES])
    if "prompt" in pricing or "completion" in pricing or isinstance(pricing.get("input"), str):
        names = ("prompt", "completion") if "prompt" in pricing else ("input", "output")
        return _priced([_money_of_text(pricing.get(name)) for name in (*names, *_CACHE_PRICES)])
    if pricing:
        return _unless_free(_priced([_money(pricing.get(name), 1) for name in ("input", "output", "cached_input")]))
    stated = [name for name in _LITELLM_PRICES if params.get(name) is not None]
    found = [_money(params[name] if name in stated else info.get(name), _PER_TOKEN) for name in _LITELLM_PRICES]
    return _priced(found) if stated else _unless_free(_priced(found))


def _priced(amounts: list[float | None]) -> Prices:
    given, said, read, written = (*amounts, None)[:4]
    return Prices(input=given, output=said, cached_input=read, cached_output=written)


def _unless_free(prices: Prices) -> Prices:
    """Together and LiteLLM write zeros where they have no price."""
    return prices if prices.input or prices.output else Prices()


def _money_of_text(value: object) -> float | None:
    """OpenRouter's prices for one token: texts. Numbers there mean one thing here and another there."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        return _money(float(value), _PER_TOKEN)
    except ValueError:
        return None


def _money(value: object, factor: float) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= _LARGEST_SIZE:
        return None
    amount = round(value * factor, 10)
    return amount if math.isfinite(amount) and amount <= _DEAREST else None


def _capabilities(entry: Mapping[str, Any], info: Mapping[str, Any], beside: Mapping[str, Any]) -> Capabilities:
    said: dict[str, bool | None] = dict.fromkeys(Capabilities.names())
    given, ability = entry.get("capabilities"), entry.get("model_ability")
    if isinstance(ability, list):  # Xinference
        return capable(ability[:100])
    for name, names in _ABILITIES.items():
        said[name] = _stated(mapping_of(given), names) if isinstance(given, Mapping) else None
        if isinstance(given, list) and not {word for word in given[:100] if isinstance(word, str)}.isdisjoint(names):
            said[name] = True
    for name, names in _SUPPORTS.items():
        found = _stated(entry, names)
        said[name] = found if found is not None else _stated(info, names) if said[name] is None else said[name]
    said.update(_modalities(entry))
    parameters = entry.get("supported_parameters")
    if isinstance(parameters, list):
        words = {word for word in parameters[:1000] if isinstance(word, str)}
        said["tools"], said["reasoning"] = "tools" in words, not words.isdisjoint({"reasoning", "include_reasoning"})
        said["structured_output"] = "structured_outputs" in words
    if isinstance(beside.get("capabilities"), list):
        said["attachments"] = "multimodal" in beside["capabilities"]
    if entry.get("type") == "vlm":
        said["attachments"] = True
    return Capabilities(**said)


def _stated(place: Mapping[str, Any], names: tuple[str, ...]) -> bool | None:
    for name in names:
        value = place.get(name)
        value = value.get("supported") if isinstance(value, Mapping) else value  # Anthropic's
        if isinstance(value, bool):
            return value
    return None


def _modalities(entry: Mapping[str, Any]) -> dict[str, bool]:
    found = {}
    for place in (mapping_of(entry.get("architecture")), entry):
        for field, name in (("input_modalities", "attachments"), ("output_modalities", "image_generation")):
            if isinstance(place.get(field), list):
                found[name] = "image" in place[field][:100]
    return found


def _tags(entry: Mapping[str, Any], info: Mapping[str, Any]) -> tuple[str, ...]:
    """What a person should know before choosing it: that it does not chat, or will go."""
    kinds = [entry.get("type"), entry.get("endpoint_type"), info.get("mode")]
    endpoints = [each for each in list_of(entry.get("endpoints"))[:100] if isinstance(each, str)]
    kinds += [] if "chat" in endpoints else endpoints
    tags = [_KINDS[kind] for kind in kinds if isinstance(kind, str) and kind in _KINDS]
    if entry.get("deprecation") or entry.get("is_deprecated") is True:
        tags.append("deprecated")
    return tuple(dict.fromkeys(tags))
