"""Asking, finding and examining as Python functions. All of them work on the session of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, overload

from byom_magics import session
from byom_magics.catalog.found import Found  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.catalog.spec import (  # noqa: TC001 - get_type_hints of the public functions works
    KeyReference,
    Timeouts,
)
from byom_magics.conversing import Conversation  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.events import Reply  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.messages import Tool  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.options import check_options
from byom_magics.study.standing import Ranking  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.talk.call import Said  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.talk.tools import Leave  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.talk.turn import Turn  # noqa: TC001 - get_type_hints of the public functions works
from byom_magics.wire.doctor import Diagnosis  # noqa: TC001 - get_type_hints of the public functions works

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from byom_magics.options import Options

__all__ = ["ask", "compare", "discover", "doctor", "doctor_all", "leaderboard", "stream"]


def discover(
    url: str | None = None,
    *,
    preset: str | None = None,
    endpoint: str | None = None,
    api_key: KeyReference | None = None,
    ports: Sequence[int] | None = None,
    timeout: float | None = None,
) -> list[Found]:
    """
    Find model servers on this machine, or list what one server offers. Nothing is registered.

    ``for found in byom.discover(): print(found.title, [model.id for model in found.models])``, and
    ``found.register("llama3.2")`` brings one in.

    Args:
        url: A server's address, whose path may be missing; None for the known ports of this machine.
        preset: The name of a service, such as ``openrouter``.
        endpoint: The name of an endpoint that is registered, in place of ``url``.
        api_key: The reference of the key, as for `register`.
        ports: Ports of this machine, in place of the known ones.
        timeout: How long it may take in all, in seconds; for this machine less than one if not given.

    Returns:
        The servers with their models: all that answer in time, or the one that was asked.

    Raises:
        CallError: What was asked does not answer, or gives no list of models.
        SetupError: An argument cannot be used.
    """
    from byom_magics import finding  # noqa: PLC0415 - not needed to load

    return finding.wanted(
        session.current(), url=url, preset=preset, endpoint=endpoint, api_key=api_key, ports=ports, timeout=timeout
    )


def doctor(model: str | None = None, *, quick: bool = False) -> Diagnosis:
    """
    Examine the connection to a model, step by step.

    ``byom.doctor("llama").ok``; ``.steps`` has what each step found and what to do next, ``.as_dict()`` gives plain
    values.

    Args:
        model: The key of a registered model; None for the default.
        quick: Ask the model nothing; else two small prompts are sent.

    Raises:
        UnknownModelError: There is no such model.
    """
    from byom_magics.checkup import checkup  # noqa: PLC0415 - not needed to load

    return checkup(session.current(), model, quick=quick)


def doctor_all(*, quick: bool = False) -> dict[str, Diagnosis]:
    """
    Examine the connections to all registered models, in parallel.

    Args:
        quick: Ask the models nothing; else two small prompts are sent to each.

    Returns:
        What was found, by the keys of the models.

    Raises:
        UnknownModelError: A model was forgotten in the same moment.
    """
    from byom_magics.checkup import checkup_all  # noqa: PLC0415 - not needed to load

    here = session.current()
    keys = list(here.models)
    with closing(checkup_all(here, keys, quick=quick)) as diagnoses:
        found = {diagnosis.model: diagnosis for diagnosis in diagnoses if diagnosis is not None}
    return {key: found[key] for key in keys}


def stream(
    model: str | None,
    prompt: Said,
    *,
    system: str | None = None,
    images: Sequence[Any] = (),
    files: Sequence[Any] = (),
    conversation: str | Conversation | None = None,
    fork: str | None = None,
    history: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    extra_body: Mapping[str, Any] | None = None,
    tools: Sequence[Tool | Callable[..., Any]] = (),
    tool_choice: str | None = None,
    allow: str | Iterable[str | Tool | Callable[..., Any]] | None = None,
    leave: Leave | None = None,
    rounds: int | None = None,
    schema: Any = None,  # noqa: ANN401 - whatever says a shape
    retries: int | None = None,
    reasoning: str | int | None = None,
    effort: str | int | None = None,
    logprobs: int | None = None,
    format: str | None = None,  # noqa: A002 - the word that people type: --format
    makes_images: bool = False,
    cache: bool | None = None,
    timeout: float | None = None,
    timeouts: Timeouts | Mapping[str, float | None] | None = None,
) -> Turn:
    """
    Ask a model, and get the answer event by event.

    ``with byom.stream("llama", "…") as events: for event in events: …`` - leaving the block hangs up, ``events.stop()``
    does from any thread, ``events.reply`` is what has come. The last event is an `Ended` that says how it ended; it is
    not raised.

    Args:
        model: The key of a registered model; None for the default.
        prompt: A text, or messages: `Message`, or mappings with ``role`` and ``content``. The content is a text, or
            parts: `Text` and `Image`, or mappings as OpenAI has them, images as ``data:`` addresses.
        system: A system message before them; the model's own if not given.
        images: Pictures that go with the prompt: figures, PIL images, arrays, files by their paths, or `Image`.
        files: Files whose text goes with it, by their paths.
        conversation: The conversation that it continues: the name of one with this model, empty for the one without a
            name, or a `Conversation`. Without it the question stands alone.
        fork: The conversation that this one begins with a copy of: its name, or ``MODEL:NAME``.
        history: What goes when it grows too long for the model: ``drop-oldest``, ``keep-ends``, ``summarise:MODEL``.
        temperature: As the model takes it, usually 0 to 2.
        max_tokens: The longest answer, in tokens.
        top_p: Nucleus sampling, above 0 up to 1.
        seed: For servers that sample reproducibly.
        stop: A text at which the answer ends, or several.
        extra_body: Further fields of the request body.
        tools: What the model may ask for: functions, which are run when it does, or `Tool` for those that you run.
        tool_choice: ``auto``, ``required``, ``none``, or the name of the one tool that it has to ask for.
        allow: Tools that run without ``leave``, by their names or the functions; ``all`` for every one. Without
            ``leave`` no other one runs.
        leave: Asked before a function runs, with the call and its arguments: None lets it run, a text is told to the
            model in place of a result. Without it and ``allow`` all run.
        rounds: How many calls a turn with tools may take; 10 if not given.
        schema: The shape that the answer has to have: a pydantic model, dataclass, TypedDict, JSON Schema, or `Schema`.
            The answer is checked, and ``reply.parsed`` is the object.
        retries: How often an answer that does not fit is asked anew; 2 if not given.
        reasoning: How much to reason: ``none``, ``low``, ``medium``, ``high``, or a number of tokens.
        effort: Another name of ``reasoning``.
        logprobs: How many alternatives to tell with each token in ``reply.logprobs``.
        format: What the answer is to be, and how the reply is shown: ``markdown``, ``text``, ``code``, ``json``,
            ``html``, ``math``, ``image``.
        makes_images: Whether the answer is to be made of images, in ``reply.images``.
        cache: Whether it may be answered from the cache, and is kept there; ``c.Byom.cache`` if not given.
        timeout: The timer ``total``, in seconds.
        timeouts: Timers by name, in seconds (see `register`).

    Raises:
        UnknownModelError: There is no such model.
        OptionError: A value cannot be used, or the model is declared without what the call needs.
        ConversationError: There is no conversation to begin with, or several.
        SecretError: The model's key is not set (when the block is entered).
    """
    return session.current().stream(
        model,
        prompt,
        system=system,
        images=images,
        files=files,
        conversation=conversation,
        fork=fork,
        history=history,
        temperature=temperature,
        max_tokens=max_tokens,
        top_p=top_p,
        seed=seed,
        stop=stop,
        extra_body=extra_body,
        tools=tools,
        tool_choice=tool_choice,
        allow=allow,
        leave=leave,
        rounds=rounds,
        schema=schema,
        retries=retries,
        reasoning=reasoning,
        effort=effort,
        logprobs=logprobs,
        format=format,
        makes_images=makes_images,
        cache=cache,
        timeout=timeout,
        timeouts=timeouts,
    )


@overload
def ask(model: str | None, prompt: Said, *, n: None = None, **options: Unpack[Options]) -> Reply: ...


@overload
def ask(model: str | None, prompt: Said, *, n: int, **options: Unpack[Options]) -> list[Reply]: ...


def ask(
    model: str | None,
    prompt: Said,
    *,
    n: int | None = None,
    system: str | None = None,
    images: Sequence[Any] = (),
    files: Sequence[Any] = (),
    conversation: str | Conversation | None = None,
    fork: str | None = None,
    history: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    stop: str | Sequence[str] | None = None,
    extra_body: Mapping[str, Any] | None = None,
    tools: Sequence[Tool | Callable[..., Any]] = (),
    tool_choice: str | None = None,
    allow: str | Iterable[str | Tool | Callable[..., Any]] | None = None,
    leave: Leave | None = None,
    rounds: int | None = None,
    schema: Any = None,
    retries: int | None = None,
    reasoning: str | int | None = None,
    effort: str | int | None = None,
    logprobs: int | None = None,
    format: str | None = None,  # noqa: A002 - the word that people type: --format
    makes_images: bool = False,
    cache: bool | None = None,
    timeout: float | None = None,
    timeouts: Timeouts | Mapping[str, float | None] | None = None,
) -> Reply | list[Reply]:
    """
    Ask a model, and wait for the whole answer. The further arguments are those of `stream`.

    ``byom.ask("llama", "…").text``, and ``byom.ask("llama", "…", n=3)`` for three answers to the same, one after the
    other; with ``seed`` each has the next one.

    Returns:
        The reply; with ``n`` a list of that many. The state may also be ``length``, ``content_filter`` or
        ``tool_calls``.

    Raises:
        CallError: The answer is incomplete, stalled or an error, or does not fit its schema; ``reply`` has what had
            come, and ``replies`` the answers before it.
        SetupError: Nothing was sent: an unknown model, a bad value, a key that is not set.
    """
    options: Options = {
        "system": system,
        "images": images,
        "files": files,
        "conversation": conversation,
        "fork": fork,
        "history": history,
        "temperature": temperature,
        "max_tokens": max_tokens,
        "top_p": top_p,
        "seed": seed,
        "stop": stop,
        "extra_body": extra_body,
        "tools": tools,
        "tool_choice": tool_choice,
        "allow": allow,
        "leave": leave,
        "rounds": rounds,
        "schema": schema,
        "retries": retries,
        "reasoning": reasoning,
        "effort": effort,
        "logprobs": logprobs,
        "format": format,
        "makes_images": makes_images,
        "cache": cache,
        "timeout": timeout,
        "timeouts": timeouts,
    }
    here = session.current()
    if n is None:
        return here.ask(model, prompt, **options)
    from byom_magics.asking import several  # noqa: PLC0415 - not needed to load

    return several(lambda each: here.ask(model, prompt, **each), options, n)


def compare(
    models: str | Sequence[str | tuple[str, Mapping[str, Any]]],
    prompt: Said,
    *,
    sweep: tuple[str, Sequence[Any]] | Mapping[str, Sequence[Any]] | None = None,
    systems: Mapping[str, str] | Sequence[str] | None = None,
    n: int = 1,
    **options: Any,
) -> list[Reply]:
    """
    Ask several models the same at once, and wait for all answers.

    ``byom.compare(["llama", "gpt"], "…")``, or columns of one model: ``byom.compare(["llama"], "…", n=3)``.

    Args:
        models: Keys of registered models, or each with arguments of its own: ``("llama", {"temperature": 0})``.
        prompt: What is said to all; see `stream`.
        sweep: The name of an argument of `ask`, and values that each model is asked with: ``("temperature", [0, 1])``;
            or several in a mapping, all values with all.
        systems: System messages that each model is asked with, by names for them, or as a list.
        n: How many answers each gives.
        options: Further arguments of `ask`, for all. With ``conversation`` each model continues its own of that name.

    Returns:
        The replies, in the order of models, values of the sweep, systems and answers. None that fails is raised: its
        ``error`` says why, and the others are whole.

    Raises:
        UnknownModelError: There is no such model.
        OptionError: An argument cannot be used, fewer than two answers would come of it, or too many.
    """
    from byom_magics.comparing import Comparison, Unseen  # noqa: PLC0415 - not needed to load
    from byom_magics.study import wanted  # noqa: PLC0415 - the same
    from byom_magics.study.columns import columns_of  # noqa: PLC0415 - the same

    here = session.current()
    given, sweeps = wanted.models_wanted(models), wanted.sweeps_wanted(sweep)
    check_options([*options, *(name for _, own in given for name in own), *(name for name, _ in sweeps)], "compare")
    columns = columns_of(
        [(here.spec(key).key, own) for key, own in given],
        sweeps=sweeps,
        systems=wanted.systems_wanted(systems),
        samples=wanted.samples_wanted(n),
        seed=options.get("seed"),
    )
    comparison = Comparison(here, prompt, columns, options)
    comparison.start([Unseen()] * len(columns))
    try:
        while not comparison.wait():
            pass
    finally:
        comparison.stop_all()
    return comparison.replies


def leaderboard(
    *, ties: str = "half", bad: str = "tie", rounds: int = 1_000, seed: int = 0, confidence: float = 0.95
) -> Ranking:
    """
    Rank models by the blind votes of this session, ``byom.votes``.

    Args:
        ties: What a tie is: ``half`` a win for each, an outcome of its own (``davidson``), or left out (``skip``).
        bad: Whether a vote that all were bad is a ``tie``, or left out (``skip``).
        rounds: How often the votes are drawn anew for the intervals; 0 for none.
        seed: What the draws begin with.
        confidence: The share of draws that an interval holds.

    Raises:
        OptionError: An argument is not one of these.
    """
    from byom_magics.study.ranking import ranking  # noqa: PLC0415 - not needed to load

    votes = session.current().votes
    return ranking(votes, ties=ties, bad=bad, rounds=rounds, seed=seed, confidence=confidence)
