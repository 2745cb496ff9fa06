"""The one table of all that a configuration file can say: the check of files and the JSON Schema are made from it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from byom_magics.catalog import kinds
from byom_magics.catalog.kinds import Kind, choice, whole
from byom_magics.catalog.spec import Capabilities, Timeouts
from byom_magics.plain import one_line

__all__ = ["LISTED", "SECTIONS", "Field", "nearest", "schema"]


@dataclass(frozen=True)
class Field:
    """
    One field of a section.

    Attributes:
        name: As it is written.
        holds: The kind of its value, or the name of the section that it is a table of.
        doc: What it says, in one line.
        also: What it is called elsewhere: whoever writes that is told the right name.
        many: Whether it is a table of such tables, by names of the writer's choice.
        path: Whether it is the path of a file, relative to the file that it stands in.
    """

    name: str
    holds: Kind | str
    doc: str
    also: tuple[str, ...] = ()
    many: bool = False
    path: bool = False


_TOP = (
    Field("default", kinds.LINE, "the key of the model that a bare %%byom asks"),
    Field("policy", "policy", "rules that every request keeps, whatever other files and the session say"),
    Field("endpoints", "endpoint", "servers, by name: one carries many models", ("endpoint",), many=True),
    Field("models", "model", "models, by the key that %%byom takes", ("model",), many=True),
)
_POLICY = (
    Field("hosts", kinds.LINES, "names and addresses that may be called; *.example.com is all names below",
          ("allowed_hosts", "host")),
    Field("networks", kinds.NETWORKS, "networks that the address connected to has to be in", ("network", "cidrs")),
    Field("ports", kinds.PORTS, "ports that may be called", ("port",)),
    Field("regions", kinds.LINES, "regions that an endpoint has to declare one of", ("region",)),
    Field("air_gapped", kinds.FLAG, "look up and connect to nothing but hosts, networks and this machine",
          ("offline", "airgap")),
    Field("keys_over_http", kinds.FLAG, "whether a key may travel unencrypted"),
    Field("require_prices", kinds.FLAG, "refuse models without prices for input and output"),
)  # fmt: skip
_ENDPOINT = (
    Field("url", kinds.LINE, "the base address, such as http://localhost:11434/v1",
          ("base_url", "baseURL", "api_base", "address", "host")),
    Field("preset", kinds.LINE, "a service or server that is known by name, such as anthropic or ollama"),
    Field("path", kinds.LINE, "what is appended to the base address; the dialect's own if left out"),
    Field("headers", kinds.HEADERS, "further headers; a secret value as a reference such as env:NAME", ("header",)),
    Field("api_key", kinds.REFERENCE, "where the key is, never the key itself", ("apiKey", "key", "token")),
    Field("key_header", kinds.LINE, "the header that carries the key; the dialect's own if left out"),
    Field("key_prefix", kinds.PROSE, "what stands before the key there, such as Bearer"),
    Field("proxy", kinds.LINE, "env (the environment's proxies) or an address; none if left out"),
    Field("proxy_login", kinds.REFERENCE, "where the proxy's user:password is"),
    Field("unix_socket", kinds.LINE, "the path of a unix socket in place of the host", path=True),
    Field("region", kinds.LINE, "where it runs, such as eu; policies may ask for it"),
    Field("tls", "tls", "how https connections are made safe", ("ssl",)),
    Field("limits", "limits", "what it can take", ("rate_limits",)),
    Field("quirks", "quirks", "how it differs from OpenAI's own service"),
    Field("allow_http_key", kinds.FLAG, "let the key travel over plain http to another machine"),
    Field("max_event_bytes", whole(1024), "the largest single event that is accepted"),
    Field("locked", kinds.FLAG, "in a site-wide file: no other file and no session may change it", ("lock",)),
)  # fmt: skip
_MODEL = (
    Field("endpoint", kinds.LINE, "the name of an endpoint of this file, or of a site-wide or user file"),
    Field("model", kinds.LINE, "the name that the server knows it by; the key if left out",
          ("modelName", "model_name", "model_id", "id")),
    Field("name", kinds.LINE, "a readable name", ("title", "display_name")),
    Field("description", kinds.PROSE, "a sentence on it"),
    Field("provider", kinds.LINE, "who serves it"),
    Field("dialect", kinds.LINE, "how the server speaks: openai_chat, openai_responses, anthropic, gemini, ollama",
          ("api", "protocol")),
    Field("context_window", whole(1), "in tokens", ("context_length", "max_context", "n_ctx")),
    Field("max_tokens", whole(1), "the default limit of an answer, in tokens", ("maxTokens", "max_output_tokens")),
    Field("temperature", kinds.NUMBER, "the default temperature"),
    Field("top_p", kinds.SHARE, "the default of nucleus sampling", ("topP",)),
    Field("seed", Kind("a whole number", lambda value: type(value) is int, {"type": "integer"}), "the default seed"),
    Field("stop", kinds.TEXTS, "texts at which an answer ends", ("stop_sequences",)),
    Field("system", kinds.PROSE, "the default system message", ("system_prompt",)),
    Field("extra_body", kinds.OBJECT, "further fields of every request", ("extra", "extraBody", "params")),
    Field("capabilities", "capabilities", "what it can do", ("can",)),
    Field("prices", "prices", "money per million tokens", ("price", "cost", "pricing")),
    Field("tags", kinds.LINES, "words to find it by", ("tag", "labels")),
    Field("pinned", kinds.FLAG, "whether the model's name stands for one version that never changes"),
    Field("timeouts", "timeouts", "timers in seconds", ("timeout", "timers")),
    Field("request_transformer", kinds.LINE, "the name of a registered function that changes requests"),
    Field("response_transformer", kinds.LINE, "the name of a registered function that changes chunks"),
)  # fmt: skip
_TLS = (
    Field("ca", kinds.LINE, "a PEM file of further authorities", ("ca_bundle", "cafile", "ca_file"), path=True),
    Field("system_trust", kinds.FLAG, "whether the system's authorities are trusted too"),
    Field("certificate", kinds.LINE, "a PEM file with the client's certificate", ("cert", "client_cert"), path=True),
    Field("key", kinds.LINE, "a PEM file with its private key", ("keyfile", "client_key"), path=True),
    Field("key_password", kinds.REFERENCE, "where the private key's password is", ("password",)),
    Field("minimum_version", choice("1.2", "1.3"), "the oldest version of TLS that is spoken", ("min_version",)),
    Field("verify", kinds.FLAG, "whether the server's certificate is checked at all", ("verify_ssl",)),
)
_LIMITS = (
    Field("concurrent", whole(1), "requests at once", ("concurrency", "max_concurrent")),
    Field("requests_per_minute", whole(1), "requests per minute", ("rpm",)),
    Field("tokens_per_minute", whole(1), "tokens per minute", ("tpm",)),
)
_QUIRKS = (
    Field("token_limit_field", kinds.LINE, "what the limit of the answer is called"),
    Field("stream_usage", kinds.FLAG, "whether it takes stream_options: {include_usage: true}"),
    Field("system_role", choice("system", "developer", "user"), "who says the system message"),
    Field("seed_field", kinds.LINE, "what the seed is called"),
    Field("stop_field", kinds.LINE, "what the stop texts are called"),
    Field("content", choice("text", "parts"), "a message's content: a plain text, or always a list of parts"),
    Field("schema", choice("json_schema", "json_object", "none"), "how it is told the shape of the answer"),
    Field("effort_field", kinds.LINE, "where the effort of reasoning stands; dots go down into objects"),
    Field("without", kinds.LINES, "fields that are never sent"),
)
_CURRENCY = Kind(
    'three capital letters, such as "USD"',
    lambda value: isinstance(value, str) and re.fullmatch("[A-Z]{3}", value) is not None,
    {"type": "string", "pattern": "^[A-Z]{3}$"},
)
_PRICES = (
    Field("input", kinds.NUMBER, "for what is sent", ("in", "price_in", "prompt")),
    Field("output", kinds.NUMBER, "for what is answered, reasoning included", ("out", "price_out", "completion")),
    Field("currency", _CURRENCY, "USD if left out"),
    Field("cached_input", kinds.NUMBER, "for input that the server had in its cache", ("cache_read",)),
    Field("cached_output", kinds.NUMBER, "for what the server writes into its cache", ("cache_write",)),
)

SECTIONS: Mapping[str, Mapping[str, Field]] = {
    name: {field.name: field for field in fields}
    for name, fields in {
        "top": _TOP,
        "policy": _POLICY,
        "endpoint": _ENDPOINT,
        "model": (*_MODEL, *_ENDPOINT),
        "tls": _TLS,
        "limits": _LIMITS,
        "quirks": _QUIRKS,
        "prices": _PRICES,
        "capabilities": tuple(Field(each, kinds.FLAG, f"whether it offers {each}") for each in Capabilities.names()),
        "timeouts": tuple(Field(each, kinds.TIMER, f"the timer {each}, in seconds") for each in Timeouts.names()),
    }.items()
}
"""The fields of each section, by name."""

LISTED: Mapping[str, Field] = {
    "key": Field("key", kinds.MODEL_KEY, "what %%byom takes"),
    "name": Field("name", kinds.LINE, "a readable name"),
    "description": Field("description", kinds.PROSE, "a sentence on it"),
    "baseURL": Field("url", kinds.LINE, "the base address", ("base_url", "url", "api_base")),
    "endpoint": Field("path", kinds.PROSE, "the path below the base address"),
    "modelName": Field("model", kinds.LINE, "the name that the server knows it by", ("model", "model_name")),
    "apiKey": Field("api_key", kinds.PROSE, "the key, or better a reference to it", ("api_key",)),
    "headers": Field("headers", kinds.HEADERS, "further headers"),
    "maxTokens": Field("max_tokens", whole(1), "the default limit of an answer, in tokens", ("max_tokens",)),
    "temperature": Field("temperature", kinds.NUMBER, "the default temperature"),
}
"""The fields of the widely used form in which ``models`` is a list, each with the field of ours that it stands for."""


def nearest(name: str, fields: Mapping[str, Field]) -> str:
    """What to say about a field that does not exist: the field that was meant, or those that there are."""
    meant = [each for each, field in fields.items() if name in field.also]
    meant = meant or difflib.get_close_matches(name[:100], fields, n=2, cutoff=0.6)
    if meant:
        return f"did you mean {' or '.join(meant)}?"
    return f"the fields are {one_line(', '.join(fields), 600)}"


def schema() -> dict[str, Any]:
    """The JSON Schema of a configuration file."""
    definitions = {name: _object(fields) for name, fields in SECTIONS.items() if name != "top"}
    definitions["model"]["anyOf"] = [{"required": [name]} for name in ("endpoint", "url", "preset")]
    definitions["model"]["dependentSchemas"] = {
        "endpoint": {"properties": dict.fromkeys((name for name in SECTIONS["endpoint"] if name != "locked"), False)}
    }
    definitions["endpoint"]["anyOf"] = [{"required": [name]} for name in ("url", "preset")]
    listed = {
        "type": "object",
        "description": "A model of the widely used form; the key, or better a reference to it, is its apiKey.",
        "properties": {
            name: {"anyOf": [_of(field), {"enum": [None, ""]}], "description": field.doc}
            for name, field in LISTED.items()
        },
        "required": ["key", "baseURL"],
    }
    top = _object(SECTIONS["top"])
    named = top["properties"]["models"]
    top["properties"]["models"] = {
        "description": named.pop("description"),
        "anyOf": [named, {"type": "array", "items": {"$ref": "#/$defs/listed"}}],
    }
    top["properties"]["$schema"] = {"type": "string", "description": "where this schema is"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "byom.toml",
        "description": "Models, endpoints and policies for byom_magics, as TOML or JSON.",
        **top,
        "$defs": {**definitions, "listed": listed},
    }


def _object(fields: Mapping[str, Field]) -> dict[str, Any]:
    properties = {name: {**_of(field), "description": field.doc} for name, field in fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _of(field: Field) -> dict[str, Any]:
    if isinstance(field.holds, Kind):
        return dict(field.holds.schema)
    section = {"$ref": f"#/$defs/{field.holds}"}
    if field.many:
        return {"type": "object", "propertyNames": dict(kinds.MODEL_KEY.schema), "additionalProperties": section}
    return section
