"""
What a server's refusal teaches about it, so that the same request can be made in a way that it takes: pure decisions.

Each thing learnt is one field of `Quirks`: the next body is built by the dialect with the quirks that were learnt.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from byom_magics.wire.dialects.effort import BUDGET, LEVELS

if TYPE_CHECKING:
    from byom_magics.catalog.spec import Quirks
    from byom_magics.wire.refusal import Refusal

__all__ = ["MOST", "Adjustment", "Learnt", "adjusted", "learn", "left_out"]

MOST = 4
"""So many differences are learnt in one call at most."""

# With these statuses servers say that they do not take a field; 200 is for errors in place of an answer.
_STATUSES = frozenset({200, 400, 404, 415, 422, 500, 501})
# What was asked, of whom, and with which tools: without them it would be another question.
_ESSENTIAL = frozenset(
    {"model", "messages", "stream", "tools", "tool_choice", "input", "contents", "system", "instructions", "prompt"}
    | {"systemInstruction", "system_instruction", "toolConfig", "tool_config", "functions", "text", "generationConfig"}
)
_LIMITS = ("max_tokens", "max_completion_tokens")
# Fields of messages that only some services know.
_IN_MESSAGES = ("reasoning_content", "reasoning_details", "extra_content")

# That a server does not take a field, in the words of about thirty of them; words on a value's range are not among.
_NOT_TAKEN = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|unexpected|deprecated|mutually exclusive|extra[_ ](?:inputs|fields|forbidden)"
    r"|not (?:\w+ )?(?:be )?(?:supported|permitted|allowed|accepted|available|implemented|recogni[sz]ed|compatible"
    r"|enabled|used|specified|provided|set)\b"
    r"|(?:do|does|did|can|could|must|should)(?: ?not|n't) (?:yet )?"
    r"(?:support|accept|allow|recogni[sz]e|understand|have|take|know|use)"
    r"|cannot (?:\w+ )?(?:be (?:used|set|specified|combined|provided)|both|use|find|accept|set|specify)"
    r"|no such (?:field|parameter|argument)"
    r"|not a (?:valid |known )?(?:field|parameter|argument|property|option)"
    r"|invalid (?:field|parameter name|argument name|key|property)|no longer|only the default"
    r"|may only be set to \S+ when|\bunset when",
    re.IGNORECASE,
)
_NO_SYSTEM = re.compile(
    r"system['\"`]? (?:role|message|prompt|instruction)s?\b[^.]{0,60}(?:\bnot\b|n't|unsupported)"
    r"|(?:not|n't|un)[ -]?(?:support|allow|accept|permit|expect|known)\w*[^.]{0,60}['\"`:]? ?\bsystem\b"
    r"|roles? must alternate|(?:invalid|unknown|unsupported|unexpected) (?:message )?role[^.]{0,20}\bsystem\b",
    re.IGNORECASE,
)
_BESIDE_THINKING = re.compile(r"\b(?:temperature|top_[pk])\b.*\bwhen thinking\b", re.IGNORECASE | re.DOTALL)
_WANTS_TEXT = re.compile(
    r"content\b[^.]{0,80}?(?:must be|should be|expected|has to be|is not|needs? to be)[^.]{0,20}?\bstring\b"
    r"|expected a? ?string|valid string|invalid type: sequence",
    re.IGNORECASE | re.DOTALL,
)
_WANTS_PARTS = re.compile(
    r"content\b[^.]{0,80}?(?:must be|should be|expected|has to be|needs? to be)[^.]{0,20}?\b(?:list|array|sequence)\b"
    r"|invalid type: string, expected (?:a )?(?:sequence|array)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Adjustment:
    """
    One difference of a server from what was thought of it.

    Attributes:
        quirk: The field of `Quirks` that says it.
        value: What it is to be; for ``without``, the field (dots go down into objects) that is no longer sent.
        note: What to tell the person, such as ``sent without 'seed': the server refuses it``.
    """

    quirk: str
    value: Any
    note: str


class Learnt:
    """What was learnt in this session: by place, which is an origin and the name of a model there."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], tuple[Adjustment, ...]] = {}
        self._lock = threading.Lock()

    def of(self, place: tuple[str, str]) -> tuple[Adjustment, ...]:
        """What is known of that place."""
        with self._lock:
            return self._places.get(place, ())

    def add(self, place: tuple[str, str], found: Sequence[Adjustment]) -> None:
        """Remember what an answer has proved right; another call may have learnt something beside it."""
        with self._lock:
            known = self._places.get(place, ())
            new = tuple(each for each in found if each not in known)
            replaced = {each.quirk for each in new if each.quirk != "without"}
            self._places[place] = (*(each for each in known if each.quirk not in replaced), *new)


