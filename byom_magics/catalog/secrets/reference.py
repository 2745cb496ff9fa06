"""What can be a reference to a key. A key itself never is: it would be saved with the line it stands on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from byom_magics.catalog.secrets.environment import name_key
from byom_magics.errors import SecretError

__all__ = [
    "Reference",
    "begins_like_key",
    "carries_key",
    "check_name",
    "check_reference",
    "is_reference",
    "is_secret_header",
    "looks_like_key",
    "parsed",
]

# Compiled when they are first used.
_ENV = r"env:([A-Za-z_][A-Za-z0-9_]*)"
_NAMED = r"(keyring|session):(\S{1,200})"
_IN_HEADERS = ("env:", "keyring:", "file:", "command:", "session:")
_KEY_IN_QUERY = r"(?i)(?:^|&)[^=&]*(?:key|token|secret|password|signature)="
_PREFIXES = r"(?:sk|pk|gsk|hf|xai|pplx|nvapi|r8|ghp|glpat|rk|fw|csk|tgp)[-_][A-Za-z0-9]|AIza|eyJ|Bearer\b"
_KEY_HEADERS = r"(?i)authorization|cookie|api[-_]?key|secret|password|(?:^|[-_])(?:key|token|auth)$"
_KEY_VALUES = r"(?i)(?:bearer|basic)\s"
_RIGHT_WAY = (
    "put it into an environment variable, such as NAME, and give --api-key env:NAME; or give --api-key ask, "
    "and you will be asked for it without it being shown or saved; or type it, unseen, at %byom_key set NAME, "
    "and give --api-key keyring:NAME"
)


@dataclass(frozen=True)
class Reference:
    """
    A reference, taken apart.

    Attributes:
        kind: ``env``, ``keyring``, ``session``, ``file``, ``command``, ``ask`` or ``callable``.
        name: The variable, the key's name, or the path.
        arguments: The program and its arguments.
        call: The callable.
    """

    kind: str
    name: str = ""
    arguments: tuple[str, ...] = field(default=(), repr=False)
    call: Callable[[], Any] | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """How it is shown. Of a command only the program: its arguments may hold what is nobody's business."""
        if self.kind == "command":
            return f"command:{self.arguments[0]}" + (" …" if len(self.arguments) > 1 else "")
        if self.kind == "callable":
            return f"callable {getattr(self.call, '__name__', type(self.call).__name__)}"
        return f"{self.kind}:{self.name}" if self.name else self.kind


def parsed(reference: object) -> Reference:
    """
    Take a reference apart.

    Raises:
        SecretError: It looks like a key itself, or like a reference of an unknown kind. It is not repeated.
    """
    if callable(reference):
        return Reference("callable", call=reference)
    if isinstance(reference, (list, tuple)):
        return _command(reference)
    if not isinstance(reference, str):
        message = f"A key is given as a reference, not as {type(reference).__name__}."
        raise SecretError(message, hint=_RIGHT_WAY)
    if reference == "ask":
        return Reference("ask")
    if found := re.fullmatch(_ENV, reference):
        return Reference("env", found[1])
    if (found := re.fullmatch(_NAMED, reference)) and reference.isprintable():
        check_name(found[2])
        return Reference(found[1], found[2])
    return _longer(reference)


def check_reference(reference: object) -> None:
    """
    Whether this can be a reference to a key; None is one to no key.

    Raises:
        SecretError: It looks like a key itself, or like a reference of an unknown kind. It is not repeated.
    """
    if reference is not None:
        found = parsed(reference)
        if found.kind == "env":
            name_key(found.name)


def is_reference(value: object) -> bool:
    """Whether a header's value, or another setting, is meant as a reference (not whether it is a good one)."""
    if isinstance(value, str):
        return value.startswith(_IN_HEADERS)
    return callable(value) or (isinstance(value, (list, tuple)) and bool(value) and value[0] == "command:")


