"""The words of a comparison's line: models, each with what is its own in brackets, and what makes columns of one."""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from byom_magics.errors import OptionError
from byom_magics.magics import options, reading
from byom_magics.magics.arguments import Arguments
from byom_magics.magics.bracketed import Given, closing, pairs, values
from byom_magics.magics.filling import expanded
from byom_magics.plain import one_line, visible
from byom_magics.study.columns import Column, Named, columns_of

if TYPE_CHECKING:
    from byom_magics.magics.arguments import Option
    from byom_magics.magics.question import Names
    from byom_magics.session import Session

__all__ = ["OWN", "columns_of_line", "has_own", "model_with_own", "sorted_words", "sweep"]

OWN = ("system", "temperature", "max_tokens", "top_p", "seed", "stop", "effort", "logprobs", "timeout", "retries")
"""The options that a column may have for itself."""

_OPTIONS = {option.name: option for option in options.ASK.options if option.name in OWN}
_WORDS = {
    word: option for option in _OPTIONS.values() for word in (option.name, *(flag.lstrip("-") for flag in option.flags))
}
_BODY = "o."
_TEXT = "system"
_LOOKED_UP = re.compile(r"[^\W\d]\w*(?:[.\[]|\Z)")
_SEVERAL = "stop"


def columns_of_line(session: Session, arguments: Arguments, names: Names) -> tuple[Column, ...]:
    """
    The columns that a line asks for.

    Raises:
        UnknownModelError: A model is not registered.
        OptionError: What is in brackets cannot be used, a name of ``--systems`` is not there, or there is nothing to
            compare.
    """
    if arguments.words[:1] and arguments.words[0].startswith("["):
        raise _loose(arguments.words[0])
    models = [model_with_own(session, word) for word in arguments.words]
    if not models and (arguments.sweep or arguments.systems or arguments.samples):
        models = [(session.spec(None).key, {})]
    sweeps = [
        (name, [_text(value, arguments, names) for value in values] if name == _TEXT else values)
        for name, values in arguments.sweep or ()
    ]
    return columns_of(
        [(key, {**own, **_texts(own, arguments, names)}) for key, own in models],
        sweeps=sweeps,
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
    The model of a word such as ``llama[temperature=0,system="Be brief."]``, and the options that are its own.

    A system message without quotes is a `Bare` text: it may be the name of one in the notebook.

    Raises:
        UnknownModelError: There is no such model.
        OptionError: What is in brackets cannot be used.
    """
    if word in session.models or "[" not in word:
        named = [each for each in word.split(",") if each]
        if word not in session.models and "," in word and all(each in session.models for each in named):
            hint = f"put blanks between them: %%byom_compare {' '.join(named)}"
            raise OptionError(f"'{visible(word)[:80]}' is no model; commas do not part models.", hint=hint)
        return session.spec(word).key, {}
    if word.startswith("["):
        raise _loose(word)
    key, inside = _split(session, word)
    own: dict[str, Any] = {}
    for given in _pairs(word, inside):
        if given.name.startswith(_BODY):
            own["extra_body"] = {**own.get("extra_body", {}), **_field(word, given)}
            continue
        option = _option(word, given.name)
        value = _read(option, given)
        if option.name in own and option.name != _SEVERAL:
            message = f"'{visible(word)[:80]}' says {option.name} twice."
            raise OptionError(message, hint="leave one of them out")
        own[option.name] = [*_listed(own[option.name]), *_listed(value)] if option.name in own else value
    return session.spec(key).key, own


def has_own(session: Session, word: str) -> bool:
    """Whether a word is a model with options of its own in brackets."""
    return "[" in word[1:] and word.endswith("]") and _split(session, word)[0] in session.models


def sweep(text: str) -> tuple[str, list[Any]]:
    """An option with the values that each model is asked with, such as ``temperature=0,0.7,1.4``."""
    name, equals, rest = text.partition("=")
    option = _WORDS.get(name.strip().replace("-", "_")) or _WORDS.get(name.strip())
    body = name.strip().startswith(_BODY)
    if not equals or (option is None and not body):
        message = f"NAME=VALUE,VALUE, the name one of {', '.join(sorted(_OPTIONS))}, or {_BODY}FIELD for any other"
        raise ValueError(message)
    given = [each._replace(name=name.strip()) for each in values(rest)]
    read = [_value(option, each) if option else dict([_body(each)]) for each in given]
    if len(read) < 2 or len({repr(value) for value in read}) < len(read):  # 1 and true are the same to ==
        message = "two different values or more, with commas between them and no blanks (or all of it in quotes)"
        raise ValueError(message)
    return ("extra_body" if option is None else option.name), read


class Bare(str):
    """A text that was not written in quotes, so that it may be the name of another one."""

    __slots__ = ()


def _split(session: Session, word: str) -> tuple[str, str]:
    """The key and what is in the brackets behind it; a key may have brackets itself."""
    cuts = [at for at, character in enumerate(word) if character == "["]
    at = next((at for at in reversed(cuts) if word[:at] in session.models), cuts[0])
    if not word.endswith("]"):
        end = closing(word, at)
        what = "has a bracket that is not closed" if end is None else "has something behind its bracket"
        hint = (
            f"close it: {visible(word[:at])[:40]}[temperature=0]" if end is None else "put a blank behind the bracket"
        )
        raise OptionError(f"'{visible(word)[:80]}' {what}.", hint=hint)
    return word[:at], word[at + 1 : -1]


def _loose(word: str) -> OptionError:
    what = f"'{visible(word)[:80]}' stands alone, so no column has these options."
    return OptionError(what, hint="write them behind a model without a blank between: A[temperature=0]")


def _pairs(word: str, inside: str) -> list[Given]:
    try:
        return list(pairs(inside))
    except ValueError as problem:
        what, hint = problem.args
        raise OptionError(f"'{visible(word)[:80]}' cannot be read: {what}.", hint=hint) from None


def _option(word: str, name: str) -> Option:
    found = _WORDS.get(name) or _WORDS.get(name.replace("-", "_"))
    if found is None:
        near = [word for word in _WORDS if word.startswith(name)] or difflib.get_close_matches(name, _WORDS, n=1)
        message = f"'{visible(word)[:80]}' has an option that a column cannot have: {visible(name)[:40]}."
        others = f"it is one of {', '.join(sorted(_OPTIONS))}, or {_BODY}FIELD for any other field of the request"
        raise OptionError(message, hint=f"did you mean {near[0]}?" if near else others)
    return found


def _read(option: Option, given: Given) -> Any:  # noqa: ANN401 - as the option reads it
    try:
        return _value(option, given)
    except ValueError as problem:
        message = f"{visible(given.name)[:40]} of a column cannot be '{visible(given.text)[:60]}'."
        commas = "; further options stand behind a comma" if "=" in given.text else ""
        raise OptionError(message, hint=f"it wants {problem}{commas}") from None


def _value(option: Option, given: Given) -> Any:  # noqa: ANN401 - as the option reads it
    if option.name == _TEXT:
        return given.text if given.quoted else Bare(given.text)
    several = reading.field(f"{option.name}={given.text}")[1] if option.name == _SEVERAL and not given.quoted else None
    if isinstance(several, list) and several and all(isinstance(each, str) for each in several):
        return several
    return option.read(given.text)


def _field(word: str, given: Given) -> dict[str, Any]:
    try:
        return dict([_body(given)])
    except ValueError as problem:
        message = f"'{visible(word)[:80]}' has a field of the request that cannot be read: {visible(given.name)[:40]}."
        raise OptionError(message, hint=f"it wants {_BODY}{problem}") from None


def _body(given: Given) -> tuple[str, Any]:
    name, value = reading.field(f"{given.name[len(_BODY) :]}={given.text}")
    return name, given.text if given.quoted else value


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - one text, or several
    return value if isinstance(value, list) else [value]


def _texts(own: Mapping[str, Any], arguments: Arguments, names: Names) -> dict[str, str]:
    return {_TEXT: _text(own[_TEXT], arguments, names)} if _TEXT in own else {}


def _text(said: str, arguments: Arguments, names: Names) -> str:
    """A system message: the text of the notebook that it names, or itself with its values filled in."""
    root = _root(said) if isinstance(said, Bare) and not arguments.raw else ""
    if root in names.values:
        return _named(said, names)
    if root == said:
        near = names.near(said, lambda each: isinstance(each, str))
        if near or "_" in said:
            message = f"system={visible(said)[:60]} looks like the name of a text, and there is none."
            before = f"did you mean {near}?" if near else f"define it in a cell before: {visible(said)[:30]} = '…';"
            raise OptionError(message, hint=f'{before} The word itself is system="{visible(said)[:30]}"')
    return str(said) if arguments.raw else expanded(str(said), names).text


def _root(said: str) -> str:
    """The name that a text begins with which may stand for another: ``prompts`` of ``prompts["terse"]``."""
    if not _LOOKED_UP.match(said):
        return ""
    try:
        node = ast.parse(said.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _named(said: str, names: Names) -> str:
    try:
        value = names.evaluate(said)
    except Exception as problem:  # noqa: BLE001 - the person's own expression may raise anything
        what = f"{type(problem).__name__}: {visible(str(problem))[:200]}"
        message = f"system={visible(said)[:60]} stands for nothing: {what}"
        raise OptionError(message, hint="name a text of the notebook, or put what is to be said in quotes") from None
    if isinstance(value, str) and value.strip():
        return Named(value, one_line(said, 60))
    message = f"system={visible(said)[:60]} names something of the notebook that is no text."
    words = json.dumps(visible(said)[:30], ensure_ascii=False)
    raise OptionError(message, hint=f"a system message is a text; the words themselves are system={words}")


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
