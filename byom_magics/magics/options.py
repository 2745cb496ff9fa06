"""Every option of every magic, declared once."""

from __future__ import annotations

import json
import keyword
import math
import sys
from collections.abc import Callable
from typing import Any

from byom_magics.catalog.spec import Capabilities, Timeouts
from byom_magics.magics.arguments import Option, Table

__all__ = ["ASK", "DEFAULT", "FORGET", "FORMATS", "MODELS", "REGISTER", "header", "seconds"]

FORMATS = ("markdown", "text", "code", "json")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        message = "a number of 0 or more"
        raise ValueError(message)
    return number


def _whole(text: str) -> int:
    try:
        return int(text.replace("_", ""))
    except ValueError:
        message = "a whole number"
        raise ValueError(message) from None


def seconds(text: str) -> float:
    """A time above 0."""
    given = _number(text)
    if given == 0:
        message = "seconds above 0"
        raise ValueError(message)
    return given


def _timers(text: str) -> dict[str, float | None]:
    timers: dict[str, float | None] = {}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not equals or name not in Timeouts.names():
            message = f"NAME=SECONDS, several with commas; the names are {', '.join(Timeouts.names())}"
            raise ValueError(message)
        timers[name] = None if value.strip().lower() in ("none", "off") else seconds(value.strip())
    return timers


