"""How a question is put: from what a person says to a turn, with conversation, tools, shape and cache."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from byom_magics.errors import CallError, OptionError
from byom_magics.log.kept import events_of, kept_of
from byom_magics.messages import Message, Schema, Text
from byom_magics.plain import visible
from byom_magics.talk.attachments import files_of, pictures_of
from byom_magics.talk.awaiting import awaited_here
from byom_magics.talk.call import as_told, call_of, cautions, check_abilities, messages_of
from byom_magics.talk.expansion import joined
from byom_magics.talk.keeping import Keeping, Replayed
from byom_magics.talk.leave import allowed_names, leave_with
from byom_magics.talk.rounds import MOST_ROUNDS, RETRIES, Rounds
from byom_magics.talk.sampling import sampling_of
from byom_magics.talk.shapes import shape_of, shown_as
from byom_magics.talk.signature import tools_of
from byom_magics.talk.sizes import beside
from byom_magics.talk.tools import Toolbox
from byom_magics.talk.turn import Turn
from byom_magics.talk.values import as_text
from byom_magics.talk.window import DROP_OLDEST, fitted, room_for, strategy_of

if TYPE_CHECKING:
    from byom_magics.catalog.spec import ModelSpec
    from byom_magics.events import Reply
    from byom_magics.log.cache import Cache
    from byom_magics.messages import Call
    from byom_magics.talk.call import Said
    from byom_magics.talk.history import Conversation
    from byom_magics.talk.shapes import Shape
    from byom_magics.talk.tools import Leave
    from byom_magics.talk.turn import Stream

__all__ = ["FORMATS", "FORMS", "Asked", "Held", "Question", "asked", "samples", "several", "turn"]


FORMS = {
    "code": "Answer with source code only: no words before or after it.",
    "json": "Answer with one JSON value only: no words before or after it, no code fence.",
    "html": "Answer with one HTML page only: no words before or after it, no code fence.",
    "math": "Answer with one LaTeX formula only, no words before or after it.",
}
"""What a model is told whose answer is to be of one kind and nothing else."""

FORMATS = ("markdown", "text", *FORMS, "image")
"""How an answer may be shown."""


Held = Callable[[Callable[[], object], Callable[["Reply"], None], "Reply"], None]
"""Takes what keeps a turn in its conversation, what tells of a reply, and the reply."""


@dataclass(frozen=True)
class Question:
    """
    What a person asks for; `byom_magics.stream` says what each of it is.

    Attributes:
        prompt: What is said.
        sampling: How the answer is sampled, by the names of `sampling_of`.
        system: A system message before it.
        images: Pictures that go with it.
        files: Files whose text goes with it.
        tools: Functions, or tools.
        tool_choice: See `byom_magics.messages.Call`.
        allow: Tools that run without leave.
        leave: Asked before a tool runs; None lets all run, if nothing says which are allowed.
        awaited: Waits for what async tools give.
        rounds: How many calls it may take.
        schema: The shape of the answer.
        retries: How often an answer that does not fit is asked anew.
        reasoning: How much to reason.
        effort: Another name of it.
        logprobs: How many alternatives to tell with each token.
        makes_images: Whether pictures are asked for.
        form: What the whole answer is to be, of `FORMS`; None for whatever the model likes.
        format: The same as people say it, and how the reply is shown: of `FORMATS`.
        conversation: The conversation that it continues.
        place: The cell that asks; asking again from there replaces what was asked before.
        history: What goes when the conversation grows too long.
        cache: Whether it may be answered from the cache, and is kept there.
        sample: Which of several answers to one question it is.
        held: Takes what is to be done when it has ended, in place of doing it; None does it.
    """

    prompt: Said
    sampling: Mapping[str, Any] = field(default_factory=dict)
    system: str | None = None
    images: Sequence[Any] = ()
    files: Sequence[Any] = ()
    tools: Iterable[Any] = ()
    tool_choice: str | None = None
    allow: Any = None
    leave: Leave | None = None
    awaited: Callable[[Awaitable[Any]], Any] = awaited_here
    rounds: int = MOST_ROUNDS
    schema: Any = None
    retries: int = RETRIES
    reasoning: str | int | None = None
    effort: str | int | None = None
    logprobs: int | None = None
    makes_images: bool = False
    form: str | None = None
    format: str | None = None
    conversation: Conversation | None = None
    place: Hashable | None = None
    history: str | None = None
    cache: bool = False
    sample: int = 0
    held: Held | None = None


@dataclass(frozen=True)
class Asked:
    """
    A question that can be sent.

    Attributes:
        spec: The model, as this call needs it.
        call: The first call.
        said: The messages of the question itself, without those before it.
        question: What it was made of.
        shape: What the answer has to be, or None.
        notes: What the person should know before it is sent.
    """

    spec: ModelSpec
    call: Call
    said: tuple[Message, ...]
    question: Question
    shape: Shape | None = None
    notes: tuple[str, ...] = ()

    def beside(self, *, always: bool = False) -> tuple[str, ...]:
        """How large what goes out with the question is, in lines for the person; none if it is little."""
        return tuple(beside(self.call, self.said, always=always))


def asked(spec: ModelSpec, question: Question, summarise: Callable[[str, Sequence[Message]], str]) -> Asked:
    """
    The question as a call to a model.

    Args:
        spec: The model.
        question: What is asked.
        summarise: Sums up messages with the model of that key, for conversations that are too long.

    Raises:
        OptionError: It makes no sense, or the model is declared without what it needs.
    """
    if question.format not in (None, *FORMATS):
        what = f"The option format cannot be {visible(repr(question.format))[:60]}."
        raise OptionError(what, hint=f"it is one of {', '.join(FORMATS)}")
    _check_number("rounds", question.rounds, 1)
    _check_number("retries", question.retries, 0)
    leave: object = question.leave  # a notebook is not checked for types
    if leave is not None and not callable(leave):
        what = f"The option leave cannot be {type(leave).__name__}."
        raise OptionError(what, hint="give a function that takes a call and its arguments, or name tools in allow")
    conversation = question.conversation
    shape = None if question.schema is None else shape_of(question.schema)
    remembered = None if conversation is None else conversation.system
    call = call_of(
        _with(question.prompt, question),
        sampling_of(**question.sampling),
        system=question.system,
        default_system=remembered or spec.system,
        tools=tools_of(question.tools),
        tool_choice=question.tool_choice,
        schema=None if shape is None else Schema(shape.name, shape.schema),
        effort=question.effort if question.reasoning is None else question.reasoning,
        logprobs=question.logprobs,
        makes_images=question.makes_images or question.format == "image",
    )
    lead = next((at for at, each in enumerate(call.messages) if each.role != "system"), len(call.messages))
    form = question.form or question.format
    if form in FORMS and shape is None:
        call = replace(call, messages=(*call.messages[:lead], Message("system", FORMS[form]), *call.messages[lead:]))
        lead += 1
    said, notes = call.messages[lead:], tuple[str, ...]()
    if conversation is not None:
        before = conversation.before(question.place)
        strategy = DROP_OLDEST if question.history is None else strategy_of(question.history)
        limit = spec.max_tokens if call.sampling.max_tokens is None else call.sampling.max_tokens
        kept = fitted(
            before,
            room_for(spec.context_window, call.messages, tools=call.tools, answer=limit),
            strategy,
            partial(summarise, strategy.model),
            summaries=conversation.summaries,
            asked=said,
            context=spec.context_window,
        )
        call = replace(call, messages=(*call.messages[:lead], *kept.messages, *said))
        notes = (kept.note,) if kept.note else ()
    check_abilities(spec, call)
    if question.allow is not None:
        allowed_names(question.allow, call.tools)
    return Asked(as_told(spec, call), call, said, question, shape, (*notes, *cautions(spec, call)))


def _check_number(name: str, given: object, least: int) -> None:
    if type(given) is not int or given < least:
        what = f"The option {name} cannot be {visible(repr(given))[:60]}."
        raise OptionError(what, hint=f"give a whole number of {least} or more as {name}")


def samples(options: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """
    The options of each of several answers to one question. With the same seed they would all be the same: it counts on.

    Args:
        options: The options of the question.
        count: How many answers.

    Raises:
        OptionError: There are none, or it is a conversation, which has one answer to each question.
    """
    if type(count) is not int or count < 1:  # True is no number of answers
        what = f"The option n cannot be {visible(repr(count))[:60]}."
        raise OptionError(what, hint="give how many answers there are to be, 1 or more")
    if count > 1 and (options.get("conversation") is not None or options.get("fork") is not None):
        what = f"{count} answers do not go with a conversation, which has one answer to each question."
        raise OptionError(what, hint="leave out n (--n), or the conversation (-c, --fork)")
    seed = options.get("seed")
    further = ({"sample": number, **({} if seed is None else {"seed": seed + number})} for number in range(1, count))
    return [dict(options), *({**options, **each} for each in further)]


def several(ask: Callable[[dict[str, Any]], Reply], options: Mapping[str, Any], count: int) -> list[Reply]:
    """
    Several answers to one question, one after the other.

    Args:
        ask: Asks with these options.
        options: The options of the question.
        count: How many answers.

    Raises:
        OptionError: See `samples`.
        CallError: One does not end well; ``replies`` has those before it.
    """
    replies: list[Reply] = []
    try:
        replies.extend(ask(each) for each in samples(options, count))
    except CallError as problem:
        problem.replies = tuple(replies)
        raise
    return replies


def turn(
    ready: Asked,
    send: Callable[[Call], Stream],
    on_end: Callable[[Reply], None],
    *,
    cache: Cache | None = None,
    key: Callable[[Call], str] | None = None,
) -> Turn:
    """
    The turn of a question, not begun yet.

    Args:
        ready: The question.
        send: Sends one call.
        on_end: Called with the reply.
        cache: Where answers are kept; None for nowhere.
        key: What a call is found by there.
    """
    question, call = ready.question, ready.call
    if cache is not None and key is not None:
        send = _kept(ready, send, cache, key)

    def keep(reply: Reply) -> None:
        if question.conversation is not None:
            question.conversation.record(question.place, ready.said, reply, system=question.system)

    def ended(reply: Reply) -> None:
        if question.held is not None:
            question.held(partial(keep, reply), on_end, reply)
            return
        keep(reply)
        on_end(reply)

    toolbox = None
    if any(tool.run is not None for tool in call.tools):
        leave = leave_with(question.allow, call.tools, question.leave)
        toolbox = Toolbox(call.tools, leave=leave, awaited=question.awaited, render=as_text)
    steps = None
    if toolbox is not None or ready.shape is not None:
        steps = Rounds(
            call, send, tools=toolbox, shape=ready.shape, most_rounds=question.rounds, retries=question.retries
        )
    form = shown_as(question.format, ready.shape)
    return Turn(ready.spec, lambda: send(call), ended, ready.notes, steps, beside=ready.beside(), form=form)


def _kept(
    ready: Asked, send: Callable[[Call], Stream], cache: Cache, key: Callable[[Call], str]
) -> Callable[[Call], Stream]:
    """Sends what was not asked before, and keeps the answers."""

    def kept(call: Call) -> Stream:
        name = key(call)
        found = cache.get(name)
        if found is not None:
            return Replayed(events_of(found))
        return Keeping(ready.spec, send(call), lambda reply: _keep(cache, name, reply))

    return kept


def _keep(cache: Cache, name: str, reply: Reply) -> str:
    kept = kept_of(reply)
    return cache.put(name, kept) if kept is not None else ""


def _with(prompt: Said, question: Question) -> Said:
    """The prompt with the files and pictures that go with it."""
    if all(isinstance(each, (list, tuple)) and not each for each in (question.images, question.files)):
        return prompt
    files = files_of(question.files).parts
    beside = (*files, *pictures_of(question.images))
    if isinstance(prompt, str):
        asked = (Text(f"\n\n{prompt}" if files else prompt),) if prompt.strip() else ()
        return [Message("user", joined((*beside, *asked)))]
    messages = messages_of(prompt)
    last = next((at for at in range(len(messages) - 1, -1, -1) if messages[at].role == "user"), None)
    if last is not None:
        messages[last] = replace(messages[last], content=joined((*messages[last].parts, *beside)))
        return messages
    what = "There is no question that the images and files could go with."
    raise OptionError(what, hint="give the prompt as a text, or put each image into its own message")
