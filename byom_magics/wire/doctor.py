"""
The doctor: a model's connection, step by step, each step with its own verdict and what to do next.

The order is that of a call: is it allowed, is the name known, does something answer, is it who it says, is there a key,
does the server list the model, does it answer, does it stream, does it count, does it keep tools.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from byom_magics.errors import ByomError, ProtocolError, StalledError, StatusError
from byom_magics.events import State, Usage
from byom_magics.messages import Call, Message, Sampling, Tool
from byom_magics.plain import one_line
from byom_magics.wire.faults import Fault

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Reply
    from byom_magics.wire.dialects.dialect import Listed

__all__ = ["STEPS", "Answered", "Diagnosis", "Probes", "Step", "examine"]

Verdict = Literal["ok", "warning", "failed", "skipped"]

_ASKING = ("answer", "streaming", "usage", "tools")
STEPS = ("address", "name", "connection", "TLS", "key", "model list", "model served", *_ASKING)
"""What there is to look at, in order."""

_NOT_KNOWN = (401, 407)  # who asks is not known: whatever is asked, the answer will be the same
_ASKED = "Count from 1 to 30, separated by commas."
_TOOL = Tool(
    "get_weather",
    "Tells the present weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
_ASKED_OF_TOOL = "What is the weather in Oslo? Use the tool."
_TOKENS = 96
_MANY = 5  # pieces of text, from which on their times say something
# So close together do pieces come that were held back on the way: as a part of the wait before them, and in seconds,
# for a model that is being loaded keeps one waiting too.
_TOGETHER, _TOGETHER_S = 0.05, 0.1
_LONG_S = 1.0
_COMPARED, _COMPARED_LENGTH = 1000, 80  # names of a list, and their letters, when one is looked for that is near
_SHORT = 40  # characters that may well be one piece


@dataclass(frozen=True)
class Step:
    """
    What one step of an examination found.

    Attributes:
        name: What was looked at, such as ``TLS``.
        verdict: ``ok``, ``warning`` (it works, but not as it should), ``failed``, or ``skipped``.
        detail: What was found, in words.
        next_step: What to do about it; empty if there is nothing to do.
        seconds: How long it took, or None.
    """

    name: str
    verdict: Verdict
    detail: str
    next_step: str = ""
    seconds: float | None = None


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """
    What an examination found.

    Attributes:
        model: The key of the model.
        steps: Every step, in order; those after a failure that made them pointless are ``skipped``.
    """

    model: str
    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether it was examined and nothing failed; warnings may be there."""
        return bool(self.steps) and all(step.verdict != "failed" for step in self.steps)

    @property
    def worst(self) -> Step | None:
        """The first step that failed, else the first with a warning, else None."""
        for verdict in ("failed", "warning"):
            for step in self.steps:
                if step.verdict == verdict:
                    return step
        return None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {"model": self.model, "ok": self.ok, "steps": [asdict(step) for step in self.steps]}

    def __repr__(self) -> str:
        worst = self.worst
        said = "all is well" if self.ok else "nothing was looked at"
        if worst is not None:
            said = f"{worst.verdict} at {worst.name}: {worst.detail}"
        return f"Diagnosis({self.model!r}, {one_line(said, 300)!r})"


@dataclass(frozen=True)
class Answered:
    """An answer, and when its pieces came, in seconds from the sending of the request."""

    reply: Reply
    pieces_s: tuple[float, ...]


class Probes(Protocol):
    """What an examination asks of the network; each raises a `ByomError` or a `Fault` that says what is wrong."""

    def allowed(self) -> str:
        """Check the address and the policy; say what was checked."""

    def look_up(self) -> Sequence[str] | None:
        """The addresses of the host's name; None where there is nothing to look up."""

    def connect(self) -> str:
        """Connect, through the proxy if there is one; say to what."""

    def handshake(self) -> tuple[str, str] | None:
        """Make the connection safe: what was agreed, and what to do where that is odd; None for plain http."""

    def key(self) -> str:
        """Where the key comes from; empty if there is none."""

    def models(self) -> list[Listed] | None:
        """What the server lists; None if the service has no list."""

    def ask(self, call: Call) -> Answered:
        """Send a small call, to its end."""


