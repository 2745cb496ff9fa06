"""``%byom_key``: keys are typed, replaced, forgotten and listed. None ever stands on the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.catalog import secrets
from byom_magics.errors import OptionError, SecretError
from byom_magics.magics.arguments import Arguments, Option, Table
from byom_magics.magics.manual import manual
from byom_magics.plain import visible

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.catalog.spec import KeyReference, ModelSpec
    from byom_magics.session import Session

__all__ = ["KEY", "VERBS", "KeyMagics"]

VERBS = ("set", "rotate", "forget", "list")

KEY = Table(
    "%byom_key",
    (
        Option("url", ("--url",), "set: the server's base address, the only one that may receive the key", "URL"),
        Option(
            "for_model", ("--for",), "the same, by a registered model; rotate: the model that tries the key", "MODEL"
        ),
        Option("file", ("--file",), "set: keep it in a file of your own (mode 600, not encrypted)", "PATH"),
    ),
    words=1_000,  # they are counted here: what is one too many may be a key, and is not repeated
)

_MANUAL = """
Keep keys without writing them: they are typed, unseen, when you are asked.

    %byom_key set NAME [--url URL | --for MODEL] [--file PATH]
    %byom_key rotate NAME [--for MODEL]
    %byom_key forget NAME
    %byom_key list

NAME is a word of your choice, or the key of a registered model, whose server then is the only one that may receive it.
Models use it by --api-key keyring:NAME.

A key is kept in the keyring of the system, encrypted (that needs the package keyring: %pip install
'byom-magics[keyring]'). Where there is none it is kept in memory until the kernel ends, and that is said; or, with
--file, in a file that only you can read, which is not encrypted: models use it by --api-key file:PATH.

rotate tries the new key with one small question before the old one goes; calls under way finish with the old one.
list shows where each key is, for which address, and who uses it; of a long key the last four characters, never more.

Examples:

    %byom_key set openai --url https://api.openai.com/v1
    %byom_register gpt --url https://api.openai.com/v1 --model gpt-4o --api-key keyring:openai
    %byom_key rotate gpt