def adjusted(quirks: Quirks, adjustments: Sequence[Adjustment]) -> Quirks:
    """The quirks with what was learnt."""
    for each in adjustments:
        if each.quirk != "without":
            quirks = replace(quirks, **{each.quirk: each.value})
    return replace(quirks, without=(*quirks.without, *left_out(adjustments)))


def left_out(adjustments: Iterable[Adjustment]) -> tuple[str, ...]:
    """The fields that are no longer sent."""
    return tuple(each.value for each in adjustments if each.quirk == "without")


def learn(
    status: int,
    refusal: Refusal,
    body: Mapping[str, Any],
    quirks: Quirks,
    *,
    known: Sequence[Adjustment] = (),
    kept: Collection[str] = (),
) -> Adjustment | None:
    """
    What to do otherwise, so that a server takes what it has just refused; None if nothing is known to help.

    Args:
        status: Of the response.
        refusal: The server's words.
        body: What it refused.
        quirks: How that body was built, what was learnt included.
        known: What was learnt before.
        kept: Fields that the person named for this very call: they are never left out in silence.
    """
    if status not in _STATUSES:
        return None
    said = " ".join(filter(None, (refusal.message, refusal.code, refusal.param)))
    found = _of_messages(said, body, quirks) or _of_effort(said, body, quirks) or _of_logprobs(said, body, kept)
    if found is not None:
        return None if found in known else found
    for path in _named(refusal, said, body):
        if path.partition(".")[0] in kept:
            continue
        found = _of_field(path, said, body, quirks, known)
        if found is not None and found not in known:
            return found
    return None


def _of_messages(said: str, body: Mapping[str, Any], quirks: Quirks) -> Adjustment | None:
    messages = _mappings(body.get("messages"))
    roles = {each.get("role") for each in messages}
    if "developer" in roles and re.search(r"\bdeveloper\b", said):
        return Adjustment("system_role", "system", "sent with the role 'system': the server refuses 'developer'")
    if "system" in roles and quirks.system_role == "system" and _NO_SYSTEM.search(said):
        note = "sent with the system message inside the user's: the server refuses the role 'system'"
        return Adjustment("system_role", "user", note)
    for name in _IN_MESSAGES:
        inside = (each for message in messages for each in (message, *_mappings(message.get("tool_calls"))))
        if name in said and _NOT_TAKEN.search(said) and any(name in each for each in inside):
            return Adjustment("without", name, f"sent without '{name}': the server refuses it")
    contents = [each.get("content") for each in messages]
    if any(isinstance(each, list) for each in contents) and _WANTS_TEXT.search(said):
        parts = [part for each in contents if isinstance(each, list) for part in each]
        if all(isinstance(part, Mapping) and part.get("type") == "text" for part in parts):
            return Adjustment("content", "text", "sent with plain texts as content: the server refuses parts")
    if any(isinstance(each, str) for each in contents) and _WANTS_PARTS.search(said):
        return Adjustment("content", "parts", "sent with parts as content: the server refuses plain texts")
    return None


def _of_effort(said: str, body: Mapping[str, Any], quirks: Quirks) -> Adjustment | None:
    """Older models of Anthropic and Google know no levels of effort, only a budget of tokens; the newest no budget."""
    thinking, settings = body.get("thinking"), body.get("generationConfig")
    config = settings.get("thinkingConfig") if isinstance(settings, Mapping) else None
    adaptive = isinstance(thinking, Mapping) and thinking.get("type") == "adaptive"
    level = isinstance(config, Mapping) and "thinkingLevel" in config
    words = r"adaptive|output_config|\beffort\b" if adaptive else r"think\w*[ _]?level"
    fixed = isinstance(thinking, Mapping) and thinking.get("type") == "enabled"
    if fixed and quirks.effort_field != LEVELS and re.search("adaptive", said) and _NOT_TAKEN.search(said):
        note = "sent with a level of effort for the reasoning: the server takes no budget of tokens"
        return Adjustment("effort_field", LEVELS, note)
    if quirks.effort_field == BUDGET or not (adaptive or level) or not re.search(words, said, re.IGNORECASE):
        return None
    if _BESIDE_THINKING.search(said):
        return None  # it is not the effort that is refused
    note = "sent with a budget of tokens for the reasoning: the server knows no levels of effort"
    return Adjustment("effort_field", BUDGET, note)