def examine(spec: ModelSpec, probes: Probes, clock: Callable[[], float], *, quick: bool = False) -> Iterator[Step]:
    """
    Examine a model's connection; each step is given out as soon as it is done.

    Args:
        spec: The model.
        probes: The way to the network.
        clock: Seconds.
        quick: Ask the model nothing: the last four steps are skipped.
    """
    examination = _Examination(spec, probes)
    looks = examination.looks()
    for number, name in enumerate(STEPS):
        if quick and name in _ASKING:
            yield Step(name, "skipped", "nothing was asked")
            continue
        begun = clock()
        try:
            step = looks[name]()
        except (ByomError, Fault) as problem:
            step = Step(name, "failed", problem.what, problem.hint or "")
        yield replace(step, seconds=clock() - begun)
        if step.verdict == "failed":
            yield from (Step(later, "skipped", "not reached") for later in STEPS[number + 1 :])
            return


class _Examination:
    """The steps, and what later ones need of earlier ones."""

    def __init__(self, spec: ModelSpec, probes: Probes) -> None:
        self._spec = spec
        self._probes = probes
        self._listed: list[Listed] | None = None
        self._answered: Answered | None = None

    def looks(self) -> dict[str, Callable[[], Step]]:
        """How each step is taken."""
        probes = self._probes
        return {
            "address": lambda: Step("address", "ok", probes.allowed()),
            "name": lambda: _name(probes),
            "connection": lambda: Step("connection", "ok", probes.connect()),
            "TLS": lambda: _tls(probes),
            "key": lambda: Step("key", "ok", probes.key() or "none is sent"),
            "model list": self._list,
            "model served": lambda: _served(self._spec, self._listed),
            "answer": self._answer,
            "streaming": lambda: _streaming(self._spec, self._answered),
            "usage": lambda: _usage(self._answered),
            "tools": self._tools,
        }

    def _list(self) -> Step:
        try:
            self._listed = self._probes.models()
        except (StatusError, ProtocolError, StalledError) as problem:
            if isinstance(problem, StatusError) and problem.status in _NOT_KNOWN:
                raise
            # Many servers have no list at this place, or show it to few, and answer all the same.
            words = f"there is no list to be had: {problem.what}"
            return Step("model list", "warning", words, f"no harm if it answers below; if not: {problem.hint}")
        if self._listed is None:
            return Step("model list", "skipped", "this service has none")
        count = len(self._listed)
        return Step("model list", "ok", f"{count:,} model{'' if count == 1 else 's'}")

    def _answer(self) -> Step:
        self._answered = self._probes.ask(Call((Message("user", _ASKED),), Sampling(max_tokens=_TOKENS)))
        return _answer(self._answered.reply)

    def _tools(self) -> Step:
        if self._spec.capabilities.tools is False:
            return Step("tools", "skipped", "the model is registered as one without tools")
        call = Call((Message("user", _ASKED_OF_TOOL),), Sampling(max_tokens=2 * _TOKENS), (_TOOL,), "auto")
        return _tools(self._probes.ask(call).reply)


def _name(probes: Probes) -> Step:
    found = probes.look_up()
    if found is None:
        return Step("name", "skipped", "there is no name to look up")
    return Step("name", "ok", ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else ""))


def _tls(probes: Probes) -> Step:
    agreed = probes.handshake()
    if agreed is None:
        return Step("TLS", "skipped", "the address is not https")
    words, warning = agreed
    return Step("TLS", "warning" if warning else "ok", words, warning)


def _served(spec: ModelSpec, listed: list[Listed] | None) -> Step:
    if not listed:
        return Step("model served", "skipped", "there is no list to look into")
    names = [each.id for each in listed]
    if spec.model in names or f"models/{spec.model}" in names:
        return Step("model served", "ok", f"'{one_line(spec.model, 80)}' is in the list")
    comparable = [name for name in names if len(name) <= _COMPARED_LENGTH][:_COMPARED]
    near = difflib.get_close_matches(spec.model[:_COMPARED_LENGTH], comparable, n=3, cutoff=0.4) or names[:3]
    shown = ", ".join(f"'{one_line(name, 60)}'" for name in near)
    words = f"'{one_line(spec.model, 80)}' is not in the list"
    return Step("model served", "warning", words, f"the list has {shown}: %byom_register {spec.key} … --model NAME")


