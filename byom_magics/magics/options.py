"""Every option of every magic, declared once."""

from __future__ import annotations

import json
import keyword
import math
from typing import Any

from byom_magics.catalog.spec import Capabilities, Timeouts
from byom_magics.magics.arguments import Option, Table

__all__ = ["ASK", "FORMATS", "REGISTER"]

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


def _seconds(text: str) -> float:
    seconds = _number(text)
    if seconds == 0:
        message = "seconds above 0"
        raise ValueError(message)
    return seconds


def _timers(text: str) -> dict[str, float | None]:
    timers: dict[str, float | None] = {}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not equals or name not in Timeouts.names():
            message = f"NAME=SECONDS, several with commas; the names are {', '.join(Timeouts.names())}"
            raise ValueError(message)
        timers[name] = None if value.strip().lower() in ("none", "off") else _seconds(value.strip())
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


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        message = "'NAME: VALUE', in quotes"
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


_TEMPERATURE = Option(
    "temperature", ("-t", "--temperature"), "how freely it samples, usually 0 to 2", "NUMBER", _number
)
_MAX_TOKENS = Option("max_tokens", ("--max-tokens",), "the longest answer, in tokens", "N", _whole)
_EXTRA = Option("extra", ("-o",), "any field of the request, its value as JSON; null leaves a field out",
                "KEY=VALUE", _field, repeated=True)  # fmt: skip
_TIMEOUT = Option("timeout", ("--timeout",), "the longest that a call may take in all, in seconds", "S", _seconds)
_TIMERS = Option("timeouts", ("--timeouts",), f"further timers in seconds, such as first_byte=60,idle=30; there are "
                 f"{', '.join(Timeouts.names())}; none switches one off", "NAME=S,…", _timers)  # fmt: skip

_ASK = (
    Option("system", ("-s", "--system"), "a system message before the prompt", "TEXT"),
    _TEMPERATURE,
    _MAX_TOKENS,
    Option("top_p", ("--top-p",), "nucleus sampling, above 0 up to 1", "NUMBER", _number),
    Option("seed", ("--seed",), "for servers that sample reproducibly", "N", _whole),
    Option("stop", ("--stop",), "a text at which the answer ends; may be repeated", "TEXT", _stop, repeated=True),
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

REGISTER = Table(
    "%byom_register",
    (
        Option("url", ("--url",), "the server's base address, such as http://localhost:11434/v1", "URL"),
        Option("model", ("--model",), "the name that the server knows it by; KEY if left out", "NAME"),
        Option("api_key", ("--api-key",), "where its key is: env:NAME, or ask (typed when first needed)", "env:NAME"),
        Option(
            "headers",
            ("--header",),
            "a further header, a secret value as env:NAME; may be repeated",
            "'NAME: VALUE'",
            _header,
            repeated=True,
        ),
        Option("name", ("--name",), "a readable name", "TEXT"),
        Option("description", ("--description",), "a sentence on it", "TEXT"),
        _MAX_TOKENS,
        _TEMPERATURE,
        Option("path", ("--path",), "the path below the base address; /chat/completions if left out", "PATH"),
        _EXTRA,
        Option("context_window", ("--context-window",), "in tokens", "N", _whole),
        Option("price_in", ("--price-in",), "price of a million input tokens", "NUMBER", _number),
        Option("price_out", ("--price-out",), "price of a million output tokens", "NUMBER", _number),
        Option("currency", ("--currency",), "of the prices; USD if left out", "CODE"),
        Option("capabilities", ("--can",), "what it can do, such as tools,reasoning", "NAME,…", _capabilities),
        _TIMEOUT,
        _TIMERS,
        Option("proxy", ("--proxy",), "env (the environment's proxies) or http://host:port; none if left out", "PROXY"),
        Option("allow_http_key", ("--allow-http-key",), "let the key travel over plain http to another machine"),
        Option("max_event_bytes", ("--max-event-bytes",), "the largest single event that is accepted", "N", _whole),
        Option("test", ("--test",), "send one small request, and say what came"),
    ),
    words=1,
)