def _field(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        message = "KEY=VALUE, the value as JSON or as plain text"
        raise ValueError(message)
    try:
        return name.strip(), json.loads(value)
    except (ValueError, RecursionError):
        return name.strip(), value


def header(text: str) -> tuple[str, str]:
    """A header, as its name and its value."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        message = "'NAME: VALUE', in quotes, such as 'X-Tenant: a' or 'X-Key: env:NAME'"
        raise ValueError(message)
    return name.strip(), value.strip()


def _variable(text: str) -> str:
    if not text.isidentifier() or keyword.iskeyword(text):
        message = "the name of a variable"
        raise ValueError(message)
    return text


def _stop(text: str) -> str:
    # A line end cannot be typed on a magic's line.
    return text.replace("\\n", "\n").replace("\\t", "\t")


def _capabilities(text: str) -> dict[str, bool]:
    names = [name.strip().replace("-", "_") for name in text.split(",") if name.strip()]
    flags = {name.removeprefix("no_"): not name.startswith("no_") for name in names}
    if not flags or not set(flags) <= set(Capabilities.names()):
        message = f"any of {', '.join(Capabilities.names())}, with commas; no_ in front says that it cannot"
        raise ValueError(message)
    return flags


def _part(name: str, read: Callable[[str], Any] = str) -> Callable[[str], dict[str, Any]]:
    """One value of those that make up another, such as the file of ``--ca`` in ``tls``."""
    return lambda text: {name: read(text)}


def _quirk(text: str) -> dict[str, Any]:
    name, value = _field(text)
    return {name: value}


_TEMPERATURE = Option(
    "temperature", ("-t", "--temperature"), "how freely it samples, usually 0 to 2", "NUMBER", _number
)
_MAX_TOKENS = Option("max_tokens", ("--max-tokens",), "the longest answer, in tokens", "N", _whole)
_EXTRA = Option("extra", ("-o",), "any field of the request, its value as JSON; null leaves a field out",
                "KEY=VALUE", _field, repeated=True)  # fmt: skip
_TIMEOUT = Option("timeout", ("--timeout",), "the longest that a call may take in all, in seconds", "S", seconds)
_TIMERS = Option("timeouts", ("--timeouts",), f"further timers in seconds, such as first_byte=60,idle=30; there are "
                 f"{', '.join(Timeouts.names())}; none switches one off", "NAME=S,…", _timers)  # fmt: skip

_SAMPLING = (
    Option("top_p", ("--top-p",), "nucleus sampling, above 0 up to 1", "NUMBER", _number),
    Option("seed", ("--seed",), "for servers that sample reproducibly", "N", _whole),
    Option("stop", ("--stop",), "a text at which the answer ends; may be repeated", "TEXT", _stop, repeated=True),
)

_ASK = (
    Option("system", ("-s", "--system"), "a system message before the prompt", "TEXT"),
    _TEMPERATURE,
    _MAX_TOKENS,
    *_SAMPLING,
    _EXTRA,
    Option("format", ("-f", "--format"), "how the answer is shown", "|".join(FORMATS), str, FORMATS),
    Option("out", ("--out",), "the variable that gets the reply", "NAME", _variable),
    Option("raw", ("--raw",), "send the text as it is, {{ … }} included"),
    Option("dry_run", ("--dry-run",), "show the request, its key hidden, and send nothing"),
    _TIMEOUT,
    _TIMERS,
    Option(
        "on_error",
        ("--on-error",),
        "raise (so that Run All stops) or only show what went wrong",
        "raise|show",
        str,
        ("raise", "show"),
    ),
    Option("quiet", ("--quiet",), "show nothing, unless it fails"),
)

ASK = Table("%%byom", _ASK, words=1)

_MODEL = (
    Option("model", ("--model",), "the name that the server knows it by; KEY if left out", "NAME"),
    Option("name", ("--name",), "a readable name", "TEXT"),
    Option("description", ("--description",), "a sentence on it", "TEXT"),
    Option("provider", ("--provider",), "who serves it", "NAME"),
    Option("dialect", ("--dialect",), "how the server speaks, such as openai_chat (if left out), anthropic or ollama",
           "NAME"),
    Option("system", ("-s", "--system"), "the default system message", "TEXT"),
    _MAX_TOKENS,
    _TEMPERATURE,
    *_SAMPLING,
    _EXTRA,
    Option("context_window", ("--context-window",), "how much it can take in, in tokens", "N", _whole),
    Option("price_in", ("--price-in",), "price of a million input tokens", "NUMBER", _number),
    Option("price_out", ("--price-out",), "price of a million output tokens", "NUMBER", _number),
    Option("price_cached_in", ("--price-cached-in",), "price of a million input tokens that the server had cached",
           "NUMBER", _number),
    Option("price_cached_out", ("--price-cached-out",), "price of a million tokens that the server writes to its cache",
           "NUMBER", _number),
    Option("currency", ("--currency",), "of the prices; USD if left out", "CODE"),
    Option("capabilities", ("--can",), f"what it can do, of {', '.join(Capabilities.names())}; no_tools that it cannot",
           "NAME,…", _capabilities),
    Option("tags", ("--tag",), "a word to find it by; may be repeated", "WORD", repeated=True),
    Option("pinned", ("--pinned",), "its name stands for one version that never changes"),
    Option("pinned", ("--not-pinned",), "its name stands for whatever version is newest", value=False),
    Option("request_transformer", ("--request-transformer",), "a function of the notebook, or the name of a registered "
           "one, that changes each request", "NAME"),
    Option("response_transformer", ("--response-transformer",), "the same for each chunk of an answer", "NAME"),
    _TIMEOUT,
    _TIMERS,
)  # fmt: skip

_ENDPOINT = (
    Option("url", ("--url",), "the server's base address, such as http://localhost:11434/v1", "URL"),
    Option("preset", ("--preset",), "a service or server that is known, such as anthropic or ollama; what is given "
           "beside it wins", "NAME"),
    Option("endpoint", ("--endpoint",), "where it is served, by the name of an endpoint that is registered; beside an "
           "address the name that its endpoint gets", "NAME"),
    Option("api_key", ("--api-key",), "where its key is: env:NAME, keyring:NAME, file:PATH, 'command:PROGRAM WORD …' "
           "or ask (typed when first needed)", "env:NAME"),
    Option("headers", ("--header",), "a further header, a secret value as env:NAME; may be repeated", "'NAME: VALUE'",
           header, repeated=True),
    Option("path", ("--path",), "the path below the base address; the dialect's own if left out", "PATH"),
    Option("key_header", ("--key-header",), "the header that carries the key; the dialect's own if left out", "NAME"),
    Option("key_prefix", ("--key-prefix",), "what stands before the key there, such as Bearer; nothing if left out "
           "with --key-header", "WORD"),
    Option("proxy", ("--proxy",), "env (the environment's proxies) or http://host:port; none if left out", "PROXY"),
    Option("proxy_login", ("--proxy-login",), "where the proxy's user:password is", "env:NAME"),
    Option("unix_socket", ("--unix-socket",), "a unix socket that is connected to in place of the host", "PATH"),
    Option("region", ("--region",), "where it runs, such as eu; a policy may ask for it", "NAME"),
    Option("tls", ("--ca",), "a PEM file of authorities that are trusted too", "FILE", _part("ca")),
    Option("tls", ("--no-system-trust",), "trust those authorities only", value={"system_trust": False}),
    Option("tls", ("--client-cert",), "a PEM file with the client's certificate", "FILE", _part("certificate")),
    Option("tls", ("--client-key",), "a PEM file with its private key", "FILE", _part("key")),
    Option("tls", ("--client-key-password",), "where the private key's password is", "env:NAME", _part("key_password")),
    Option("tls", ("--tls",), "the oldest version of TLS that is spoken; 1.2 if left out", "1.2|1.3",
           _part("minimum_version"), ("1.2", "1.3")),
    Option("tls", ("--insecure",), "do not check the server's certificate; shown wherever the model is",
           value={"verify": False}),
    Option("limits", ("--max-concurrent",), "the most requests at once", "N", _part("concurrent", _whole)),
    Option("limits", ("--rpm",), "the most requests per minute", "N", _part("requests_per_minute", _whole)),
    Option("limits", ("--tpm",), "the most tokens per minute", "N", _part("tokens_per_minute", _whole)),
    Option("quirks", ("--quirk",), "how the server differs from OpenAI's own, such as stream_usage=false", "NAME=VALUE",
           _quirk),
    Option("allow_http_key", ("--allow-http-key",), "let the key travel over plain http to another machine"),
    Option("max_event_bytes", ("--max-event-bytes",), "the largest single event that is accepted", "N", _whole),
)  # fmt: skip

REGISTER = Table(
    "%byom_register",
    (
        *_ENDPOINT,
        *_MODEL,
        Option("test", ("--test",), "send one small request, and say what came"),
        Option("save", ("--save",), "keep it in your own byom.toml, so that the next session knows it"),
        Option("file", ("--file",), "the models of a file, byom.toml or JSON, in place of KEY and all else", "PATH"),
        Option(
            "trust",
            ("--trust",),
            "beside --file: the file may do what only you may otherwise, such as running programs for its keys",
        ),
    ),
    words=1,
)

DEFAULT = Table(
    "%byom_default",
    (Option("save", ("--save",), "keep it in your own byom.toml, for the next session"),),
    words=1,
)

MODELS = Table(
    "%byom_models",
    (
        Option("verbose", ("-v", "--verbose"), "all that is known of the model KEY, and where each fact comes from"),
        Option("tags", ("--tag",), "only models with this tag; may be repeated", "WORD", repeated=True),
    ),
    words=sys.maxsize,
)

FORGET = Table(
    "%byom_forget",
    (Option("endpoint", ("--endpoint",), "an endpoint that no model is served at any more", "NAME"),),
    words=1,
)