def _answer(reply: Reply) -> Step:
    if reply.error is not None:
        return Step("answer", "failed", reply.error.what, reply.error.hint or "")
    if reply.state is State.CANCELLED:
        return Step("answer", "failed", "it was stopped", "run the doctor again")
    said = one_line(" ".join((reply.text or reply.reasoning).split()), 60)
    served = f" by {one_line(reply.served_model, 60)}" if reply.served_model else ""
    notes = f" ({'; '.join(one_line(note, 200) for note in reply.warnings[:4])})" if reply.warnings else ""
    if not said and reply.state is State.LENGTH:
        words = f"{_TOKENS} tokens were used up{served} before any text came{notes}"
        hint = "models that think unseen do this: ask it in a cell, with a larger --max-tokens or none"
        return Step("answer", "warning", words, hint)
    if not said:
        words = f"{reply.state_text}{served}, and no text came{notes}"
        return Step("answer", "warning", words, "ask it something in a cell; if that is empty, see the server's log")
    how = f"cut at {_TOKENS} tokens, as was asked," if reply.state is State.LENGTH else reply.state_text
    return Step("answer", "ok", f"{how}{served}{notes}: {said}")


def _streaming(spec: ModelSpec, answered: Answered | None) -> Step:
    if answered is None or not answered.pieces_s:
        return Step("streaming", "skipped", "no text came")
    pieces = answered.pieces_s
    first, spread = pieces[0], pieces[-1] - pieces[0]
    if len(pieces) == 1 and len(answered.reply.text + answered.reply.reasoning) > _SHORT:
        words = f"the whole answer came in one piece after {first:.2f} s"
        hint = (
            "see whether the server, or a proxy before it, can stream; until then an answer shows when it is complete"
        )
        return Step("streaming", "warning", words, hint)
    # On the way to a built-in model nothing can hold them back.
    together = not spec.builtin and spread < min(_TOGETHER * first, _TOGETHER_S)
    if len(pieces) >= _MANY and first >= _LONG_S and together:
        words = f"{len(pieces)} pieces came all at once after {first:.2f} s: something on the way holds them back"
        return Step("streaming", "warning", words, "switch off buffering in the proxy before the server")
    return Step("streaming", "ok", f"{len(pieces)} pieces, the first after {first:.2f} s, over {spread:.2f} s")


def _usage(answered: Answered | None) -> Step:
    usage = answered.reply.usage if answered else Usage()
    if usage.input_tokens is None and usage.output_tokens is None and usage.total_tokens is None:
        hint = "see whether the server can send usage; until then costs and tokens/s stay unknown"
        return Step("usage", "warning", "the server does not count tokens", hint)
    counts = ((usage.input_tokens, "in"), (usage.output_tokens, "out"))
    told = ", ".join(f"{count:,} {word}" for count, word in counts if count is not None)
    return Step("usage", "ok", f"tokens {told or f'{usage.total_tokens:,}'}")


def _tools(reply: Reply) -> Step:
    if reply.error is not None:
        words = f"a request with a tool fails: {reply.error.what}"
        return Step("tools", "warning", words, "ask this model without tools: register it with --can no_tools")
    if not reply.tool_calls:
        said = one_line(" ".join(reply.text.split()), 60)
        words = "the model did not ask for the tool" + (f", and said: {said}" if said else "")
        hint = (
            "see whether the server has tools switched on (vLLM: --enable-auto-tool-choice, llama.cpp: --jinja); "
            "if the model cannot use them, register it with --can no_tools"
        )
        return Step("tools", "warning", words, hint)
    asked = reply.tool_calls[0]
    try:
        json.loads(asked.arguments or "{}")
    except ValueError:
        words = f"it asked for {one_line(asked.name, 40)} with arguments that are not JSON"
        return Step("tools", "warning", words, "expect failing tool calls from this model")
    return Step("tools", "ok", f"it asked for {one_line(asked.name, 40)}({one_line(asked.arguments, 60)})")
