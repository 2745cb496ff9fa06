"""From a reference to what it stands for: said in words for a table, or the key itself for one call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from byom_magics.catalog.secrets import memory
from byom_magics.catalog.secrets.environment import variable
from byom_magics.catalog.secrets.masking import hide, look_for
from byom_magics.catalog.secrets.reference import Reference, parsed
from byom_magics.catalog.secrets.secret import Secret, Stopped, sendable
from byom_magics.errors import MissingPackageError, SecretError
from byom_magics.plain import visible

if TYPE_CHECKING:
    from byom_magics.catalog.secrets.system_keyring import SystemKeyring
    from byom_magics.catalog.secrets.tokens import Token, Tokens
    from byom_magics.catalog.spec import KeyReference

__all__ = [
    "KeySource",
    "bound_to",
    "describe",
    "forget_session",
    "forget_token",
    "keyring",
    "look",
    "noted",
    "resolve",
    "unbound",
]

_KEEP_S = {"command": 300.0, "callable": 0.0}

_tokens: list[Tokens] = []  # one of each for a session, made when it is first needed
_keyring: list[SystemKeyring] = []
_lock = threading.Lock()
_first: dict[str, str] = {}  # which origin a key that is bound to none went to first: it goes to no other
_read_once: dict[str, Secret] = {}  # what the keyring gave in this session: a table may say so without asking it


@dataclass(frozen=True)
class KeySource:
    """
    Where a key comes from.

    Attributes:
        text: The reference, as far as it can be shown.
        is_set: Whether it is there; None if that is only known when it is asked for.
        tail: The last four characters of the key, where it is known and long enough to show them.
    """

    text: str
    is_set: bool | None
    tail: str = ""

    def __str__(self) -> str:
        if not self.text:
            return "none needed"
        if self.is_set is None:
            return self.text
        return f"{self.text} ({f'set, …{self.tail}' if self.tail else 'set' if self.is_set else 'not set'})"


class _Wanted(NamedTuple):
    """What a key is wanted for."""

    reference: Reference
    origin: str
    prefix: str
    model: str | None
    what: str
    in_header: bool


def describe(reference: KeyReference | None, origin: str = "") -> KeySource:
    """Where a reference points, for tables: never the key, no keyring is asked, and no command is run."""
    if reference is None:
        return KeySource("", None)
    known = parsed(reference)
    if known.kind == "env":
        return _described(known.text, variable(known.name).strip())
    if known.kind == "file":
        from byom_magics.catalog.secrets.key_file import is_there  # noqa: PLC0415 - few people have key files

        return KeySource(known.text, is_there(known.name))
    if known.kind == "ask":
        typed = memory.known(origin)
        return KeySource("ask", typed is not None, typed.tail if typed else "")
    if known.kind in ("session", "keyring"):
        held = memory.held(known.name)
        if held is None and known.kind == "keyring":
            held = _read_once.get(known.name)
            if held is None:
                return KeySource(known.text, None)
        return KeySource(known.text, held is not None, held.tail if held else "")
    return KeySource(known.text, None)


def look(reference: KeyReference | None, origin: str = "") -> KeySource:
    """The same as `describe`, and the keyring is asked; still no command is run, and nobody is prompted."""
    said = describe(reference, origin)
    if said.is_set is None and isinstance(reference, str) and reference.startswith("keyring:"):
        try:
            found = _stored(parsed(reference))
        except (SecretError, MissingPackageError):
            return said
        return KeySource(said.text, found is not None, found.tail if found else "")
    return said


def resolve(
    reference: KeyReference,
    *,
    origin: str,
    prefix: str = "",
    model: str | None = None,
    what: str = "key",
    in_header: bool = True,
) -> Secret:
    """
    The key that a reference stands for, bound to ``origin``.

    It is looked up anew each time, short-lived tokens excepted, which are kept until shortly before they expire.

    Args:
        reference: Where it is.
        origin: Scheme, host and port that may receive it.
        prefix: What stands before it in the header.
        model: The key of the model, for messages.
        what: What it is, where it is no key: ``proxy login``, ``password of the client certificate``.
        in_header: Whether it goes into a header as it is; other secrets may have letters of all scripts.

    Raises:
        SecretError: It is not set, is bound to another origin, or cannot be sent in a header.
        MissingPackageError: It is in a keyring, and the package for that is not installed.
    """
    wanted = _Wanted(parsed(reference), origin, prefix, model, what, in_header)
    del reference
    try:
        return _bound(_found(wanted), wanted)
    except (SecretError, MissingPackageError) as problem:
        error = type(problem)(problem.what, model=problem.model or model, hint=problem.hint)
    # Told anew, outside of the handler: tracebacks may show what a frame holds, and the frames below held the key.
    raise error


def forget_session() -> None:
    """Forget what lives as long as a session: typed and held keys, tokens, and which keyring there is."""
    memory.forget()
    with _lock:
        _tokens.clear()
        _keyring.clear()
        _read_once.clear()
        _first.clear()


def keyring() -> SystemKeyring:
    """The keyring of this session."""
    from byom_magics.catalog.secrets.system_keyring import SystemKeyring  # noqa: PLC0415 - loaded when it is used

    with _lock:
        if not _keyring:
            _keyring.append(SystemKeyring())
        return _keyring[0]


def unbound(name: str) -> None:
    """A key was replaced: whoever first received the one before has no claim to it."""
    _first.pop(name, None)


def noted(name: str, secret: Secret | None) -> None:
    """Note what the keyring has under a name, for tables."""
    if secret is None:
        _read_once.pop(name, None)
    else:
        _read_once[name] = secret


def bound_to(reference: KeyReference) -> str:
    """The origin that was noted beside a key when it was kept; empty if none was, or nobody has asked for it yet."""
    found = parsed(reference)
    if found.kind not in ("keyring", "session"):
        return ""
    held = memory.held(found.name) or _read_once.get(found.name)
    return (held.origin if held else "") or _first.get(found.name, "")


def forget_token(reference: Reference, origin: str) -> bool:
    """Forget the token that is kept of a command or a callable; whether there was one."""
    return _kept_tokens().drop((reference.arguments or _Same(reference.call), origin))


def _described(text: str, value: str) -> KeySource:
    return KeySource(text, bool(value), Secret(value, source=text, origin="").tail)


def _found(wanted: _Wanted) -> Secret:
    """The key where it stands, as it is."""
    reference = wanted.reference
    source = reference.text
    if reference.kind == "ask":
        return memory.typed(wanted.origin, wanted.model, wanted.what)
    if reference.kind in ("keyring", "session"):
        found = _stored(reference)
        if found is None:
            message = f"There is no key {source}."
            raise SecretError(message, hint=f"type it, unseen: %byom_key set {reference.name}")
        return found
    if reference.kind == "file":
        from byom_magics.catalog.secrets.key_file import read_key_file  # noqa: PLC0415 - few people have key files

        return Secret(read_key_file(reference.name), source=source, origin="")
    if reference.kind == "env":
        value = variable(reference.name)
        if not value:
            name = reference.name
            message = f"The environment variable {name} is not set, or is empty."
            command = f'import os, getpass; os.environ["{name}"] = getpass.getpass()'
            hint = f"set it before the kernel starts, or run: {command}"
            raise SecretError(message, hint=hint)
        return Secret(value, source=source, origin="")
    token = _kept_tokens().get(_token_key(wanted), _fetching(reference), _KEEP_S[reference.kind])
    return Secret(token.reveal(), source=source, origin="")


def _stored(reference: Reference) -> Secret | None:
    held = memory.held(reference.name)
    if held is not None or reference.kind == "session":
        return held
    found = keyring().get(reference.name)
    noted(reference.name, found)
    return found


def _bound(found: Secret, wanted: _Wanted) -> Secret:
    """The key as it may be sent: to this origin, and renewed when a server refuses it."""
    home = found.origin
    if not home and wanted.reference.kind in ("keyring", "session"):
        home = _first.setdefault(wanted.reference.name, wanted.origin)
    if home not in ("", wanted.origin):
        message = f"The key from {found.source} belongs to {home}, and this call goes to {wanted.origin}."
        hint = "give this address a key of its own: %byom_key set NAME, and --api-key keyring:NAME"
        raise SecretError(message, hint=hint)
    value = sendable(found.bare(), found.source, wanted.model, in_header=wanted.in_header)
    short_lived = wanted.reference.kind in _KEEP_S
    look_for(value, token_of=f"{wanted.reference.text} {wanted.origin}" if short_lived else "")

    def renew(refused: Secret, stopped: Stopped | None) -> Secret | None:
        return _newer(refused, wanted, stopped)

    return Secret(value, source=found.source, origin=wanted.origin, prefix=wanted.prefix, renew=renew)


def _newer(refused: Secret, wanted: _Wanted, stopped: Stopped | None) -> Secret | None:
    reference = wanted.reference
    if reference.kind in _KEEP_S:
        token = _kept_tokens().newer(_token_key(wanted), _fetching(reference, stopped), refused.bare(), stopped)
        return _bound(Secret(token.reveal(), source=refused.source, origin=""), wanted) if token else None
    found = memory.known(wanted.origin, wanted.what) if reference.kind == "ask" else _found(wanted)
    newer = _bound(found, wanted) if found else None
    return newer if newer is not None and not newer.same_as(refused) else None


def _kept_tokens() -> Tokens:
    from byom_magics.catalog.secrets.tokens import Tokens  # noqa: PLC0415 - loaded when one is used

    with _lock:
        if not _tokens:
            _tokens.append(Tokens())
        return _tokens[0]


def _token_key(wanted: _Wanted) -> tuple[object, str]:
    reference = wanted.reference
    return (reference.arguments or _Same(reference.call)), wanted.origin


class _Same:
    """A callable as the key of a mapping: itself, however it compares and whether it can be hashed or not."""

    def __init__(self, call: object) -> None:
        self._call = call

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._call is other._call

    def __hash__(self) -> int:
        return id(self._call)


def _fetching(reference: Reference, stopped: Stopped | None = None) -> Callable[[], Token]:
    from byom_magics.catalog.secrets.tokens import token_from, token_printed  # noqa: PLC0415 - loaded when one is used

    def fetch() -> Token:
        if reference.call is not None:
            return token_from(_called(reference.call, reference.text), reference.text, time.time())
        from byom_magics.catalog.secrets.command import output_of  # noqa: PLC0415 - few people have commands

        return token_printed(output_of(reference.arguments, stopped), reference.text, time.time())

    return fetch


def _called(call: Callable[[], Any], source: str) -> Any:  # noqa: ANN401 - whatever a person's callable gives
    try:
        return call()
    except Exception as problem:  # noqa: BLE001 - it is the person's own: whatever it raises is told as theirs
        at = problem.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        line = f", in line {at.tb_lineno} of {at.tb_frame.f_code.co_filename}" if at is not None else ""
        words = " ".join(visible(hide(str(problem)))[:300].split())
        message = f"The {source} failed: {type(problem).__name__}{f': {words}' if words else ''}{visible(line)}."
        raise SecretError(message, hint="call it in a cell of its own to see its whole traceback") from None
