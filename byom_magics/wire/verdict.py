"""How a call ended, and the error that says so: plain values from what was seen on the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin

from byom_magics.catalog.secrets import mask
from byom_magics.errors import (
    ByomError,
    CallError,
    ConnectError,
    InBandError,
    IncompleteError,
    PolicyError,
    ProtocolError,
    StalledError,
    StatusError,
)
from byom_magics.events import Ended, State
from byom_magics.plain import visible
from byom_magics.wire.policy import origin
from byom_magics.wire.retry import LONGEST_WAIT_S

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Timeouts
    from byom_magics.wire.faults import Fault
    from byom_magics.wire.refusal import Refusal

__all__ = [
    "Subject",
    "cancelled",
    "empty",
    "fault",
    "finished",
    "protocol",
    "refused",
    "stalled",
    "status",
    "unfinished",
]

_Error = TypeVar("_Error", bound=CallError)

# Words of all dialects, in lower case. A word that stands in none of these, such as "stop", "end_turn", "eos" or one
# that nobody has heard of yet, says that the answer is complete.
_LENGTH = frozenset({"length", "max_tokens", "model_length", "max_output_tokens", "model_context_window_exceeded"})
_FILTER = frozenset(
    {"content_filter", "refusal", "guardrail_intervened", "sensitive", "error_toxic"}
    # Gemini's, for answers and for prompts
    | {"safety", "recitation", "language", "blocklist", "prohibited_content", "spii", "image_safety"}
    | {"image_prohibited_content", "image_recitation", "jailbreak", "model_armor", "other"}
)
_TOOLS = frozenset({"tool_calls", "tool_call", "tool_use", "function_call"})
_ERROR = frozenset(
    {"error", "failed", "abort", "aborted", "cancelled", "insufficient_system_resource", "network_error"}
    # Gemini's, where the model's answer could not be read by its own server
    | {"malformed_function_call", "unexpected_tool_call", "too_many_tool_calls", "malformed_response"}
    | {"missing_thought_signature", "image_other", "no_image"}
)
_PAUSED = "pause_turn"  # Anthropic's, where a tool of the server's own takes long
_UNKNOWN_MODEL = re.compile(
    r"model[_ ]?not[_ ]?found|deploymentnotfound|unknown[_ ]model|not a valid model|invalid model"
    r"|(?:model|deployment)\b.{0,120}?(?:not (?:be )?(?:found|exist|available|loaded|served)|(?:does|do) ?n[o']t exist"
    r"|is unknown|not known)|no (?:such )?(?:model|deployment)\b"
    # transformers serve, and huggingface_hub for MLX: tests/recordings
    r"|server is pinned to|cached snapshot folder|repository not found for url"
    # MLflow, whose models are endpoints by name
    r"|resource_does_not_exist",
    re.IGNORECASE | re.DOTALL,
)
# Gemini, xAI and LiteLLM without a database say so with 400
_NO_KEY = re.compile(
    r"api[ _-]?key (?:is )?(?:not valid|invalid|missing|expired|not found|required)"
    r"|(?:invalid|incorrect|wrong|missing|no) api[ _-]?key|api_key_(?:invalid|expired)"
    r"|AuthenticationError|no_db_connection",
    re.IGNORECASE,
)
# MLX, vLLM and llama.cpp of a model that reads text only: tests/recordings
_NO_IMAGES = re.compile(
    r"only 'text' content type|not a multimodal model|images? (?:input|content)?.{0,40}?not supported"
    r"|(?:does not|doesn't|cannot|can't) (?:support|accept|process|handle|read) (?:image|vision|picture)",
    re.IGNORECASE | re.DOTALL,
)

_WAITED_FOR = {
    "connect": "no connection came about",
    "first_byte": "the server sent nothing",
    "first_token": "the answer did not begin",
    "idle": "nothing more came, not even a keep-alive",
    "content_idle": "no more content came, although the connection was alive",
    "total": "the call as a whole was not done",
}


@dataclass(frozen=True)
class Subject:
    """
    Who was called, for messages.

    Attributes:
        model: The key of the model.
        address: The URL.
        key_source: Where its key came from (never the key), or None if it has none.
        served: The name of the model that was sent.
    """

    model: str
    address: str
    key_source: str | None = None
    served: str = ""


def finished(
    subject: Subject, finish_reason: str | None, *, tools: bool, attempts: int, warnings: tuple[str, ...]
) -> Ended:
    """The server said that the answer is over: by a finish reason, or (None) by its end mark alone."""
    word = (finish_reason or "").lower()
    if word in _ERROR:
        what = f"The server ended the answer with the finish reason '{finish_reason}'."
        error = _error(InBandError, subject, what, "run the cell again; if it stays, look into the server's log")
        return Ended(State.ERROR, "in_band", finish_reason, error, attempts, warnings)
    state = State.COMPLETE
    if word in _LENGTH:
        state = State.LENGTH
    elif word in _FILTER:
        state = State.CONTENT_FILTER
    elif word in _TOOLS or (tools and word in ("", "stop", "completed")):
        state = State.TOOL_CALLS  # Gemini says "stop" and the Responses API "completed" when tools are asked for
    if word == _PAUSED:
        warnings = (*warnings, "the server paused its turn: ask it to go on, in the same conversation")
    return Ended(state, None, finish_reason, None, attempts, warnings)


def unfinished(subject: Subject, *, attempts: int, warnings: tuple[str, ...]) -> Ended:
    """The stream ended in good order, and nothing in it said that the answer is complete."""
    what = "The answer ended without an end mark or a finish reason: it is probably cut off."
    error = _error(IncompleteError, subject, what, "run the cell again; if it stays, look at what stands between")
    return Ended(State.INCOMPLETE, "eof", None, error, attempts, warnings)


def empty(subject: Subject, status: int, *, attempts: int) -> Ended:
    """A successful response with no answer in it."""
    what = f"The server answered {status}, and sent no answer: the stream was empty."
    hint = "some servers do this when the prompt is too long or the model's name is wrong; look into the server's log"
    return Ended(State.INCOMPLETE, "empty", None, _error(IncompleteError, subject, what, hint), attempts)


def fault(subject: Subject, cause: Fault, *, attempts: int, warnings: tuple[str, ...] = ()) -> Ended:
    """The way failed, before or in the middle of the answer."""
    if cause.kind == "protocol":
        return protocol(subject, cause.what, cause.hint, attempts=attempts, warnings=warnings)
    if cause.kind == "policy":
        error: ByomError = _error(PolicyError, subject, cause.what, cause.hint)
        return Ended(State.ERROR, "policy", None, error, attempts, warnings)
    kind = ConnectError if cause.kind == "connect" else IncompleteError
    hint = cause.hint or "run the cell again; if it stays, look into the server's log or that of the proxy before it"
    return Ended(State.INCOMPLETE, "connection", None, _error(kind, subject, cause.what, hint), attempts, warnings)


def protocol(subject: Subject, what: str, hint: str | None, *, attempts: int, warnings: tuple[str, ...] = ()) -> Ended:
    """What came is not an answer."""
    return Ended(State.ERROR, "protocol", None, _error(ProtocolError, subject, what, hint), attempts, warnings)


def refused(subject: Subject, refusal: Refusal, *, attempts: int, warnings: tuple[str, ...] = ()) -> Ended:
    """An error came where the answer should have been, with a successful status."""
    what = f"The server reported an error: {refusal}"
    hint = "the words are the server's own; what they name is to be mended there or in the request (--dry-run shows it)"
    return Ended(State.ERROR, "in_band", None, _error(InBandError, subject, what, hint), attempts, warnings)


def status(
    subject: Subject,
    code: int,
    phrase: str,
    headers: Mapping[str, str],
    refusal: Refusal | None,
    *,
    attempts: int,
    wait_s: float | None,
) -> Ended:
    """The server answered with a status that is not a success."""
    named = f"{code} {phrase}".strip()
    if 300 <= code < 400:
        what, hint = _redirect(subject, named, headers.get("location"))
    else:
        what = f"The server answered {named}" + (f": {refusal}" if refusal else ", with no words of its own.")
        hint = _hint(subject, code, refusal, wait_s)
    error = _error(StatusError, subject, what, hint)
    error.status = code
    return Ended(State.ERROR, "http", None, error, attempts)


def stalled(
    subject: Subject, timer: str, timeouts: Timeouts, *, attempts: int, warnings: tuple[str, ...] = ()
) -> Ended:
    """A timer ran out."""
    limit = getattr(timeouts, timer)
    what = f"Stopped after {limit:g} s: {_WAITED_FOR[timer]} (timer '{timer}')."
    longer = f"{limit * 4:g}"
    option = f"--timeout {longer}" if timer == "total" else f"--timeouts {timer}={longer}"
    hint = (
        f'to wait longer: {option} on the cell or on %byom_register, timeouts={{"{timer}": {longer}}} in Python; '
        "or see whether the server is busy"
    )
    return Ended(State.STALLED, timer, None, _error(StalledError, subject, what, hint), attempts, warnings)


def cancelled(*, attempts: int, warnings: tuple[str, ...] = ()) -> Ended:
    """The person stopped the call."""
    return Ended(State.CANCELLED, attempts=attempts, warnings=warnings)


def _error(kind: type[_Error], subject: Subject, what: str, hint: str | None) -> _Error:
    return kind(mask(what), model=subject.model, address=subject.address, hint=hint)


def _redirect(subject: Subject, named: str, location: str | None) -> tuple[str, str]:
    here = origin(subject.address)
    if not location:
        return f"The server at {here} answered {named}, a redirect to nowhere.", "check the address: --url, --path"
    try:
        there = origin(urljoin(subject.address, location))
    except ValueError:
        there = f"'{visible(location)[:100]}', which is no address"
    what = f"The server at {here} redirects to {there} ({named}). Redirects are not followed."
    return what, "if you trust that address, register the model with it as its --url"


def _hint(subject: Subject, code: int, refusal: Refusal | None, wait_s: float | None) -> str:
    if wait_s is not None and wait_s > LONGEST_WAIT_S:
        return f"the server asks to wait {wait_s:g} s; run the cell again then, or ask another model"
    if code in (401, 403):
        return _hint_on_key(subject, code)
    if code in (400, 500) and refusal is not None and _NO_KEY.search(_said(refusal)):
        return _hint_on_key(subject, 401)
    if refusal is not None and _NO_IMAGES.search(refusal.message):
        return (
            "ask without the picture, or ask another model; %byom_register "
            f"{subject.model} … --can no_attachments says so before anything is sent"
        )
    if code in (400, 404, 405, 422) and refusal is not None and _names_model(subject, code, refusal):
        return (
            f"the server has no model '{subject.served}': see which it lists (%byom_discover with its base address), "
            f"then %byom_register {subject.model} --url … --model NAME"
        )
    if code in _HINTS:
        return _HINTS[code].format(model=subject.model)
    if code >= 500:
        return "run the cell again; if it stays, look into the server's log"
    return "see the server's words above"


def _hint_on_key(subject: Subject, code: int) -> str:
    if not subject.key_source:
        return f"this server wants a key: %byom_register {subject.model} … --api-key env:NAME"
    if code == 401:
        return f"check that the key from {subject.key_source} is the right one for this address, and still valid"
    what = f"model '{subject.served}'" if subject.served else "this address"
    return (
        f"the key from {subject.key_source} was sent, and may not use {what}: ask who gave it for that right, "
        "or see whether the service serves your region and network"
    )


def _names_model(subject: Subject, code: int, refusal: Refusal) -> bool:
    """Whether it is the model that is not there: some servers say it with 400, and a 404 may be of the path."""
    said = _said(refusal)
    # A name of one or two letters would be found in any sentence.
    named = len(subject.served) > 2 and subject.served in refusal.message
    return bool(_UNKNOWN_MODEL.search(said)) or (code == 404 and named)


def _said(refusal: Refusal) -> str:
    return " ".join(filter(None, (refusal.message, refusal.type, refusal.code)))


_WRONG_PATH = (
    "nothing answers at this path: check the address (many end in /v1) and the path, "
    "%byom_register {model} --url … [--path …]"
)
_FIELD = "see what the server refuses above; --dry-run shows the request, and -o FIELD=null leaves a field out"
_HINTS = {
    400: _FIELD,
    402: "the account at this service has no credit left: look there, or ask another model",
    404: _WRONG_PATH,
    405: _WRONG_PATH,
    413: "the request is too large for the server: shorten the prompt",
    422: _FIELD,
    429: "wait a little and run the cell again, or ask another model",
}
