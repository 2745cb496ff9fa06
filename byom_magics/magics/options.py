"""Every option of every magic, declared once."""

from __future__ import annotations

import sys

from byom_magics.catalog.spec import Capabilities, Timeouts
from byom_magics.magics import reading
from byom_magics.magics.arguments import Option, Table

__all__ = ["ASK", "DEFAULT", "FORGET", "FORMATS", "MODELS", "REGISTER", "RERUN"]

FORMATS = ("markdown", "text", "code", "json", "html", "math", "image", "md")


def _format(text: str) -> str:
    return "markdown" if text == "md" else text  # a word that users of other magics know


_TEMPERATURE = Option("temperature", ("-t", "--temperature"), "how freely it samples, usually 0 to 2", "NUMBER",
                      reading.number)  # fmt: skip
_MAX_TOKENS = Option("max_tokens", ("--max-tokens",), "the longest answer, in tokens", "N", reading.whole)
_EXTRA = Option("extra", ("-o",), "any field of the request, its value as JSON; null leaves a field out",
                "KEY=VALUE", reading.field, repeated=True)  # fmt: skip
_TIMEOUT = Option(
    "timeout", ("--timeout",), "the longest that a call may take in all, in seconds", "S", reading.seconds
)
_TIMERS = Option("timeouts", ("--timeouts",), f"further timers in seconds, such as first_byte=60,idle=30; there are "
                 f"{', '.join(Timeouts.names())}; none switches one off", "NAME=S,…", reading.timers)  # fmt: skip

_SAMPLING = (
    Option("top_p", ("--top-p",), "nucleus sampling, above 0 up to 1", "NUMBER", reading.number),
    Option("seed", ("--seed",), "for servers that sample reproducibly", "N", reading.whole),
    Option(
        "stop", ("--stop",), "a text at which the answer ends; may be repeated", "TEXT", reading.stop, repeated=True
    ),
)

_ASK = (
    Option("system", ("-s", "--system"), "a system message before the prompt", "TEXT"),
    _TEMPERATURE,
    _MAX_TOKENS,
    *_SAMPLING,
    Option("effort", ("--reasoning",), "how much to reason: none, low, medium, high, or a number of tokens", "LEVEL",
           reading.effort),
    _EXTRA,
    Option("format", ("-f", "--format"), "how the answer is shown; code, json, html and math are asked for in "
           "words too, image asks for pictures", "|".join(FORMATS), _format,
           FORMATS),
    Option("logprobs", ("--logprobs",), "show how likely each token was, and this many alternatives (5 if no number "
           "is given)", "N", reading.whole, default=5),
    Option("conversation", ("-c", "--continue"), "continue the conversation with this model, or its conversation of "
           "this name", "NAME", default=""),
    Option("fork", ("--fork",), "begin the conversation from a copy of another one: its name, or MODEL:NAME", "NAME"),
    Option("history", ("--history",), "what goes when it grows too long for the model: drop-oldest (if left out), "
           "keep-ends, or summarise:MODEL", "HOW"),
    Option("images", ("--image",), "a picture: a file, or a figure or picture of the notebook; may be repeated", "X",
           repeated=True),
    Option("files", ("--file",), "a file's text, or a text of the notebook; may be repeated", "X", repeated=True),
    Option("cells", ("--cells",), "the last N cells of the notebook with their outputs", "N", reading.count),
    Option("schema", ("--schema",), "the shape of the answer: a pydantic model, dataclass, TypedDict or JSON Schema of "
           "the notebook, or a type such as list[Country]", "NAME"),
    Option("retries", ("--retries",), "how often an answer that does not fit is asked anew; 2 if left out", "N",
           reading.whole),
    Option("tools", ("--tools",), "functions of the notebook that the model may ask for", "f,g", reading.names),
    Option("allow", ("--allow",), "those of them that run without asking you; all for every one", "f,g", reading.names),
    Option("rounds", ("--rounds",), "how many calls a cell with tools may take; 10 if left out", "N", reading.count),
    Option("out", ("--out",), "the variable that gets the reply", "NAME", reading.variable),
    Option("to_cell", ("--to-cell",), "put the answer's code into a new cell, which is not run"),
    Option("samples", ("--n",), "how many answers; the variable of --out gets a list then", "N", reading.count),
    Option("cache", ("--cache",), "answer from the cache what was asked before, at no cost"),
    Option("cache", ("--no-cache",), "ask anew, whatever c.Byom.cache says", value=False),
    Option("raw", ("--raw",), "send the text as it is, {{ … }} included"),
    Option("dry_run", ("--dry-run",), "show the request, its key hidden, and send nothing"),
    _TIMEOUT,
    _TIMERS,
    Option("on_error", ("--on-error",), "raise (so that Run All stops) or only show what went wrong", "raise|show", str,
           ("raise", "show")),
    Option("quiet", ("--quiet",), "show nothing, unless it fails"),
)  # fmt: skip

