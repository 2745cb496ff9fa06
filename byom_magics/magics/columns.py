"""The words of a comparison's line: models, each with what is its own in brackets, and what makes columns of one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.magics import options, reading
from byom_magics.magics.arguments import Arguments
from byom_magics.plain import visible
from byom_magics.study.columns import Column, columns_of

if TYPE_CHECKING:
    from byom_magics.magics.arguments import Option
    from byom_magics.magics.question import Names
    from byom_magics.session import Session

__all__ = ["columns_of_line", "has_own", "model_with_own", "sorted_words", "sweep"]

_OWN = ("system", "temperature", "max_tokens", "top_p", "seed", "stop", "effort", "logprobs", "timeout", "retries")
_OPTIONS = {option.name: option for option in options.ASK.options if option.name in _OWN}
_WORDS = {
    word: option for option in _OPTIONS.values() for word in (option.name, *(flag.lstrip("-") for flag in option.flags))
}
_BODY = "o."
_BRACKETS = re.compile(r"\[.*\]\Z", re.DOTALL)
_NEXT = re.compile(r",\s*(?=[A-Za-z_][\w.-]*=)")


def columns_of_line(session: Session, arguments: Arguments, names: Names) -> tuple[Column, ...]:
    """
    The columns that a line asks for.

    Raises:
        UnknownModelError: A model is not registered.
        OptionError: What is in brackets cannot be used, a name of ``--systems`` is not there, or there is nothing to
            compare.
    """
    models = [model_with_own(session, word) for word in arguments.words]
    if not models and (arguments.sweep or arguments.systems or arguments.samples):
        models = [(session.spec(None).key, {})]
    return columns_of(
        models,
        sweep=arguments.sweep,
        systems=_systems(arguments.systems, names) if arguments.systems else None,
        samples=arguments.samples or 1,
        seed=arguments.seed,
    )


def sorted_words(session: Session, arguments: Arguments) -> Arguments:
    """The same line; in ``-c llama gpt`` the word behind ``-c`` is a model, and no name of a conversation."""
    named = arguments.conversation
    if not named or not (named in session.models or has_own(session, named)):
        return arguments
    return Arguments((named, *arguments.words), {**arguments.values, "conversation": ""}, arguments.rest)


def model_with_own(session: Session, word: str) -> tuple[str, dict[str, Any]]:
    """
    The model of a word such as ``llama[temperature=0,system=Be brief.]``, and the options that are its own.

    Raises:
        UnknownModelError: There is no such model.
        OptionError: What is in brackets cannot be used.
    """
    if word in session.models or not _BRACKETS.search(word):
        return session.spec(word).key, {}
    key, inside = _split(session, word)
    own: dict[str, Any] = {}
    for name, text in _pairs(word, inside):
        if name.startswith(_BODY):
            field, value = reading.field(f"{name[len(_BODY) :]}={text}")
            own["extra_body"] = {**own.get("extra_body", {}), field: value}
        else:
            option = _option(word, name)
            own[option.name] = _read(option, name, text)
    return session.spec(key).key, own


def has_own(session: Session, word: str) -> bool:
    """Whether a word is a model with options of its own in brackets."""
    return bool(_BRACKETS.search(word)) and _split(session, word)[0] in session.models


def sweep(text: str) -> tuple[str, list[Any]]:
    """An option with the values that each model is asked with, such as ``temperature=0,0.7,1.4``."""
    name, equals, values = text.partition("=")
    option = _WORDS.get(name.strip().replace("-", "_")) or _WORDS.get(name.strip())
    body = name.strip().startswith(_BODY)
    if not equals or (option is None and not body):
        message = f"NAME=VALUE,VALUE, the name one of {', '.join(sorted(_OPTIONS))}, or {_BODY}FIELD for any other"
        raise ValueError(message)
    given = [value.strip() for value in values.split(",") if value.strip()]
    read = [option.read(value) if option else reading.field(f"{name.strip()[len(_BODY) :]}={value}") for value in given]
    if len(read) < 2 or len({repr(value) for value in read}) < len(read):  # 1 and true are the same to ==
        message = "two different values or more, with commas between them"
        raise ValueError(message)
    if option is None:
        return "extra_body", [dict([pair]) for pair in read]
    return option.name, read


def _split(session: Session, word: str) -> tuple[str, str]:
    """The key and what is in the brackets behind it; a key may have brackets itself."""
    cuts = [at for at, character in enumerate(word) if character == "["]
    at = next((at for at in reversed(cuts) if word[:at] in session.models), cuts[0])
    return word[:at], word[at + 1 : -1]


def _pairs(word: str, inside: str) -> Iterator[tuple[str, str]]:
    for pair in _NEXT.split(inside):
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            message = f"'{visible(word)[:80]}' is no model with options of its own."
            raise OptionError(message, hint="write them as NAME=VALUE with commas between: A[temperature=0,seed=1]")
        yield name.strip(), text.strip()


def _option(word: str, name: str) -> Option:
    found = _WORDS.get(name) or _WORDS.get(name.replace("-", "_"))
    if found is None:
        near = [word for word in _WORDS if word.startswith(name)] or difflib.get_close_matches(name, _WORDS, n=1)
        message = f"'{visible(word)[:80]}' has an option that a column cannot have: {visible(name)[:40]}."
        others = f"it is one of {', '.join(sorted(_OPTIONS))}, or {_BODY}FIELD for any other field of the request"
        raise OptionError(message, hint=f"did you mean {near[0]}?" if near else others)
    return found


def _read(option: Option, name: str, text: str) -> Any:  # noqa: ANN401 - as the option reads it
    try:
        return option.read(text)
    except ValueError as problem:
        message = f"{visible(name)[:40]} of a column cannot be '{visible(text)[:60]}'."
        raise OptionError(message, hint=f"it wants {problem}") from None


def _systems(given: Sequence[str], names: Names) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in given:
        try:
            value = names.evaluate(name)
        except Exception as problem:  # noqa: BLE001 - a name may be any expression of the person's own
            near = names.near(name, lambda each: isinstance(each, str))
            message = f"--systems names '{visible(name)[:60]}', which is not there: {visible(str(problem))[:200]}"
            hint = f"did you mean {near}?" if near else f"define it in a cell before: {visible(name)[:30]} = '…'"
            raise OptionError(message, hint=hint) from None
        if not isinstance(value, str) or not value.strip():
            message = f"--systems names '{visible(name)[:60]}', which is no text."
            raise OptionError(message, hint="a system message is a text: terse = 'Be brief.'")
        found[name] = value
    return found