def _of_logprobs(said: str, body: Mapping[str, Any], kept: Collection[str]) -> Adjustment | None:
    """Log-probabilities are asked for in two fields or three, which mean nothing without each other."""
    settings, include = body.get("generationConfig"), body.get("include")
    asked = (
        "logprobs" in body
        or (isinstance(settings, Mapping) and "responseLogprobs" in settings)
        or (isinstance(include, list) and any("logprobs" in str(each) for each in include))
    )
    named = re.search(r"log[_ -]?prob", said, re.IGNORECASE) and _NOT_TAKEN.search(said)
    if not (asked and named) or {"logprobs", "top_logprobs"} & set(kept):
        return None
    return Adjustment("without", "logprobs", "sent without 'logprobs': the server refuses them")


def _of_field(
    path: str, said: str, body: Mapping[str, Any], quirks: Quirks, known: Sequence[Adjustment]
) -> Adjustment | None:
    refused = f"sent without '{path}': the server refuses it"
    if path == "response_format":
        return _of_schema(said, body, quirks)
    if _is_schema(path, body) and _NOT_TAKEN.search(said):
        note = f"sent with the schema as instructions: the server refuses '{path}'"
        return Adjustment("schema", "none", note)
    if path == "stream_options" or path.startswith("stream_options."):
        note = "sent without 'stream_options': the server refuses it, and may count no tokens"
        return Adjustment("stream_usage", value=False, note=note)
    other = next((each for each in _LIMITS if each != path), "")
    if path in _LIMITS and path == quirks.token_limit_field:
        tried = any(each.quirk == "token_limit_field" for each in known)
        if tried or not (other in said or _NOT_TAKEN.search(said)):
            return None  # a limit is never dropped: the answer might cost what nobody wanted to pay
        note = f"sent with '{other}' in place of '{path}', which the server refuses"
        return Adjustment("token_limit_field", other, note)
    needed = path in _ESSENTIAL or path.rpartition(".")[2] in _ESSENTIAL or "max" in path
    if needed or not _NOT_TAKEN.search(said):
        return None
    return Adjustment("without", path, refused)


def _is_schema(path: str, body: Mapping[str, Any]) -> bool:
    """Whether that field is where the other dialects than chat completions say the shape of the answer."""
    root, _, inner = path.partition(".")
    held = body.get(root)
    if not isinstance(held, Mapping):
        return False
    if root == "generationConfig":  # Gemini
        return inner in ("responseJsonSchema", "responseMimeType") and "responseJsonSchema" in held
    if root == "format":  # Ollama
        return True
    return root in ("output_config", "text") and "format" in held  # Anthropic, Responses


def _of_schema(said: str, body: Mapping[str, Any], quirks: Quirks) -> Adjustment | None:
    sent = body.get("response_format")
    kind = sent.get("type") if isinstance(sent, Mapping) else None
    if kind != quirks.schema:  # the person's own
        note = "sent without 'response_format': the server refuses it"
        return Adjustment("without", "response_format", note) if _NOT_TAKEN.search(said) else None
    if kind == "json_schema":
        note = "sent with the schema as instructions, and 'json_object': the server refuses 'json_schema'"
        return Adjustment("schema", "json_object", note)
    note = "sent with the schema as instructions: the server refuses 'response_format'"
    return Adjustment("schema", "none", note)


def _named(refusal: Refusal, said: str, body: Mapping[str, Any]) -> list[str]:
    """The fields of the body that the refusal names, the one in ``param`` or else in the order of its words."""
    fields = dict(_fields(body))
    by_param = (refusal.param or "").removeprefix("body.").partition("[")[0]
    for name in (by_param, by_param.partition(".")[0]):
        if name in fields:
            return [name]
    # What stands in quotes or in a path is meant as a name; "stop" and "user" are words, too.
    for form in (r"['\"`.]{0}\b|(?<!\w){0} ?=", r"(?<!\w){0}(?!\w)"):
        places: dict[str, int] = {}
        for path, names in fields.items():
            starts = [at.start() for name in names if (at := re.search(form.format(re.escape(name)), said))]
            if starts:
                places[path] = min(starts)
        if places:
            return sorted(places, key=lambda path: (places[path], path.count(".")))
    return []


def _fields(body: Mapping[Any, Any]) -> Iterator[tuple[str, set[str]]]:
    """The fields of the body, one level down too, and what a server may call each."""
    for name, value in body.items():
        if not isinstance(name, str):
            continue  # a transformer's doing
        yield name, {name, _snake(name), _camel(name), *_ALIASES.get(name, ())}
        if isinstance(value, Mapping) and name not in ("response_format", "tool_choice", "extra_body"):
            for inner in value:
                if isinstance(inner, str):
                    yield f"{name}.{inner}", {inner, _snake(inner)}


_ALIASES = {
    "response_format": ("json_schema", "json_object", "structured output", "structured outputs", "JSON mode"),
    "stream_options": ("include_usage",),
    "reasoning_effort": ("reasoning.effort", "reasoning effort"),
}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, (list, tuple)) else []