"""
_USAGE = "write %byom_key set NAME, %byom_key rotate NAME, %byom_key forget NAME, or %byom_key list"
_COLUMNS = ("key", "for", "used by")


@dataclass(frozen=True)
class _Target:
    """
    The key that is meant.

    Attributes:
        name: As it was typed.
        reference: Where it is, or will be.
        origin: What it is for; empty if that is not known.
        model: A model that uses it, or None.
    """

    name: str
    reference: KeyReference
    origin: str
    model: str | None

    @property
    def written(self) -> str:
        """How a model names it."""
        return secrets.describe(self.reference, self.origin).text


@magics_class
class KeyMagics(Magics):
    """
    The magic about keys.

    Args:
        shell: Where it is typed.
        session: Whose models use them.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._session = session

    @no_var_expand
    @line_magic
    def byom_key(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = KEY.parse(line)
        verb = _verb(arguments, self._session)
        if verb == "list":
            self._list()
            return
        target = self._target(arguments)
        _check_stays(target, arguments, verb)
        {"set": self._set, "rotate": self._rotate, "forget": self._forget}[verb](target)

    byom_key.__doc__ = manual(_MANUAL, KEY)

    def _set(self, target: _Target) -> None:
        secrets.check_can_keep(target.reference)
        secret = self._typed("Key", target)
        where = secrets.keep(target.reference, secret)
        _say(f"The key {target.name} is {where}. {self._bound(target)}. {self._use(target)}")

    def _rotate(self, target: _Target) -> None:
        secrets.check_can_keep(target.reference)
        if not secrets.look(target.reference, target.origin).is_set:
            message = f"There is no key {visible(target.name)} that could be replaced."
            raise SecretError(message, hint=f"type it: %byom_key set {visible(target.name)}")
        if target.model is None:
            message = f"No registered model uses the key {visible(target.name)}, so that nothing can try a new one."
            raise OptionError(message, hint="name one with --for MODEL, or replace it untried: %byom_key set NAME")
        from byom_magics.verifying import verify_key  # noqa: PLC0415 - messages and events take long to load

        secret = self._typed("New key", target)
        problem = verify_key(self._session, target.model, secret)
        if problem is not None:
            message = f"The new key was tried with {target.model}, and not taken: {problem}\nThe old one stays."
            raise SecretError(message, model=target.model, hint="check the new key, and rotate again")
        where = secrets.keep(target.reference, secret, replace=True)
        _say(f"{target.model} took the new key {target.name}; it is {where}. Calls under way finish with the old one.")

    def _forget(self, target: _Target) -> None:
        there = secrets.drop(target.reference, target.origin)
        _say(f"Forgot the key {target.name}." if there else f"There was no key {target.name}.")

    def _list(self) -> None:
        from byom_magics.show.tables import Table as Shown  # noqa: PLC0415 - the renderer is only loaded when needed
        from byom_magics.show.views import show_html  # noqa: PLC0415 - with it

        rows = self._rows()
        if not rows:
            _say("There are no keys. Keep one: %byom_key set NAME")
            return
        table = Shown(_COLUMNS, rows)
        show_html(table.html, table.plain)

    def _rows(self) -> list[tuple[str, str, str]]:
        users: dict[tuple[str, str], tuple[KeyReference, list[str]]] = {}
        for spec in self._session.models.values():
            for reference, receiver in _references(spec):
                place = (secrets.describe(reference).text, receiver)
                users.setdefault(place, (reference, []))[1].append(spec.key)
        rows = [
            (str(secrets.look(reference, origin)), secrets.bound_to(reference) or origin, ", ".join(keys))
            for (_, origin), (reference, keys) in users.items()
        ]
        used = {text for text, _ in users}
        unused = (each for each in secrets.stored() if each not in used)
        rows += [(str(secrets.look(each)), secrets.bound_to(each) or "not bound yet", "no model") for each in unused]
        return rows

    def _target(self, arguments: Arguments) -> _Target:
        name, models = arguments.words[1], self._session.models
        url, other = arguments.url, arguments.for_model
        if name in models and url is None and other is None:
            spec = models[name]
            reference = spec.endpoint.api_key or f"keyring:{name}"
            return _Target(name, _file(arguments) or reference, _origin(spec), name)
        reference = _file(arguments) or self._named(name)
        bound = _bound(reference)
        user = models[other] if other is not None else self._user(reference, bound) if url is None else None
        if user is not None:
            return _Target(name, reference, _origin(user), user.key)
        return _Target(name, reference, _origin_of(url) if url is not None else bound, None)

    def _named(self, name: str) -> str:
        """The reference of a name: as it is typed, as a model has it, or else one to the keyring."""
        if not name.startswith(("keyring:", "session:")):
            secrets.check_name(name)
            if self._user(f"session:{name}") is not None:
                return f"session:{name}"
            name = f"keyring:{name}"
        secrets.check_reference(name)
        return name

    def _user(self, reference: KeyReference, bound: str = "") -> ModelSpec | None:
        """A model that uses a key, at the address that the key is bound to if it is bound."""
        users = [spec for spec in self._session.models.values() if spec.endpoint.api_key == reference]
        if bound:
            return next((spec for spec in users if _origin(spec) == bound), None)
        if len(places := {_origin(spec): None for spec in users}) > 1:
            message = f"Models at several addresses name this key: {', '.join(places)}. Only one may receive it."
            raise SecretError(message, hint="say which: --url URL or --for MODEL")
        return users[0] if users else None

    def _typed(self, what: str, target: _Target) -> secrets.Secret:
        place = f" for {target.origin}" if target.origin else ""
        return secrets.prompt(f"{what} {target.name}{place}: ", target.origin, target.model)

    def _bound(self, target: _Target) -> str:
        if target.origin:
            return f"Only {target.origin} may receive it"
        return "The model that first names it decides who may receive it; --url or --for would say so now"

    def _use(self, target: _Target) -> str:
        user = self._user(target.reference, target.origin)
        if user is not None or target.reference == "ask":
            return f"{user.key if user else target.name} uses it from its next call on"
        return f"Let a model use it: %byom_register … --api-key {target.written}"


def _verb(arguments: Arguments, session: Session) -> str:
    words = arguments.words
    verb = words[0] if words else ""
    if verb not in VERBS:
        message = "%byom_key: the first word says what to do with a key."
        raise OptionError(message, hint=_USAGE)
    wanted = 1 if verb == "list" else 2
    file = arguments.file if arguments.file is not None and not re.search(r"[/\\.~]", arguments.file) else None
    given = [word for word in (*words[1:], arguments.url, arguments.for_model, file) if word is not None]
    if len(words) > wanted or any(secrets.looks_like_key(word) and word not in session.models for word in given):
        message = "%byom_key takes a key's name, never the key itself: the line is saved."
        hint = "leave it out; you will be asked for it, unseen. If it was a real key, replace it at its service"
        raise SecretError(message, hint=hint)
    if len(words) < wanted:
        message = "%byom_key: the key's name is missing."
        raise OptionError(message, hint=_USAGE)
    taken = {"set": {"url", "for_model", "file"}, "rotate": {"for_model"}}.get(verb, set())
    wrong = sorted(set(arguments.values) - taken)
    if wrong or {"url", "for_model"} <= set(arguments.values):
        message = f"%byom_key {verb}: these options do not go together, or not with {verb}."
        raise OptionError(message, hint="%byom_key? shows which options there are")
    return verb


def _bound(reference: KeyReference) -> str:
    """The origin that a key is for that is kept already; empty if none is kept, or it is for nobody yet."""
    secrets.look(reference)
    return secrets.bound_to(reference)


def _check_stays(target: _Target, arguments: Arguments, verb: str) -> None:
    """A key moves to another address when that is said, and not because some model there names it."""
    bound = _bound(target.reference) if verb in ("set", "rotate") else ""
    said = arguments.url is not None or arguments.for_model is not None
    if not bound or bound == target.origin or (verb == "set" and said):
        return
    message = f"The key {visible(target.name)} belongs to {bound}, and this would send it to {target.origin}."
    hint = "give this address a key of another name; or move it: %byom_key set NAME --url URL"
    raise SecretError(message, model=target.model, hint=hint)


def _references(spec: ModelSpec) -> Iterator[tuple[KeyReference, str]]:
    """The keys of a model, each with who receives it."""
    endpoint, origin = spec.endpoint, _origin(spec)
    headers = filter(secrets.is_reference, endpoint.headers.values())
    proxy = endpoint.proxy if endpoint.proxy in (None, "env") else _origin_of(endpoint.proxy)
    receivers = (
        (endpoint.api_key, origin),
        *((value, origin) for value in headers),
        (endpoint.proxy_login, "the environment's proxy" if proxy == "env" else proxy or "no proxy"),
        (endpoint.tls.key_password, origin),
    )
    for reference, receiver in receivers:
        if reference is not None:
            yield reference, receiver


def _file(arguments: Arguments) -> str | None:
    return f"file:{arguments.file}" if arguments.file is not None else None


def _origin(spec: ModelSpec) -> str:
    return _origin_of(spec.url)


def _origin_of(url: str) -> str:
    from byom_magics.wire.policy import base_url, origin  # noqa: PLC0415 - not needed to load

    return origin(base_url(url))


def _say(text: str) -> None:
    print(visible(text))  # noqa: T201 - a line for the person who typed the magic