def is_secret_header(name: str, value: str) -> bool:
    """Whether a header's value seems to be a key itself, by the header's name or by how it begins."""
    if is_reference(value):
        return False
    return bool(re.search(_KEY_HEADERS, name) or re.match(_KEY_VALUES, value)) or begins_like_key(value)


def check_name(name: str) -> None:
    """
    Whether a key can have this name.

    Raises:
        SecretError: It has blanks, or looks like a key itself. It is not repeated.
    """
    if not name or len(name) > 200 or not name.isprintable() or any(letter.isspace() for letter in name):
        message = "A key's name is one word of at most 200 characters."
        raise SecretError(message, hint="choose one such as openai")
    if looks_like_key(name):
        message = "That looks like a key itself, not like the name of one. Keys are never taken on a line: it is saved."
        hint = "type it, unseen, at %byom_key set NAME. If it was a real key, it now stands in the notebook: replace it"
        raise SecretError(message, hint=hint)


def looks_like_key(text: str) -> bool:
    """Whether a text is probably a key, by its first letters or by a long word of letters and digits in it."""
    if len(text) < 16:
        return False
    if re.match(_PREFIXES, text):
        return True
    return any(_is_random(word) for word in re.split(r"[-_./:@]", text))


def begins_like_key(text: str) -> bool:
    """Whether a text is almost certainly a key: it begins like those of well-known services, and goes on at random."""
    return len(text) >= 20 and bool(re.match(_PREFIXES, text)) and sum(letter.isdigit() for letter in text) >= 3


def carries_key(query: str) -> bool:
    """Whether the query of an address seems to carry a key: addresses are shown and saved, so none may stand there."""
    if re.search(_KEY_IN_QUERY, query):
        return True
    return any(begins_like_key(piece) for piece in re.split("[&=/]", query))


def _longer(reference: str) -> Reference:
    kind, colon, rest = reference.partition(":")
    if colon and kind == "file" and rest.strip() and "\0" not in rest and rest.isprintable():
        return Reference("file", rest.strip())
    if colon and kind == "command" and rest.strip():
        return _command(("command:", *_split(rest)))
    if colon and kind == "env":
        message = "That is no name of an environment variable."
        raise SecretError(message, hint="names have letters, digits and underscores: --api-key env:MY_API_KEY")
    if colon and kind in ("file", "command", "keyring", "session"):
        message = f"There is no proper name after {kind}:"
        raise SecretError(message, hint="give keyring:NAME, file:PATH or 'command:PROGRAM ARGUMENT …'")
    message = "That is a key itself, or no reference that is known. Keys are never taken on a line: it is saved."
    raise SecretError(message, hint=f"{_RIGHT_WAY}. If it was a real key, it now stands in the notebook: replace it")


def _command(words: list[Any] | tuple[Any, ...]) -> Reference:
    arguments = tuple(words[1:])
    if not words or words[0] != "command:" or not all(isinstance(word, str) and "\0" not in word for word in arguments):
        message = "A list is a reference only if it is a command: its first item is 'command:', the others are texts."
        raise SecretError(message, hint='give one such as ("command:", "vault", "read", "-field=key", "secret/llm")')
    if not arguments or not arguments[0].strip():
        message = "The command of a key names no program."
        raise SecretError(message, hint="give one such as 'command:vault read -field=key secret/llm'")
    return Reference("command", arguments=arguments)


def _split(line: str) -> list[str]:
    import shlex  # noqa: PLC0415 - few people have commands

    words = shlex.shlex(line, posix=True, punctuation_chars=False)
    words.whitespace_split = True
    words.commenters = ""
    if os.name == "nt":
        words.escape = ""  # a backslash stands between folders there
    try:
        return list(words)
    except ValueError:
        message = "The command of a key has a quote that is not closed."
        raise SecretError(message, hint="close it, or give the command as a list of its words") from None


def _is_random(word: str) -> bool:
    digits = sum(letter.isdigit() for letter in word)
    return len(word) >= 20 and digits >= 3 and len(word) - digits >= 3