ASK = Table("%%byom", _ASK, words=1)

RERUN = Table("%byom_rerun", _ASK, words=1)

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
    Option("context_window", ("--context-window",), "how much it can take in, in tokens", "N", reading.whole),
    Option("price_in", ("--price-in",), "price of a million input tokens", "NUMBER", reading.number),
    Option("price_out", ("--price-out",), "price of a million output tokens", "NUMBER", reading.number),
    Option("price_cached_in", ("--price-cached-in",), "price of a million input tokens that the server had cached",
           "NUMBER", reading.number),
    Option("price_cached_out", ("--price-cached-out",), "price of a million tokens that the server writes to its cache",
           "NUMBER", reading.number),
    Option("currency", ("--currency",), "of the prices; USD if left out", "CODE"),
    Option("capabilities", ("--can",), f"what it can do, of {', '.join(Capabilities.names())}; no_tools that it cannot",
           "NAME,…", reading.capabilities),
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
           reading.header, repeated=True),
    Option("path", ("--path",), "the path below the base address; the dialect's own if left out", "PATH"),
    Option("key_header", ("--key-header",), "the header that carries the key; the dialect's own if left out", "NAME"),
    Option("key_prefix", ("--key-prefix",), "what stands before the key there, such as Bearer; nothing if left out "
           "with --key-header", "WORD"),
    Option("proxy", ("--proxy",), "env (the environment's proxies) or http://host:port; none if left out", "PROXY"),
    Option("proxy_login", ("--proxy-login",), "where the proxy's user:password is", "env:NAME"),
    Option("unix_socket", ("--unix-socket",), "a unix socket that is connected to in place of the host", "PATH"),
    Option("region", ("--region",), "where it runs, such as eu; a policy may ask for it", "NAME"),
    Option("tls", ("--ca",), "a PEM file of authorities that are trusted too", "FILE", reading.part("ca")),
    Option("tls", ("--no-system-trust",), "trust those authorities only", value={"system_trust": False}),
    Option("tls", ("--client-cert",), "a PEM file with the client's certificate", "FILE", reading.part("certificate")),
    Option("tls", ("--client-key",), "a PEM file with its private key", "FILE", reading.part("key")),
    Option("tls", ("--client-key-password",), "where the private key's password is", "env:NAME",
           reading.part("key_password")),
    Option("tls", ("--tls",), "the oldest version of TLS that is spoken; 1.2 if left out", "1.2|1.3",
           reading.part("minimum_version"), ("1.2", "1.3")),
    Option("tls", ("--insecure",), "do not check the server's certificate; shown wherever the model is",
           value={"verify": False}),
    Option("limits", ("--max-concurrent",), "the most requests at once", "N",
           reading.part("concurrent", reading.whole)),
    Option("limits", ("--rpm",), "the most requests per minute", "N",
           reading.part("requests_per_minute", reading.whole)),
    Option("limits", ("--tpm",), "the most tokens per minute", "N", reading.part("tokens_per_minute", reading.whole)),
    Option("quirks", ("--quirk",), "how the server differs from OpenAI's own, such as stream_usage=false", "NAME=VALUE",
           reading.quirk),
    Option("allow_http_key", ("--allow-http-key",), "let the key travel over plain http to another machine"),
    Option("max_event_bytes", ("--max-event-bytes",), "the largest single event that is accepted", "N", reading.whole),
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
